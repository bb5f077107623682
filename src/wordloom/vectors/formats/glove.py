"""GloVe text: a line a word, no header, as GloVe's `-binary 0` and the Keras tutorials write it."""

from __future__ import annotations

from pathlib import Path

from wordloom.vectors.formats import text_rows
from wordloom.vectors.formats.byte_streams import writing
from wordloom.vectors.formats.codec import Codec
from wordloom.vectors.formats.table import Wanted
from wordloom.vectors.word_vectors import WordVectors


def _read(path: Path, wanted: Wanted) -> WordVectors:
    """The table; a header, which newer GloVe tools can write, is found unless `wanted.header` decides."""
    return text_rows.read(path, wanted)


def _write(vectors: WordVectors, path: Path) -> None:
    """`word 0.1 -0.2\\n`, UTF-8; compressed if the name ends in `.gz`."""
    with writing(path) as stream:
        text_rows.write_rows(stream, vectors)


GLOVE = Codec(_read, lambda sample: sample.header is None, _write, text_rows.unwritable)

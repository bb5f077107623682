"""word2vec text, which is also fastText's `.vec`: a line with V and D, then a line a word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wordloom.vectors.formats import text_rows
from wordloom.vectors.formats.byte_streams import writing
from wordloom.vectors.formats.codec import Codec, Sample
from wordloom.vectors.formats.table import Wanted
from wordloom.vectors.formats.text_layout import are_text_rows
from wordloom.vectors.word_vectors import WordVectors


def _read(path: Path, wanted: Wanted) -> WordVectors:
    """The table. Fewer rows than announced raise DataError; more are left out with a warning."""
    return text_rows.read(path, replace(wanted, header=True) if wanted.header is None else wanted)


def _write(vectors: WordVectors, path: Path) -> None:
    """`V D\\n`, then the lines of GloVe text; compressed if the name ends in `.gz`."""
    with writing(path) as stream:
        stream.write(b"%d %d\n" % (len(vectors), vectors.dimensions))
        text_rows.write_rows(stream, vectors)


def _holds(sample: Sample) -> bool:
    return sample.header is not None and are_text_rows(sample.rest, sample.header[1])


WORD2VEC = Codec(_read, _holds, _write, text_rows.unwritable)

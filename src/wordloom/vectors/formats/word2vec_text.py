"""word2vec text, which is also fastText's `.vec`: a line with V and D, then a line a word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wordloom.vectors.formats import text_rows
from wordloom.vectors.formats.byte_streams import writing
from wordloom.vectors.formats.table import Wanted
from wordloom.vectors.word_vectors import WordVectors

unwritable = text_rows.unwritable


def read(path: Path, wanted: Wanted) -> WordVectors:
    """The table. Fewer rows than announced raise DataError; more are left out with a warning."""
    return text_rows.read(path, replace(wanted, header=True) if wanted.header is None else wanted)


def write(vectors: WordVectors, path: Path) -> None:
    """`V D\\n`, then the lines of GloVe text; compressed if the name ends in `.gz`."""
    with writing(path) as stream:
        stream.write(b"%d %d\n" % (len(vectors), vectors.dimensions))
        text_rows.write_rows(stream, vectors)

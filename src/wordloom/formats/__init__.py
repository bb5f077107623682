"""Formats: a row for each, of labelled text and of word vectors; the one place that says what it is.

Adding a format is its own file and a row here: picking the reader, the command line, the tables in `docs` and
the messages that list formats are made from these rows. How a format is read and written stands in the file
that its row names, in `wordloom.readers` or `wordloom.vectors.formats`; that is imported when it is needed.
"""

from wordloom.formats.format import Format, listed, titles_of
from wordloom.formats.text_formats import LABELLED, TABLES, TEXT_FORMATS, WRITTEN_TABLES, Layout, TextFormat
from wordloom.formats.vector_formats import VECTOR_FORMATS, WRITTEN_VECTORS, VectorFormat, named_by_ending

__all__ = [
    "LABELLED",
    "TABLES",
    "TEXT_FORMATS",
    "VECTOR_FORMATS",
    "WRITTEN_TABLES",
    "WRITTEN_VECTORS",
    "Format",
    "Layout",
    "TextFormat",
    "VectorFormat",
    "listed",
    "named_by_ending",
    "titles_of",
]

"""Plain text, a text a line, as a table of one column "text"; empty lines are empty texts."""

from __future__ import annotations

from wordloom.readers.lines import source_lines
from wordloom.readers.options import ReadOptions
from wordloom.readers.reader import Reader
from wordloom.readers.source import Source
from wordloom.readers.table import Table


def _open(source: Source, options: ReadOptions) -> Table:
    lines = source_lines(source, options)
    rows = ((number, {"text": line}) for number, line in enumerate(lines, start=1))
    return Table(
        source.name, "lines", ["text"], rows, has_header=False, close=lines.close, names_columns=False
    )


LINES = Reader(_open)

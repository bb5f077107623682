"""Rows of CSV and TSV, written so that every reader finds the same cells in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from _csv import Writer


def csv_writer(stream: TextIO, delimiter: str = ",") -> Writer:
    """A writer of the `csv` module whose rows end in a line feed.

    Some versions of Python (3.11.0 to 3.11.8, 3.12.0 to 3.12.2) put quotes around a cell with a carriage
    return only if rows end in one, and a cell without them is read as two rows. So the module ends the rows
    in both characters, and the first is taken off again.
    """
    import csv  # predicting texts of the command line needs none

    return csv.writer(_LineFeeds(stream), delimiter=delimiter, lineterminator="\r\n")


def csv_cell(value: Any) -> str:
    """A value as a cell: nothing for None, JSON for lists, objects and booleans."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else str(value)


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name of a new column, `predicted_` in front of it if the table has such a column already."""
    names = set(taken)
    while name in names:
        name = f"predicted_{name}"
    return name


class _LineFeeds:
    """Gives a stream rows that end in CR LF, with LF alone; the csv module writes a whole row at a time."""

    def __init__(self, stream: TextIO) -> None:
        self._write = stream.write

    def write(self, row: str) -> Any:
        return self._write(row[:-2] + "\n")

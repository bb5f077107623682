"""What is gone through once, in order and in constant memory: the rows of a table, or the texts of a source.

`TableStream` is a table to predict on; `TextStream` gives texts to learn from, without their labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from wordloom.corpus import Dataset
from wordloom.labels import is_missing
from wordloom.readers.columns import choose_columns, named_part, split_column
from wordloom.readers.source import ReadOptions
from wordloom.readers.table import Row, Table, joined_text, text_of


class TableStream:
    """The rows of a table in their order, as dicts; nothing is kept in memory.

    Attributes: `columns` (their names), `chosen` (those to predict on, `Columns`), `names_columns` (whether
    they are the source's own), `format` and `delimiter` (to write a table of the same format), `has_header`,
    `name`. Iterate once; `with` closes the file.
    """

    def __init__(self, table: Table, options: ReadOptions) -> None:
        self._table = table
        self.name, self.format, self.delimiter = table.name, table.format, table.delimiter
        self.columns, self.has_header = table.columns, table.has_header
        self.names_columns = table.names_columns
        sample = table.sample()
        options = table.known_to(options)
        self.chosen = choose_columns(table.columns, options, sample, table.name, need_label=False).columns
        self.split_column, _ = split_column(table.columns, sample, self.chosen.names)

    @property
    def text_column(self) -> str:
        """The column to predict on; of several, the first (see `text_of`)."""
        return self.chosen.text[0]

    def text_of(self, row: Row) -> str:
        """The text of a row that this gave: the value of the text column, or those of several, joined."""
        return joined_text(row, self.chosen.text)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Rows as dicts; the text column holds a string in each, else DataError with the line."""
        for place, row in self._table.rows:
            text_of(row, self.chosen.text, self._table, place)
            yield dict(row)

    def with_texts(self) -> Iterator[tuple[dict[str, Any], str | None]]:
        """Rows with their texts, None where the text is missing; DataError for what is no text."""
        for place, row in self._table.rows:
            cells = [row.get(column, "") for column in self.chosen.text]
            missing = all(map(is_missing, cells))
            yield dict(row), None if missing else text_of(row, self.chosen.text, self._table, place)

    def __enter__(self) -> TableStream:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; later rows cannot be read."""
        self._table.close()


class TextStream:
    """The texts of a source, once, in their order; `with` closes the file.

    Parameters
    ----------
    texts : the texts
    name : of the source, for messages
    notes : what the reader decided or noticed
    close : closes the file
    """

    def __init__(
        self,
        texts: Iterable[str],
        name: str,
        notes: tuple[str, ...] = (),
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._texts, self.name, self.notes, self.close = iter(texts), name, notes, close

    def __iter__(self) -> Iterator[str]:
        return self._texts

    def __enter__(self) -> TextStream:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def of_table(table: TableStream) -> TextStream:
    """The texts of a table, read as they are asked for; DataError with the line for a row without one.

    Where a column says which rows are for testing or validation, these are passed over.
    """
    notes: tuple[str, ...] = ()
    if len(table.columns) > 1:
        notes = (f"{table.name}: {table.chosen}.",)
    rows: Iterable[dict[str, Any]] = table
    if table.split_column is not None:
        split = table.split_column
        rows = (row for row in table if named_part(row.get(split)) not in ("test", "validation"))
        notes = (*notes, f"{table.name}: rows for testing and validation are left out (column {split!r}).")
    return TextStream((table.text_of(row) for row in rows), table.name, notes, table.close)


def of_dataset(dataset: Dataset) -> TextStream:
    """The training texts of what was read whole; test texts are never learned from."""
    notes = dataset.notes
    if dataset.test is not None:
        notes = (*notes, f"{dataset.name}: the training texts only; those for testing are left out.")
    return TextStream(dataset.train.texts, dataset.name, notes)

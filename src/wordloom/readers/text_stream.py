"""TextStream: the texts of a source without their labels, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from wordloom.corpus import Dataset
from wordloom.readers.splits import named_part
from wordloom.readers.table import TableStream


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

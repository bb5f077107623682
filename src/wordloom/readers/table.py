"""Table: rows with named columns, read one after another; what CSV, JSON Lines and the like have in common.

`TableStream` is a table to predict on: rows in order, in constant memory. `labelled` turns a table into a
corpus and names the line of a row that has no label.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wordloom.corpus import Corpus, Dataset, Label, checked_labels
from wordloom.errors import DataError, did_you_mean
from wordloom.readers.columns import Columns, choose_columns
from wordloom.readers.options import ReadOptions

Row = Mapping[str, Any]
SAMPLE_ROWS = 50


@dataclass
class Table:
    """Rows with their place in the file, not yet read.

    Parameters
    ----------
    name : of the source, for messages
    form : "csv", "tsv", "jsonl", "json", "parquet", "fasttext" or "lines"
    columns : their names, in order
    rows : pairs (place, row); a place is a line of the file counted from 1 where `unit` is "line"
    unit : what a place counts: "line", "item" or "row"
    delimiter : between the fields of a delimited table
    has_header : whether the file itself names the columns
    close : closes the file
    """

    name: str
    form: str
    columns: list[str]
    rows: Iterator[tuple[int, Row]]
    unit: str = "line"
    delimiter: str = ","
    has_header: bool = True
    close: Callable[[], None] = lambda: None
    notes: tuple[str, ...] = field(default=())

    def sample(self) -> list[Row]:
        """The first rows; they stay in `rows`."""
        first = list(itertools.islice(self.rows, SAMPLE_ROWS))
        self.rows = itertools.chain(first, self.rows)
        return [row for _, row in first]


class TableStream:
    """The rows of a table in their order, as dicts; nothing is kept in memory.

    Attributes: `columns` (their names), `text_column` (the one to predict on), `form` and `delimiter` (to
    write a table of the same form), `has_header`, `name`. Iterate once; `with` closes the file.
    """

    def __init__(self, table: Table, options: ReadOptions) -> None:
        self._table = table
        self.name, self.form, self.delimiter = table.name, table.form, table.delimiter
        self.columns, self.has_header = table.columns, table.has_header
        chosen = choose_columns(table.columns, options, table.sample(), table.name, need_label=False)
        self.text_column = chosen.text

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Rows as dicts; the text column holds a string in each, else DataError with the line."""
        for place, row in self._table.rows:
            _text_of(row, self.text_column, self._table, place)
            yield dict(row)

    def __enter__(self) -> TableStream:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; later rows cannot be read."""
        self._table.close()


def labelled(table: Table, options: ReadOptions) -> Dataset:
    """The whole table as a corpus under `.train`.

    Raises DataError naming the line for a missing text or label, and for labels of two kinds.
    """
    columns = choose_columns(table.columns, options, table.sample(), table.name)
    texts: list[str] = []
    labels: list[Label] = []
    for text, label in labelled_rows(table, columns):
        texts.append(text)
        labels.append(label)
    table.close()
    if not texts:
        raise no_rows(table.name)
    corpus = Corpus(texts, labels, name=table.name)
    return Dataset(corpus, name=table.name, notes=table.notes + columns.note(table.name))


def labelled_rows(table: Table, columns: Columns) -> Iterator[tuple[str, Label]]:
    """The text and the label of each row; DataError as in `labelled`."""
    kind: type | None = None
    before: Label = ""
    for place, row in table.rows:
        text = _text_of(row, columns.text, table, place)
        label = _label_of(row, str(columns.label), table, place)
        if kind is not None and type(label) is not kind:
            raise DataError(
                f"{table.name}, {table.unit} {place}: the label {label!r} is a {_kind(label)}, the labels "
                f"before it are {_kind(before)}s. Write all of them alike."
            )
        kind, before = type(label), label
        yield text, label


def no_rows(name: str) -> DataError:
    """The error for a table without rows."""
    return DataError(f"{name}: holds no rows. Give a file with at least one labelled text.")


def _text_of(row: Row, column: str, table: Table, place: int) -> str:
    text = row.get(column)
    if isinstance(text, str):
        return text
    where = f"{table.name}, {table.unit} {place}"
    if column not in row:
        raise DataError(f"{where}: has no column {column!r}. {did_you_mean(column, row)}")
    if text is None:
        raise DataError(f"{where}: the text is missing. Remove the row or give it an empty text.")
    raise DataError(
        f"{where}: the column {column!r} holds {text!r:.60}, which is not a text. "
        "If another column holds the texts, name it with text=NAME (--text NAME)."
    )


def _label_of(row: Row, column: str, table: Table, place: int) -> Label:
    label = row.get(column)
    if type(label) is int or (type(label) is str and label.strip()):
        return label
    where = f"{table.name}, {table.unit} {place}"
    if isinstance(label, list | tuple | dict):
        raise DataError(f"{where}: holds {label!r:.60} as its label; only one label a text is supported.")
    if label is None or isinstance(label, str) or label != label:
        raise DataError(f"{where}: the label is missing (column {column!r}). Label the row or remove it.")
    return checked_labels([label], where)[0]


def _kind(label: Label) -> str:
    return "string" if isinstance(label, str) else "whole number"

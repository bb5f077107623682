"""Table: rows with named columns, read one after another; what CSV, JSON Lines and the like have in common.

`labelled` turns a table into a corpus and names the line of a row that has no label. Tables without labels
are gone through by `streams`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, did_you_mean
from wordloom.formats import TEXT_FORMATS
from wordloom.labels import Label, is_missing, is_number, marks_unlabelled
from wordloom.origin import Columns, Places
from wordloom.readers.columns import choose_columns, id_column, named_part, split_column
from wordloom.readers.label_cells import LabelCells, Target, as_targets, repeated_note, separated
from wordloom.readers.source import ReadOptions

Row = Mapping[str, Any]
SAMPLE_ROWS = 50


@dataclass
class Table:
    """Rows with their place in the file, not yet read.

    Parameters
    ----------
    name : of the source, for messages
    format : its name in `formats.TABLES`; "frame" for a data frame
    columns : their names, in order
    rows : pairs (place, row); a place is a line of the file counted from 1 where `unit` is "line"
    unit : what a place counts: "line", "item" or "row"
    delimiter : between the fields of a delimited table
    has_header : whether the file itself names the columns
    close : closes the file
    names_columns : whether the columns are the source's own, which a model remembers
    missing_label : what a row without a label is where the caller does not say, as in `ReadOptions`
    about_labels : what a label looks like, for a source that has none
    usual : the columns that hold texts and labels in tables of this make, which have no names for them
    """

    name: str
    format: str
    columns: list[str]
    rows: Iterator[tuple[int, Row]]
    unit: str = "line"
    delimiter: str = ","
    has_header: bool = True
    close: Callable[[], None] = lambda: None
    notes: tuple[str, ...] = field(default=())
    names_columns: bool = True
    missing_label: str = "error"
    about_labels: str = "Label some of them."
    usual: Columns | None = None

    def sample(self) -> list[Row]:
        """The first rows; they stay in `rows`."""
        first = list(itertools.islice(self.rows, SAMPLE_ROWS))
        self.rows = itertools.chain(first, self.rows)
        return [row for _, row in first]

    def known_to(self, options: ReadOptions) -> ReadOptions:
        """The options with the columns to take where none are named: a model's, else the usual ones here.

        Those of a model's training play no part if this table has no names of its own.
        """
        if not self.names_columns:
            return replace(options, columns=None)
        if options.columns is None and not options.named:
            return replace(options, columns=self.usual)
        return options


def labelled(table: Table, options: ReadOptions) -> Dataset:
    """The whole table as a data set: texts for training, those for testing where a column says so, and
    texts without a label.

    Raises DataError naming the line for a missing text or label, and for labels of two kinds.
    """
    rows = LabelledRows(table, options)
    # lists, no object for each row to keep
    parts: dict[str, tuple[list[int], list[str], list[Any], list[str]]] = {}
    for place, text, label, part, id_ in rows:
        places, texts, labels, ids = parts.get(part) or parts.setdefault(part, ([], [], [], []))
        places.append(place)
        texts.append(text)
        labels.append(label)
        ids.append(id_)
    table.close()
    unlabelled = parts.pop(UNLABELLED)[1] if UNLABELLED in parts else []
    read = as_targets([labels for _, _, labels, _ in parts.values()], options, table.name)
    columns = separated(rows.columns, read.separator)
    corpora = {
        part: Corpus(texts, own, rows.name_of(part), columns, rows.places(places, ids), read.target)
        for (part, (places, texts, _, ids)), own in zip(parts.items(), read.parts, strict=True)
    }
    train, test = rows.train_and_test(corpora)
    return Dataset(train, test, table.name, (*rows.notes(), *read.notes), unlabelled)


class LabelledRow(NamedTuple):
    """A row that can be used: its place in the file, its text, its label, its part, and its id in the table.

    The part is "train" or "test", or "unlabelled": then the label says nothing. The id is empty in a table
    without a column for it.
    """

    place: int
    text: str
    label: Target
    part: str
    id: str = ""


TRAIN, TEST, UNLABELLED = "train", "test", "unlabelled"
_SHOWN = {
    TRAIN: "for training",
    TEST: "for testing",
    "validation": "for validation (left out)",
    UNLABELLED: "without a label",
}


class LabelledRows:
    """The rows of a table with text, label and part; iterate once, then ask for the notes.

    Raises DataError as in `labelled`. Rows for validation are left out, and so are rows without a label if
    the options want that.
    """

    def __init__(self, table: Table, options: ReadOptions) -> None:
        sample = table.sample()
        self._table, self._missing = table, options.missing_label or table.missing_label
        self.choice = choose_columns(table.columns, table.known_to(options), sample, table.name)
        self.columns = self.choice.columns if table.names_columns else None
        self._cells = LabelCells(
            self.choice.columns,
            options,
            self._missing == "error",
            lambda place: f"{table.name}, {table.unit} {place}",
        )
        self.split_column, self._unused = split_column(table.columns, sample, self.choice.columns.names)
        self._id_column = id_column(table.columns, (*self.choice.columns.names, self.split_column))
        self._counts: Counter[str] = Counter()
        self._without_label = 0

    def __iter__(self) -> Iterator[LabelledRow]:
        table = self._table
        row_of_format = TEXT_FORMATS.get(table.format or "")  # a data frame has none
        kinds = _Kinds(table) if row_of_format is None or row_of_format.has_types else None
        texts = self.choice.columns.text
        for place, row in table.rows:
            part = TRAIN if self.split_column is None else self._part(row, place)
            text = text_of(row, texts, table, place)
            label: Target | None = None
            if part in (TRAIN, TEST):
                label = self._cells.of(row, place)
                if label is None:
                    if not text.strip():  # neither text nor label: nothing is lost
                        continue
                    self._without_label += 1
                    part = UNLABELLED if self._missing == UNLABELLED else "skipped"
                elif isinstance(label, str) and marks_unlabelled(label):
                    part = UNLABELLED
                elif kinds is not None and not isinstance(label, float):
                    for one in label if isinstance(label, tuple) else (label,):
                        kinds.check(one, place)
            self._counts[part] += 1
            if part in (TRAIN, TEST, UNLABELLED):
                id_ = "" if self._id_column is None else str(row.get(self._id_column, ""))
                yield LabelledRow(place, text, "" if label is None else label, part, id_)

    def _part(self, row: Row, place: int) -> str:
        cell = row.get(str(self.split_column))
        part = named_part(cell)
        if part is None:
            raise DataError(
                f"{self._table.name}, {self._table.unit} {place}: the column {self.split_column!r} says to "
                f"which part a row belongs, and {cell!r:.60} is none of train, "
                "validation, test and unsup. Correct it, or rename the column if it means something else."
            )
        return part

    @property
    def is_empty(self) -> bool:
        """Whether there were no rows at all."""
        return not self._counts

    def name_of(self, part: str) -> str:
        """The name of the corpus of a part."""
        both = self._counts[TRAIN] and self._counts[TEST]
        return f"{self._table.name} ({part})" if both else self._table.name

    def places(self, numbers: Sequence[int], ids: Sequence[str] = ()) -> Places:
        """The places of rows, of which these are the numbers and, of a table that has such, the ids."""
        own = None if self._id_column is None or not ids else ids
        return Places.of(self._table.name, self._table.unit, numbers, own)

    def train_and_test(self, corpora: Mapping[str, Corpus]) -> tuple[Corpus, Corpus | None]:
        """The two parts; texts that are all for testing are the only part. DataError if there are none."""
        if TRAIN in corpora:
            return corpora[TRAIN], corpora.get(TEST)
        if TEST in corpora:
            return corpora[TEST], None
        if not self._counts:
            raise no_rows(self._table.name)
        raise DataError(
            f"{self._table.name}: no {self._table.unit} has a label and is for training or testing. "
            f"{self._table.about_labels}"
        )

    def notes(self) -> tuple[str, ...]:
        """What there is to say of the table, once all rows are read."""
        name, counts = self._table.name, self._counts
        found = [*self._table.notes, *self.choice.note(name)]
        if self.split_column is not None:
            named = ", ".join(f"{counts[part]:,} {shown}" for part, shown in _SHOWN.items() if counts[part])
            found.append(f"{name}: the column {self.split_column!r} says which part a text is of: {named}.")
        if self._unused is not None:
            found.append(
                f"{name}: the column {self._unused!r} is not used: its values do not say train or test."
            )
        if self._cells.repeated:
            found.append(repeated_note(name, self._cells.repeated))
        found.append(missing_note(name, self._without_label, sum(counts.values()), self._missing))
        return tuple(filter(None, found))


class _Kinds:
    """Strings or whole numbers: the labels of a table are of one kind, but for numbers written as strings."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._kind: type | None = None
        self._before: Label = ""

    def check(self, label: Label, place: int) -> None:
        if type(label) is self._kind:
            return
        if isinstance(label, str) and is_number(label):
            return
        if self._kind is not None:
            raise DataError(
                f"{self._table.name}, {self._table.unit} {place}: the label {label!r} is a {_kind(label)}, "
                f"the labels before it are {_kind(self._before)}s. Write all of them alike."
            )
        self._kind, self._before = type(label), label


def missing_note(name: str, missing: int, rows: int, way: str) -> str:
    """A note about rows without a label, and what became of them; empty if there were none."""
    what = "taken as texts without labels" if way == UNLABELLED else "left out"
    verb = "has" if missing == 1 else "have"
    return f"{name}: {missing:,} of {rows:,} rows {verb} no label; {what}." if missing else ""


def no_rows(name: str) -> DataError:
    """The error for a table without rows."""
    return DataError(f"{name}: holds no rows. Give a file with at least one text.")


def joined_text(row: Row, columns: Sequence[str]) -> str:
    """The text of a row: of several columns, the values that are not empty, with a blank between."""
    if len(columns) == 1:
        return str(row[columns[0]])
    return " ".join(value for value in (row.get(column) for column in columns) if value)


def text_of(row: Row, columns: Sequence[str], table: Table, place: int) -> str:
    if len(columns) == 1:
        text = row.get(columns[0])
        if isinstance(text, str):
            return text
    missing = 0
    for column in columns:
        text = row.get(column)
        if isinstance(text, str):
            continue
        where = f"{table.name}, {table.unit} {place}"
        if column not in row:
            raise DataError(f"{where}: has no column {column!r}. {did_you_mean(column, row)}")
        if not is_missing(text):
            raise DataError(
                f"{where}: the column {column!r} holds {text!r:.60}, which is not a text. "
                "If another column holds the texts, name it with text=NAME (--text NAME)."
            )
        missing += 1
    if missing == len(columns):
        where = f"{table.name}, {table.unit} {place}"
        raise DataError(f"{where}: the text is missing. Remove the row or give it an empty text.")
    return joined_text(row, columns)


def _kind(label: Label) -> str:
    return "string" if isinstance(label, str) else "whole number"


def label_column(table: Table, options: ReadOptions) -> str:
    """The name of the column that the labels are read from; the table is closed."""
    label = str(LabelledRows(table, options).choice.columns.label)
    table.close()
    return label

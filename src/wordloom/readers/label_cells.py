"""Cells of labels: what a cell of a table says of the labels of its text.

A cell is one label, a list of them, several in one with a separator between, or a grade; or each column is a
label, which the text has or not. A separator that nobody named is found from all labels (see
`labels.separator_in`), once they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.labels import (
    SEPARATORS,
    Label,
    is_missing,
    label_key,
    plain_label,
    separator_in,
    split_labels,
)
from wordloom.origin import Columns
from wordloom.readers.source import ReadOptions
from wordloom.targets import (
    GRADED,
    MULTILABEL,
    SINGLE,
    LabelSet,
    checked_grade,
    checked_label_set,
)

Target = Label | LabelSet | float
"""What is learned of a text: a label, a set of labels or a grade."""
_WAY_OUT = "Label the row or remove it, or leave such rows out: missing_label='skip' (--missing-label skip)."
_NO_LABEL = {
    False: " If an empty cell says that a text has no label, say target='multilabel' (--target multilabel).",
    True: " That a text has no label is said by an empty list, or an empty string.",
}
"""How to say it, by whether a text may have several labels."""
_PLACED = 3
"""From how many on 0 and 1 in a list are one for each label; fewer may be labels of these names."""


class LabelCells:
    """The cells of the columns of labels, row by row.

    Parameters
    ----------
    columns : the chosen ones
    options : what the caller said
    must : whether a row without a label is an error
    where : what messages call the place of a row
    """

    def __init__(
        self, columns: Columns, options: ReadOptions, must: bool, where: Callable[[int], str]
    ) -> None:
        self._columns, self._options, self._must, self._where = columns, options, must, where
        self._several = options.several or bool(columns.labels)
        self._empty_is_none = self._several and options.missing_label is None
        self.repeated = 0
        """How many texts have a label more than once."""

    def of(self, row: Mapping[str, Any], place: int) -> Target | None:
        """What the row says; None if it says nothing and need not. DataError naming the place."""
        if self._columns.labels:
            return self._of_flags(row, place)
        column = str(self._columns.label)
        cell = row.get(column)
        if type(cell) is int and self._options.target != GRADED:
            return cell
        if isinstance(cell, str) and not cell.strip():
            if self._empty_is_none:
                return ()
            cell = None
        if cell is None or (isinstance(cell, float) and cell != cell):
            way_out = _WAY_OUT if self._options.target == GRADED else _WAY_OUT + _NO_LABEL[self._several]
            self._missing(place, f"(column {column!r}). {way_out}")
            return None
        if self._options.target == GRADED:
            return checked_grade(cell, self._where(place))
        if isinstance(cell, list | tuple | np.ndarray):
            return self._of_list(list(cell), self._where(place))
        if isinstance(cell, dict):
            raise DataError(
                f"{self._where(place)}: holds {cell!r:.60} as its label; a label or a list of them expected."
            )
        return cell if type(cell) is str else plain_label(cell, self._where(place))

    def _missing(self, place: int, why: str) -> None:
        if self._must:
            raise DataError(f"{self._where(place)}: the label is missing {why}")

    def _of_list(self, cell: list[Any], where: str) -> LabelSet:
        if self._options.target == SINGLE:
            raise DataError(
                f"{where}: {len(cell)} labels ({', '.join(map(str, cell))[:60]}), and target='single' "
                "(--target single) takes one label a text. Keep one of them, or leave the target out."
            )
        if len(cell) >= _PLACED and all(
            type(label) in (int, float, bool) and label in (0, 1) for label in cell
        ):
            raise DataError(
                f"{where}: holds {cell!r:.60}, which looks like 0 or 1 for each label in its place. Give a "
                "list of the labels that the text has, or a column of 0 and 1 for each label (--label a,b,c)."
            )
        found = checked_label_set(cell, where)
        self.repeated += len(found) < len(cell)
        return found

    def _of_flags(self, row: Mapping[str, Any], place: int) -> LabelSet | None:
        found = []
        for column in self._columns.labels:
            cell = row.get(column)
            if is_missing(cell) or cell == "":
                self._missing(place, f"(column {column!r}). A column for each label holds 1 or 0.")
                return None
            key = label_key(cell) if isinstance(cell, str) else str(cell)
            if key not in ("0", "1") and cell not in (0, 1):
                raise DataError(
                    f"{self._where(place)}: the column {column!r} holds {cell!r:.60}. A column for each "
                    "label holds 1 where a text has the label and 0 where not."
                )
            if key == "1" or cell == 1:
                found.append(column)
        return tuple(sorted(found))


@dataclass(frozen=True)
class Labels:
    """What `as_targets` made of the labels of some parts.

    Parameters
    ----------
    parts : the labels of each part
    target : one of `wordloom.targets.TARGETS`
    separator : what stands between the labels of a text in one cell, if anything does
    notes : what was found out, or passed over
    """

    parts: tuple[Sequence[Any], ...]
    target: str
    separator: str | None = None
    notes: tuple[str, ...] = ()


def as_targets(parts: Sequence[Sequence[Any]], options: ReadOptions, name: str) -> Labels:
    """The labels of the parts of a source, all of one target.

    Strings with a separator become sets of labels if the caller says so, and if they clearly are several in
    one; where one text has a set, a label alone is a set of one.
    """
    if options.target in (SINGLE, GRADED):
        return Labels(tuple(parts), options.target)
    kinds = {type(label) for part in parts for label in part}
    separator, notes = options.separator, []
    strings = {label for part in parts for label in part if isinstance(label, str)}
    if separator is None and strings and (tuple not in kinds or options.several):
        separator = _found(strings, options.several)
        if separator is not None:
            notes.append(
                f"{name}: a text has several labels, separated by {separator!r}; target='single' (--target "
                "single) keeps each combination as a class."
            )
    elif separator is not None and (other := _another_than(separator, strings)):
        notes.append(_other_note(name, separator, other, options))
        separator = options.label_separator or other
    if separator is None and tuple not in kinds and not options.several:
        return Labels(tuple(parts), SINGLE)
    sets = _Sets(separator)
    found = tuple([sets.of(label) for label in part] for part in parts)
    return Labels(found, MULTILABEL, separator, (*notes, *sets.notes(name)))


def _another_than(separator: str, strings: Set[str]) -> str | None:
    """The separator in labels, if they do not hold the one expected and are clearly several in one."""
    if any(separator in label for label in strings):
        return None
    found = separator_in(strings)
    return None if found is None else found[0]


def _other_note(name: str, separator: str, other: str, options: ReadOptions) -> str:
    if options.label_separator is None:
        return (
            f"{name}: a text has several labels, separated by {other!r}, unlike those that the model was "
            f"trained on ({separator!r})."
        )
    return (
        f"{name}: no label holds {separator!r}, so each cell is one label; they look like several with "
        f"{other!r} between them (--label-separator)."
    )


def _found(strings: Set[str], several: bool) -> str | None:
    """The separator in labels; if a text may have `several`, at least the first of SEPARATORS that occurs."""
    found = separator_in(strings)
    if found is not None:
        return found[0]
    there = (mark for mark in SEPARATORS if any(mark in label.strip(mark) for label in strings))
    return next(there, None) if several else None


class _Sets:
    """Labels to sets of labels; the same one for the same label."""

    def __init__(self, separator: str | None) -> None:
        self._separator = separator
        self._known: dict[Any, LabelSet] = {}
        self._repeated = self._empty = 0

    def of(self, label: Any) -> LabelSet:
        if isinstance(label, tuple):
            return label
        known = self._known.get(label)
        if known is None:
            known = self._known.setdefault(label, self._split(label))
        return known

    def _split(self, label: Label) -> LabelSet:
        if not isinstance(label, str) or self._separator is None:
            return (label,)
        parts = split_labels(label, self._separator)
        whole = [part for part in parts if part]
        found = tuple(sorted(set(whole)))
        self._empty += len(whole) < len(parts)
        self._repeated += len(found) < len(whole)
        return found

    def notes(self, name: str) -> list[str]:
        found = []
        if self._empty:
            found.append(
                f"{name}: cells of labels with nothing between two separators, or at an end: "
                f"{self._empty:,}; that is no label."
            )
        if self._repeated:
            found.append(repeated_note(name, self._repeated))
        several = any(len(each) > 1 for each in self._known.values())
        joined = separator_in({label for each in self._known.values() for label in each}) if several else None
        if joined is not None and self._separator != joined[0]:
            found.append(
                f"{name}: labels look like several in one with {joined[0]!r} between them, such as "
                f"{min(joined[1])!r}, beside those with {self._separator!r}. Write all of them alike."
            )
        return found


def repeated_note(name: str, count: int) -> str:
    """That cells hold a label more than once."""
    return f"{name}: cells that hold a label twice: {count:,}; a text has it once."


def separated(columns: Columns | None, separator: str | None) -> Columns | None:
    """The columns, with what stands between the labels in them."""
    return columns if columns is None or separator is None else replace(columns, separator=separator)


def of_one_target(corpora: Sequence[Corpus]) -> list[Corpus]:
    """Corpora of one source: where one has sets of labels, those with a label each get sets too."""
    several = [corpus for corpus in corpora if corpus.target == MULTILABEL]
    if not several or len(several) == len(corpora):
        return list(corpora)
    columns = next((corpus.columns for corpus in several if corpus.columns is not None), None)
    read = as_targets([corpus.labels for corpus in corpora], ReadOptions(columns=columns), several[0].name)
    return [
        corpus
        if corpus.target == MULTILABEL
        else replace(corpus.retargeted(labels, MULTILABEL), columns=separated(corpus.columns, read.separator))
        for corpus, labels in zip(corpora, read.parts, strict=True)
    ]

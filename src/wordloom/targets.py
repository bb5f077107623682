"""Targets: what the labels of texts are, which says what can be learned from them.

A text has one label ("single"), a set of them that may be empty ("multilabel"), or a grade, which is a number
("graded"). Labels in plain values show which: a string or a whole number, a tuple, a float. What labels are
in themselves stands in `labels`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.labels import Label, as_list, checked_labels, is_missing, of_one_kind, one_column, plain_label
from wordloom.target_names import AUTO as AUTO
from wordloom.target_names import GRADED as GRADED
from wordloom.target_names import MULTILABEL as MULTILABEL
from wordloom.target_names import SINGLE as SINGLE
from wordloom.target_names import TARGETS as TARGETS

LabelSet = tuple[Label, ...]
"""The labels of a text: sorted, each once; empty for a text that has none."""
HALF = 0.5
"""From which probability on one of several labels is given, if a model has no thresholds of its own."""


def label_thresholds(own: Sequence[float], n_labels: int) -> NDArray[np.float64]:
    """float64 (C,): from which probability on each of C labels is given; a model's `own` if it has any."""
    return np.array(own or [HALF] * n_labels, dtype=np.float64)


def checked_target(target: str) -> str:
    """One of `TARGETS` or AUTO, as given; UsageError for anything else."""
    if target not in (AUTO, *TARGETS):
        known = (AUTO, *TARGETS)
        raise UsageError(
            f"target must be one of {', '.join(known)}, not {target!r:.60}. "
            f"{did_you_mean(str(target), known)}"
        )
    return target


def target_of(labels: Sequence[Any]) -> str:
    """Which of `TARGETS` plain labels are, by the first of them; SINGLE for none."""
    first = labels[0] if len(labels) else ""
    return MULTILABEL if isinstance(first, tuple) else GRADED if isinstance(first, float) else SINGLE


def checked_targets(labels: Any, target: str = AUTO, name: str = "labels") -> tuple[list[Any], str]:
    """`labels` as plain values, and which of `TARGETS` they are.

    AUTO takes lists, tuples, sets and an indicator matrix (an array of 0 and 1, (N, C), a data frame of such
    columns, a sparse matrix, see also `as_indicators`) for several labels a text, and anything else for one
    label a text. Raises DataError naming the row, as `checked_labels` does.
    """
    checked_target(target)
    labels = as_indicators(labels)
    if target in (AUTO, MULTILABEL) and _is_indicator(labels, target):
        return sets_of_indicators(labels, name), MULTILABEL
    if isinstance(labels, str | bytes):
        raise DataError(f"{name}: one label for each text expected, a single string received.")
    rows = as_list(one_column(labels), name)
    if target == AUTO:
        target = MULTILABEL if any(map(_is_of_sets, set(map(type, rows)))) else SINGLE
    return _CHECKS[target](rows, name), target


def _is_of_sets(kind: type) -> bool:
    """Whether a value of this type is several labels."""
    return issubclass(kind, list | tuple | Set | np.ndarray)


def as_indicators(labels: Any) -> Any:
    """Lists of 0 and 1 as an indicator matrix, as scikit-learn takes them; anything else as it is.

    All are of one length, and one of them at least holds 0 or 1 twice, as no list of labels does.
    """
    rows = labels if isinstance(labels, list | tuple) else ()
    if not rows or not isinstance(rows[0], list | tuple) or len(rows[0]) < 2:
        return labels
    width, twice = len(rows[0]), False
    for row in rows:
        if not isinstance(row, list | tuple) or len(row) != width:
            return labels
        if not all(isinstance(cell, int | float | np.number) and cell in (0, 1) for cell in row):
            return labels
        twice = twice or len(set(row)) < width
    return np.array(rows) if twice else labels


def _is_indicator(labels: Any, target: str) -> bool:
    shape: Sequence[int] = getattr(labels, "shape", ())
    if len(shape) != 2 or (shape[1] == 1 and target == AUTO):
        return False
    return hasattr(labels, "tocsr") or np.asarray(labels).dtype.kind in "biuf"


def sets_of_indicators(matrix: Any, name: str = "labels") -> list[LabelSet]:
    """N sets of labels from (N, C): 1 or True where a text has the label.

    The labels are the names of the columns of a data frame, else 0 to C - 1. Raises DataError naming the row
    for any other value.
    """
    labels: list[Label] = [
        column if isinstance(column, int) else str(column)
        for column in getattr(matrix, "columns", range(matrix.shape[1]))
    ]
    sparse = hasattr(matrix, "tocsr")
    values = matrix.tocoo().data if sparse else np.asarray(matrix)
    wrong = np.argwhere((values != 0) & (values != 1))
    if len(wrong):
        at = tuple(wrong[0])
        row, column = (matrix.tocoo().row[at], matrix.tocoo().col[at]) if sparse else at
        raise DataError(
            f"{name}, row {row}, column {labels[column]!r}: a column for each label holds 1 where a text has "
            f"the label and 0 where not, found {values[at].item()!r:.60}."
        )
    rows, columns = matrix.tocsr().nonzero() if sparse else np.nonzero(values)
    found: list[list[Label]] = [[] for _ in range(matrix.shape[0])]
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        found[row].append(labels[column])
    return _label_sets(found, name)


def _label_sets(rows: Sequence[Any], name: str) -> list[LabelSet]:
    """Each row's labels as a set. DataError naming the row for what is no list of labels."""
    flat: list[Label] = []
    places: list[int] = []
    for row, labels in enumerate(rows):
        for label in _listed(labels, row, name):
            whole = type(label) is int or (type(label) is str and label.strip())
            flat.append(label if whole else _full_label(label, f"{name}, row {row}"))
            places.append(row)
    different: dict[LabelSet, LabelSet] = {}
    ends = np.cumsum(np.bincount(np.asarray(places, dtype=np.int64), minlength=len(rows))).tolist()
    spelled = of_one_kind(flat, name, places)
    found = []
    for start, end in zip([0, *ends], ends, strict=False):
        given = tuple(spelled[start:end])
        known = different.get(given)
        if known is None:
            known = different.setdefault(given, tuple(sorted(set(given))))  # type: ignore[type-var]
        found.append(known)
    return found


def _listed(labels: Any, row: int, name: str) -> Any:
    if _is_of_sets(type(labels)):
        return labels
    if is_missing(labels):
        raise DataError(
            f"{name}, row {row}: the labels are missing ({labels}). Remove the row, or give an empty list "
            "for a text that has none."
        )
    raise DataError(
        f"{name}, row {row}: a list of labels expected, found {labels!r:.60}. Write [{labels!r:.60}] for a "
        "text with one label and [] for one without."
    )


def checked_label_set(labels: Any, place: str) -> LabelSet:
    """Labels as a set. DataError naming the place for what is no label, and for labels of two kinds."""
    whole = [_full_label(label, place) for label in labels]
    if len({type(label) for label in whole}) > 1:
        raise DataError(f"{place}: holds labels of two kinds, {labels!r:.60}. Write all of them alike.")
    return tuple(sorted(set(whole)))  # type: ignore[type-var]


def _full_label(label: Any, place: str) -> Label:
    if isinstance(label, str) and not label.strip():
        raise DataError(
            f"{place}: one of the labels is empty. Leave it out; an empty list says that a text has no label."
        )
    return plain_label(label, place)


def _grades(rows: Sequence[Any], name: str) -> list[float]:
    """Each row's grade. DataError naming the row for what is no finite number."""
    if all(type(grade) is float for grade in rows) and np.isfinite(rows).all():
        return list(rows)
    return [checked_grade(grade, f"{name}, row {row}") for row, grade in enumerate(rows)]


def checked_grade(value: Any, place: str) -> float:
    """A number, or a string that spells one, as a float. DataError for anything else, and for infinity."""
    if is_missing(value):
        raise DataError(f"{place}: the grade is missing ({value}). Remove the row or grade it.")
    try:
        grade = math.nan if isinstance(value, str) and "_" in value else float(value)
    except (TypeError, ValueError, OverflowError):
        grade = math.nan
    if not math.isfinite(grade):
        raise DataError(
            f"{place}: a grade must be a finite number, found {value!r:.60}. Correct or remove it."
        )
    return grade


_CHECKS: dict[str, Any] = {SINGLE: checked_labels, MULTILABEL: _label_sets, GRADED: _grades}


def labels_in(labels: Sequence[Any]) -> list[Label]:
    """The different labels, sorted: those of all sets where texts have several."""
    different = set(labels)
    if target_of(labels) == MULTILABEL:
        different = {label for each in different for label in each}
    return sorted(different)


def renamed(labels: Sequence[Any], names: Mapping[Any, Label]) -> list[Any]:
    """The labels with other names; those of sets one by one, and sorted by their new ones."""
    if target_of(labels) != MULTILABEL:
        return [names[label] for label in labels]
    return [tuple(sorted(names[label] for label in each)) for each in labels]  # type: ignore[type-var]


def flat_labels(labels: Sequence[LabelSet]) -> tuple[NDArray[np.int64], list[Label]]:
    """The M labels of N sets one after another, and the row of each, int64 (M,)."""
    lengths = np.fromiter(map(len, labels), dtype=np.int64, count=len(labels))
    return np.repeat(np.arange(len(labels)), lengths), [label for each in labels for label in each]

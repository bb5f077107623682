"""Draws: which texts are held out or sampled, so that every kind of label is there in proportion.

A stratum is a group of texts that are sampled alike. A text with one label belongs to that of its label, a
text with several to that of its rarest label, so that rare labels stand on both sides of a split; texts
without a label are a stratum too. Grades are cut into strata of about as many texts each, or one for each
grade where there are few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.labels import Label
from wordloom.targets import GRADED, MULTILABEL, flat_labels, labels_in, target_of

_GRADE_STRATA = 10

Rows = NDArray[np.int64]


def rows_by_label(labels: Sequence[Any]) -> dict[Label, Rows]:
    """The rows of each label, sorted by label; a text with several labels stands in each of them."""
    if target_of(labels) == MULTILABEL:
        rows, flat = flat_labels(labels)
        return {label: rows[members] for label, members in _groups(flat).items()}
    return _groups(labels)


def strata(labels: Sequence[Any]) -> list[Rows]:
    """The rows of each stratum: every row is in one of them."""
    target = target_of(labels)
    if target == MULTILABEL:
        return list(_groups(_rarest(labels)).values())
    if target == GRADED:
        return list(_groups(_ranges(np.asarray(labels))).values())
    return list(_groups(labels).values())


def held_out_rows(labels: Sequence[Any], fraction: float, seed: int, stratify: bool = True) -> Rows:
    """The rows of a seeded hold-out set of `fraction` of the rows, sorted.

    With `stratify` each stratum gives its share, and one of two rows or more has at least one on each side.
    """
    if not 0 < fraction < 1:
        raise DataError(f"The fraction to hold out must be between 0 and 1, not {fraction}.")
    rng = np.random.default_rng(seed)
    if not stratify:
        return np.sort(rng.permutation(len(labels))[: round(fraction * len(labels))])
    rows: list[int] = []
    for members in strata(labels):
        wanted = round(fraction * len(members))
        wanted = min(max(wanted, 1), len(members) - 1)
        rows.extend(rng.permutation(members)[:wanted])
    return np.sort(np.asarray(rows, dtype=np.int64))


def stratified_folds(labels: Sequence[Any] | NDArray[np.int32], folds: int, rng: np.random.Generator) -> Rows:
    """int64 (N,): the fold of each row, by labels or by numbers of classes.

    Each stratum is dealt out to the folds in turn, in a random order; one goes on where the last ended.
    """
    result = np.empty(len(labels), dtype=np.int64)
    if len(labels):
        dealt = np.concatenate([rng.permutation(rows) for rows in strata(list(labels))])
        result[dealt] = np.arange(len(labels)) % folds
    return result


def sampled_rows(labels: Sequence[Any], per_class: int, seed: int, name: str) -> list[int]:
    """`per_class` rows of each label (of each stratum of grades), sorted.

    Where texts have several labels, those sampled for rarer labels count, so a common label may have
    more. Raises DataError naming the first label that has fewer rows.
    """
    rng = np.random.default_rng(seed)
    target = target_of(labels)
    if target == GRADED:
        groups: dict[Any, Rows] = dict(enumerate(strata(labels)))
    else:
        groups = rows_by_label(labels)
    for label, members in groups.items():
        if len(members) < per_class:
            what = f"class {label!r}" if target != GRADED else "a range of grades"
            raise DataError(
                f"{name}: {what} has {len(members):,} texts, fewer than the "
                f"{per_class:,} asked for; ask for fewer per class."
            )
    if target != MULTILABEL:
        return sorted(
            row for members in groups.values() for row in rng.choice(members, per_class, replace=False)
        )
    sampled = np.zeros(len(labels), dtype=bool)
    for members in sorted(groups.values(), key=len):
        open_ones = members[~sampled[members]]
        wanted = max(per_class - (len(members) - len(open_ones)), 0)
        sampled[rng.choice(open_ones, wanted, replace=False)] = True
    return np.flatnonzero(sampled).tolist()


def _groups(values: Sequence[Any]) -> dict[Any, Rows]:
    """The rows of each value, sorted by value."""
    different = sorted(set(values))
    number = {value: i for i, value in enumerate(different)}
    numbers = np.fromiter((number[value] for value in values), dtype=np.int32, count=len(values))
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=len(different)))
    return dict(zip(different, np.split(order, ends[:-1]), strict=False))  # of no values: {}


def _rarest(labels: Sequence[Any]) -> list[int]:
    """For each set the number of its rarest label (of equally rare ones the first); -1 for an empty one."""
    counts = Counter(flat_labels(labels)[1])
    number = {label: i for i, label in enumerate(labels_in(labels))}
    rarest = {
        each: min(each, key=lambda label: (counts[label], number[label]), default=None)
        for each in set(labels)
    }
    return [-1 if (one := rarest[each]) is None else number[one] for each in labels]


def _ranges(grades: NDArray[np.float64]) -> list[int]:
    """For each grade the number of its range; equal grades are in one."""
    different = np.unique(grades)
    if len(different) <= _GRADE_STRATA:
        return list(np.searchsorted(different, grades))
    edges = np.quantile(grades, np.arange(1, _GRADE_STRATA) / _GRADE_STRATA)
    return list(np.searchsorted(edges, grades, side="right"))

"""Accuracy and error by length: whether short or long documents are the harder ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.evaluation.intervals import ratio_interval, wilson_interval

GROUPS = 8


@dataclass(frozen=True)
class LengthGroup:
    """The documents of `shortest` to `longest` words: how many, and how many of them are right."""

    shortest: int
    longest: int
    count: int
    right: int

    @property
    def accuracy(self) -> float:
        """The share that is right."""
        return self.right / self.count

    @property
    def accuracy_interval(self) -> tuple[float, float]:
        """Its 95 % interval; see `wilson_interval`."""
        return wilson_interval(self.right, self.count)


@dataclass(frozen=True)
class ErrorGroup:
    """The documents of `shortest` to `longest` words: how many, how far their predicted grades are from the
    true ones on average, and the 95 % interval of that."""

    shortest: int
    longest: int
    count: int
    error: float
    error_interval: tuple[float, float]


def accuracy_by_length(
    lengths: NDArray[np.integer], right: NDArray[np.bool_], groups: int = GROUPS
) -> list[LengthGroup]:
    """N documents in up to `groups` groups of about equal size, by length; equal lengths stay together.

    lengths : (N,), words; right : bool (N,), whether each was labelled right

    Raises DataError for no documents or shapes that differ, UsageError for fewer than one group.
    """
    return [
        LengthGroup(shortest, longest, len(own), int(own.sum()))
        for shortest, longest, own in _by_length(lengths, right, groups)
    ]


def error_by_length(
    lengths: NDArray[np.integer], errors: NDArray[np.float64], groups: int = GROUPS
) -> list[ErrorGroup]:
    """As `accuracy_by_length`; errors : (N,), predicted grades less true ones."""
    found = []
    for shortest, longest, own in _by_length(lengths, np.abs(errors), groups):
        low, high = ratio_interval(own, np.ones(len(own)))
        found.append(ErrorGroup(shortest, longest, len(own), float(own.mean()), (max(low, 0.0), high)))
    return found


def _by_length(
    lengths: NDArray[np.integer], values: NDArray[Any], groups: int
) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """(shortest, longest, the values) of each group."""
    if groups < 1:
        raise UsageError(f"The number of groups must be 1 or more, not {groups}.")
    words, own = np.asarray(lengths), np.asarray(values)
    if words.ndim != 1 or words.shape != own.shape or not len(words):
        raise DataError(f"{words.shape} lengths and {own.shape} answers; as many of both, at least one.")
    ends = np.unique(np.quantile(words, np.arange(1, groups + 1) / groups, method="higher"))
    place = np.searchsorted(ends, words)
    for number in np.unique(place).tolist():
        inside = place == number
        yield int(words[inside].min()), int(words[inside].max()), own[inside]

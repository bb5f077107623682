"""Accuracy by length: whether short or long documents are the harder ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.evaluation.intervals import wilson_interval

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


def accuracy_by_length(
    lengths: NDArray[np.integer], right: NDArray[np.bool_], groups: int = GROUPS
) -> list[LengthGroup]:
    """N documents in up to `groups` groups of about equal size, by length; equal lengths stay together.

    lengths : (N,), words; right : bool (N,), whether each was labelled right

    Raises DataError for no documents or shapes that differ, UsageError for fewer than one group.
    """
    if groups < 1:
        raise UsageError(f"The number of groups must be 1 or more, not {groups}.")
    words, hits = np.asarray(lengths), np.asarray(right)
    if words.ndim != 1 or words.shape != hits.shape or not len(words):
        raise DataError(f"{words.shape} lengths and {hits.shape} answers; as many of both, at least one.")
    ends = np.unique(np.quantile(words, np.arange(1, groups + 1) / groups, method="higher"))
    place = np.searchsorted(ends, words)
    found = []
    for number in np.unique(place).tolist():
        inside = place == number
        own = words[inside]
        found.append(LengthGroup(int(own.min()), int(own.max()), len(own), int(hits[inside].sum())))
    return found

"""What moved between two tables: the words whose neighbors changed most.

Two tables that were learned apart cannot be laid over each other: directions mean something within a table
only. So a word is compared by its cosine similarities to the words that are near it in either table, the
"local neighborhood measure" of Hamilton, Leskovec & Jurafsky (EMNLP 2016, "Cultural Shift or Linguistic
Drift?"). The same table turned around has not moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.vectors.word_vectors import WordVectors

NEAR = 25
"""Neighbors in each table that a word is compared by, as in the paper."""

_ROWS_AT_A_TIME = 256
_SHORTEST = 1e-12


@dataclass(frozen=True)
class Moved:
    """A word whose neighbors changed.

    Parameters
    ----------
    word : the word
    distance : 1 minus the cosine of its similarities to its neighbors in one table and in the other: 0 for
        no change, 2 at most
    kept : the share of its nearest words that are the same
    before, after : its nearest words in each table, nearest first
    """

    word: str
    distance: float
    kept: float
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Movement:
    """How far the words of two tables moved.

    Parameters
    ----------
    before, after : the tables' names
    shared : words that both tables hold; `only_before` and `only_after` are those of one of them
    compared : words that were compared: the first of the shared ones, in the order of `after`
    kept : mean share of the nearest words that are the same
    unmoved : compared words whose vectors are the same numbers in both tables
    words : those that moved most, the furthest first
    """

    before: str
    after: str
    shared: int
    only_before: int
    only_after: int
    compared: int
    kept: float
    unmoved: int
    words: tuple[Moved, ...]


def movement(
    before: WordVectors, after: WordVectors, n: int = 20, among: int = 10_000, near: int = NEAR
) -> Movement:
    """The `n` words whose neighbors changed most from one table to the other.

    A word whose vector is zeros in a table is passed over: it has no neighbors. Equal distances come in the
    order of `after`. Raises UsageError for numbers below 1, DataError for tables with fewer than three words
    in common.

    Parameters
    ----------
    before, after : the tables; their widths may differ
    among : compare only so many of the words that both hold, the first of `after`; neighbors are looked for
        among them too. Time and memory grow with its square.
    near : neighbors that a word is compared by
    """
    for name, value in (("n", n), ("among", among), ("near", near)):
        if value < 1:
            raise UsageError(f"{name} must be 1 or more, not {value}.")
    held = set(before.words) - before.special
    shared = [word for word in after.words if word in held and word not in after.special]
    first, second = before.subset(shared[:among]), after.subset(shared[:among])
    pointing = (first.lengths > _SHORTEST) & (second.lengths > _SHORTEST)
    words = [word for word, kept in zip(first.words, pointing.tolist(), strict=True) if kept]
    if len(words) < 3:
        raise DataError(
            f"{before.name or 'the first table'} and {after.name or 'the second table'} have "
            f"{len(words)} words in common that have neighbors; three or more are needed. Are they of the "
            "same language, and both in lower case?"
        )
    units = [_units(table, pointing) for table in (first, second)]
    found = _compared(units, min(near, len(words) - 1))
    furthest = np.argsort(-found.distances, kind="stable")[:n]
    return Movement(
        before=before.name,
        after=after.name,
        shared=len(shared),
        only_before=len(before) - len(shared),
        only_after=len(after) - len(shared),
        compared=len(words),
        kept=float(found.kept.mean()),
        unmoved=_unmoved(first, second, pointing),
        words=tuple(found.moved(int(row), words) for row in furthest),
    )


@dataclass(frozen=True)
class _Compared:
    """For V words: the distance, the share kept, and the near rows in both tables, int64 (V, near)."""

    distances: NDArray[np.float64]
    kept: NDArray[np.float64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    def moved(self, row: int, words: Sequence[str]) -> Moved:
        near = (tuple(words[other] for other in rows[row]) for rows in (self.before, self.after))
        return Moved(words[row], float(self.distances[row]), float(self.kept[row]), *near)


def _units(table: WordVectors, rows: NDArray[np.bool_]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = (table.vectors[rows] / table.lengths[rows, None]).astype(np.float32)
    return scaled


def _unmoved(first: WordVectors, second: WordVectors, rows: NDArray[np.bool_]) -> int:
    if first.dimensions != second.dimensions:
        return 0
    return int((first.vectors[rows] == second.vectors[rows]).all(axis=1).sum())


def _compared(units: Sequence[NDArray[np.float32]], near: int) -> _Compared:
    parts = []
    for start in range(0, len(units[0]), _ROWS_AT_A_TIME):
        own = np.arange(start, min(start + _ROWS_AT_A_TIME, len(units[0])))
        similar = [table[own] @ table.T for table in units]
        for table in similar:
            table[np.arange(len(own)), own] = -np.inf  # a word is not its own neighbor
        nearest = [_nearest(table, near) for table in similar]
        parts.append((*_distances(similar, nearest), *nearest))
    return _Compared(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _nearest(similar: NDArray[np.float32], near: int) -> NDArray[np.int64]:
    """The rows of the `near` largest of each line, the largest first, ties in their order."""
    rows = np.sort(np.argpartition(-similar, near - 1, axis=1)[:, :near], axis=1)
    order = np.argsort(-np.take_along_axis(similar, rows, axis=1), axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1)


def _distances(
    similar: Sequence[NDArray[np.float32]], nearest: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each line: the distance of the two profiles over the neighbors of both, and the share kept."""
    both = np.sort(np.concatenate(nearest, axis=1), axis=1)
    again = np.zeros(both.shape, dtype=bool)
    again[:, 1:] = both[:, 1:] == both[:, :-1]
    profiles = [np.take_along_axis(table, both, axis=1).astype(np.float64) for table in similar]
    for profile in profiles:
        profile[again] = 0.0  # a neighbor in both tables counts once
    lengths = np.prod([np.linalg.norm(profile, axis=1) for profile in profiles], axis=0)
    cosines = (profiles[0] * profiles[1]).sum(axis=1) / np.maximum(lengths, _SHORTEST)
    return 1.0 - np.clip(cosines, -1.0, 1.0), again.sum(axis=1) / nearest[0].shape[1]

"""The n-grams of a model and those of further texts as one numbering."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.text.sequences import offsets_of


class Ngrams(NamedTuple):
    """N-grams over S singles, which are words or characters.

    singles : int64 (S,), the row that each has in the union; rising
    pairs : int32 (G, 2), as `wordloom.text.ngrams.NgramCounts` has them
    """

    singles: NDArray[np.int64]
    pairs: NDArray[np.int32]


class Union(NamedTuple):
    """pairs : int32 (G', 2), the n-grams of both; rows : int64 (S + G,), where the first one's rows are."""

    pairs: NDArray[np.int32]
    rows: NDArray[np.int64]


def united(known: Ngrams, found: Ngrams, n_singles: int) -> Union:
    """The n-grams of both, over `n_singles` singles, numbered as if they had been counted together.

    Shorter ones come first, so they are put together length by length: the row of an n-gram's first words is
    known when its turn comes.
    """
    sources = (known, found)
    rows = [np.concatenate([own.singles, np.zeros(len(own.pairs), dtype=np.int64)]) for own in sources]
    begins, ends = [0, 0], [len(own.singles) for own in sources]
    pairs, base = [np.zeros((0, 2), dtype=np.int32)], n_singles
    while True:
        keys = []
        for own, of, first, last in zip(sources, rows, begins, ends, strict=True):
            level = own.pairs[slice(*np.searchsorted(own.pairs[:, 0], [first, last]))].astype(np.int64)
            keys.append(of[level[:, 0]] * n_singles + own.singles[level[:, 1]])
        both = _merged(*keys)
        if not len(both):
            return Union(np.concatenate(pairs), rows[0])
        for own_keys, of, end in zip(keys, rows, ends, strict=True):
            of[end : end + len(own_keys)] = base + np.searchsorted(both, own_keys)
        begins, ends = ends, [end + len(own_keys) for end, own_keys in zip(ends, keys, strict=True)]
        pairs.append(np.stack([both // n_singles, both % n_singles], axis=1).astype(np.int32))
        base += len(both)


def _merged(keys: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two rising arrays as one, what is in both once."""
    at = np.searchsorted(keys, others)
    there = keys[np.minimum(at, len(keys) - 1)] == others if len(keys) else np.zeros(len(others), dtype=bool)
    return np.insert(keys, at[~there], others[~there])


def compact(rows: NDArray[np.int32], n_rows: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The different rows among `rows`, rising, and `rows` as places among them."""
    there = np.zeros(n_rows, dtype=bool)
    there[rows] = True
    number = offsets_of(there.astype(np.int64))[:-1]
    return np.flatnonzero(there), number[rows].astype(np.int32)

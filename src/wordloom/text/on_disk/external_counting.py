"""SortedRuns: counts of keys from many chunks, added up key by key without having all in memory.

Each chunk gives a run: its different keys, sorted, with their counts. Runs are written to temporary files.
To add them up, ranges of keys are read from all runs at once; where ranges end is found from every
_STEP-th key of each run, which stay in memory, so a range holds about as many keys as it may.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from wordloom.text.on_disk.temporary_arrays import Scratch, ScratchArray

KEYS_AT_ONCE = 1 << 21
_STEP = 1024

Counted = tuple[NDArray[np.int64], NDArray[np.int32]]


class SortedRuns:
    """Runs of sorted keys with counts.

    Parameters
    ----------
    scratch : where the files go
    keys_at_once : about so many keys are in memory while they are added up
    """

    def __init__(self, scratch: Scratch, keys_at_once: int = KEYS_AT_ONCE) -> None:
        self._keys, self._counts = ScratchArray(np.int64, scratch), ScratchArray(np.int32, scratch)
        self._starts = [0]
        self._samples = list[NDArray[np.int64]]()
        self._at_once = keys_at_once

    def append(self, keys: NDArray[np.int64], counts: NDArray[np.int32]) -> None:
        """Add a run: different keys in rising order, and how often each was counted."""
        self._keys.append(keys)
        self._counts.append(counts)
        self._starts.append(len(self._keys))
        self._samples.append(keys[::_STEP].copy())

    def __len__(self) -> int:
        """How many keys all runs have."""
        return len(self._keys)

    def keys(self, run: int) -> NDArray[np.int64]:
        """The keys of a run."""
        return self._keys.read(self._starts[run], self._starts[run + 1])

    def summed(self) -> Iterator[Counted]:
        """All different keys in rising order with their counts over all runs, a range at a time."""
        cursors = self._starts[:-1].copy()
        for limit in [*self._limits(), None]:
            parts = [self._until(run, cursors, limit) for run in range(len(cursors))]
            yield _added_up(parts)

    def _limits(self) -> list[int]:
        """The keys at which ranges end."""
        samples = np.sort(np.concatenate([np.zeros(0, np.int64), *self._samples]))
        every = max(self._at_once // _STEP, 1)
        return [int(key) for key in np.unique(samples[every::every])]

    def _until(self, run: int, cursors: list[int], limit: int | None) -> Counted:
        """What a run has from its cursor to before the limit; moves the cursor."""
        first, last = cursors[run], self._starts[run + 1]
        if limit is not None:
            reached = int(np.searchsorted(self._samples[run], limit)) * _STEP  # all before it may be below
            last = max(min(last, self._starts[run] + reached), first)
        keys = self._keys.read(first, last)
        if limit is not None:
            keys = keys[: int(np.searchsorted(keys, limit))]
        cursors[run] = first + len(keys)
        return keys, self._counts.read(first, first + len(keys))


def _added_up(parts: list[Counted]) -> Counted:
    keys, counts = (np.concatenate([part[i] for part in parts]) for i in range(2))
    order = np.argsort(keys, kind="stable")  # which merges runs that are sorted already
    keys, counts = keys[order], counts[order]
    firsts = np.flatnonzero(np.concatenate([np.ones(min(len(keys), 1), bool), keys[1:] != keys[:-1]]))
    if not len(firsts):
        return keys, counts
    return keys[firsts], np.add.reduceat(counts, firsts, dtype=np.int32)


class MostCounted:
    """Of keys that come in rising order those with the highest counts; of equal counts the first ones.

    Parameters
    ----------
    scratch : where the files go
    """

    def __init__(self, scratch: Scratch) -> None:
        self._keys, self._counts = ScratchArray(np.int64, scratch), ScratchArray(np.int32, scratch)
        self._tally = np.zeros(1, dtype=np.int64)  # how many keys have each count

    def append(self, keys: NDArray[np.int64], counts: NDArray[np.int32]) -> None:
        self._keys.append(keys)
        self._counts.append(counts)
        found = np.bincount(counts, minlength=len(self._tally))
        found[: len(self._tally)] += self._tally
        self._tally = found

    def __len__(self) -> int:
        return len(self._keys)

    def most(self, n: int) -> Counted:
        """The `n` keys with the highest counts, in rising order of the keys, and their counts."""
        if len(self) <= n:
            return self._keys.read(0, len(self)), self._counts.read(0, len(self))
        above = np.cumsum(self._tally[::-1])[::-1] - self._tally  # keys with a higher count
        lowest = int(np.flatnonzero(above < n)[0]) if n else len(self._tally)
        left = n - int(above[lowest]) if n else 0
        parts = list[Counted]()
        for first, last in itertools.pairwise([*range(0, len(self), KEYS_AT_ONCE), len(self)]):
            keys, counts = self._keys.read(first, last), self._counts.read(first, last)
            equal = np.flatnonzero(counts == lowest)
            chosen = counts > lowest
            chosen[equal[:left]] = True
            left -= min(left, len(equal))
            parts.append((keys[chosen], counts[chosen]))
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

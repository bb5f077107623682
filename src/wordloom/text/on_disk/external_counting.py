"""SortedRuns: counts of keys from many chunks, added up key by key without having all in memory.

Each chunk gives a run: its different keys, sorted, with their counts. Runs are in files. To add them up,
ranges of keys are read from all runs, one range at a time or each by another process: sums of integers do not
depend on the order. Where ranges end is found from every _STEP-th key of each run, so a range holds about as
many keys as it may.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.text.on_disk.array_store import ArrayStore
from wordloom.text.on_disk.temporary_arrays import Scratch, ScratchArray

KEYS_AT_ONCE = 1 << 21
_STEP = 1024
_PARTS = ("keys", "counts", "starts", "samples")

Counted = tuple[NDArray[np.int64], NDArray[np.int32]]
Range = tuple[int | None, int | None]
"""From which key on, and before which: None for no end."""


class SortedRuns:
    """Runs of sorted keys with counts.

    Parameters
    ----------
    keys, counts : arrays of those of all runs, one after the other
    starts : where each run begins, and the end of the last one
    samples : every _STEP-th key of each run
    """

    def __init__(
        self,
        keys: ScratchArray,
        counts: ScratchArray,
        starts: Sequence[int] = (0,),
        samples: Sequence[NDArray[np.int64]] = (),
    ) -> None:
        self._keys, self._counts = keys, counts
        self.starts, self.samples = list(starts), list(samples)

    def append(self, keys: NDArray[np.int64], counts: NDArray[np.int32]) -> None:
        """Add a run: different keys in rising order, and how often each was counted."""
        self._keys.append(keys)
        self._counts.append(counts)
        self.starts.append(len(self._keys))
        self.samples.append(keys[::_STEP].copy())

    def __len__(self) -> int:
        """How many keys all runs have."""
        return len(self._keys)

    def keys(self, run: int) -> NDArray[np.int64]:
        """The keys of a run."""
        return self._keys.read(self.starts[run], self.starts[run + 1])

    def between(self, keys: Range) -> Iterator[Counted]:
        """What each run has in a range of keys."""
        for run, (start, end) in enumerate(itertools.pairwise(self.starts)):
            first = start if keys[0] is None else self._place(run, keys[0])
            last = end if keys[1] is None else self._place(run, keys[1])
            yield self._keys.read(first, last), self._counts.read(first, last)

    def _place(self, run: int, key: int) -> int:
        """Where the keys of a run are no longer below `key`."""
        above = int(np.searchsorted(self.samples[run], key))
        if not above:
            return self.starts[run]
        first = self.starts[run] + (above - 1) * _STEP
        near = self._keys.read(first, min(first + _STEP, self.starts[run + 1]))
        return first + int(np.searchsorted(near, key))


@contextlib.contextmanager
def new_runs(store: ArrayStore, name: str) -> Iterator[SortedRuns]:
    """Runs to append to; they are in the store when the block ends."""
    with store.new(f"{name}-keys", np.int64) as keys, store.new(f"{name}-counts", np.int32) as counts:
        runs = SortedRuns(keys, counts)
        yield runs
    store.put(f"{name}-starts", np.array(runs.starts, dtype=np.int64))
    store.put(f"{name}-samples", np.concatenate([np.zeros(0, np.int64), *runs.samples]))


def stored_runs(store: ArrayStore, name: str) -> SortedRuns:
    """Runs that are in the store."""
    starts, samples = (store.get(f"{name}-{part}", np.int64) for part in ("starts", "samples"))
    ends = np.cumsum(-(-np.diff(starts) // _STEP))
    keys, counts = store.array(f"{name}-keys", np.int64), store.array(f"{name}-counts", np.int32)
    return SortedRuns(keys, counts, starts.tolist(), np.split(samples, ends[:-1]))


def drop_runs(store: ArrayStore, name: str) -> None:
    """Let go of runs."""
    store.drop(*(f"{name}-{part}" for part in _PARTS))


def ranges_of(store: ArrayStore, names: Sequence[str], keys_at_once: int) -> list[Range]:
    """Ranges of keys, in rising order, that each hold about so many of the keys of all runs."""
    samples = np.sort(np.concatenate([store.get(f"{name}-samples", np.int64) for name in names]))
    every = max(keys_at_once // _STEP, 1)
    limits = np.unique(samples[every::every]).tolist()
    return list(itertools.pairwise([None, *limits, None]))


def summed(store: ArrayStore, names: Sequence[str], keys: Range) -> Counted:
    """The different keys of a range in rising order with their counts over all runs."""
    return _added_up([part for name in names for part in stored_runs(store, name).between(keys)])


def _added_up(parts: list[Counted]) -> Counted:
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int32)
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

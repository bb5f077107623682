"""Run a kernel in several threads: over ranges of documents, or together on each batch.

Kernels release the interpreter lock. Ranges are cut by work (bytes or ids), the results come back in the
order of the ranges, so they do not depend on the number of threads as long as documents are independent.
Kernels whose threads share a batch wait for each other in `barrier`; `ThreadTuner` chooses how many they are.
"""

from __future__ import annotations

import itertools
import math
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Result = TypeVar("Result")


def thread_count(threads: int | None) -> int:
    """`threads`, or the number of cores this process may use."""
    if threads is None:
        affinity = getattr(os, "sched_getaffinity", None)
        return len(affinity(0)) if affinity else os.cpu_count() or 1
    if threads < 1:
        raise UsageError(f"The number of threads must be 1 or more, not {threads}.")
    return threads


def over_ranges(
    function: Callable[[int, int], Result],
    offsets: NDArray[np.int64],
    threads: int | None,
    least: int = 1,
) -> list[Result]:
    """Call `function(first, last)` for ranges that cover all N documents, in order.

    `offsets: int64 (N+1,)` says where each document's work begins; ranges hold about equal work, `least` or
    more if there are several: starting a thread takes as long as a little work does.
    """
    n = len(offsets) - 1
    count = min(thread_count(threads), max(n, 1), max(int(offsets[-1] - offsets[0]) // least, 1))
    if count == 1:
        return [function(0, n)]
    targets = offsets[0] + (offsets[-1] - offsets[0]) * np.arange(1, count) // count
    bounds = [0, *np.searchsorted(offsets, targets).tolist(), n]
    ranges = [(a, b) for a, b in itertools.pairwise(bounds) if b > a]
    if len(ranges) <= 1:
        return [function(0, n)]
    with _pool(len(ranges)) as pool:
        return list(pool.map(lambda bound: function(*bound), ranges))


def _pool(threads: int) -> ThreadPoolExecutor:
    """So many threads; what makes them is loaded here, since a single prediction has none."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads)


class ThreadTuner:
    """Chooses how many threads the next run uses: all, unless one alone was faster.

    Threads that wait for each other at every batch lose much time where other programs keep the cores busy.
    The choice changes the time only: the results of such kernels do not depend on the number of threads."""

    _ALONE_EVERY = 32  # runs between two trials of one thread while all are used
    _ALL_EVERY = 8  # and of all threads while one is used
    _CLEARLY = 0.9  # one thread takes over if it needs less than this share of the time

    def __init__(self, most: int) -> None:
        self._most, self._runs = most, 0
        self._executor = _pool(most)
        self._seconds = {1: math.inf, most: math.inf}

    def run(self, work: Callable[[int, int], Result], size: int) -> Result:
        """Call `work(thread, threads)` for each thread of the number that pays; the first thread's result.

        `size` is how many documents (or words) the run is about.
        """
        threads, began = self.threads(), time.perf_counter()
        if threads == 1:
            result = work(0, 1)
        else:
            result, *_ = self._executor.map(lambda thread: work(thread, threads), range(threads))
        self.took(threads, (time.perf_counter() - began) / max(size, 1))
        return result

    def threads(self) -> int:
        """How many threads the next run should use."""
        alone = self._seconds[1] < self._CLEARLY * self._seconds[self._most] < math.inf
        if alone:
            return self._most if self._runs % self._ALL_EVERY == 0 else 1
        return 1 if self._runs % self._ALONE_EVERY == 2 else self._most

    def took(self, threads: int, seconds: float) -> None:
        """Note the time of a run for each document; the first run may have had to compile."""
        if self._runs:
            self._seconds[threads] = seconds
        self._runs += 1

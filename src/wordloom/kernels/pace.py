"""Pace: how many threads pay, for kernels whose threads meet at every batch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class Pace:
    """Chooses how many threads the next run uses: all, unless one alone was faster.

    Threads that meet once a batch lose much time where other programs keep the cores busy. The choice
    changes the time only: the results of such kernels do not depend on the number of threads.
    """

    _ALONE_EVERY = 32  # runs between two trials of one thread while all are used
    _ALL_EVERY = 8  # and of all threads while one is used
    _CLEARLY = 0.9  # one thread takes over if it needs less than this share of the time

    def __init__(self, most: int) -> None:
        self._most, self._runs = most, 0
        self._executor = ThreadPoolExecutor(most)
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

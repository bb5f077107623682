"""Run a kernel over ranges of documents, each range in a thread of its own.

Kernels release the interpreter lock. Ranges are cut by work (bytes or ids), the results come back in the
order of the ranges, so they do not depend on the number of threads as long as documents are independent.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError

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
    function: Callable[[int, int], Result], offsets: NDArray[np.int64], threads: int | None
) -> list[Result]:
    """Call `function(first, last)` for ranges that cover all N documents, in order.

    `offsets: int64 (N+1,)` says where each document's work begins; ranges hold about equal work.
    """
    n = len(offsets) - 1
    count = min(thread_count(threads), max(n, 1))
    targets = offsets[0] + (offsets[-1] - offsets[0]) * np.arange(1, count) // count
    bounds = [0, *np.searchsorted(offsets, targets).tolist(), n]
    ranges = [(a, b) for a, b in itertools.pairwise(bounds) if b > a]
    if len(ranges) <= 1:
        return [function(0, n)]
    with ThreadPoolExecutor(len(ranges)) as pool:
        return list(pool.map(lambda bound: function(*bound), ranges))

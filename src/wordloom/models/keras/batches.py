"""Batches of documents of similar length, so that little padding is worked through."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_MOST_LENGTHS = 16
_BATCHES_A_LENGTH = 25


def batches_by_length(lengths: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    """Rows of at most `size` documents each, the shortest documents first; every row once."""
    order = np.argsort(lengths, kind="stable")
    for first in range(0, len(order), size):
        yield order[first : first + size]


def padded_lengths(lengths: NDArray[np.int64], n_batches: int) -> NDArray[np.int64]:
    """The lengths to which batches of N documents are padded, rising; the last is the longest document's.

    A compiled step is made for each of them, which takes seconds, so there are few if an epoch has few
    batches. As many documents fall to one as to the next.
    """
    n = int(np.clip(n_batches // _BATCHES_A_LENGTH, 1, _MOST_LENGTHS))
    shares = np.arange(1, n + 1) / n
    return np.unique(np.maximum(np.quantile(lengths, shares, method="higher"), 1)).astype(np.int64)

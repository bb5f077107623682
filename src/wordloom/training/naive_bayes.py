"""Naive-Bayes log-count ratios of rows: what tells how fast a row learns, and where its weight begins.

Learning the weights is not here but in `linear`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 1.0
"""How many documents are added to those of a class that hold a row, and to as many as would hold it if the
row said nothing; likewise outside the class. So a row that says nothing has the ratio 0, and few documents
say little, also of a class of a thousandth of the documents. For two classes of equal size it is the usual
smoothing; one document added on either side whatever is expected spoke for every small class."""

_NUMBERS_AT_ONCE = 1 << 15


def log_count_ratios(sums: NDArray[np.float32], everything: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (V, K): for K classes, how much oftener documents of the class hold a row than the others do.

    sums : (V, K), the weights of the documents of each class that hold a row
    everything : (V,), those of all documents that hold it

    Source: S. Wang and C. Manning, "Baselines and bigrams", ACL 2012; the smoothing is ours.
    """
    total, one = max(float(everything.sum(dtype=np.float64)), 1e-300), np.float32(SMOOTHING)
    shares = (sums.sum(axis=0, dtype=np.float64) / total).astype(np.float32)
    ratios = np.empty(sums.shape, dtype=np.float32)
    for some in _blocks(sums):
        inside, of_all, ratio = sums[some], everything[some, None], ratios[some]
        np.log(inside + one, out=ratio)
        ratio -= np.log(of_all * shares + one)
        ratio -= np.log(of_all - inside + one)
        ratio += np.log(of_all * (1 - shares) + one)
    return ratios


def class_totals(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (V,): the sums of (V, C) over the classes, one class after the other.

    NumPy's own sum over a short last axis takes many times as long.
    """
    found = sums[:, 0].copy()
    for some in _blocks(sums):
        for column in range(1, sums.shape[1]):
            found[some] += sums[some, column]
    return found


def _blocks(sums: NDArray[np.float32]) -> Iterator[slice]:
    """The rows, as many at a time as stay in the cache while all their columns are gone through."""
    step = max(_NUMBERS_AT_ONCE // sums.shape[1], 1)
    return (slice(first, first + step) for first in range(0, len(sums), step))

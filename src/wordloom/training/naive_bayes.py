"""Naive-Bayes log-count ratios of rows: what tells how fast a row learns, and where its weight begins.

Learning the weights is not here but in `linear`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEAST_SHARE = 1e-9
SMOOTHING = 2.0
"""How many documents are added to those that hold a row, of each class by its share of all rows. So a row in
one document says little of any class, and one whose documents have the classes' shares says nothing; with one
document added on each side of the ratio, as is usual, it spoke for every class but the largest. For two
classes of equal size both are the same."""


def log_count_ratios(sums: NDArray[np.float32], columns: list[int]) -> NDArray[np.float32]:
    """float32 (V, K): for K classes, how much oftener documents of the class hold a row than the others do.

    sums : (V, C), the weights of the documents of each class that hold a row
    columns : the K classes

    Source: S. Wang and C. Manning, "Baselines and bigrams", ACL 2012; smoothing by shares is ours.
    """
    everything = class_totals(sums)
    total = max(float(everything.sum(dtype=np.float64)), 1e-300)
    ratios = np.empty((len(sums), len(columns)), dtype=np.float32)
    for column, of_class in enumerate(columns):
        inside = sums[:, of_class].copy()
        outside = everything - inside
        share = float(np.clip(inside.sum(dtype=np.float64) / total, _LEAST_SHARE, 1 - _LEAST_SHARE))
        inside += np.float32(SMOOTHING * share)
        outside += np.float32(SMOOTHING * (1 - share))
        np.log(inside, out=inside)
        inside -= np.log(outside, out=outside)
        ratios[:, column] = inside
        ratios[:, column] -= np.float32(np.log(share) - np.log1p(-share))
    return ratios


def class_totals(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (V,): the sums of (V, C) over the classes, one class after the other.

    NumPy's own sum over a short last axis takes many times as long.
    """
    found = sums[:, 0].copy()
    for column in range(1, sums.shape[1]):
        found += sums[:, column]
    return found

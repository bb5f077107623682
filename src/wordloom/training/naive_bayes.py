"""Naive-Bayes log-count ratios of rows: what tells how fast a row learns, and where its weight begins.

Learning the weights is not here but in `linear`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 1.0
"""What is added to every count before log-count ratios are taken."""


def log_count_ratios(sums: NDArray[np.float32], columns: list[int]) -> NDArray[np.float32]:
    """float32 (V, K): for K classes, how much oftener documents of the class hold a row than the others do.

    sums : (V, C), the weights of the documents of each class that hold a row
    columns : the K classes

    Source: S. Wang and C. Manning, "Baselines and bigrams", ACL 2012.
    """
    everything = class_totals(sums)
    ratios = np.empty((len(sums), len(columns)), dtype=np.float32)
    for column, of_class in enumerate(columns):
        inside = sums[:, of_class] + np.float32(SMOOTHING)
        outside = everything - sums[:, of_class]
        outside += np.float32(SMOOTHING)
        shift = np.log(inside.sum(dtype=np.float64)) - np.log(outside.sum(dtype=np.float64))
        np.log(inside, out=inside)
        inside -= np.log(outside, out=outside)
        ratios[:, column] = inside
        ratios[:, column] -= np.float32(shift)
    return ratios


def class_totals(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (V,): the sums of (V, C) over the classes, one class after the other.

    NumPy's own sum over a short last axis takes many times as long.
    """
    found = sums[:, 0].copy()
    for column in range(1, sums.shape[1]):
        found += sums[:, column]
    return found

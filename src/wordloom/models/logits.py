"""From logits (N, K) to probabilities and log-odds: K is 1 for two classes, else C."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def probabilities_of(logits: NDArray[Any]) -> NDArray[np.float64]:
    """(N, C) from logits (N, K): sigmoid for K = 1, softmax else."""
    z = logits.astype(np.float64)
    if z.shape[1] == 1:
        z = np.concatenate([np.zeros_like(z), z], axis=1)
    exponentials = np.exp(z - z.max(axis=1, keepdims=True))
    total = exponentials.sum(axis=1, keepdims=True)
    return np.asarray(exponentials / total)


def log_odds_of(logits: NDArray[Any], column: int) -> NDArray[np.float64]:
    """(N,) from logits (N, K): log p - log (1 - p) of the class `column`, exact where p rounds to 0 or 1."""
    z = logits.astype(np.float64)
    if z.shape[1] == 1:
        return z[:, 0] if column == 1 else -z[:, 0]
    others = np.delete(z, column, axis=1)
    highest = others.max(axis=1)
    return np.asarray(z[:, column] - highest - np.log(np.exp(others - highest[:, None]).sum(axis=1)))

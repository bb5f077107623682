"""Several classifiers as one: how much the logits of each count in their mean.

The shares have the lowest log loss on documents that none of the classifiers has learned from, and none is
below 0, so one that is of no use is left out by itself. A weak pull towards equal shares decides where the
documents do not (stacking: D. Wolpert, "Stacked generalization", Neural Networks 1992; non-negative factors:
L. Breiman, "Stacked regressions", Machine Learning 1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.models.output import Output

_PULL = 0.5
"""Of the squared distances from equal shares against the sum of the documents' losses."""
_HIGHEST_FACTOR = 5.0
_LOWEST_SHARE = 0.05
"""What counts less is left out: it costs more than it tells."""


def best_shares(
    logits: Sequence[NDArray[Any]], targets: NDArray[np.int32], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64 (M,): what to multiply the logits of M classifiers with before they are added; they sum to 1.

    How sure the sum should be is a matter of calibration, and not decided here.

    Parameters
    ----------
    logits : M arrays (N, K), of documents that the classifiers have not learned from
    targets : int (N,), the true classes
    weights : float64 (N,), how much each document counts
    """
    from scipy.optimize import minimize

    z = np.stack([np.asarray(own, dtype=np.float64) for own in logits])
    output, equal = Output.of_logits(z.shape[2]), 1 / len(z)
    share = np.asarray(weights, dtype=np.float64) if weights.any() else np.ones(len(targets))
    share = share * (len(share) / share.sum())

    def penalized(factors: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        losses, slopes = output.losses_and_slopes(np.einsum("m,mnk->nk", factors, z), targets)
        gradient = np.einsum("n,nk,mnk->m", share, slopes, z) + 2 * _PULL * (factors - equal)
        return float(share @ losses + _PULL * np.square(factors - equal).sum()), gradient

    bounds = [(0.0, _HIGHEST_FACTOR)] * len(z)
    found = minimize(penalized, np.full(len(z), equal), jac=True, method="L-BFGS-B", bounds=bounds)
    shares = np.asarray(found.x, dtype=np.float64)
    if not shares.any():
        return np.full(len(z), equal)
    shares[shares < _LOWEST_SHARE * shares.sum()] = 0.0
    return np.asarray(shares / shares.sum())

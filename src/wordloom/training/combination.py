"""Several classifiers as one: how much the logits of each count in their mean.

The shares have the lowest log loss on documents that none of the classifiers has learned from, and none is
below 0, so one that is of no use is left out by itself. A weak pull towards equal shares decides where the
documents do not (stacking: D. Wolpert, "Stacked generalization", Neural Networks 1992; non-negative factors:
L. Breiman, "Stacked regressions", Machine Learning 1996).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.models.output import Output

_PULL = 0.5
"""Of the squared distances from equal shares against the sum of the documents' losses."""
_HIGHEST_FACTOR = 5.0
_DIFFERENCE, _CLOSE, _MOST_STEPS = 1e-4, 1e-6, 30
"""Of factors: between which the gradient's change is measured, and what is no step any more."""
_LOWEST_SHARE = 0.05
"""What counts less is left out: it costs more than it tells."""


def best_shares(
    logits: Sequence[NDArray[Any]],
    targets: NDArray[Any],
    weights: NDArray[np.float64],
    output: Output | None = None,
) -> NDArray[np.float64]:
    """float64 (M,): what to multiply the logits of M classifiers with before they are added; they sum to 1.

    How sure the sum should be is a matter of calibration, and not decided here.

    Parameters
    ----------
    logits : M arrays (N, K), of documents that the classifiers have not learned from
    targets : as the output has them: int (N,), the true classes, of a single label
    weights : float64 (N,), how much each document counts
    output : what the logits mean; None for a single label
    """
    z = np.stack([np.asarray(own, dtype=np.float64) for own in logits])
    output, equal = output or Output.of_logits(z.shape[2]), 1 / len(z)
    share = np.asarray(weights, dtype=np.float64) if weights.any() else np.ones(len(targets))
    share = share * (len(share) / share.sum())

    def penalized(factors: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        losses, slopes = output.losses_and_slopes(np.einsum("m,mnk->nk", factors, z), targets)
        gradient = np.einsum("n,nk,mnk->m", share, slopes, z) + 2 * _PULL * (factors - equal)
        return float(share @ losses + _PULL * np.square(factors - equal).sum()), gradient

    shares = _lowest(penalized, np.full(len(z), equal))
    if not shares.any():
        return np.full(len(z), equal)
    shares[shares < _LOWEST_SHARE * shares.sum()] = 0.0
    return np.asarray(shares / shares.sum())


def _lowest(
    function: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Where a convex function of a few numbers from 0 to _HIGHEST_FACTOR is lowest, by Newton's steps.

    Curvature is measured by differences of the gradient that the function gives besides its value. Numbers
    that press against a bound stay there (D. Bertsekas, "Projected Newton methods", 1982). For three numbers
    this takes a hundredth of the time that starting the threads of linear algebra behind SciPy's L-BFGS does.
    """
    at = start
    value, gradient = function(at)
    for _ in range(_MOST_STEPS):
        held = ((at <= 0) & (gradient > 0)) | ((at >= _HIGHEST_FACTOR) & (gradient < 0))
        free = np.flatnonzero(~held)
        if not len(free):
            break
        moves = np.eye(len(at))[free] * _DIFFERENCE
        curvature = [(function(at + move)[1] - gradient)[free] for move in moves]
        step = np.zeros(len(at))
        step[free] = np.linalg.solve(np.reshape(curvature, (len(free), -1)), gradient[free]) * _DIFFERENCE
        for halved in range(_MOST_STEPS):
            following = np.clip(at - step / 2**halved, 0.0, _HIGHEST_FACTOR)
            found = function(following)
            if found[0] <= value:
                break
        moved = np.abs(following - at).max()
        if found[0] > value or moved < _CLOSE:
            break
        at, (value, gradient) = following, found
    return at

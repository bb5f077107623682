"""Least squares with a penalty, for few documents of many features: exact leave-one-out scores for the price
of one eigendecomposition.

The targets are 1 for a document's own class and 0 for the others, the intercept is free, and the squared
weights count `strength` times against the squared errors. What a fit on all documents but one says of that
one follows from the fit on all of them, so every strength is judged on every document without another fit;
there is nothing to hold out, and no order or number of steps to choose. Documents enter through their inner
products alone.

Sources: D. Allen, "The relationship between variable selection and data augmentation and a method for
prediction", Technometrics 1974 (leave-one-out of linear smoothers); R. Rifkin, A. Klautau, "In defense of
one-vs-all classification", JMLR 2004 (regularized least squares as a classifier).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wordloom.evaluation.calibration import best_scale
from wordloom.models.output import Output

STRENGTHS = tuple(10.0 ** (power / 2) for power in range(-12, 5))
"""The strengths to choose from, as shares of the documents' mean square around their mean."""
_WITHOUT_TRIALS = 1e-3
_ALIKE = 1e-6
_SPREAD = 8.0
"""What scores, whose targets are 1 apart, are multiplied by before a scale is looked for."""


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """A linear classifier on N documents' features x: its logits are (x @ X.T) @ coefficients + bias.

    Parameters
    ----------
    coefficients : float64 (N, K), of the documents X that it learned from
    bias : float64 (K,)
    strength : the one that was chosen
    left_out : float64 (N, K), the logits of each document by a fit without it
    loss, accuracy : of `left_out`, weighted, over the documents that are not alone in their class; None if
        all of them are
    """

    coefficients: NDArray[np.float64]
    bias: NDArray[np.float64]
    strength: float
    left_out: NDArray[np.float64]
    loss: float | None
    accuracy: float | None


def fit_least_squares(
    products: NDArray[np.float64], targets: NDArray[np.int32], weights: NDArray[np.float64], n_classes: int
) -> LeastSquares:
    """The classifier of the strength whose left-out logits have the lowest log loss.

    Scores become logits by the one factor that makes the left-out ones as sure as they are right.

    Parameters
    ----------
    products : float64 (N, N), the inner products of the documents' features
    targets : int32 (N,), their classes of C = n_classes
    weights : float64 (N,), how much each counts
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):  # more threads round otherwise
        problem = _Problem.of(products, targets, weights, n_classes)
        trials = [problem.trial(strength) for strength in STRENGTHS] if problem.judged.any() else []
        if not trials:
            return problem.solved(problem.trial(_WITHOUT_TRIALS), None)
        losses = [problem.loss(trial) for trial in trials]
        best = int(np.argmin(losses))
        return problem.solved(trials[best], losses[best])


@dataclass(frozen=True, eq=False)
class _Trial:
    """What one strength gives: scores of documents left out (N, K), and their scale."""

    strength: float
    scores: NDArray[np.float64]
    scale: float


@dataclass(frozen=True, eq=False)
class _Problem:
    """The centered problem in the axes of the documents.

    Parameters
    ----------
    squares, axes : the eigenvalues (N,) and eigenvectors (N, N) of the weighted, centered products
    roots : (N,), the square roots of the documents' shares of all weight
    wanted, mean : the targets (N, K) minus their weighted mean (K,)
    size : the mean square that `squares` were divided by
    centers : (N,), the inner products with the weighted mean document
    judged : bool (N,), the documents that are not alone in their class
    """

    squares: NDArray[np.float64]
    axes: NDArray[np.float64]
    roots: NDArray[np.float64]
    wanted: NDArray[np.float64]
    mean: NDArray[np.float64]
    size: float
    centers: NDArray[np.float64]
    targets: NDArray[np.int32]
    judged: NDArray[np.bool_]
    output: Output

    @staticmethod
    def of(
        products: NDArray[np.float64],
        targets: NDArray[np.int32],
        weights: NDArray[np.float64],
        n_classes: int,
    ) -> _Problem:
        share = weights / weights.sum()
        output = Output(n_classes)
        hot = np.eye(n_classes)[targets] * _SPREAD
        wanted = hot[:, 1:] if output.n_logits == 1 else hot
        mean = share @ wanted
        centers = products @ share
        centered = products - centers - centers[:, None] + share @ centers
        # Documents that are all alike differ by rounding, which says nothing of their classes.
        floor = _ALIKE * float(share @ np.diag(products)) + 1e-300
        size = max(float(share @ np.diag(centered)), floor)
        roots = np.sqrt(share)
        squares, axes = np.linalg.eigh(centered / size * roots * roots[:, None])
        judged = np.bincount(targets, minlength=n_classes)[targets] > 1
        return _Problem(
            np.maximum(squares, 0), axes, roots, wanted - mean, mean, size, centers, targets, judged, output
        )

    @cached_property
    def turned(self) -> NDArray[np.float64]:
        """The targets in the axes, (N, K): the same for every strength."""
        return np.asarray(self.axes.T @ (self.wanted * self.roots[:, None]))

    def trial(self, strength: float) -> _Trial:
        """The fit of one strength, and what it says of documents left out."""
        inverse = 1 / (self.squares + strength)
        fitted = self.axes @ ((self.squares * inverse)[:, None] * self.turned) / self.roots[:, None]
        leverage = np.square(self.axes) @ (self.squares * inverse) + np.square(self.roots)
        left = np.maximum(1 - leverage, 1e-9)[:, None]
        # Without it its class looks rarer than it is, which of ten documents is more than they say otherwise.
        share = np.square(self.roots)[:, None]
        returned = self.wanted * share / np.maximum(1 - share, 1e-9)
        logits = self._logits(self.wanted + self.mean - (self.wanted - fitted) / left + returned)
        scale, some = 1.0, self.judged
        if some.any():
            scale = best_scale(logits[some], self.targets[some], np.square(self.roots[some]))
        return _Trial(strength, logits, scale)

    def _logits(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.output.n_logits == 1:
            return scores - _SPREAD / 2
        return np.asarray(scores - scores.mean(axis=1, keepdims=True))

    def loss(self, trial: _Trial) -> float:
        """The mean log loss of the documents left out."""
        some = self.judged
        losses, _ = self.output.losses_and_slopes(trial.scale * trial.scores[some], self.targets[some])
        return float(np.average(losses, weights=np.square(self.roots[some])))

    def solved(self, trial: _Trial, loss: float | None) -> LeastSquares:
        """The classifier of one strength."""
        inverse = 1 / (self.squares + trial.strength)
        duals = self.axes @ (inverse[:, None] * self.turned) * self.roots[:, None] / self.size
        centered = duals - np.square(self.roots)[:, None] * duals.sum(axis=0)
        bias = self._logits((self.mean - self.centers @ centered)[None])[0]
        if self.output.n_logits > 1:
            centered = centered - centered.mean(axis=1, keepdims=True)
        factor = trial.scale
        logits = factor * trial.scores
        if loss is None:
            return LeastSquares(factor * centered, factor * bias, trial.strength, logits, None, None)
        some, weights = self.judged, np.square(self.roots[self.judged])
        losses, _ = self.output.losses_and_slopes(logits[some], self.targets[some])
        right = self.output.predicted(logits[some]) == self.targets[some]
        measured = (float(np.average(each, weights=weights)) for each in (losses, right))
        return LeastSquares(factor * centered, factor * bias, trial.strength, logits, *measured)

"""The convex output layer: L2-regularized logistic regression on vectors of documents.

It has one best answer, so there is nothing to tune but how strongly the weights are regularized, and that is
chosen by stratified cross-validation on the training labels alone. With few labels this is far better than
gradient steps on a network, which need held-out texts to know when to stop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.draws import stratified_folds
from wordloom.models.output import Output
from wordloom.targets import MULTILABEL, SINGLE

STRENGTHS = tuple(10.0 ** (power / 2) for power in range(-10, 5))
"""The strengths to choose from: weights of the texts' loss against half the squared weights."""
_FOLDS = 5
_GRADE_STRATA = 10
_STRENGTH_WITHOUT_FOLDS = 1e-2
_TEXTS_FOR_ONE_ROUND = 2_000
_MOST_ROUNDS = 4
_MUCH_WORK = 2_000_000
"""Of more numbers (texts times features times logits) there is one round, with every second strength: that of
77 classes is then known to a factor of 10, in seconds in the place of minutes."""
_STEPS = 500
_TOLERANCE, _TRIAL_TOLERANCE = 1e-6, 1e-4
"""Largest slope of the mean loss at what counts as its minimum, in the end and in trials of strengths."""


@dataclass(frozen=True, eq=False)
class OutputLayer:
    """A linear classifier on features of documents.

    Parameters
    ----------
    weights : float64 (K, F); K is 1 for two classes (the logit of the second one), else C
    bias : float64 (K,)
    strength : how much the texts counted against half the squared weights
    held_out_loss, held_out_accuracy : log loss in nats and share of right answers on the training texts, each
        text held out in its turn; None if there were too few to hold any out
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    strength: float
    held_out_loss: float | None
    held_out_accuracy: float | None

    def logits(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """float64 (N, K) from features (N, F)."""
        return np.asarray(features @ self.weights.T + self.bias)


@dataclass(frozen=True, eq=False)
class Points:
    """N documents as features float64 (N, F), their targets as the output has them, their weights in the loss
    (N,); and logits (N, K) that what is learned is added to, 0 for none."""

    features: NDArray[np.float64]
    targets: NDArray[Any]
    weights: NDArray[np.float64]
    output: Output
    offsets: NDArray[np.float64] | float = 0.0

    def take(self, rows: NDArray[Any]) -> Points:
        """The documents of `rows`: row numbers, or N booleans."""
        offsets = self.offsets if isinstance(self.offsets, float) else self.offsets[rows]
        return Points(self.features[rows], self.targets[rows], self.weights[rows], self.output, offsets)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The numbers of M texts, and the weights (K, F) and bias (K,) of a classifier that has not seen them."""

    rows: NDArray[np.int64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]


def fit_output_layer(points: Points, seed: int = 0) -> OutputLayer:
    """The classifier with the lowest weighted log loss plus |weights|^2 / (2 strength); the bias is free.

    The strength is the one of `STRENGTHS` with the lowest log loss on texts held out in turn (stratified
    folds, several rounds of them for few texts). Features should have about the same size (a mean square near
    1), since all are regularized alike. `seed` is that of the folds.
    """
    from threadpoolctl import threadpool_limits

    # The products are small: threads of the linear algebra would wait for each other, and round otherwise.
    with threadpool_limits(1, user_api="blas"):
        return _chosen_layer(points, seed)


def held_out_weights(points: Points, strength: float, seed: int = 0) -> Iterator[HeldOut]:
    """For each of the stratified folds a classifier of this strength, fitted on the other folds.

    A text that is alone in its class, or in a fold that nothing is left beside, is never held out.
    """
    from threadpoolctl import threadpool_limits

    solver = _Solver(points.output, points.features.shape[1])
    for inside in _folds(points, seed, rounds=1):
        some, rest = np.flatnonzero(inside), points.take(~inside)
        if len(some) and rest.weights.any():
            with threadpool_limits(1, user_api="blas"):
                weights, bias = solver.solve(rest, strength)
            yield HeldOut(some, weights, bias)


def _chosen_layer(points: Points, seed: int) -> OutputLayer:
    solver = _Solver(points.output, points.features.shape[1])
    trials = _trials(points, solver, seed)
    if not trials:
        return OutputLayer(
            *solver.solve(points, _STRENGTH_WITHOUT_FOLDS), _STRENGTH_WITHOUT_FOLDS, None, None
        )
    strength = min(trials, key=lambda tried: trials[tried][0])
    return OutputLayer(*solver.solve(points, strength), strength, *trials[strength])


def _trials(points: Points, solver: _Solver, seed: int) -> dict[float, tuple[float, float]]:
    """For each strength the mean log loss and the share of right answers on texts held out, over all folds.

    All strengths are tried, since the loss may rise before it falls to its minimum: vectors that hardly
    differ need weights that only a weak hold allows. Each starts from where the stronger one ended. Empty
    if no class has two texts.
    """
    splits = list(_splits(points, seed))
    mass = sum(float(some.weights.sum()) for some, _ in splits)
    starts: list[NDArray[np.float64] | None] = [None] * len(splits)
    trials: dict[float, tuple[float, float]] = {}
    strengths = STRENGTHS[:: 2 if _is_much_work(points) else 1]
    for strength in strengths if splits else ():
        losses = shares = 0.0
        for number, (some, rest) in enumerate(splits):
            found = solver.minimum(rest, strength, starts[number], _TRIAL_TOLERANCE)
            starts[number] = found
            loss, right = solver.scores(some, found)
            losses, shares = losses + loss, shares + right
        trials[strength] = losses / mass, shares / mass
    return trials


def _splits(points: Points, seed: int) -> Iterator[tuple[Points, Points]]:
    """(held out, rest) for each fold of each round."""
    rounds = int(np.clip(_TEXTS_FOR_ONE_ROUND // max(len(points.targets), 1), 1, _MOST_ROUNDS))
    rounds = 1 if _is_much_work(points) else rounds
    for inside in _folds(points, seed, rounds):
        some, rest = points.take(inside), points.take(~inside)
        if some.weights.any() and rest.weights.any():
            yield some, rest


def _is_much_work(points: Points) -> bool:
    return points.features.size * points.output.n_logits > _MUCH_WORK


def _folds(points: Points, seed: int, rounds: int) -> Iterator[NDArray[np.bool_]]:
    """bool (N,) for each fold of each round: the texts that it holds out, never the only one of a class."""
    strata = _strata(points)
    several = np.flatnonzero(np.bincount(strata)[strata] > 1)
    for number in range(rounds):
        folds = np.full(len(points.targets), -1, dtype=np.int64)
        rng = np.random.default_rng([seed, 6, number])
        folds[several] = stratified_folds(strata[several], _FOLDS, rng)
        for fold in range(_FOLDS):
            yield folds == fold


def _strata(points: Points) -> NDArray[Any]:
    """int (N,): what each fold should have in the same proportions: classes, or tenths of the grades."""
    if points.output.target == SINGLE:
        return points.targets
    if points.output.target == MULTILABEL:
        return np.zeros(len(points.targets), dtype=np.int32)
    ranks = points.targets[:, 0].argsort(kind="stable").argsort(kind="stable")
    return np.asarray(ranks * _GRADE_STRATA // len(ranks), dtype=np.int32)


class _Solver:
    """Finds the minimum by L-BFGS. Parameters are one vector: (K, F + 1), the bias in the last column."""

    def __init__(self, output: Output, n_features: int) -> None:
        self._output = output
        self._shape = (self._output.n_logits, n_features + 1)

    def solve(self, points: Points, strength: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights (K, F) and bias (K,) for one strength."""
        found = self.minimum(points, strength, None).reshape(self._shape)
        return found[:, :-1].copy(), found[:, -1].copy()

    def minimum(
        self,
        points: Points,
        strength: float,
        start: NDArray[np.float64] | None,
        tolerance: float = _TOLERANCE,
    ) -> NDArray[np.float64]:
        """The parameters with the lowest penalised loss."""
        from scipy.optimize import minimize

        total = max(float(points.weights.sum()), 1e-300)
        scale = self._scale(points, strength)

        def penalised(scaled: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            flat = scaled * scale
            loss, gradient = self._loss_and_gradient(points, flat)
            weights = flat.reshape(self._shape)[:, :-1]
            gradient.reshape(self._shape)[:, :-1] += weights / strength
            loss += 0.5 * float((weights * weights).sum()) / strength
            return loss / total, gradient * scale / total

        begin = np.zeros(len(scale)) if start is None else start / scale
        options = {"maxiter": _STEPS, "gtol": tolerance, "ftol": 1e-6 * tolerance}
        found = minimize(penalised, begin, jac=True, method="L-BFGS-B", options=options)
        return np.asarray(found.x * scale)

    def _scale(self, points: Points, strength: float) -> NDArray[np.float64]:
        """The size of a step for each parameter: with it the valley is about as wide in every direction."""
        total = max(float(points.weights.sum()), 1e-300)
        squares = points.weights @ np.square(points.features) / total
        curvature = np.append(0.25 * squares + 1 / (strength * total), 0.25)
        return np.tile(1 / np.sqrt(curvature), self._shape[0])

    def scores(self, points: Points, flat: NDArray[np.float64]) -> tuple[float, float]:
        """The weighted sums of the log losses and of the right answers."""
        logits = self._logits(points, flat)
        losses, _ = self._output.losses_and_slopes(logits, points.targets)
        right = self._output.right(logits, points.targets)
        return float(points.weights @ losses), float(points.weights @ right)

    def _logits(self, points: Points, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        parameters = flat.reshape(self._shape)
        return np.asarray(points.features @ parameters[:, :-1].T + parameters[:, -1] + points.offsets)

    def _loss_and_gradient(
        self, points: Points, flat: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64]]:
        loss, residuals = self._loss_and_residuals(points, flat)
        gradient = np.empty(self._shape)
        gradient[:, :-1] = residuals.T @ points.features
        gradient[:, -1] = residuals.sum(axis=0)
        return loss, gradient.ravel()

    def _loss_and_residuals(
        self, points: Points, flat: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64]]:
        """The weighted sum of log losses, and its derivative by the logits (N, K)."""
        losses, slopes = self._output.losses_and_slopes(self._logits(points, flat), points.targets)
        return float(points.weights @ losses), points.weights[:, None] * slopes

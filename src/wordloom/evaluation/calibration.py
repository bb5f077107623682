"""Calibration: whether probabilities are as sure as they are right, and how to make them so.

The confidence of a document is the probability of the class predicted for it. It is calibrated if of the
documents with a confidence of 0.8 about 80 % are right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.models.output import Output, softmax

BINS = 15
LOWEST_FACTOR, HIGHEST_FACTOR = 0.05, 20.0
_STEPS = 100
_ROUNDS = 50


@dataclass(frozen=True)
class ReliabilityRow:
    """The documents with a confidence above `low` and up to `high`: how many, their mean confidence, and
    the share of them that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, eq=False)
class Confidence:
    """How sure a model was of N documents, and whether it was right.

    Parameters
    ----------
    confidence : float64 (N,), the probability of the predicted class, 1/C to 1
    right : bool (N,)
    """

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]

    def reliability(self, bins: int = BINS) -> list[ReliabilityRow]:
        """One row for each of `bins` equal parts of 0 to 1 that holds documents."""
        if bins < 1:
            raise UsageError(f"The number of bins must be 1 or more, not {bins}.")
        edges = [number / bins for number in range(bins + 1)]
        place = np.clip(np.searchsorted(edges, self.confidence, side="left") - 1, 0, bins - 1)
        rows = []
        for number in np.unique(place).tolist():
            inside = place == number
            sure, right = float(self.confidence[inside].mean()), float(self.right[inside].mean())
            rows.append(ReliabilityRow(edges[number], edges[number + 1], int(inside.sum()), sure, right))
        return rows

    def calibration_error(self, bins: int = BINS) -> float:
        """Expected calibration error: mean distance of confidence and accuracy over the rows of
        `reliability`, each weighted with its documents.

        Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
        """
        rows = self.reliability(bins)
        return sum(row.count * abs(row.confidence - row.accuracy) for row in rows) / len(self.right)

    def covered(self, coverage: float) -> int:
        """How many documents are a share `coverage` (above 0, up to 1) of all or just above it, 1 to N."""
        if not 0 < coverage <= 1:
            raise UsageError(f"coverage must be above 0 and at most 1, for example 0.8, not {coverage!r}.")
        return math.ceil(round(coverage * len(self.right), 6))

    def accuracy_at(self, coverage: float) -> float:
        """Accuracy on the documents that the model is surest of, as many as `covered(coverage)`.

        Documents that it is equally sure of count alike, so their order does not matter.
        """
        number = self.covered(coverage)
        _, accuracies = self.curve()
        return float(accuracies[number - 1])

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(shares, accuracies), each (N,): the accuracy on the surest 1, 2, ... N of the N documents."""
        order = np.argsort(-self.confidence, kind="stable")
        _, group, sizes = np.unique(-self.confidence[order], return_inverse=True, return_counts=True)
        means = np.bincount(group, weights=self.right[order]) / sizes
        counts = np.arange(1, len(order) + 1)
        return counts / len(order), np.cumsum(means[group]) / counts

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "error": self.calibration_error(),
            "accuracy_at_coverage": {str(share): self.accuracy_at(share) for share in (0.5, 0.8, 0.9)},
            "reliability": [vars(row) for row in self.reliability()],
        }


def confidence_of(probabilities: NDArray[Any], targets: NDArray[Any]) -> Confidence:
    """From probabilities (N, C) and true classes int (N,); DataError for no documents."""
    if not len(probabilities):
        raise DataError("no documents to judge; at least one labelled document is needed.")
    predicted = probabilities.argmax(axis=1)
    sure = np.asarray(probabilities, dtype=np.float64)[np.arange(len(predicted)), predicted]
    return Confidence(sure, np.asarray(predicted == targets))


def best_scale(
    logits: NDArray[Any], targets: NDArray[Any], weights: NDArray[np.float64] | None = None
) -> float:
    """The factor that makes logits as sure as they are right on N documents kept out of training.

    It minimizes the log loss of the scaled logits, a convex function of the factor (1 / temperature). The
    true class counts for a little less than 1, as if one document more had been seen that is of all classes
    alike, so that documents without a mistake do not make the factor infinite; it stays within LOWEST_FACTOR
    and HIGHEST_FACTOR. Where that makes the log loss of these documents worse than the logits as they are,
    the factor is 1.

    Sources: C. Guo et al., ICML 2017 (temperature scaling); J. Platt, "Probabilistic outputs for support
    vector machines", 1999 (counts of the targets).

    Parameters
    ----------
    logits : (N, K), K = 1 for two classes (of the second one), else C
    targets : int (N,), the true classes
    weights : float64 (N,), how much each document counts; None for all alike
    """
    z, aim, share = _aims(logits, targets, weights)
    factor = _scale(z, aim, share, shift=0.0)
    return factor if _loss(factor * z, targets, share) <= _loss(z, targets, share) else 1.0


def best_scale_and_shift(
    logits: NDArray[Any], targets: NDArray[Any], weights: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """As `best_scale`, and float64 (K,): what to add to the scaled logits, by the same documents and loss.

    For documents that count unequally: the logits of weights that have learnt their documents by heart do not
    show how much each of these counted. Factor and shift are found by turns; the shift is right when the
    probabilities of each class have the sum that they should. Where the loss is worse for it, they are
    1 and 0.
    """
    z, aim, share = _aims(logits, targets, weights)
    factor, shift, masses = 1.0, np.zeros(z.shape[1]), share @ aim
    for _ in range(_ROUNDS):
        before, factor = factor, _scale(z, aim, share, shift)
        for _ in range(_ROUNDS):
            shift += np.log(masses / (share @ softmax(factor * z + shift)))
        if abs(factor - before) < 1e-4 * factor:
            break
    if _loss(factor * z + shift, targets, share) > _loss(z, targets, share):
        factor, shift = 1.0, np.zeros_like(shift)
    return factor, Output.of_logits(logits.shape[1]).logits_of(shift)


def _aims(
    logits: NDArray[Any], targets: NDArray[Any], weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The logits (N, C), what the probabilities should be (N, C), and how much each document counts (N,)."""
    z = Output.of_logits(logits.shape[1]).class_logits(logits)
    n, classes = z.shape
    if not n or n != len(targets):
        raise DataError(f"{n:,} rows of logits and {len(targets):,} targets; as many of both are needed.")
    share = np.ones(n) if weights is None or not weights.any() else np.asarray(weights, dtype=np.float64)
    softness = 1 / (n + 1)
    aim = np.full(z.shape, softness / classes)
    aim[np.arange(n), targets] += 1 - softness
    return z, aim, share


def _loss(z: NDArray[np.float64], targets: NDArray[Any], share: NDArray[np.float64]) -> float:
    """The log loss of logits (N, C), summed with the documents' shares."""
    highest = z.max(axis=1)
    totals = highest + np.log(np.exp(z - highest[:, None]).sum(axis=1))
    return float(share @ (totals - z[np.arange(len(z)), targets]))


def _scale(z: NDArray[np.float64], aim: NDArray[np.float64], share: NDArray[np.float64], shift: Any) -> float:
    wanted = (aim * z).sum(axis=1)

    def slope(factor: float) -> float:
        scaled = factor * z + shift
        odds = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        expected = (odds * z).sum(axis=1) / odds.sum(axis=1)
        return float(share @ (expected - wanted))

    return _root(slope)


def _root(slope: Any) -> float:
    """Where a rising function crosses 0, by halving the range of the logarithm of the factor."""
    low, high = np.log(LOWEST_FACTOR), np.log(HIGHEST_FACTOR)
    if slope(LOWEST_FACTOR) >= 0:
        return LOWEST_FACTOR
    if slope(HIGHEST_FACTOR) <= 0:
        return HIGHEST_FACTOR
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if high - low < 1e-6:
            break
        low, high = (low, middle) if slope(float(np.exp(middle))) > 0 else (middle, high)
    return float(np.exp((low + high) / 2))

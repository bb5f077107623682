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
from wordloom.models.output import Output
from wordloom.targets import MULTILABEL

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
    logits: NDArray[Any],
    targets: NDArray[Any],
    weights: NDArray[np.float64] | None = None,
    output: Output | None = None,
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
    logits : (N, K)
    targets : as the output has them: int (N,), the true classes, of a single label
    weights : float64 (N,), how much each document counts; None for all alike
    output : what the logits mean; None for a single label
    """
    documents = _Documents.of(logits, targets, weights, output)
    factor = documents.scale(shift=0.0)
    return factor if documents.loss(factor, 0.0) <= documents.loss(1.0, 0.0) else 1.0


def best_scale_and_shift(
    logits: NDArray[Any],
    targets: NDArray[Any],
    weights: NDArray[np.float64],
    output: Output | None = None,
) -> tuple[float, NDArray[np.float64]]:
    """As `best_scale`, and float64 (K,): what to add to the scaled logits, by the same documents and loss.

    For documents that count unequally: logits of weights that have learned their documents by heart do not
    show how much each of these counted. And for several labels, each of which is as frequent as it is. Factor
    and shift are found by turns; the shift is right when the probabilities of each class have the sum that
    they should. Where the loss is worse for it, they are 1 and 0.
    """
    documents = _Documents.of(logits, targets, weights, output)
    factor, shift = 1.0, np.zeros(documents.z.shape[1])
    for _ in range(_ROUNDS):
        before, factor = factor, documents.scale(shift)
        shift = documents.shifted(factor, shift)
        if abs(factor - before) < 1e-4 * factor:
            break
    if documents.loss(factor, shift) > documents.loss(1.0, 0.0):
        factor, shift = 1.0, np.zeros_like(shift)
    return factor, documents.output.logits_of(shift)


@dataclass(frozen=True, eq=False)
class _Documents:
    """N documents to calibrate on.

    output : what logits mean
    z : the class logits (N, C)
    true, aims : what the probabilities should be (N, C), and a little softer
    share : how much each document counts (N,)
    """

    output: Output
    z: NDArray[np.float64]
    true: NDArray[np.float64]
    aims: NDArray[np.float64]
    share: NDArray[np.float64]

    @staticmethod
    def of(
        logits: NDArray[Any],
        targets: NDArray[Any],
        weights: NDArray[np.float64] | None,
        output: Output | None,
    ) -> _Documents:
        output = output or Output.of_logits(logits.shape[1])
        z = output.class_logits(logits)
        n = len(z)
        if not n or n != len(targets):
            raise DataError(f"{n:,} rows of logits and {len(targets):,} targets; as many of both are needed.")
        share = np.ones(n) if weights is None or not weights.any() else np.asarray(weights, dtype=np.float64)
        softness, true = 1 / (n + 1), output.aims(targets)
        alike = 1 / 2 if output.target == MULTILABEL else 1 / z.shape[1]
        return _Documents(output, z, true, true * (1 - softness) + softness * alike, share)

    def loss(self, factor: float, shift: Any) -> float:
        """The log loss of the scaled and shifted logits, summed with the documents' shares."""
        return float(self.share @ self.output.losses(factor * self.z + shift, self.true))

    def scale(self, shift: Any) -> float:
        """The factor with the lowest loss, by the softer aims."""
        wanted = (self.aims * self.z).sum(axis=1)

        def slope(factor: float) -> float:
            probabilities = self.output.of_class_logits(factor * self.z + shift)
            return float(self.share @ ((probabilities * self.z).sum(axis=1) - wanted))

        return _root(slope)

    def shifted(self, factor: float, shift: NDArray[np.float64]) -> NDArray[np.float64]:
        """The shift that gives the probabilities of each class the sum that they should have."""
        wanted = self.share @ self.aims / self.share.sum()
        for _ in range(_ROUNDS):
            found = self.share @ self.output.of_class_logits(factor * self.z + shift) / self.share.sum()
            step = np.log(wanted / found)
            if self.output.target == MULTILABEL:
                step -= np.log((1 - wanted) / (1 - found))
            shift = shift + step
        return shift


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

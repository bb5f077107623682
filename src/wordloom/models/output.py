"""Output: what a model's logits mean. The one place that knows that one logit stands for two classes.

A text has one of C classes. Two classes have one logit, that of the second one; the first one's is 0. More
classes have a logit each. Networks compute logits (N, K) and leave the rest to this: probabilities,
predictions, losses and their slopes. Compiled kernels have the same loss in their own loops
(`kernels.pooled_head`, `kernels.linear`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST_PROBABILITY = 1e-15
"""Lower probabilities count as this in a mean log loss, so that one text cannot make it infinite."""


@dataclass(frozen=True)
class Output:
    """What the logits of texts with one of C classes mean.

    Parameters
    ----------
    n_classes : C, 2 or more
    """

    n_classes: int

    @staticmethod
    def of_logits(n_logits: int) -> Output:
        """The output that has K logits."""
        return Output(2 if n_logits == 1 else n_logits)

    @property
    def n_logits(self) -> int:
        """K: one for two classes, else C."""
        return 1 if self.n_classes == 2 else self.n_classes

    @property
    def activation(self) -> str:
        """What Keras calls the way from logits (N, K) to the probabilities of these K."""
        return "sigmoid" if self.n_logits == 1 else "softmax"

    def class_logits(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        """(N, C) from logits (N, K): a column for each class."""
        z = np.asarray(logits, dtype=np.float64)
        return np.concatenate([np.zeros_like(z), z], axis=1) if self.n_logits == 1 else z

    def logits_of(self, class_logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., K) from (..., C), the inverse of `class_logits`; what is the same for all classes is lost."""
        if self.n_logits == 1:
            return np.asarray(class_logits[..., 1:] - class_logits[..., :1])
        return np.asarray(class_logits - class_logits.mean(axis=-1, keepdims=True))

    def probabilities(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        """(N, C) from logits (N, K): sigmoid for K = 1, softmax else."""
        return softmax(self.class_logits(logits))

    def predicted(self, logits: NDArray[Any]) -> NDArray[np.int64]:
        """int64 (N,): the likeliest class, of equally likely ones the first."""
        return np.asarray(self.class_logits(logits).argmax(axis=1))

    def signed_logits(self, columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Which of the K logits speaks for the class `columns` (N,) of each text, and with which sign."""
        if self.n_logits == 1:
            return np.zeros_like(columns), np.where(columns == 1, 1.0, -1.0)
        return columns, np.ones(len(columns))

    def log_odds(self, logits: NDArray[Any], column: int) -> NDArray[np.float64]:
        """(N,): log p - log (1 - p) of the class `column`, exact where p rounds to 0 or 1."""
        z = np.asarray(logits, dtype=np.float64)
        if self.n_logits == 1:
            return z[:, 0] if column == 1 else -z[:, 0]
        others = np.delete(z, column, axis=1)
        highest = others.max(axis=1)
        return np.asarray(z[:, column] - highest - np.log(np.exp(others - highest[:, None]).sum(axis=1)))

    def losses_and_slopes(
        self, logits: NDArray[np.float64], targets: NDArray[np.int32]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The log loss of each text (N,), exact however large, and its derivatives by the logits (N, K)."""
        if self.n_logits == 1:
            right = targets == 1
            signed = np.where(right, logits[:, 0], -logits[:, 0])
            slopes = -np.exp(-np.logaddexp(0.0, signed)) * np.where(right, 1.0, -1.0)
            return np.logaddexp(0.0, -signed), slopes[:, None]
        logits = logits - logits.max(axis=1, keepdims=True)
        log_totals = np.log(np.exp(logits).sum(axis=1))
        rows = np.arange(len(logits))
        slopes = np.exp(logits - log_totals[:, None])
        slopes[rows, targets] -= 1.0
        return log_totals - logits[rows, targets], slopes

    def mean_scores(
        self, logits: NDArray[Any], targets: NDArray[np.int32], weights: NDArray[np.float64]
    ) -> tuple[float, float]:
        """Mean log loss, weighted (weights that are all 0 count alike), and accuracy, unweighted."""
        probabilities = self.probabilities(logits)
        accuracy = float((probabilities.argmax(axis=1) == targets).mean())
        losses = log_losses(probabilities, targets)
        return float(np.average(losses, weights=weights if weights.any() else None)), accuracy


class HasOutput:
    """What every network's shape knows of its output."""

    n_classes: int

    @property
    def output(self) -> Output:
        """What the logits mean."""
        return Output(self.n_classes)

    @property
    def n_logits(self) -> int:
        """K: one for two classes, else C."""
        return self.output.n_logits


def softmax(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, C) from logits (N, C): each row sums to 1."""
    odds = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def log_losses(probabilities: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.float64]:
    """(N,): -ln of the probability of each text's class, from probabilities (N, C)."""
    chosen = np.asarray(probabilities, dtype=np.float64)[np.arange(len(targets)), targets]
    return np.asarray(-np.log(np.maximum(chosen, SMALLEST_PROBABILITY)))

"""Output: what a model's logits mean. The one place that knows that one logit stands for two classes.

Networks compute logits (N, K) and leave the rest to this: probabilities, predictions, losses and their
slopes. Compiled kernels have the same loss in their own loops (`kernels.pooled_output`, `kernels.linear`).

- A single label: a text has one of C classes. Two classes have one logit, that of the second one; the first
  one's is 0. More classes have a logit each.
- Several labels: a text may have any of C labels. Each has a logit of its own, and a probability that does
  not depend on the others'.
- Grades: a text has a place on a scale from a lowest to a highest grade. Its one logit is that of the highest
  grade, and the probability of this is the place, from 0 to 1: what is learned is the mean of the grades
  (fractional logistic regression: L. Papke and J. Wooldridge, "Econometric methods for fractional response
  variables", Journal of Applied Econometrics 1996).

Targets are int (N,), the number of each text's class, for a single label. For the other two they are float32
(N, K) from 0 to 1: whether the text has the label, or its place on the scale.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.plain_values import check_choices, check_ranges
from wordloom.targets import GRADED, MULTILABEL, SINGLE, TARGETS

_LATER = {"target": SINGLE, "characters": None, "pooling": ""}
"""Fields of shapes that came later, and what stands for their playing no part."""
SMALLEST_PROBABILITY = 1e-15
"""Lower probabilities count as this in a mean log loss, so that one text cannot make it infinite."""


@dataclass(frozen=True)
class Output:
    """What the logits of texts mean.

    Parameters
    ----------
    n_classes : C, 2 or more classes, or 1 or more labels; of grades 2, the ends of the scale
    target : of TARGETS
    """

    n_classes: int
    target: str = SINGLE

    @staticmethod
    def of_logits(n_logits: int) -> Output:
        """The output for a single label that has K logits."""
        return Output(2 if n_logits == 1 else n_logits)

    @property
    def n_logits(self) -> int:
        """K: one for two classes and for grades, else C."""
        return 1 if self.n_classes == 2 and self.target != MULTILABEL else self.n_classes

    @property
    def independent(self) -> bool:
        """Whether each logit has a target of its own, from 0 to 1."""
        return self.target != SINGLE

    @property
    def activation(self) -> str:
        """What Keras calls the way from logits (N, K) to the probabilities of these K."""
        return "sigmoid" if self.n_logits == 1 or self.independent else "softmax"

    def class_logits(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        """(N, C) from logits (N, K): a column for each class."""
        z = np.asarray(logits, dtype=np.float64)
        one = self.n_logits == 1 and self.target != MULTILABEL
        return np.concatenate([np.zeros_like(z), z], axis=1) if one else z

    def logits_of(self, class_logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., K) from (..., C), the inverse of `class_logits`; what is the same for all classes is lost."""
        if self.target == MULTILABEL:
            return class_logits
        if self.n_logits == 1:
            return np.asarray(class_logits[..., 1:] - class_logits[..., :1])
        return np.asarray(class_logits - class_logits.mean(axis=-1, keepdims=True))

    def widened(self, weights: NDArray[Any], wider: Output, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Weights (..., K) as those of an output of more classes, NaN for a class that there was not.

        places : int64 (C,), the number that each class has in the wider output
        """
        if wider == self:
            return np.asarray(weights, dtype=np.float32)
        own = self.class_logits(weights.reshape(-1, self.n_logits))
        if self.n_logits < self.n_classes:
            own = own - own.mean(axis=1, keepdims=True)
        found = np.full((len(own), wider.n_logits), np.nan, dtype=np.float32)
        found[:, places] = own
        return found.reshape(*weights.shape[:-1], wider.n_logits)

    def probabilities(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        """(N, C) from logits (N, K): sigmoid for K = 1 and for several labels, softmax else.

        Rows sum to 1, but for several labels.
        """
        return self.of_class_logits(self.class_logits(logits))

    def of_class_logits(self, class_logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probabilities (N, C) from what `class_logits` gives."""
        return sigmoid(class_logits) if self.target == MULTILABEL else softmax(class_logits)

    def aims(self, targets: NDArray[Any]) -> NDArray[np.float64]:
        """(N, C): what the probabilities should be."""
        if self.target == MULTILABEL:
            return np.asarray(targets, dtype=np.float64)
        if self.target == GRADED:
            places = np.asarray(targets, dtype=np.float64)
            return np.concatenate([1 - places, places], axis=1)
        aims = np.zeros((len(targets), self.n_classes))
        aims[np.arange(len(targets)), targets] = 1.0
        return aims

    def losses(self, class_logits: NDArray[np.float64], aims: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log loss of each text (N,) from class logits (N, C) and `aims` (N, C)."""
        if self.target == MULTILABEL:
            return np.asarray((np.logaddexp(0.0, class_logits) - aims * class_logits).sum(axis=1))
        highest = class_logits.max(axis=1)
        totals = highest + np.log(np.exp(class_logits - highest[:, None]).sum(axis=1))
        return np.asarray(totals - (aims * class_logits).sum(axis=1))

    def predicted(self, logits: NDArray[Any]) -> NDArray[np.int64]:
        """int64 (N,): the likeliest class, of equally likely ones the first."""
        return np.asarray(self.class_logits(logits).argmax(axis=1))

    def signed_logits(self, columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Which of the K logits speaks for the class `columns` (N,) of each text, and with which sign."""
        if self.n_logits < self.n_classes:
            return np.zeros_like(columns), np.where(columns == 1, 1.0, -1.0)
        return columns, np.ones(len(columns))

    def log_odds(self, logits: NDArray[Any], column: int) -> NDArray[np.float64]:
        """(N,): log p - log (1 - p) of the class `column`, exact where p rounds to 0 or 1."""
        z = np.asarray(logits, dtype=np.float64)
        if self.target == MULTILABEL:
            return z[:, column]
        if self.n_logits == 1:
            return z[:, 0] if column == 1 else -z[:, 0]
        others = np.delete(z, column, axis=1)
        highest = others.max(axis=1)
        return np.asarray(z[:, column] - highest - np.log(np.exp(others - highest[:, None]).sum(axis=1)))

    def losses_and_slopes(
        self, logits: NDArray[np.float64], targets: NDArray[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The log loss of each text (N,), exact however large, and its derivatives by the logits (N, K).

        Those of several labels are added up.
        """
        if self.independent:
            losses = np.logaddexp(0.0, logits) - targets * logits
            return losses.sum(axis=1), sigmoid(logits) - targets
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

    def right(self, logits: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.float64]:
        """(N,): whether the likeliest class is the true one; else the share of logits on their side of 0."""
        if self.independent:
            same: NDArray[np.bool_] = (logits > 0) == (targets >= 0.5)
            return np.asarray(same.mean(axis=1))
        return np.asarray(self.predicted(logits) == targets, dtype=np.float64)

    def _of_true_class(self, logits: NDArray[np.float64], targets: NDArray[Any]) -> NDArray[np.float64]:
        """(N,): what `probabilities` has of each text's class, without what it has of all others."""
        if self.n_logits == 1:
            z = logits[:, 0]
            highest = np.maximum(z, 0.0)
            first, second = np.exp(-highest), np.exp(z - highest)
            return np.asarray(np.where(targets == 1, second, first) / (first + second))
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds[np.arange(len(targets)), targets] / odds.sum(axis=1))

    def mean_scores(
        self, logits: NDArray[Any], targets: NDArray[Any], weights: NDArray[np.float64]
    ) -> tuple[float, float]:
        """Mean log loss, weighted (weights that are all 0 count alike), and accuracy, unweighted.

        For several labels and for grades both are means over the logits too: the loss is Keras'
        binary cross-entropy, the accuracy its binary accuracy, the share of logits on the right side of 0.
        """
        accuracy = float(self.right(logits, targets).mean())
        if self.independent:
            losses = self.losses_and_slopes(np.asarray(logits, dtype=np.float64), targets)[0] / self.n_logits
        else:
            losses = _losses_of(self._of_true_class(np.asarray(logits, dtype=np.float64), targets))
        return float(np.average(losses, weights=weights if weights.any() else None)), accuracy


class HasOutput:
    """What every network's shape knows of its output."""

    n_classes: int
    target: str

    @property
    def output(self) -> Output:
        """What the logits mean."""
        return Output(self.n_classes, self.target)

    @property
    def n_logits(self) -> int:
        """K, see `Output.n_logits`."""
        return self.output.n_logits

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON, in which earlier versions find nothing that they do not know.

        What they did not have is left out where it plays no part.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return {
            name: value.to_config() if isinstance(value, HasOutput) else value
            for name, value in values.items()
            if name not in _LATER or value != _LATER[name]
        }

    def check_output(self) -> None:
        """DataError for a target or a number of classes that has no meaning."""
        check_choices(self, target=TARGETS)
        check_ranges(self, n_classes=(1 if self.target == MULTILABEL else 2, 2**31))


def softmax(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, C) from logits (N, C): each row sums to 1."""
    odds = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def sigmoid(z: NDArray[Any]) -> NDArray[np.float64]:
    """1 / (1 + exp(-z)) of every number, in float64 and without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -np.asarray(z, dtype=np.float64))))


def logit(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log-odds of probabilities above 0 and below 1: the inverse of `sigmoid`."""
    return np.asarray(np.log(p) - np.log1p(-p))


def log_losses(probabilities: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.float64]:
    """(N,): -ln of the probability of each text's class, from probabilities (N, C)."""
    return _losses_of(np.asarray(probabilities, dtype=np.float64)[np.arange(len(targets)), targets])


def _losses_of(chosen: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-np.log(np.maximum(chosen, SMALLEST_PROBABILITY)))

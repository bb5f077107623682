"""Scores: how well probabilities fit the true classes of N documents.

It knows nothing of texts or models. The confusion matrix, the log loss and how sure each document was are
kept; everything else follows from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.evaluation.calibration import Confidence, confidence_of
from wordloom.evaluation.intervals import wilson_interval
from wordloom.labels import Label, checked_labels
from wordloom.models.output import log_losses

MOST_LABELS_RECORDED = 50
"""A model's record keeps the confusion matrix of so many labels at most: a large one outgrows the model."""
NO_CLASS = -1
"""The target of a document whose label is not among the classes."""
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False, repr=False)
class Scores:
    """What `score` measured.

    A share whose denominator is 0 is 0.0, as with scikit-learn's `zero_division=0`: the precision of a
    class never predicted, the recall of a class without documents.

    Parameters
    ----------
    labels : the C labels
    confusion : counts, int64 (C, C), read-only; row = true class, column = predicted class
    log_loss : mean of -ln(probability of the true class), in nats
    confidence : how sure the probabilities were of each document, and whether they were right
    unknown : int64 (C,), how many documents whose label is none of the C were predicted as each class. They
        are wrong whatever is predicted: accuracy, precision and calibration count them, the log loss does not
    """

    labels: tuple[Label, ...]
    confusion: NDArray[np.int64]
    log_loss: float
    confidence: Confidence
    unknown: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, dtype=np.int64))

    @property
    def n(self) -> int:
        """N, the number of documents."""
        return int(self.confusion.sum() + self.unknown.sum())

    @property
    def _predicted(self) -> NDArray[np.int64]:
        """Documents predicted as each class, (C,)."""
        return np.asarray(self.confusion.sum(axis=0) + self.unknown)

    @property
    def accuracy(self) -> float:
        """Share of documents whose most probable class is the true one."""
        return int(np.trace(self.confusion)) / self.n

    @property
    def accuracy_interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy; see `wilson_interval`."""
        return wilson_interval(int(np.trace(self.confusion)), self.n)

    @property
    def support(self) -> NDArray[np.int64]:
        """Documents that are of each class, (C,)."""
        return np.asarray(self.confusion.sum(axis=1))

    @property
    def precision(self) -> NDArray[np.float64]:
        """Of the documents predicted as each class, the share that is of it, (C,)."""
        return shares(np.diag(self.confusion), self._predicted)

    @property
    def recall(self) -> NDArray[np.float64]:
        """Of the documents of each class, the share predicted as it, (C,)."""
        return shares(np.diag(self.confusion), self.support)

    @property
    def f1(self) -> NDArray[np.float64]:
        """Harmonic mean of precision and recall of each class, (C,)."""
        return f1_of(np.diag(self.confusion), self.support, self._predicted)

    @property
    def macro_f1(self) -> float:
        """Mean of `f1` over all C classes, those without documents included."""
        return float(self.f1.mean())

    def __repr__(self) -> str:
        return (
            f"<Scores on {self.n:,} texts: accuracy {self.accuracy:.4f}, macro F1 {self.macro_f1:.4f}, "
            f"log loss {self.log_loss:.4f}>"
        )

    @property
    def rare(self) -> list[tuple[Label, int]]:
        """The labels with less than half of an equal share of the documents, and how many each has.

        The rarest stands first; labels without documents are left out.
        """
        counts = self.support
        there = counts > 0
        few = np.flatnonzero(there & (2 * counts * int(there.sum()) < self.n))
        return [(self.labels[i], int(counts[i])) for i in few[np.argsort(counts[few], kind="stable")]]

    def most_confused(self, n: int) -> list[tuple[int, int, int]]:
        """The n most frequent mistakes or fewer: true class, predicted class, and how many documents."""
        wrong = self.confusion * (1 - np.eye(len(self.labels), dtype=np.int64))
        places = np.argsort(-wrong, axis=None, kind="stable")[:n]
        pairs = zip(*(axis.tolist() for axis in np.unravel_index(places, wrong.shape)), strict=True)
        return [(true, taken, int(wrong[true, taken])) for true, taken in pairs if wrong[true, taken]]

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        names = ("label", "precision", "recall", "f1", "support")
        shares = (self.precision.tolist(), self.recall.tolist(), self.f1.tolist())
        rows = zip(self.labels, *shares, self.support.tolist(), strict=True)
        unknown = int(self.unknown.sum())
        return {
            "accuracy": self.accuracy,
            "accuracy_interval": list(self.accuracy_interval),
            "macro_f1": self.macro_f1,
            "log_loss": self.log_loss,
            "n": self.n,
            "labels": list(self.labels),
            "confusion": self.confusion.tolist(),
            "per_class": [dict(zip(names, row, strict=True)) for row in rows],
            "calibration": self.confidence.to_config(),
            **({"unknown_labels": unknown} if unknown else {}),
        }


def score(
    probabilities: NDArray[Any], targets: NDArray[Any], labels: Sequence[Any], with_unknown: bool = False
) -> Scores:
    """Score N documents.

    The predicted class is the most probable one; of equal ones the first. In the log loss, probabilities
    below 1e-15 count as 1e-15.

    Parameters
    ----------
    probabilities : (N, C), each row sums to 1
    targets : int (N,), the true class of each document, 0 to C - 1
    labels : the C labels, in the order of the columns
    with_unknown : whether a target may be NO_CLASS, for a document whose label is none of the C

    Raises
    ------
    DataError : no documents, shapes that do not fit together, and, naming the first such row (from 0), a
        target that is no class and what are no probabilities (NaN, negative, sum not 1)
    """
    names = checked_labels(labels)
    p, true = np.asarray(probabilities, dtype=np.float64), np.asarray(targets)
    _check(p, true, len(names), NO_CLASS if with_unknown else 0)
    classes, known = p.shape[1], np.flatnonzero(true != NO_CLASS)
    predicted = p.argmax(axis=1)
    confusion = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(confusion, (true[known], predicted[known]), 1)
    confusion.setflags(write=False)
    log_loss = max(float(log_losses(p[known], true[known]).mean()), 0.0)
    unknown = np.bincount(predicted[true == NO_CLASS], minlength=classes)
    return Scores(tuple(names), confusion, log_loss, confidence_of(p, true), unknown)


def class_f1(predicted: NDArray[Any], targets: NDArray[Any], n_classes: int) -> NDArray[np.float64]:
    """The F1 of each class, (C,), from predicted and true classes, int (N,); a target may be NO_CLASS."""
    hits, support, guesses = (
        np.bincount(classes, minlength=n_classes)
        for classes in (targets[predicted == targets], targets[targets != NO_CLASS], predicted)
    )
    return f1_of(hits, support, guesses)


def f1_of(
    hits: NDArray[np.int64], support: NDArray[np.int64], guesses: NDArray[np.int64]
) -> NDArray[np.float64]:
    """F1 of classes from right answers, documents of each, and answers; 0 where there are neither."""
    return shares(2 * hits, support + guesses)


def _check(p: NDArray[np.float64], true: NDArray[Any], classes: int, lowest: int) -> None:
    if p.ndim != 2 or true.shape != p.shape[:1] or p.shape[1] != classes:
        raise DataError(
            f"{classes} labels, probabilities of the shape {p.shape} and targets of the shape "
            f"{true.shape} do not fit together; (N, C) and (N,) expected for C labels."
        )
    if not len(true) or not classes:
        raise DataError("no documents to score; at least one labelled document is needed.")
    if true.dtype.kind not in "iu":
        raise DataError(f"targets must be class numbers (integers), not {true.dtype}.")
    outside = np.flatnonzero((true < lowest) | (true >= classes))
    if len(outside):
        row = int(outside[0])
        raise DataError(f"row {row}: target {int(true[row])} is no class; expected 0 to {classes - 1}.")
    if (true == NO_CLASS).all():
        raise DataError("no document has a label that is one of the classes, so there is nothing to score.")
    # Written so that NaN, which compares as false, is found too.
    good = (p >= 0).all(axis=1) & (np.abs(p.sum(axis=1) - 1) <= _SUM_TOLERANCE)
    if not good.all():
        row = int(np.argmin(good))
        raise DataError(
            f"row {row}: {np.array2string(p[row], threshold=6, precision=4)} are not probabilities "
            "(none negative, sum 1). If they are NaN, training diverged: lower the learning rate."
        )


def shares(parts: NDArray[Any], wholes: NDArray[Any]) -> NDArray[np.float64]:
    """The parts (C,) divided by the wholes (C,); 0 where a whole is 0."""
    return np.asarray(np.divide(parts, wholes, out=np.zeros(len(wholes)), where=wholes > 0))

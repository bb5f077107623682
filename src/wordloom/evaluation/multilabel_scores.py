"""Scores where texts have several labels: how well probabilities and thresholds fit the labels of N texts.

It knows nothing of texts or models. What is kept is counts of each label and sums over texts; everything else
follows from them. For one label a text see `scores`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.evaluation.intervals import ratio_interval
from wordloom.evaluation.scores import f1_of, shares
from wordloom.evaluation.thresholds import reached
from wordloom.labels import Label, checked_labels
from wordloom.models.output import SMALLEST_PROBABILITY
from wordloom.targets import HALF

AT = (1, 3, 5)
"""The numbers k for which precision and recall at k are measured."""


@dataclass(frozen=True)
class AtK:
    """Precision and recall of the k likeliest labels of each text, as fastText's `test` gives them.

    Only texts that have a label count, and only labels whose probability reaches `threshold`.

    Source: https://fasttext.cc/docs/en/supervised-tutorial.html (P@1, R@1), `Meter` in its `meter.cc`

    Parameters
    ----------
    k : how many labels at most
    threshold : the least probability of a label
    hits : how many of the labels given are right
    given : how many labels were given
    gold : how many labels the texts have
    """

    k: int
    threshold: float
    hits: int
    given: int
    gold: int

    @property
    def precision(self) -> float:
        """The share of the labels given that are right; 0 if none were given."""
        return self.hits / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        """The share of the texts' labels that were given; 0 if there are none."""
        return self.hits / self.gold if self.gold else 0.0


@dataclass(frozen=True, eq=False, repr=False)
class MultilabelScores:
    """What `score_multilabel` measured.

    A share whose denominator is 0 is 0.0, as with scikit-learn's `zero_division=0`.

    Parameters
    ----------
    labels : the C labels
    thresholds : float64 (C,), from which probability on a text was given each label
    n : N, the number of texts
    hits : int64 (C,), how many texts were given each label rightly
    guesses : int64 (C,), how many were given it
    support : int64 (C,), how many have it
    subset_accuracy : share of the texts whose labels are all right, and none missing
    hamming_loss : share of the N x C decisions that are wrong
    ranking_precision : label ranking average precision, as scikit-learn's
    log_loss : mean over texts and labels of -ln(probability of what is true), in nats
    at_k : precision and recall at k
    micro_f1_interval : the 95 % interval of `micro_f1`, see `ratio_interval`
    unknown : how many labels of the texts are none of the C: they are missed, whatever is given
    """

    labels: tuple[Label, ...]
    thresholds: NDArray[np.float64]
    n: int
    hits: NDArray[np.int64]
    guesses: NDArray[np.int64]
    support: NDArray[np.int64]
    subset_accuracy: float
    hamming_loss: float
    ranking_precision: float
    log_loss: float
    at_k: tuple[AtK, ...]
    micro_f1_interval: tuple[float, float]
    unknown: int = 0

    @property
    def precision(self) -> NDArray[np.float64]:
        """Of the texts given each label, the share that has it, (C,)."""
        return shares(self.hits, self.guesses)

    @property
    def recall(self) -> NDArray[np.float64]:
        """Of the texts with each label, the share that was given it, (C,)."""
        return shares(self.hits, self.support)

    @property
    def f1(self) -> NDArray[np.float64]:
        """Harmonic mean of precision and recall of each label, (C,)."""
        return f1_of(self.hits, self.support, self.guesses)

    @property
    def macro_f1(self) -> float:
        """Mean of `f1` over all C labels, those that no text has included."""
        return float(self.f1.mean())

    @property
    def micro_precision(self) -> float:
        """Of all labels given, the share that is right."""
        return _share(self.hits.sum(), self.guesses.sum())

    @property
    def micro_recall(self) -> float:
        """Of all labels of the texts, the share that was given."""
        return _share(self.hits.sum(), self.support.sum() + self.unknown)

    @property
    def micro_f1(self) -> float:
        """Harmonic mean of `micro_precision` and `micro_recall`."""
        return _share(2 * self.hits.sum(), self.guesses.sum() + self.support.sum() + self.unknown)

    def __repr__(self) -> str:
        return (
            f"<MultilabelScores on {self.n:,} texts: micro F1 {self.micro_f1:.4f}, macro F1 "
            f"{self.macro_f1:.4f}, log loss {self.log_loss:.4f}>"
        )

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        names = ("label", "threshold", "precision", "recall", "f1", "support", "given")
        columns = (self.thresholds, self.precision, self.recall, self.f1, self.support, self.guesses)
        rows = zip(self.labels, *(column.tolist() for column in columns), strict=True)
        return {
            "micro_f1": self.micro_f1,
            "micro_f1_interval": list(self.micro_f1_interval),
            "macro_f1": self.macro_f1,
            "micro_precision": self.micro_precision,
            "micro_recall": self.micro_recall,
            "subset_accuracy": self.subset_accuracy,
            "hamming_loss": self.hamming_loss,
            "ranking_precision": self.ranking_precision,
            "log_loss": self.log_loss,
            "at_k": [
                {"k": at.k, "threshold": at.threshold, "precision": at.precision, "recall": at.recall}
                for at in self.at_k
            ],
            "n": self.n,
            "labels": list(self.labels),
            "per_label": [dict(zip(names, row, strict=True)) for row in rows],
            **({"unknown_labels": self.unknown} if self.unknown else {}),
        }


def score_multilabel(
    probabilities: NDArray[Any],
    indicators: NDArray[Any],
    labels: Sequence[Any],
    thresholds: NDArray[Any] | float = HALF,
    unknown: NDArray[Any] | None = None,
) -> MultilabelScores:
    """Score N texts that may have several labels.

    In the log loss, probabilities below 1e-15 count as 1e-15.

    Parameters
    ----------
    probabilities : (N, C), of each label by itself
    indicators : bool (N, C), the labels that each text has
    labels : the C labels, in the order of the columns
    thresholds : (C,), or one for all; a text is given the labels whose probability is it or more
    unknown : int (N,), how many labels each text has that are none of the C; None for none

    Raises
    ------
    DataError : no texts, shapes that do not fit together, and, naming the first such row (from 0), what are
        no probabilities
    """
    names = tuple(checked_labels(labels))
    p, true = np.asarray(probabilities, dtype=np.float64), np.asarray(indicators, dtype=bool)
    _check(p, true, len(names))
    more = np.zeros(len(p), dtype=np.int64) if unknown is None else np.asarray(unknown, dtype=np.int64)
    limits = np.broadcast_to(np.asarray(thresholds, dtype=np.float64), len(names)).copy()
    given = reached(p, limits)
    losses = set_losses(p, true)
    wrong = given != true
    ks = dict.fromkeys(min(k, len(names)) for k in AT)
    return MultilabelScores(
        names,
        limits,
        len(p),
        (given & true).sum(axis=0),
        given.sum(axis=0),
        true.sum(axis=0),
        float((~wrong.any(axis=1) & (more == 0)).mean()),
        float(wrong.mean()),
        float(ranking_precisions(p, true).mean()),
        float(losses.mean()),
        tuple(at_k(p, true, k, unknown=more) for k in ks),
        _micro_f1_interval(given, true, more),
        int(more.sum()),
    )


def set_losses(probabilities: NDArray[Any], indicators: NDArray[np.bool_]) -> NDArray[np.float64]:
    """float64 (N, C): -ln(probability of what is true) of each text and label, in nats."""
    p = np.asarray(probabilities, dtype=np.float64)
    return np.asarray(-np.log(np.maximum(np.where(indicators, p, 1 - p), SMALLEST_PROBABILITY)))


def _micro_f1_interval(
    given: NDArray[np.bool_], true: NDArray[np.bool_], unknown: NDArray[np.int64]
) -> tuple[float, float]:
    hits, either = (given & true).sum(axis=1), given.sum(axis=1) + true.sum(axis=1) + unknown
    if not either.any():
        return 0.0, 0.0
    low, high = ratio_interval(2 * hits, either)
    return max(low, 0.0), min(high, 1.0)


def at_k(
    probabilities: NDArray[Any],
    indicators: NDArray[np.bool_],
    k: int,
    threshold: float = 0.0,
    unknown: NDArray[np.int64] | None = None,
) -> AtK:
    """Precision and recall of the k likeliest labels; of equally likely ones the first come first.

    Parameters as in `score_multilabel`, and those of `AtK`.
    """
    p = np.asarray(probabilities)
    gold = indicators.sum(axis=1) + (0 if unknown is None else unknown)
    rows = np.flatnonzero(gold)
    likeliest = np.argsort(-p[rows], axis=1, kind="stable")[:, :k]
    given = np.take_along_axis(p[rows], likeliest, axis=1) >= threshold
    right = np.take_along_axis(indicators[rows], likeliest, axis=1) & given
    return AtK(k, threshold, int(right.sum()), int(given.sum()), int(gold.sum()))


def ranking_precisions(probabilities: NDArray[Any], indicators: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N,): the mean, over a text's labels, of the share of its labels among those as likely or likelier.

    1 for a text that has no label, or all of them. The mean is label ranking average precision.

    Source: scikit-learn, `label_ranking_average_precision_score`
    """
    p = np.asarray(probabilities, dtype=np.float64)
    order = np.argsort(-p, axis=1, kind="stable")
    falling = np.take_along_axis(p, order, axis=1)
    true = np.take_along_axis(np.asarray(indicators, dtype=bool), order, axis=1)
    n, labels = p.shape
    # equally likely labels have the rank of the last of them
    ends = np.full((n, labels), labels - 1)
    ends[:, :-1] = np.where(falling[:, :-1] != falling[:, 1:], np.arange(labels - 1), labels - 1)
    ends = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    found = np.take_along_axis(np.cumsum(true, axis=1), ends, axis=1) / (ends + 1)
    has = true.sum(axis=1)
    means = (found * true).sum(axis=1) / np.maximum(has, 1)
    return np.where((has == 0) | (has == labels), 1.0, means)


def _check(p: NDArray[np.float64], true: NDArray[np.bool_], labels: int) -> None:
    if p.ndim != 2 or true.shape != p.shape or p.shape[1] != labels:
        raise DataError(
            f"{labels} labels, probabilities of the shape {p.shape} and indicators of the shape {true.shape} "
            "do not fit together; (N, C) expected of both, for C labels."
        )
    if not p.size:
        raise DataError("no documents to score; at least one labelled document is needed.")
    good = ((p >= 0) & (p <= 1)).all(axis=1)
    if not good.all():
        row = int(np.argmin(good))
        raise DataError(
            f"row {row}: {np.array2string(p[row], threshold=6, precision=4)} are not probabilities "
            "(from 0 to 1). If they are NaN, training diverged: lower the learning rate."
        )


def _share(part: Any, whole: Any) -> float:
    return float(part / whole) if whole else 0.0

"""Doubts: how improbable the labels that texts have are, where they have several, or a grade.

All of it is by answers of models that have not learned from the texts. For one label a text see `suspects`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.models.output import logit, sigmoid
from wordloom.targets import HALF

FAR = 2.0
"""From how many usual errors on a grade is doubtful."""
_SMALLEST = 1e-12
_TEXTS_OF_RANGE, _MOST_RANGES = 100, 20
_TO_DEVIATION = 1.2533  # of a normal distribution, over its mean absolute deviation


@dataclass(frozen=True, eq=False)
class SetDoubts:
    """How much speaks against the labels of N texts, and for those that they do not have.

    Parameters
    ----------
    doubtful : bool (N, C): whether the answer is the other one, and as sure as it is of texts that have it
    surprise : float64 (N, C), the log-odds that a text lacks a label wrongly, or has it wrongly, if equally
        many labels are missing as are wrong, and wrong ones are as frequent as right ones
    """

    doubtful: NDArray[np.bool_]
    surprise: NDArray[np.float64]

    @staticmethod
    def of(probabilities: NDArray[np.float64], indicators: NDArray[np.bool_]) -> SetDoubts:
        """Those of the probabilities (N, C) of labels, and which of them each text has, bool (N, C).

        Source of the threshold: C. Northcutt, L. Jiang, I. Chuang, "Confident learning", JAIR 70 (2021), for
        each label by itself.
        """
        p = np.clip(np.asarray(probabilities, dtype=np.float64), _SMALLEST, 1 - _SMALLEST)
        has = np.asarray(indicators, dtype=bool)
        odds, share = logit(p), np.clip(has.mean(axis=0), _SMALLEST, 1 - _SMALLEST)
        with_label = _means(p, has)
        without = _means(1 - p, ~has)
        doubtful = np.where(has, (p < HALF) & (1 - p >= without), (p > HALF) & (p >= with_label))
        return SetDoubts(doubtful, np.where(has, logit(share) - odds, odds))

    def ranked(self) -> NDArray[np.int64]:
        """The texts with a doubtful label or probably without one of theirs, the most doubtful first."""
        highest = np.where(self.doubtful, self.surprise, -np.inf).max(axis=1)
        order = np.argsort(-highest, kind="stable")
        return np.asarray(order[self.doubtful[order].any(axis=1)])

    def weights(self) -> NDArray[np.float64]:
        """float64 (N,): how much is left of a text's labels: 1 where none is doubtful."""
        highest = np.where(self.doubtful, self.surprise, -np.inf).max(axis=1)
        return sigmoid(-highest)


def _means(values: NDArray[np.float64], among: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(C,): the mean of each column over the rows that are asked for; 1 for none."""
    counts, found = among.sum(axis=0), np.ones(values.shape[1])
    np.divide((values * among).sum(axis=0), counts, out=found, where=counts > 0)
    return np.asarray(found)


@dataclass(frozen=True, eq=False)
class GradeDoubts:
    """How far the grades of N texts are from what they probably are.

    Parameters
    ----------
    surprise : float64 (N,), in usual errors of similar predictions
    """

    surprise: NDArray[np.float64]

    @staticmethod
    def of(predicted: NDArray[np.float64], grades: NDArray[np.float64]) -> GradeDoubts:
        """Those of predictions and grades, (N,) each.

        Texts with similar predictions are compared: what is usual among them is no surprise, as high grades
        where predictions stay below the highest.
        """
        errors = np.asarray(grades, dtype=np.float64) - predicted
        ranges = max(min(len(errors) // _TEXTS_OF_RANGE, _MOST_RANGES), 1)
        order = np.argsort(predicted, kind="stable")
        surprise = np.zeros(len(errors))
        least = _SMALLEST + _spread(errors) / 10
        for rows in np.array_split(order, ranges):
            own = errors[rows] - np.median(errors[rows])
            surprise[rows] = np.abs(own) / max(_spread(own), least)
        return GradeDoubts(surprise)

    def ranked(self) -> NDArray[np.int64]:
        """The texts whose grade is doubtful, the farthest first."""
        order = np.argsort(-self.surprise, kind="stable")
        return np.asarray(order[self.surprise[order] >= FAR])

    def weights(self) -> NDArray[np.float64]:
        """float64 (N,): how much is left of a text's grade: 1 where it is not doubtful, less farther away."""
        return np.minimum(FAR / np.maximum(self.surprise, FAR), 1.0) ** 2


def _spread(errors: NDArray[np.float64]) -> float:
    return _TO_DEVIATION * float(np.abs(errors - np.median(errors)).mean()) if len(errors) else 0.0

"""Scores where texts have grades: how well predicted numbers fit the grades of N texts.

It knows nothing of texts or models. For labels see `scores` and `multilabel_scores`.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.evaluation.intervals import ratio_interval


@dataclass(frozen=True, repr=False)
class GradeScores:
    """What `score_grades` measured.

    Parameters
    ----------
    n : N, the number of texts
    spearman : the rank correlation of predictions and grades
    spearman_interval : its 95 % interval, see `rank_correlation_interval`
    pearson : their linear correlation
    pearson_interval : its 95 % interval
    mae : mean absolute error, on the grades' scale
    mae_interval : its 95 % interval, see `ratio_interval`
    rmse : root of the mean squared error
    cut : the grade from which on a text counts as a good one in `auc`
    auc : the chance that a good text has a higher prediction than another one; None if all are good, or none
    """

    n: int
    spearman: float
    spearman_interval: tuple[float, float]
    pearson: float
    pearson_interval: tuple[float, float]
    mae: float
    mae_interval: tuple[float, float]
    rmse: float
    cut: float
    auc: float | None

    def __repr__(self) -> str:
        return (
            f"<GradeScores on {self.n:,} texts: Spearman {self.spearman:.4f}, Pearson {self.pearson:.4f}, "
            f"MAE {self.mae:.4f}>"
        )

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        values = asdict(self).items()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


def score_grades(predicted: NDArray[Any], grades: NDArray[Any], cut: float | None = None) -> GradeScores:
    """Score N texts with grades.

    A correlation with what does not vary is 0.

    Parameters
    ----------
    predicted, grades : (N,)
    cut : see `GradeScores`; None for the middle between the lowest and the highest grade

    Raises
    ------
    DataError : no texts, shapes that do not fit together, and, naming the first such row (from 0), what is no
        finite number
    """
    found, true = (np.asarray(values, dtype=np.float64) for values in (predicted, grades))
    _check(found, true)
    if cut is None:
        cut = float(true.min() + (true.max() - true.min()) / 2)
    good, errors = true >= cut, np.abs(found - true)
    ranks = average_ranks(found)
    spearman, pearson = correlation(ranks, average_ranks(true)), correlation(found, true)
    low, high = ratio_interval(errors, np.ones(len(errors)))
    return GradeScores(
        len(true),
        spearman,
        rank_correlation_interval(spearman, len(true)),
        pearson,
        correlation_interval(pearson, len(true)),
        float(errors.mean()),
        (max(low, 0.0), high),
        float(np.sqrt(np.square(errors / (errors.max() or 1.0)).mean()) * errors.max()),
        float(cut),
        _auc(ranks, good) if good.any() and not good.all() else None,
    )


def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Pearson's correlation of two (N,); 0 if one of them does not vary."""
    a, b = (values - values.mean() for values in (a, b))
    a, b = (values / (np.abs(values).max() or 1.0) for values in (a, b))  # no square is too large or small
    length = math.sqrt(float(a @ a) * float(b @ b))
    return min(max(float(a @ b) / length, -1.0), 1.0) if length else 0.0


def average_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,): ranks from 1; equal values have the mean of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[group])


def rank_correlation_interval(correlation: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of a rank correlation over n texts; from -1 to 1 for fewer than 4.

    Source: E. C. Fieller, H. O. Hartley, E. S. Pearson, "Tests for rank correlation coefficients", Biometrika
    44 (1957): Fisher's transformation, with a variance of 1.06 / (n - 3).
    """
    return correlation_interval(correlation, n, 1.06, confidence)


def correlation_interval(
    correlation: float, n: int, variance: float = 1.0, confidence: float = 0.95
) -> tuple[float, float]:
    """The interval of a correlation over n texts; from -1 to 1 for fewer than 4.

    variance : of its Fisher transformation, as a multiple of 1 / (n - 3)

    Source: R. A. Fisher, "On the probable error of a coefficient of correlation", Metron 1 (1921)
    """
    if n < 4:
        return -1.0, 1.0
    if abs(correlation) == 1.0:
        return correlation, correlation
    half = statistics.NormalDist().inv_cdf(0.5 + confidence / 2) * math.sqrt(variance / (n - 3))
    middle = math.atanh(correlation)
    return math.tanh(middle - half), math.tanh(middle + half)


def _auc(ranks: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    n_good = int(good.sum())
    above = float(ranks[good].sum()) - n_good * (n_good + 1) / 2
    return above / (n_good * (len(good) - n_good))


def _check(found: NDArray[np.float64], true: NDArray[np.float64]) -> None:
    if found.ndim != 1 or found.shape != true.shape:
        raise DataError(
            f"predictions of the shape {found.shape} and grades of the shape {true.shape} do not fit "
            "together; (N,) expected of both."
        )
    if not len(true):
        raise DataError("no documents to score; at least one graded document is needed.")
    for what, values in (("prediction", found), ("grade", true)):
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            raise DataError(f"row {int(wrong[0])}: the {what} {values[wrong[0]]} is no finite number.")

"""Paired tests: is one classifier better than another on the same documents, or is it chance?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError


@dataclass(frozen=True)
class McNemar:
    """What `mcnemar` found.

    Parameters
    ----------
    both_right, only_a_right, only_b_right, neither_right : counts; together N
    p_value : mid-p, two-sided; the one to report
    p_value_exact : exact conditional, two-sided; never too small, but often larger than it need be
    """

    both_right: int
    only_a_right: int
    only_b_right: int
    neither_right: int
    p_value: float
    p_value_exact: float


def mcnemar(right_a: NDArray[Any], right_b: NDArray[Any]) -> McNemar:
    """McNemar's test of two classifiers A and B on the same N documents.

    right_a, right_b : bool (N,), whether A and B got each document right

    A small p-value says that a difference like this would be rare if both were equally good. Only the m
    documents that exactly one of them got right count. If both are equally good, the number X of those
    that fall to A is binomial (m, 1/2). With b the smaller of the two counts

        exact   p = 2 P(X <= b), or 1 if both counts are equal
        mid-p   p = exact p - P(X = b), or 1 - P(X = b) / 2 if both counts are equal

    and with m = 0, where nothing was observed, both are 1. Raises DataError for no documents, unequal
    lengths, or arrays that are not of bool.

    Sources: Q. McNemar, Psychometrika 12 (1947); M. W. Fagerland, S. Lydersen, P. Laake, "The McNemar
    test for binary matched-pairs data: mid-p and asymptotic are better than exact conditional", BMC
    Medical Research Methodology 13:91 (2013).
    """
    a, b = _checked(right_a, "A"), _checked(right_b, "B")
    if len(a) != len(b):
        raise DataError(f"A has {len(a):,} documents, B {len(b):,}; both need the same ones.")
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    p_value, exact = _p_values(only_a, only_b)
    return McNemar(int((a & b).sum()), only_a, only_b, int((~a & ~b).sum()), p_value, exact)


def _checked(right: NDArray[Any], name: str) -> NDArray[np.bool_]:
    checked = np.asarray(right)
    if checked.ndim != 1 or not len(checked):
        raise DataError(f"{name} has the shape {checked.shape}; one or more documents expected.")
    if checked.dtype != np.bool_:
        raise DataError(
            f"{name} must say of each document whether it was right (bool), not {checked.dtype}; "
            "compare predictions with labels first: predicted == true."
        )
    return checked


def _p_values(only_a: int, only_b: int) -> tuple[float, float]:
    """(mid-p, exact) from the two counts of documents that one classifier alone got right."""
    fewer, m = min(only_a, only_b), only_a + only_b
    if m == 0:
        return 1.0, 1.0
    log_ways = math.lgamma(m + 1) - math.lgamma(fewer + 1) - math.lgamma(m - fewer + 1)
    point = math.exp(log_ways - m * math.log(2))
    if only_a == only_b:
        return 1 - point / 2, 1.0
    # P(X = k - 1) / P(X = k) = k / (m - k + 1): the tail follows from its largest term.
    k = np.arange(fewer, 0, -1, dtype=np.float64)
    tail = point * (1 + float(np.cumprod(k / (m - k + 1)).sum()))
    exact = min(2 * tail, 1.0)
    return exact - point, exact

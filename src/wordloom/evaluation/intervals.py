"""How sure a figure is: confidence intervals of a share, spread over seeds or draws."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError


def wilson_interval(right: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval (low, high) that holds the true share with about the given confidence.

    right : how many of the n documents were right; confidence : between 0 and 1

    It stays within 0 and 1 and is of use for small n and for shares near 0 or 1, where the textbook
    interval p +- 1.96 sqrt(p (1 - p) / n) shrinks to nothing. Raises DataError for n = 0 or `right`
    outside 0 to n, UsageError for a confidence outside 0 to 1.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
    (1927), without continuity correction.
    """
    right, n = int(right), int(n)
    if n < 1:
        raise DataError("a share of 0 documents has no interval; at least one document is needed.")
    if not 0 <= right <= n:
        raise DataError(f"{right:,} right of {n:,} documents is impossible; expected 0 to {n:,}.")
    if not 0 < confidence < 1:
        raise UsageError(f"confidence must be between 0 and 1, for example 0.95, not {confidence!r}.")
    z = statistics.NormalDist().inv_cdf(0.5 + confidence / 2)
    share, shrink = right / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends the formula gives 0 and 1 up to rounding, which could fall just outside.
    low = 0.0 if right == 0 else middle - half
    high = 1.0 if right == n else middle + half
    return low, high


def ratio_interval(
    parts: NDArray[Any], wholes: NDArray[Any], confidence: float = 0.95
) -> tuple[float, float]:
    """The interval of a ratio of two sums over N documents, such as a mean, or F1 over all labels.

    parts, wholes : (N,), what each document adds to both; the sum of `wholes` is above 0

    Its width is that of the documents' differences from the ratio (the delta method), so a ratio over
    documents with several labels each is not taken for one over as many independent labels. A single
    document has no spread: its interval is the ratio itself.

    Source: W. G. Cochran, "Sampling Techniques", 1977, section 2.11
    """
    part, whole = (np.asarray(values, dtype=np.float64) for values in (parts, wholes))
    n, ratio = len(part), float(part.sum() / whole.sum())
    if n < 2:
        return ratio, ratio
    spread = part - ratio * whole
    largest = float(np.abs(spread).max())  # no square is too large
    length = largest * math.sqrt(float(np.square(spread / (largest or 1.0)).sum()))
    deviation = length * math.sqrt(n / (n - 1)) / float(whole.sum())
    half = statistics.NormalDist().inv_cdf(0.5 + confidence / 2) * deviation
    return ratio - half, ratio + half


def sample_deviation(values: Sequence[float]) -> float | None:
    """The sample standard deviation; None for a single value, which has none."""
    return statistics.stdev(values) if len(values) > 1 else None


class RepeatedScore:
    """A score taken with several seeds or draws: what `values` say together."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def std(self) -> float | None:
        """The sample standard deviation; None for a single value."""
        return sample_deviation(self.values)

"""Column effects: how far a column such as source or language alone says what score a document has.

The share of the variance of ranks that lies between the values of the column (the correlation ratio of
ranks, adjusted for the number of values as Kelley's epsilon squared is, so that values drawn at random give
0 on average). Ranks, because probabilities crowd at 0 and 1. Of two values as frequent as each other the
share is 3 (p - 1/2)^2, where p is how often a document of the one is above one of the other: 0 for p = 0.5,
0.25 for p = 0.79, 0.75 where every document of the one is above all of the other.
Source: T. L. Kelley, An unbiased correlation ratio measure, PNAS 21 (1935).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SUSPICIOUS = 0.25
"""From this share on a column is named: a document of one of two values is above one of the other in about
four of five cases, so that the score sorts by the column before it sorts within it."""
_DOCUMENTS_A_VALUE = 10
_LONGEST_VALUE = 100


@dataclass(frozen=True)
class ColumnEffect:
    """What a column says of the scores.

    Parameters
    ----------
    column : its name
    share : of the variance of ranks, at most 1; below 0 where it is less than by chance
    means : value -> the mean of its documents' ranks, from 0 (lowest) to 1, the highest first
    """

    column: str
    share: float
    means: Mapping[str, float]

    @property
    def is_suspicious(self) -> bool:
        """Whether the score is largely a sorting by this column."""
        return self.share >= SUSPICIOUS


def ranks(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64 (N,): the share of scores below each, those equal to it counted half; between 0 and 1."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middles = np.cumsum(counts) - counts / 2
    return np.asarray(middles[place] / max(len(scores), 1))


def column_effect(column: str, values: Sequence[Any], rank: NDArray[np.float64]) -> ColumnEffect | None:
    """The effect of a column with N values on N ranks.

    None for a column that does not sort documents: a single value, values that name or describe a document
    (fewer than ten documents a value on average), and ranks that are all equal.
    """
    names = ["" if value is None else str(value) for value in values]
    known, codes = np.unique(np.array(names, dtype=object), return_inverse=True)
    n, total = len(names), float(((rank - rank.mean()) ** 2).sum()) if len(names) else 0.0
    if not 2 <= len(known) <= n / _DOCUMENTS_A_VALUE or total == 0 or max(map(len, known)) > _LONGEST_VALUE:
        return None
    sizes = np.bincount(codes)
    means = np.bincount(codes, weights=rank) / sizes
    within = float(((rank - means[codes]) ** 2).sum())
    share = 1 - (within / (n - len(known))) / (total / (n - 1))
    order = np.argsort(-means, kind="stable")
    return ColumnEffect(column, share, {str(known[one]): float(means[one]) for one in order})

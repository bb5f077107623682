"""Distribution: how the scores of a corpus of any size lie, from counts that are merged by adding.

A score is a float32, and the bits of float32 numbers, read as whole numbers, have their order (see
`percentiles`). The upper 22 of them are counted, so a percentile is exact to one part in 8,192 of itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.scoring.percentiles import ordered_bits, score_of_bits

PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)
BINS = 20
_DROPPED_BITS = 10


class Distribution:
    """Counts of scores; NaN, the score of what has no text, is left out.

    Attributes: `n`, how many scores were counted; `lowest` and `highest` of them, NaN without any.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(1 << (32 - _DROPPED_BITS), dtype=np.int64)
        self.n, self.lowest, self.highest, self._sum = 0, float("nan"), float("nan"), 0.0

    def add(self, scores: NDArray[np.float32]) -> None:
        """Count scores (N,)."""
        scores = scores[~np.isnan(scores)]
        if not len(scores):
            return
        places, counts = np.unique(ordered_bits(scores) >> _DROPPED_BITS, return_counts=True)
        self._counts[places] += counts
        self.n += len(scores)
        self._sum += float(scores.sum(dtype=np.float64))
        self.lowest = float(np.fmin(self.lowest, scores.min()))
        self.highest = float(np.fmax(self.highest, scores.max()))

    @property
    def mean(self) -> float:
        """The mean score; NaN without any."""
        return self._sum / self.n if self.n else float("nan")

    def percentiles(self, percents: Sequence[float] = PERCENTILES) -> list[float]:
        """For each, the smallest score that so many percent of all do not exceed; NaN without scores."""
        if not self.n:
            return [float("nan")] * len(percents)
        places, counts = self._there()
        wanted = np.ceil(np.asarray(percents) / 100 * self.n).clip(1)
        found = places[np.searchsorted(np.cumsum(counts), wanted)]
        scores = (score_of_bits(int(place) << _DROPPED_BITS) for place in found)
        return [min(max(score, self.lowest), self.highest) for score in scores]

    def histogram(self, bins: int = BINS) -> tuple[list[float], list[int]]:
        """Edges (bins + 1) of equal width, and counts (bins): of probabilities from 0 to 1, else of what is
        there."""
        if not self.n:
            return [], []
        inside = self.lowest >= 0 and self.highest <= 1
        low, high = (0.0, 1.0) if inside else (self.lowest, self.highest)
        edges = np.linspace(low, high if high > low else low + 1, bins + 1)
        places, counts = self._there()
        scores = np.array([score_of_bits(int(place) << _DROPPED_BITS) for place in places])
        which = np.searchsorted(edges, scores, side="right") - 1
        found = np.bincount(which.clip(0, bins - 1), weights=counts, minlength=bins)
        return edges.tolist(), found.astype(np.int64).tolist()

    def _there(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        places = np.flatnonzero(self._counts)
        return places, self._counts[places]

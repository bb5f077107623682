"""Percentiles: exact thresholds over a corpus of any size, from counts of scores that are merged by adding.

A score is a float32, and the bits of float32 numbers, read as whole numbers, have their order. So two rounds
of 65,536 counts each find the threshold exactly: the first tells its upper 16 bits, the second, of the scores
that begin with these, the lower 16. Counts of shards are added, in any order, with the same result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BINS = 1 << 16
Groups = NDArray[np.int32]
Counts = NDArray[np.int64]


def ordered_bits(scores: NDArray[np.float32]) -> NDArray[np.uint32]:
    """uint32 (N,): whole numbers in the order of the scores; 0.0 and -0.0 are one."""
    bits = (np.asarray(scores, dtype=np.float32) + np.float32(0)).view(np.uint32)
    return np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))


def score_of_bits(bits: int) -> float:
    """The score of a whole number that `ordered_bits` gives."""
    plain = bits & 0x7FFFFFFF if bits >> 31 else ~bits & 0xFFFFFFFF
    return float(np.array([plain], dtype=np.uint32).view(np.float32)[0])


@dataclass(frozen=True, eq=False)
class ScoredPart:
    """The scores of a shard: float32 (N,), NaN for what has none, and the numbers of their groups (N,)."""

    scores: NDArray[np.float32]
    groups: Groups


def count_scores(part: ScoredPart, n_groups: int, upper: NDArray[np.int64] | None = None) -> Counts:
    """int64 (G, 65536): how many scores of each group have each upper 16 bits.

    upper : (G,); then how many of those that begin with the group's have each lower 16 bits
    """
    there = ~np.isnan(part.scores)
    bits, groups = ordered_bits(part.scores[there]), part.groups[there].astype(np.int64)
    if upper is None:
        places = bits >> 16
    else:
        inside = (bits >> 16) == upper[groups]
        places, groups = bits[inside] & 0xFFFF, groups[inside]
    counts = np.bincount(groups * _BINS + places, minlength=n_groups * _BINS)
    return counts.reshape(n_groups, _BINS)


def exact_thresholds(
    parts: Callable[[], Iterable[ScoredPart]], n_groups: int, share: float
) -> tuple[list[float], list[int]]:
    """For each group the lowest score among its best `share`, rounded up, and how many scores it has.

    NaN for a group without scores.

    parts : gives the scored shards, each time it is called
    """
    totals = _summed(parts, n_groups, None)
    sizes = totals.sum(axis=1)
    wanted = np.array([math.ceil(round(share * int(size), 6)) for size in sizes])
    upper, above = _places(totals, wanted)
    lower, _ = _places(_summed(parts, n_groups, upper), wanted - above)
    found = [
        score_of_bits(int(high) << 16 | int(low)) if size else math.nan
        for high, low, size in zip(upper, lower, sizes, strict=True)
    ]
    return found, sizes.tolist()


def _summed(
    parts: Callable[[], Iterable[ScoredPart]], n_groups: int, upper: NDArray[np.int64] | None
) -> Counts:
    totals = np.zeros((n_groups, _BINS), dtype=np.int64)
    for part in parts():
        totals += count_scores(part, n_groups, upper)
    return totals


def _places(counts: Counts, wanted: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each group the highest place from which on upwards `wanted` are counted, and how many lie above."""
    from_above = np.cumsum(counts[:, ::-1], axis=1)
    steps = (from_above < wanted[:, None]).sum(axis=1)
    steps = np.minimum(steps, _BINS - 1)
    above = np.where(steps > 0, np.take_along_axis(from_above, np.maximum(steps - 1, 0)[:, None], 1)[:, 0], 0)
    return _BINS - 1 - steps, above

"""Batches of documents of similar length, so that little padding is worked through."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_STEPS_AN_OCTAVE = 4
_SHORTEST = 16


def batches_by_length(lengths: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    """Rows of at most `size` documents each, the shortest documents first; every row once."""
    order = np.argsort(lengths, kind="stable")
    for first in range(0, len(order), size):
        yield order[first : first + size]


def rounded_length(length: int, longest: int) -> int:
    """A length of at least `length`, of few different ones, at most `longest`.

    A compiled step is made for every length that occurs; four of them an octave cost a tenth of the work.
    """
    if length <= _SHORTEST:
        return min(_SHORTEST, longest)
    step: int = 2 ** max(int(length - 1).bit_length() - 1, 0) // _STEPS_AN_OCTAVE
    return min(-(-length // step) * step, longest)

"""The arrays of an n-gram network in few bytes: a byte or a little more for each n-gram's first words, two
for its last word, one for each weight.

The pairs are sorted, so for their first row only the step from one pair to the next is kept: as bytes of
which 255 says that the step goes on with the next byte. Weights are whole numbers from -127 to 127 times one
step for each column. A network whose weights are such multiples comes back bit by bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError

LEVELS = 127
_ON = 255
_KINDS: dict[str, tuple[tuple[type, ...], int]] = {
    "first_steps": ((np.uint8,), 1),
    "last_words": ((np.uint16, np.uint32), 1),
    "weight_steps": ((np.int8,), 2),
    "steps": ((np.float32,), 1),
}
BYTES_OF_AN_NGRAM = 1
"""What an n-gram takes besides its last word and its weights; `_ON`s come to one byte for 255 rows."""
ROWS_A_BYTE_MORE = 255


def bytes_of_last_words(n_words: int) -> int:
    """How many bytes the last word of an n-gram takes."""
    return 2 if n_words <= 1 << 16 else 4


def rounded(weights: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (V, K) as multiples of a step for each column, and the steps (K,)."""
    highest = np.abs(weights).max(axis=0, initial=0).astype(np.float32)
    steps = np.where(highest > 0, highest / np.float32(LEVELS), np.float32(1))
    return in_steps(weights, steps).astype(np.float32) * steps, steps


def in_steps(weights: NDArray[np.float32], steps: NDArray[np.float32]) -> NDArray[np.int8]:
    """How many steps each weight is, int8 (V, K)."""
    return np.asarray(np.rint(weights / steps), dtype=np.int8)


def compact_arrays(
    pairs: NDArray[np.int32], n_words: int, weights: NDArray[np.float32], steps: NDArray[np.float32]
) -> dict[str, NDArray[Any]]:
    """Name -> array for a file; the inverse of `plain_arrays`."""
    return compact_pairs(pairs, n_words) | {"weight_steps": in_steps(weights, steps), "steps": steps}


def compact_pairs(pairs: NDArray[np.int32], n_words: int) -> dict[str, NDArray[Any]]:
    """The pairs (G, 2) as the arrays `first_steps` and `last_words`."""
    firsts = np.concatenate([[0], pairs[:, 0]]).astype(np.int64)
    gaps = firsts[1:] - firsts[:-1]
    ends = np.cumsum(gaps // _ON + 1)
    first_steps = np.full(int(ends[-1]) if len(ends) else 0, _ON, dtype=np.uint8)
    first_steps[ends - 1] = gaps % _ON
    kind = np.uint16 if bytes_of_last_words(n_words) == np.dtype(np.uint16).itemsize else np.uint32
    return {"first_steps": first_steps, "last_words": pairs[:, 1].astype(kind)}


def plain_arrays(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """`pairs` int32 (G, 2) and `weights` float32 (V, K).

    Raises DataError for an array that is missing, or numbers that do not fit together.
    """
    for name, (kinds, dimensions) in _KINDS.items():
        found = arrays.get(name)
        if found is None or found.dtype not in kinds or found.ndim != dimensions:
            raise DataError(f"the weights {name!r} are missing or of another type.")
    first_steps, last_words = arrays["first_steps"], arrays["last_words"]
    firsts = np.cumsum(first_steps, dtype=np.int64)[first_steps != _ON]
    if firsts.shape != last_words.shape or (len(firsts) and firsts[-1] >= 1 << 31):
        raise DataError("the weights 'first_steps' and 'last_words' do not fit together.")
    steps, whole = arrays["steps"], arrays["weight_steps"]
    if steps.shape != whole.shape[1:] or not (steps > 0).all():
        raise DataError("the weights 'weight_steps' and 'steps' do not fit together.")
    pairs = np.stack([firsts, last_words.astype(np.int64)], axis=1).astype(np.int32)
    return {"pairs": pairs, "weights": whole.astype(np.float32) * steps}

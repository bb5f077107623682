"""Random numbers of kernels, and samples in proportion to weights, in plain NumPy.

A random number is a hash of what it is for, never the next one of a stream that is shared: any thread, in any
order, on any backend, gets the same number. The hash is the finalizer of SplitMix64 (Steele, Lea & Flood,
OOPSLA 2014), and this is its only home; `sampling_compiled` compiles these functions. Shuffles and first
weights do not come from here but from NumPy's generators.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FIXED_POINT_ONE = 1 << 24
"""Probabilities are compared as integers; this one is 1."""

FIRST_NEGATIVE = 1 << 32
"""Numbers of a batch's stream below this are for what learns, those from it on for the negatives."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # SplitMix64's step
_EPOCH_STEP = np.uint64(0xD1B54A32D192ED03)
_DOCUMENT_STEP = np.uint64(0xABC98388FB8FAC03)
_UNIT_STEP = np.uint64(0x8CB92BA72F3D8DD7)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_A, _B, _C, _HALF, _KEPT_BITS = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32), np.uint64(11)
_SCALE = 1.0 / (1 << 53)
FRACTION_BITS = np.uint64(FIXED_POINT_ONE - 1)
"""The bits of a random number that are compared with a probability."""


def _finalized(x: Any) -> Any:
    x = (x ^ (x >> _A)) * _FIRST
    x = (x ^ (x >> _B)) * _SECOND
    return x ^ (x >> _C)


def hash_functions(compiled: Callable[[Any], Any] = lambda function: function) -> tuple[Any, Any, Any]:
    """(`bits`, `uniform`, `stream_bits`), each put through `compiled`: below they are plain NumPy.

    All arguments are uint64: scalars in compiled code, in plain Python at least one array (NumPy warns when
    scalars overflow, which is wanted here).
    """
    finalized = compiled(_finalized)

    def bits(seed: Any, epoch: Any, document: Any, unit: Any) -> Any:
        return finalized(seed * _GOLDEN + epoch * _EPOCH_STEP + document * _DOCUMENT_STEP + unit * _UNIT_STEP)

    hashed = compiled(bits)

    def uniform(seed: Any, epoch: Any, document: Any, unit: Any) -> Any:
        return (hashed(seed, epoch, document, unit) >> _KEPT_BITS) * _SCALE

    def stream_bits(stream: Any, number: Any) -> Any:
        return finalized(stream + number * _GOLDEN)

    return hashed, compiled(uniform), compiled(stream_bits)


bits, uniform, stream_bits = hash_functions()
"""`bits(seed, epoch, document, unit)`: 64 random bits, uint64. `uniform` of the same: numbers in [0, 1),
float64. `stream_bits(stream, number)`: 64 random bits for each number of a stream."""


def below(random_bits: Any, size: Any) -> Any:
    """An integer from 0 to size - 1 (uint64) from the upper half of the bits."""
    return ((random_bits >> _HALF) * size) >> _HALF


def fixed_point(probabilities: NDArray[np.float64]) -> NDArray[np.int32]:
    """Probabilities from 0 to 1 in units of 1 / FIXED_POINT_ONE; none becomes 0."""
    return np.clip(np.round(probabilities * FIXED_POINT_ONE), 1, FIXED_POINT_ONE).astype(np.int32)


def alias_table(weights: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The alias table (Walker, 1974) to sample rows in proportion to their weights (V,).

    Returns (V,) the alias of each row, and (V,) the probability, in fixed point, that the row is taken
    itself."""
    size = len(weights)
    scaled = weights / weights.sum() * size
    alias, probability = np.arange(size, dtype=np.int32), np.ones(size)
    small = np.flatnonzero(scaled < 1).tolist()
    large = np.flatnonzero(scaled >= 1).tolist()
    left = scaled.tolist()
    while small and large:
        low, high = small.pop(), large[-1]
        probability[low], alias[low] = left[low], high
        left[high] -= 1 - left[low]
        if left[high] < 1:
            small.append(large.pop())
    return alias, fixed_point(probability)


def sampled_negatives(
    stream: Any, count: int, alias: NDArray[np.int32], alias_probability: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The negatives of a stream, (count,), by the alias table (V,)."""
    random_bits = stream_bits(stream, np.arange(FIRST_NEGATIVE, FIRST_NEGATIVE + count).astype(np.uint64))
    chosen = below(random_bits, np.uint64(len(alias))).astype(np.int64)
    own = (random_bits & FRACTION_BITS).astype(np.int64) < alias_probability[chosen]
    negatives: NDArray[np.int64] = np.where(own, chosen, alias[chosen])
    return negatives

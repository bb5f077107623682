"""Random numbers of kernels, compiled; see `sampling` for what each function does."""

from __future__ import annotations

import numpy as np

from wordloom.kernels import sampling
from wordloom.kernels.compiling import part
from wordloom.kernels.sampling import FIRST_NEGATIVE, FRACTION_BITS

bits, uniform, stream_bits = sampling.hash_functions(part)
below = part(sampling.below)


@part
def sample_negatives(stream, alias, alias_probability, negatives, block):  # type: ignore[no-untyped-def]
    """Fill the row `block` of `negatives` with the negatives of a stream."""
    size = np.uint64(len(alias))
    for k in range(negatives.shape[1]):
        x = stream_bits(stream, np.uint64(FIRST_NEGATIVE + k))
        row = below(x, size)
        other = np.int64(alias[row])  # read in any case: which of the two it is cannot be foreseen
        own = np.int64(np.int64(x & FRACTION_BITS) < alias_probability[row])
        negatives[block, k] = other + own * (np.int64(row) - other)

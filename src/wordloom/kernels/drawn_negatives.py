"""Negatives drawn from an alias table, compiled; the twin of `contexts.drawn_negatives`."""

from __future__ import annotations

import numpy as np

from wordloom.kernels import contexts
from wordloom.kernels.compiling import part
from wordloom.kernels.contexts import FIRST_NEGATIVE

_SHARE_BITS = np.uint64(contexts.FULL_SHARE - 1)
_bits, _below = part(contexts.bits), part(contexts.below)


@part
def draw_negatives(stream, alias, alias_share, negatives, block):  # type: ignore[no-untyped-def]
    """Fill the row `block` of `negatives` from a stream."""
    size = np.uint64(len(alias))
    for k in range(negatives.shape[1]):
        x = _bits(stream, np.uint64(FIRST_NEGATIVE + k))
        row = _below(x, size)
        other = np.int64(alias[row])  # read in any case: which of the two it is cannot be foreseen
        own = np.int64(np.int64(x & _SHARE_BITS) < alias_share[row])
        negatives[block, k] = other + own * (np.int64(row) - other)

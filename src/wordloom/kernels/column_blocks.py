"""Column blocks: how tables are cut so that the number of threads that work on them changes no result."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCKS = 2
"""S, always, however many threads there are; so at most so many threads share a batch."""


def in_blocks(matrix: NDArray[Any], width: int, multiple: int = 1) -> NDArray[Any]:
    """(n, L * D) -> (S, n, L * E), E = D / S rounded up: block s gets columns [s E, (s + 1) E) of every D.

    `width` is D, E a multiple of `multiple`. Where there are not as many columns, zeros fill them up.
    """
    part = _columns(width, multiple)
    wide = np.zeros((len(matrix), matrix.shape[1] // width, BLOCKS * part), matrix.dtype)
    wide[:, :, :width] = matrix.reshape(len(matrix), -1, width)
    blocks = wide.reshape(len(matrix), -1, BLOCKS, part).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(blocks).reshape(BLOCKS, len(matrix), -1)


def joined(blocks: NDArray[Any], width: int, multiple: int = 1) -> NDArray[Any]:
    """The inverse of `in_blocks`."""
    part, n = _columns(width, multiple), blocks.shape[1]
    wide = blocks.reshape(BLOCKS, n, -1, part).transpose(1, 2, 0, 3).reshape(n, -1, BLOCKS * part)
    return np.ascontiguousarray(wide[:, :, :width]).reshape(n, -1)


def _columns(width: int, multiple: int) -> int:
    return -(-width // (BLOCKS * multiple)) * multiple

"""Large pages of memory, for tables that are read at random.

Every read goes by the address of its page, and the processor remembers those of few pages. NumPy asks the
system for large ones, which it grants to memory that no one has used yet; a table that was read from a file
or put together mostly lies in memory that was.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_NEVER_USED_BEFORE = 40_000_000
"""Bytes that C libraries do not take from memory that has been given back; pages not written to cost none."""


def in_large_pages(array: NDArray[Any]) -> NDArray[Any]:
    """A copy of an array that lies in large pages, where the system has them."""
    memory = np.empty(max(_NEVER_USED_BEFORE, array.nbytes), dtype=np.uint8)
    copy = memory[: array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy

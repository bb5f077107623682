"""ByteBuffer: bytes that come in blocks, as one array."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SPARE = 1.1


class ByteBuffer:
    """Bytes that come in blocks. By NumPy, which asks for large pages: getting small ones from the system, as
    a growing `bytearray` does, takes longer than filling them."""

    def __init__(self) -> None:
        self._all, self._size = np.empty(0, dtype=np.uint8), 0

    @property
    def filled(self) -> NDArray[np.uint8]:
        return self._all[: self._size]

    def add(self, block: bytes, expected: float) -> None:
        """Put a block behind the others; they will be about `expected` times as long as they are then."""
        start, self._size = self._size, self._size + len(block)
        if self._size > len(self._all):
            filled = self._all[:start]
            self._all = np.empty(int(self._size * max(_SPARE * expected, 2.0)), dtype=np.uint8)
            self._all[:start] = filled
        self._all[start : self._size] = np.frombuffer(block, dtype=np.uint8)

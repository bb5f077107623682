"""Buffers: memory that the pieces of a file pass through on their way into a table.

New memory costs the system about as much time as reading a piece takes, so that a few buffers serve for all
pieces one after the other. Copying the numbers into the table, which is new memory, is left to whoever takes
a buffer over next: that is a thread among several, and not the one that puts the words in order.
"""

from __future__ import annotations

from threading import Lock

import numpy as np
import numpy.typing as npt


class Copying:
    """Numbers that are to be copied to their place in a table."""

    def __init__(self, target: npt.NDArray[np.float32], numbers: npt.NDArray[np.float32]) -> None:
        self._left: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None = target, numbers
        self._lock = Lock()

    def finish(self) -> None:
        """Copy them, unless that was done; after it both arrays may be used for other things."""
        with self._lock:
            if self._left is not None:
                target, numbers = self._left
                target[:] = numbers
                self._left = None


class Buffer:
    """Memory for the bytes of one piece and for its numbers; what it holds is valid until it is emptied."""

    def __init__(self) -> None:
        self._data = np.empty(0, dtype=np.uint8)
        self._numbers = np.empty(0, dtype=np.float32)
        self._copies: list[Copying] = []

    def leave(self, copy: Copying) -> None:
        """Numbers of this buffer that must be copied before it is used again."""
        self._copies.append(copy)

    def empty(self) -> None:
        """Do the copying that was left."""
        for copy in self._copies:
            copy.finish()
        self._copies.clear()

    def data(self, size: int) -> npt.NDArray[np.uint8]:
        """uint8 (size,), not filled."""
        if len(self._data) < size:
            self._data = np.empty(size, dtype=np.uint8)
        return self._data[:size]

    def numbers(self, rows: int, dimensions: int) -> npt.NDArray[np.float32]:
        """float32 (rows, D), not filled."""
        size = rows * dimensions
        if len(self._numbers) < size:
            self._numbers = np.empty(size + size // 8, dtype=np.float32)
        return self._numbers[:size].reshape(rows, dimensions)

"""ScratchArray: an array that is appended to, in memory or in a temporary file without a name.

The file has no name, so it goes with the array or with the process, however that ends. What is read back is
copied, so that the file is no part of the process' memory; `mapped` is for what is read out of order.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from wordloom.atomic import passing_folder
from wordloom.errors import DataError, UsageError


@dataclass(frozen=True)
class Scratch:
    """Where temporary files go.

    Parameters
    ----------
    folder : None for the system's folder of temporary files
    """

    folder: str | None = None

    @staticmethod
    def beside(path: Path) -> Scratch:
        """Temporary files beside `path`, in the nearest folder above it that is there."""
        return Scratch(str(next(parent for parent in path.absolute().parents if parent.is_dir())))

    @property
    def named(self) -> str:
        """The folder, for messages."""
        return self.folder if self.folder is not None else tempfile.gettempdir()

    def file(self) -> IO[bytes]:
        """A new file. Raises UsageError for a folder in which none can be made."""
        with self._errors():
            # without a buffer: what is written is whole arrays, and errors belong to the write
            return tempfile.TemporaryFile(buffering=0, prefix="wordloom-", dir=self.folder)

    @contextlib.contextmanager
    def new_folder(self) -> Iterator[str]:
        """A new folder, which goes when the block ends. Raises UsageError as `file` does."""
        with contextlib.ExitStack() as stack:
            with self._errors():
                folder = stack.enter_context(passing_folder(Path(self.named, "wordloom-counting")))
            yield str(folder.absolute())

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UsageError(
                f"No temporary file can be made in {self.named} ({error.strerror}). {self.way_out}"
            ) from error

    @property
    def way_out(self) -> str:
        """What to do about a folder that is too small."""
        if self.folder is None:
            return "Name a larger folder in the variable TMPDIR."
        return "Name another folder for temporary files (--scratch DIR)."


class ScratchArray:
    """A growing array of one dimension.

    Parameters
    ----------
    dtype : of the numbers
    scratch : where its file goes; None keeps it in memory
    hashed : whether `digest` will be asked for
    file : an open one in the place of a new one, with the numbers that are in it
    """

    def __init__(
        self, dtype: Any, scratch: Scratch | None, hashed: bool = False, file: IO[bytes] | None = None
    ) -> None:
        self._dtype, self._scratch = np.dtype(dtype), scratch
        self._parts = list[NDArray[Any]]()
        self._file = file if file is not None or scratch is None else scratch.file()
        self._hash = hashlib.blake2b(digest_size=16) if hashed else None
        self._n = 0 if file is None else file.seek(0, 2) // self._dtype.itemsize

    def __len__(self) -> int:
        return self._n

    def append(self, part: NDArray[Any]) -> None:
        """Add numbers at the end. Raises DataError if the disk is full."""
        part = np.ascontiguousarray(part, dtype=self._dtype)
        if self._hash is not None:
            self._hash.update(part.data)
        self._n += len(part)
        if self._file is None:
            self._parts.append(part)
            return
        assert self._scratch is not None
        left = _bytes_of(part)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise DataError(
                "The numbers of the texts' words do not fit into the folder of temporary files, "
                f"{self._scratch.named} ({error.strerror}). {self._scratch.way_out}"
            ) from error

    def read(self, first: int, last: int) -> NDArray[Any]:
        """A copy of the numbers from `first` to before `last`; only of an array on disk."""
        assert self._file is not None
        part = np.empty(last - first, dtype=self._dtype)
        left = _bytes_of(part)
        self._file.seek(first * self._dtype.itemsize)
        while left:
            left = left[self._file.readinto(left) :]  # type: ignore[attr-defined]
        self._file.seek(0, 2)
        return part

    def mapped(self) -> NDArray[Any]:
        """All that was appended; if it is on disk, mapped into memory, and the file goes with the array."""
        if self._file is None and len(self._parts) == 1:
            return self._parts[0]
        if self._file is None or not self._n:
            return np.concatenate([np.zeros(0, self._dtype), *self._parts])
        # writable, since compiled code is compiled once more for arrays that are not; nobody writes to it
        return np.memmap(self._file, dtype=self._dtype, mode="r+").view(np.ndarray)

    def digest(self) -> str:
        """A hash of all that was appended, whatever its chunks."""
        assert self._hash is not None
        return self._hash.hexdigest()


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return memoryview(array.data).cast("B") if len(array) else memoryview(b"")  # what is empty has no bytes

"""ArrayStore: arrays by name, which jobs leave for those that follow.

They are in memory or in temporary files without names, for jobs of this process, or in a folder that all
workers see. An array is there once it is complete, so a job that is done again replaces what one that died
left.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.text.on_disk.stored_documents import StoredDocuments
from wordloom.text.on_disk.temporary_arrays import Scratch, ScratchArray


class ArrayStore:
    """Arrays by name.

    Parameters
    ----------
    scratch : where temporary files go
    folder : that of the arrays, for jobs of other processes; None for files without names
    in_memory : whether there are no files at all
    """

    def __init__(self, scratch: Scratch, folder: str | None = None, in_memory: bool = False) -> None:
        self.scratch, self.folder = scratch, folder
        self._files = None if in_memory else scratch
        self._own: dict[str, ScratchArray] = {}

    @contextlib.contextmanager
    def new(self, name: str, dtype: Any) -> Iterator[ScratchArray]:
        """An array to append to; it is there under its name when the block ends."""
        if self.folder is None:
            array = ScratchArray(dtype, self._files)
            yield array
            self._own[name] = array
            return
        temporary = Path(self.folder, f".{name}.{uuid.uuid4().hex}")
        with self._errors("be kept"):
            file = open(temporary, "w+b", buffering=0)  # noqa: SIM115  # closed by the next block
        with file:
            yield ScratchArray(dtype, self.scratch, file=file)
        with self._errors("be kept"):
            os.replace(temporary, Path(self.folder, name))

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Keep a whole array."""
        with self.new(name, array.dtype) as stored:
            stored.append(array)

    def array(self, name: str, dtype: Any) -> ScratchArray:
        """An array that is there. Raises DataError if it is not, as where workers see another folder."""
        if self.folder is None:
            return self._own[name]
        with self._errors("be read"):
            return ScratchArray(dtype, self.scratch, file=open(Path(self.folder, name), "r+b", buffering=0))

    @contextlib.contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DataError(
                f"{self.folder}: what workers count cannot {what} there ({error.strerror}). The folder of "
                f"temporary files must be the same for all of them. {self.scratch.way_out}"
            ) from error

    def get(self, name: str, dtype: Any) -> NDArray[Any]:
        """The numbers of an array."""
        array = self.array(name, dtype)
        return array.read(0, len(array))

    def mapped(self, name: str, dtype: Any) -> NDArray[Any]:
        """The numbers of an array, which are read from its file when they are used. Nobody writes to them."""
        return self.array(name, dtype).mapped()

    def drop(self, *names: str) -> None:
        """Let go of arrays, so that their files take no room any more."""
        for name in names:
            self._own.pop(name, None)
            if self.folder is not None:
                Path(self.folder, name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def new_documents(self, name: str) -> Iterator[StoredDocuments]:
        """Documents to append to; they are there under their name when the block ends."""
        with self.new(f"{name}-ids", np.int32) as ids:
            documents = StoredDocuments(self.scratch, ids)
            yield documents
        self.put(f"{name}-lengths", documents.lengths)
        self.put(f"{name}-bounds", np.array(documents.bounds, dtype=np.int64))

    def documents(self, name: str) -> StoredDocuments:
        """Documents that are there."""
        ids, lengths = self.array(f"{name}-ids", np.int32), self.get(f"{name}-lengths", np.int64)
        return StoredDocuments(self.scratch, ids, lengths, self.get(f"{name}-bounds", np.int64).tolist())

    def drop_documents(self, name: str) -> None:
        """Let go of documents."""
        self.drop(*(f"{name}-{part}" for part in ("ids", "lengths", "bounds")))

"""StoredDocuments: documents of ids in a temporary file, gone through chunk by chunk.

In memory are only the offsets, eight bytes a document.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.memory import bytes_of_memory
from wordloom.text.on_disk.temporary_arrays import Scratch, ScratchArray
from wordloom.text.sequences import Ragged, offsets_of

_SHARE_HELD = 0.4
"""A file of this share of the memory may stay in it beside all that the process needs."""


class StoredDocuments:
    """N documents, stored in the chunks in which they were appended.

    Parameters
    ----------
    scratch : where the file goes
    ids : the array of all ids, where there is one already
    lengths : int64 (N,), how many of them each document has
    bounds : the documents at which chunks begin, and N at the end
    """

    def __init__(
        self,
        scratch: Scratch,
        ids: ScratchArray | None = None,
        lengths: NDArray[np.int64] | None = None,
        bounds: Sequence[int] = (0,),
    ) -> None:
        self.scratch = scratch
        self._ids = ScratchArray(np.int32, scratch) if ids is None else ids
        self._lengths = [] if lengths is None else [lengths]
        self._offsets: NDArray[np.int64] | None = None
        self.bounds = list(bounds)
        """The documents at which chunks begin, and N at the end."""

    def append(self, documents: Ragged) -> None:
        """Add a chunk of whole documents."""
        self._ids.append(documents.ids[documents.offsets[0] : documents.offsets[-1]])
        self._lengths.append(documents.lengths)
        self._offsets = None
        self.bounds.append(self.bounds[-1] + len(documents))

    @property
    def offsets(self) -> NDArray[np.int64]:
        """int64 (N+1,): where each document's ids begin."""
        if self._offsets is None:
            self._offsets = offsets_of(np.concatenate([np.zeros(0, np.int64), *self._lengths]))
            self._lengths = [np.diff(self._offsets)]
        return self._offsets

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many ids each document has, int64 (N,)."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        return self.bounds[-1]

    def __iter__(self) -> Iterator[Ragged]:
        """The chunks, each read when its turn comes."""
        return (self._read(a, b) for a, b in zip(self.bounds[:-1], self.bounds[1:], strict=True))

    def mapped(self) -> MappedRagged:
        """All documents as one Ragged whose ids stay in the file."""
        return MappedRagged(self._ids.mapped(), self.offsets, self)

    def taken(self, rows: NDArray[np.int64]) -> StoredDocuments:
        """The documents of `rows`, in that order, stored; `rows` should rise."""
        result = StoredDocuments(self.scratch)
        for first, last in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            inside = rows[np.searchsorted(rows, first) : np.searchsorted(rows, last)]
            if len(inside):
                result.append(self._read(first, last).take(inside - first))
        return result

    def _read(self, first: int, last: int) -> Ragged:
        offsets = self.offsets[first : last + 1]
        return Ragged(self._ids.read(int(offsets[0]), int(offsets[-1])), offsets - offsets[0])


class MappedRagged(Ragged):
    """A Ragged whose ids are mapped from the file of stored documents.

    The system keeps as much of the file in memory as is free.
    """

    def __init__(self, ids: NDArray[np.int32], offsets: NDArray[np.int64], stored: StoredDocuments) -> None:
        super().__init__(ids, offsets)
        object.__setattr__(self, "_stored", stored)

    @property
    def _documents(self) -> StoredDocuments:
        stored: StoredDocuments = vars(self)["_stored"]
        return stored

    def parts(self) -> Iterator[Ragged]:
        """The documents as they were stored, each chunk read when its turn comes."""
        return iter(self._documents)

    def changed(self, change: Callable[[Ragged], Ragged]) -> Ragged:
        """What `change` makes of the documents, chunk by chunk, in a file of their own."""
        result = StoredDocuments(self._documents.scratch)
        for chunk in self.parts():
            result.append(change(chunk))
        return result.mapped()

    def take(self, rows: Any) -> Ragged:
        """The documents of `rows`, which must rise, in a file of their own."""
        rows = np.asarray(rows)
        return self._documents.taken(np.flatnonzero(rows) if rows.dtype == bool else rows).mapped()

    def fetcher(self) -> Callable[[NDArray[np.int64]], None] | None:
        """What has documents read from the disk before they are needed; None for a file that memory holds.

        Of a file that it does not hold, documents in random order would be waited for one by one.
        """
        found, is_held = _map_of(self.ids), self.ids.nbytes < _SHARE_HELD * bytes_of_memory()
        if found is None or not hasattr(found, "madvise") or is_held:
            return None
        file, offsets, width = found, self.offsets, self.ids.itemsize

        def fetch(documents: NDArray[np.int64]) -> None:
            starts = offsets[documents] * width // mmap.PAGESIZE * mmap.PAGESIZE
            sizes = offsets[documents + 1] * width - starts
            for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
                if size:
                    file.madvise(mmap.MADV_WILLNEED, start, size)

        return fetch


def _map_of(array: Any) -> mmap.mmap | None:
    """The map in which an array, or what it is a view of, stands."""
    while array is not None and not isinstance(array, mmap.mmap):
        array = getattr(array, "base", None)
    return array

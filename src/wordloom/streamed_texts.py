"""StreamedTexts: texts that stay in their files and are read again each time they are gone through."""

from __future__ import annotations

import base64
import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError


class TextFile(Protocol):
    """A file whose texts can be gone through again and again."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def texts(self) -> contextlib.AbstractContextManager[Iterable[str]]:
        """Open it; the context gives its texts one after another."""

    def to_config(self) -> dict[str, Any]:
        """As plain values, for another process to open it."""


class ReadFile(NamedTuple):
    """A file that was read once, and how many texts it had."""

    file: TextFile
    n_texts: int


class StreamedTexts(Sequence[str]):
    """N texts of one file or of several, in their order; no more than one of them is in memory.

    Raises DataError while it is gone through if a file no longer has as many texts, UsageError for one
    text out of order.

    Parameters
    ----------
    read : the files
    name : of them all, for messages
    kept : bool, which of all texts of the files are meant; None for all
    """

    def __init__(self, read: Sequence[ReadFile], name: str, kept: NDArray[np.bool_] | None = None) -> None:
        self._read, self._kept, self.name = list(read), kept, name
        self._bounds = [0, *itertools.accumulate(one.n_texts for one in read)]
        self._n = self._bounds[-1] if kept is None else int(kept.sum())

    def __len__(self) -> int:
        return self._n

    @property
    def files(self) -> list[StreamedTexts]:
        """The texts of each file by themselves."""
        kept = [None if self._kept is None else self._kept[a:b] for a, b in itertools.pairwise(self._bounds)]
        return [StreamedTexts([one], one.file.name, own) for one, own in zip(self._read, kept, strict=True)]

    def __iter__(self) -> Iterator[str]:
        if len(self._read) > 1:
            yield from itertools.chain.from_iterable(self.files)
            return
        ((file, n_read),) = self._read
        kept, found = self._kept, 0
        with file.texts() as texts:
            for text in texts:
                if found < n_read and (kept is None or kept[found]):
                    yield text
                found += 1
        if found != n_read:
            raise DataError(
                f"{self.name}: had {n_read:,} texts and now has {found:,}; it has changed while it was "
                "read. Start again, on a file that nothing writes to."
            )

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON, for `wordloom.readers.streamed_corpus.streamed_texts`."""
        kept = None if self._kept is None else base64.b64encode(np.packbits(self._kept).tobytes()).decode()
        read = [[one.file.to_config(), one.n_texts] for one in self._read]
        return {"read": read, "name": self.name, "kept": kept}

    def __getitem__(self, row: Any) -> NoReturn:
        raise self._out_of_order()

    def _out_of_order(self) -> UsageError:
        return UsageError(
            f"{self.name}: texts that are streamed from a file can only be gone through in its order. Read "
            "the file whole (read_corpus, without --stream) for what needs single texts."
        )

    def __repr__(self) -> str:
        return f"<StreamedTexts, {len(self):,} texts of {self.name}>"

    def subset(self, rows: Iterable[int]) -> StreamedTexts:
        """The texts of `rows`, which must rise: files are read in their order."""
        chosen = np.asarray(rows if isinstance(rows, np.ndarray) else list(rows), dtype=np.int64)
        if np.any(np.diff(chosen) <= 0):
            raise self._out_of_order()
        n_read = self._bounds[-1]
        places = np.arange(n_read) if self._kept is None else np.flatnonzero(self._kept)
        kept = np.zeros(n_read, dtype=bool)
        kept[places[chosen]] = True
        return StreamedTexts(self._read, self.name, kept)

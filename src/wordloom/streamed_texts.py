"""StreamedTexts: texts that stay in their file and are read again each time they are gone through."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError

Opened = Callable[[], contextlib.AbstractContextManager[Iterable[str]]]


class StreamedTexts(Sequence[str]):
    """N texts of a file, in the file's order; no more than one of them is in memory.

    Raises DataError while it is gone through if the file no longer has `n_read` texts, UsageError for one
    text out of order.

    Parameters
    ----------
    opened : opens the file; the context gives its texts one after another
    n_read : how many texts the file has
    name : of the file, for messages
    kept : bool (n_read,), which of the file's texts are meant; None for all
    """

    def __init__(self, opened: Opened, n_read: int, name: str, kept: NDArray[np.bool_] | None = None) -> None:
        self._opened, self._n_read, self._kept = opened, n_read, kept
        self.name = name
        self._n = n_read if kept is None else int(kept.sum())

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[str]:
        kept, n_read, found = self._kept, self._n_read, 0
        with self._opened() as texts:
            for text in texts:
                if found < n_read and (kept is None or kept[found]):
                    yield text
                found += 1
        if found != n_read:
            raise DataError(
                f"{self.name}: had {n_read:,} texts and now has {found:,}; it has changed while it was "
                "read. Start again, on a file that nothing writes to."
            )

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
        """The texts of `rows`, which must rise: the file is read in its order."""
        chosen = np.asarray(rows if isinstance(rows, np.ndarray) else list(rows), dtype=np.int64)
        if np.any(np.diff(chosen) <= 0):
            raise self._out_of_order()
        places = np.arange(self._n_read) if self._kept is None else np.flatnonzero(self._kept)
        kept = np.zeros(self._n_read, dtype=bool)
        kept[places[chosen]] = True
        return StreamedTexts(self._opened, self._n_read, self.name, kept)


def text_chunks(texts: Iterable[str], texts_at_once: int, letters_at_once: int) -> Iterator[list[str]]:
    """The texts in their order, a list at a time that a little memory holds."""
    chunk: list[str] = []
    letters = 0
    for text in texts:
        chunk.append(text)
        letters += len(text) if isinstance(text, str) else 0
        if len(chunk) >= texts_at_once or letters >= letters_at_once:
            yield chunk
            chunk, letters = [], 0
    if chunk:
        yield chunk

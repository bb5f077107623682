"""Documents as ids: ragged (no padding), and the one function that pads.

`Ragged` keeps N documents of any length in two arrays, `ids: int32 (T,)` and `offsets: int64 (N+1,)`.
`pad_sequences` has the exact semantics of `keras.utils.pad_sequences`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError

SIDES = "pre", "post"
LONGEST_DOCUMENT = 1_000_000
"""Ids of the longest document to which others can be padded."""
_LONG = 32
"""Mean length from which copying whole documents is faster than gathering their ids."""


@dataclass(frozen=True)
class Ragged:
    """N documents: document i is `ids[offsets[i]:offsets[i + 1]]`.

    Parameters
    ----------
    ids : int32 (T,)
    offsets : int64 (N+1,), rising from 0 to T
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @staticmethod
    def from_lists(sequences: Sequence[Sequence[int]]) -> Ragged:
        """From lists of ids, one list a document."""
        lengths = np.fromiter((len(s) for s in sequences), dtype=np.int64, count=len(sequences))
        ids = np.empty(int(lengths.sum()), dtype=np.int32)
        offsets = offsets_of(lengths)
        for row, sequence in enumerate(sequences):
            ids[offsets[row] : offsets[row + 1]] = sequence
        return Ragged(ids, offsets)

    @staticmethod
    def joined(parts: Sequence[Sequence[NDArray[Any]]]) -> Ragged:
        """The documents of all parts in their order; a part is ids, offsets from 0, and the like."""
        if len(parts) == 1:
            return Ragged(parts[0][0], parts[0][1])
        return Ragged(
            np.concatenate([part[0] for part in parts]), joined_offsets([part[1] for part in parts])
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> NDArray[np.int32]:
        # cut first, so that -1 is the last document and a row too many is an IndexError
        return self.ids[self.offsets[:-1][row] : self.offsets[1:][row]]

    def __iter__(self) -> Iterator[NDArray[np.int32]]:
        return (self.ids[start:end] for start, end in itertools.pairwise(self.offsets.tolist()))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many ids each document has, int64 (N,)."""
        return np.diff(self.offsets)

    def refuse_outside(self, rows: int) -> None:
        """DataError for an id that is no row of a table of so many, and for offsets that leave the ids."""
        starts = self.offsets
        if not len(starts) or starts[0] < 0 or starts[-1] > len(self.ids) or (starts[1:] < starts[:-1]).any():
            raise DataError(f"the documents' offsets do not rise from 0 to their {len(self.ids):,} ids.")
        if not len(self.ids) or (self.ids.min() >= 0 and self.ids.max() < rows):
            return
        place = int(np.argmax((self.ids < 0) | (self.ids >= rows)))
        document = int(np.searchsorted(starts, place, side="right")) - 1
        raise DataError(
            f"document {document} has the id {self.ids[place]}, outside the embedding's {rows:,} rows "
            f"(0 to {rows - 1})."
        )

    def parts(self) -> Iterator[Ragged]:
        """All documents in their order, as much at a time as memory should hold: here, at once."""
        yield self

    def changed(self, change: Callable[[Ragged], Ragged]) -> Ragged:
        """What `change` makes of the documents, kept where they are."""
        return change(self)

    def take(self, rows: Any) -> Ragged:
        """The documents of `rows`, in that order: row numbers, or N booleans."""
        rows = np.asarray(rows)
        if rows.dtype != bool:
            rows = rows.astype(np.int64)
        return self._slices(self.offsets[:-1][rows], self.lengths[rows])

    def where(self, kept: NDArray[np.bool_]) -> Ragged:
        """The documents with only those of their T ids that are `kept` (T,)."""
        totals = np.zeros(len(kept) + 1, dtype=np.int64)
        np.cumsum(kept, out=totals[1:])
        return Ragged(self.ids[kept], totals[self.offsets])

    def with_after(self, others: Ragged) -> Ragged:
        """Each document with the ids of the same document of `others` after its own."""
        ids = np.empty(len(self.ids) + len(others.ids), dtype=np.int32)
        ids[np.arange(len(self.ids)) + np.repeat(others.offsets[:-1], self.lengths)] = self.ids
        ids[np.arange(len(others.ids)) + np.repeat(self.offsets[1:], others.lengths)] = others.ids
        return Ragged(ids, self.offsets + others.offsets)

    def truncated(self, maxlen: int, truncating: str = "pre") -> Ragged:
        """At most `maxlen` ids a document; "pre" keeps the last ones, "post" the first ones."""
        _check_side("truncating", truncating)
        if maxlen < 0:
            raise UsageError(f"maxlen must not be negative: {maxlen}.")
        lengths = np.minimum(self.lengths, maxlen)
        starts = self.offsets[1:] - lengths if truncating == "pre" else self.offsets[:-1]
        return self._slices(starts, lengths)

    def padded(
        self, maxlen: int, padding: str = "pre", truncating: str = "pre", value: int = 0
    ) -> NDArray[np.int32]:
        """The documents as one matrix, int32 (N, maxlen); see `pad_sequences`."""
        _check_side("padding", padding)
        cut = self.truncated(maxlen, truncating)
        matrix = np.full((len(cut), maxlen), value, dtype=np.int32)
        columns = np.arange(maxlen)
        lengths = cut.lengths[:, None]
        filled = columns >= maxlen - lengths if padding == "pre" else columns < lengths
        matrix[filled] = cut.ids
        return matrix

    def _slices(self, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Ragged:
        offsets = offsets_of(lengths)
        if len(starts) and np.array_equal(starts[1:], starts[:-1] + lengths[:-1]):
            return Ragged(self.ids[starts[0] : starts[0] + offsets[-1]], offsets)
        if offsets[-1] > _LONG * len(lengths):  # long documents: copy them one by one, without index arrays
            bounds = zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
            return Ragged(np.concatenate([self.ids[a:b] for a, b in bounds]), offsets)
        source = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
        return Ragged(self.ids[source], offsets)


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (N+1,): where each document begins, from the documents' lengths."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def joined_offsets(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """int64 (N+1,): the offsets of documents that lie in several parts, each with offsets of its own."""
    return offsets_of(np.concatenate([np.diff(part) for part in parts]))


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> NDArray[Any]:
    """Pad and cut sequences to one length, exactly as `keras.utils.pad_sequences` does.

    Parameters
    ----------
    sequences : N sequences (lists or arrays), or a `Ragged`
    maxlen : L; None means the length of the longest sequence
    dtype : type of the result; floats put into integers are truncated toward zero
    padding, truncating : "pre" or "post": at which end `value` is added and ids are cut off
    value : what is filled in

    Returns
    -------
    array (N, L) or, for sequences of vectors, (N, L, ...)

    Raises
    ------
    DataError : something that is not a sequence, or elements of unequal shape (the row is named)
    UsageError : `padding` or `truncating` is neither "pre" nor "post"; `maxlen` below 0, or 0 where
        sequences with ids are to be cut at their beginning
    """
    _check_side("padding", padding)
    _check_side("truncating", truncating)
    if not hasattr(sequences, "__len__"):
        raise DataError("pad_sequences needs a list of sequences (an iterator has no length).")
    for row, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__") or isinstance(sequence, str | bytes):
            hint = " Turn texts into ids first." if isinstance(sequence, str) else ""
            raise DataError(f"pad_sequences, row {row}: a sequence expected, found {sequence!r:.60}.{hint}")
    if maxlen is None:
        if not len(sequences):
            raise UsageError("pad_sequences: there are no sequences, so maxlen must be given.")
        maxlen = max(len(sequence) for sequence in sequences)
    elif not hasattr(maxlen, "__index__") or maxlen < 0:
        raise UsageError(f"pad_sequences: maxlen must be a whole number of 0 or more, not {maxlen!r}.")
    if maxlen == 0 and truncating == "pre" and any(len(sequence) for sequence in sequences):
        raise UsageError(
            'pad_sequences: with maxlen=0 and truncating="pre" Keras cuts nothing off (sequence[-0:]) and '
            'stops. Give a maxlen of 1 or more, or truncating="post" for rows without columns.'
        )
    if isinstance(sequences, Ragged) and np.dtype(dtype) == np.int32 and not isinstance(value, str):
        return sequences.padded(maxlen, padding, truncating, int(value))
    return _padded_rows(sequences, maxlen, np.dtype(dtype), (padding, truncating), value)


def _padded_rows(
    sequences: Any, maxlen: int, dtype: np.dtype[Any], sides: tuple[str, str], value: Any
) -> NDArray[Any]:
    padding, truncating = sides
    if isinstance(value, str) and dtype.kind not in "OUS":
        raise UsageError(f"pad_sequences: value {value!r} is text, which needs dtype=object, not {dtype}.")
    inner = next((np.shape(sequence)[1:] for sequence in sequences if len(sequence)), ())
    matrix = np.full((len(sequences), maxlen, *inner), value, dtype=dtype)
    for row, sequence in enumerate(sequences):
        if not len(sequence):
            continue
        kept = sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen]
        try:
            kept = np.asarray(kept, dtype=dtype)
        except (ValueError, TypeError) as error:
            raise DataError(f"pad_sequences, row {row}: holds more than numbers ({error}).") from None
        if kept.shape[1:] != inner:
            raise DataError(
                f"pad_sequences, row {row}: elements have the shape {kept.shape[1:]}, those of the "
                f"rows before have {inner}."
            )
        if padding == "pre":
            matrix[row, maxlen - len(kept) :] = kept
        else:
            matrix[row, : len(kept)] = kept
    return matrix


def _check_side(name: str, side: str) -> None:
    if side not in SIDES:
        raise UsageError(f'{name} must be "pre" or "post", not {side!r}.')

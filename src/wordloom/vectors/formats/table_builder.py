"""What a reader is asked for, the table that it fills row by row, and the memory that rows pass through.

New memory costs the system about as much time as reading a piece of a file takes, so that a few buffers serve
for all pieces one after the other. Copying the numbers into the table, which is new memory, is left to
whoever takes a buffer over next: that is a thread among several, and not the one that puts the words in
order. What a file holds is not known here: its readers say it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt

from wordloom.vectors.formats.byte_streams import name_of
from wordloom.vectors.formats.word_decoder import Undecodable, WordDecoder, warn
from wordloom.vectors.word_vectors import WordVectors


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


@dataclass(frozen=True)
class Wanted:
    """Which part of a file is to be read.

    words : only these words, in the file's order; None for all
    limit : only the first so many rows of the file; None for all
    header : whether a text file begins with a line of two counts; None to find out
    undecodable : what becomes of words that are not UTF-8 or blank, see `WordDecoder`
    """

    words: frozenset[str] | None = None
    limit: int | None = None
    header: bool | None = None
    undecodable: Undecodable = "error"

    def decoder(self, path: Path, unit: str = "line") -> WordDecoder:
        """What decodes the words of a file as is wanted."""
        return WordDecoder(path, self.undecodable, unit)

    def selects_all(self) -> bool:
        """Whether the whole file is asked for."""
        return self.words is None and self.limit is None


class TableBuilder:
    """Collects words and rows; the first of equal words is kept, the others are counted.

    Its memory follows what was really read: a header's counts are never trusted with an allocation.
    """

    def __init__(
        self, path: Path, dimensions: int, wanted: Wanted, unit: str = "line", expected: int = 0
    ) -> None:
        self.path, self.wanted, self.unit = path, wanted, unit
        self.words: list[str] = []
        self.read = 0
        self._rows: dict[str, int] = {}
        self._duplicates = 0
        self._first_duplicate: tuple[int, str] | None = None
        self._table = np.empty((0, dimensions), dtype=np.float32)
        self.expect(expected)
        self._filled = 0
        self._copies: list[Copying] = []

    def expect(self, rows: int) -> None:
        """Make room for so many rows, before any are there."""
        self._table = np.empty((min(rows, _most_rows_at_first(self.dimensions)), self.dimensions), np.float32)

    @property
    def dimensions(self) -> int:
        """D of the table."""
        return int(self._table.shape[1])

    def wants(self, word: str) -> bool:
        """Whether rows of this word are asked for."""
        return self.wanted.words is None or word in self.wanted.words

    def pass_by(self) -> None:
        """Count a row of the file that is not wanted."""
        self.read += 1

    def takes(self, word: str, place: int) -> bool:
        """Note the row's word; False if the row is not wanted or the word was seen before.

        place : the number of the row's `unit` ("line" of the file, or "row"), for messages.
        After True the row's numbers must be given to `fill`, in order.
        """
        self.pass_by()
        if not self.wants(word):
            return False
        if word in self._rows:
            self._note_duplicates(1, place, word)
            return False
        self._rows[word] = len(self.words)
        self.words.append(word)
        return True

    def fill(self, rows: npt.NDArray[np.float32]) -> None:
        """The numbers (B, D) of the next B words taken."""
        self._placed(rows).finish()

    def _placed(self, rows: npt.NDArray[np.float32]) -> Copying:
        """The next B rows (B, D), still to be copied."""
        needed = self._filled + len(rows)
        if needed > len(self._table):
            self._finish_copies()  # the table may move
            self._table.resize((needed + needed // 4, self._table.shape[1]), refcheck=False)
        copy = Copying(self._table[self._filled : needed], rows)
        self._filled = needed
        return copy

    def _finish_copies(self) -> None:
        for copy in self._copies:
            copy.finish()
        self._copies.clear()

    def extend(
        self,
        words: list[str],
        rows: npt.NDArray[np.float32],
        places: npt.NDArray[np.int64],
        passed: int,
    ) -> Copying:
        """Take B wanted words with their numbers (B, D), found at `places: (B,)` among `passed` rows.

        The numbers are only copied when the copying that is returned is finished, or the table is.
        """
        self.read += passed
        start = len(self.words)
        # Most often all are new, and one look-up a word both finds that and notes their rows.
        firsts = list(map(self._rows.setdefault, words, range(start, start + len(words))))
        if len(self._rows) < start + len(words):
            fresh = [i for i, first in enumerate(firsts) if first == start + i]
            again = min(set(range(len(words))).difference(fresh))
            self._note_duplicates(len(words) - len(fresh), int(places[again]), words[again])
            words, rows = [words[i] for i in fresh], rows[fresh]
            self._rows.update(zip(words, range(start, start + len(words)), strict=True))
        self.words += words
        self._copies.append(self._placed(rows))
        return self._copies[-1]

    def _note_duplicates(self, count: int, place: int, word: str) -> None:
        """Count rows of words seen before, of which the first is at `place`; a file may be full of them."""
        self._duplicates += count
        self._first_duplicate = self._first_duplicate or (place, word)

    def complete(self) -> bool:
        """Whether all that is wanted has been found, so that the rest need not be read."""
        if self.wanted.limit is not None and self.read >= self.wanted.limit:
            return True
        return self.wanted.words is not None and len(self.words) == len(self.wanted.words)

    def finish(self) -> WordVectors:
        """The table. Warns of duplicate words."""
        if self._first_duplicate is not None:
            place, word = self._first_duplicate
            warn(
                f"{self.path}: {self._duplicates:,} duplicate words, the first is {word!r} at "
                f"{self.unit} {place:,}; the first row of each word is kept."
            )
        self._finish_copies()
        self._table.resize((self._filled, self._table.shape[1]), refcheck=False)
        table, self._table = self._table, np.empty((0, self._table.shape[1]), dtype=np.float32)
        table.flags.writeable = False
        return WordVectors.of_checked(tuple(self.words), table, name_of(self.path), rows=self._rows)


def _most_rows_at_first(dimensions: int) -> int:
    """More rows than that get their room as they come: what a file says of itself may be wrong."""
    return (1 << 31) // (4 * max(dimensions, 1))


def selected(
    words: Iterable[str | None], rows: npt.NDArray[np.float32], path: Path, wanted: Wanted
) -> WordVectors:
    """The wanted part of a table that is already in memory; rows whose word is None are left out."""
    builder = TableBuilder(path, rows.shape[1], wanted, unit="row")
    taken: list[int] = []
    for row, word in enumerate(words):
        if builder.complete():
            break
        if word is None:
            builder.pass_by()
        elif builder.takes(word, row):
            taken.append(row)
    builder.fill(rows if len(taken) == len(rows) else rows[taken])
    return builder.finish()

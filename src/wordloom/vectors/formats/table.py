"""What a reader is asked for, and the table that it fills row by row."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wordloom.errors import WordloomWarning
from wordloom.vectors.formats.byte_streams import name_of
from wordloom.vectors.formats.rooms import Copying
from wordloom.vectors.word_vectors import WordVectors


@dataclass(frozen=True)
class Wanted:
    """Which part of a file is to be read.

    words : only these words, in the file's order; None for all
    limit : only the first so many rows of the file; None for all
    header : whether a text file begins with a line of two counts; None to find out
    """

    words: frozenset[str] | None = None
    limit: int | None = None
    header: bool | None = None

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
        self._duplicates: list[tuple[int, str]] = []
        self._table = np.empty((expected, dimensions), dtype=np.float32)
        self._filled = 0
        self._copies: list[Copying] = []

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
            self._duplicates.append((place, word))
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
            again = sorted(set(range(len(words))).difference(fresh))
            self._duplicates += [(int(places[i]), words[i]) for i in again]
            words, rows = [words[i] for i in fresh], rows[fresh]
            self._rows.update(zip(words, range(start, start + len(words)), strict=True))
        self.words += words
        self._copies.append(self._placed(rows))
        return self._copies[-1]

    def complete(self) -> bool:
        """Whether all that is wanted has been found, so that the rest need not be read."""
        if self.wanted.limit is not None and self.read >= self.wanted.limit:
            return True
        return self.wanted.words is not None and len(self.words) == len(self.wanted.words)

    def finish(self) -> WordVectors:
        """The table. Warns of duplicate words."""
        if self._duplicates:
            place, word = self._duplicates[0]
            warn(
                f"{self.path}: {len(self._duplicates):,} duplicate words, the first is {word!r} at "
                f"{self.unit} {place:,}; the first row of each word is kept."
            )
        self._finish_copies()
        self._table.resize((self._filled, self._table.shape[1]), refcheck=False)
        table, self._table = self._table, np.empty((0, self._table.shape[1]), dtype=np.float32)
        table.flags.writeable = False
        return WordVectors.of_checked(tuple(self.words), table, name_of(self.path), rows=self._rows)


def selected(words: Sequence[str], rows: npt.NDArray[np.float32], path: Path, wanted: Wanted) -> WordVectors:
    """The wanted part of a table that is already in memory."""
    builder = TableBuilder(path, rows.shape[1], wanted, unit="row")
    taken: list[int] = []
    for row, word in enumerate(words):
        if builder.complete():
            break
        if builder.takes(word, row):
            taken.append(row)
    builder.fill(rows if len(taken) == len(rows) else rows[taken])
    return builder.finish()


def warn(message: str) -> None:
    """A WordloomWarning from a reader or a writer."""
    warnings.warn(message, WordloomWarning, stacklevel=5)

"""Parts of a text with their names, their values and the places where they stand, as arrays.

A text of the network's is a row of positions: the ids of its words, or of its characters. A part stands at
some of them, so many next to each other. All that is asked of the places is answered for all parts at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.explain.text_words import MARK, TextWords
from wordloom.text.sequences import Ragged
from wordloom.text.spans import Span

NGRAM, CHARACTERS, BOUNDARY = "n-gram", "characters", "word boundary"
MOST_SPANS = 1000


@dataclass(frozen=True, eq=False)
class Positions:
    """The T positions of a text.

    Parameters
    ----------
    words : the text's words
    sources : int32 (T,), the word that each position came from; MARK for none
    characters : int32 (T,), which of the word's characters it is; None where a position is a word
    """

    words: TextWords
    sources: NDArray[np.int32]
    characters: NDArray[np.int32] | None = None

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """float64 (T,): the characters of the text's words in each."""
        if self.characters is not None:
            return np.asarray(self.sources != MARK, dtype=np.float64)
        lengths = np.array([*map(len, self.words.words), 0], dtype=np.float64)
        return np.asarray(lengths[self.sources])

    @cached_property
    def _spans(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each begins and ends in the text; -1 for nowhere."""
        starts, ends = self.words.span_bounds
        starts, ends = starts[self.sources], ends[self.sources]
        if self.characters is not None:
            # as many characters as the text has there are those one by one
            lengths = np.array([*map(len, self.words.words), 0], dtype=np.int64)[self.sources]
            same = ends - starts == lengths
            starts = np.where(same, starts + self.characters, starts)
            ends = np.where(same, starts + 1, ends)
        return np.where(self.sources == MARK, -1, starts), ends

    def spans(
        self, firsts: NDArray[np.int32], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """From the first to the last of so many positions that stand in the text; -1 and -1 if none does."""
        starts, ends = self._spans
        placed, at = starts >= 0, np.arange(len(starts))
        after = np.minimum.accumulate(np.where(placed, at, len(at))[::-1])[::-1]
        before = np.maximum.accumulate(np.where(placed, at, -1))
        begin, end = after[firsts], before[firsts + lengths - 1]
        found = begin <= end
        nothing = np.full(len(firsts), -1, dtype=np.int64)
        if not found.any():
            return nothing, nothing
        return np.where(found, starts[np.where(found, begin, 0)], -1), np.where(
            found, ends[np.where(found, end, 0)], -1
        )


@dataclass(frozen=True, eq=False)
class Parts:
    """P parts of a text, and their R places.

    Parameters
    ----------
    kinds, texts : of each part
    values : float64 (P,), what each adds
    positions : the positions that they stand at
    of : int32 (R,), rising: which part each place is one of
    firsts : int32 (R,), the position at which a place begins
    lengths : int64 (P,), how many positions a part has
    """

    kinds: Sequence[str]
    texts: Sequence[str]
    values: NDArray[np.float64]
    positions: Positions
    of: NDArray[np.int32]
    firsts: NDArray[np.int32]
    lengths: NDArray[np.int64]

    @staticmethod
    def grouped(
        names: Sequence[tuple[Any, ...]],
        values: NDArray[np.float64],
        positions: Positions,
        firsts: Sequence[int] | NDArray[np.integer],
        lengths: Sequence[int] | NDArray[np.integer],
    ) -> Parts:
        """Of R places with a value, a first position and a number of them each: those of one name are a part.

        names : kind, text, and what else tells parts apart
        """
        numbers: dict[tuple[Any, ...], int] = {}
        of = np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int32)
        order = np.argsort(of, kind="stable")
        each = np.ones(len(numbers), dtype=np.int64)
        each[of] = lengths
        return Parts(
            [name[0] for name in numbers],
            [name[1] for name in numbers],
            np.bincount(of, values, minlength=len(numbers)).astype(np.float64),
            positions,
            of[order],
            np.asarray(firsts, dtype=np.int32)[order],
            each,
        )

    def effects(self) -> NDArray[np.float64]:
        """float64 (n,): what each word of the text has of all parts.

        The value of a part is shared out evenly among its places, and at each among the characters.
        """
        weights, sources = self.positions.weights, self.positions.sources
        totals = np.concatenate([[0.0], np.cumsum(weights)])
        inside = totals[self._ends] - totals[self.firsts]
        places = np.bincount(self.of, inside > 0, minlength=len(self.values))
        values = self.values / np.maximum(places, 1)
        shares = np.divide(values[self.of], inside, out=np.zeros(len(inside)), where=inside > 0)
        each, covered = self._stacked(shares) * weights, self._stacked((shares != 0).astype(np.int32))
        of_words = (sources != MARK) & (covered > 0)  # elsewhere sums of what cancels out are left
        each = each[of_words]
        n = len(self.positions.words.words)
        return np.bincount(sources[of_words], each, minlength=n).astype(np.float64)

    def _stacked(self, amounts: NDArray[Any]) -> NDArray[Any]:
        """(T,): the sum of the amounts (R,) of all places that each position lies in."""
        change = np.zeros(len(self.positions.sources) + 1, dtype=amounts.dtype)
        np.add.at(change, self.firsts, amounts)
        np.subtract.at(change, self._ends, amounts)
        return np.cumsum(change)[:-1]

    @property
    def _ends(self) -> NDArray[np.int64]:
        """(R,): the position behind the last of each place."""
        return np.asarray(self.firsts + self.lengths[self.of])

    @property
    def _bounds(self) -> NDArray[np.int64]:
        """(P + 1,): where the places of each part begin."""
        return np.searchsorted(self.of, np.arange(len(self.values) + 1))

    def spans(self) -> list[tuple[Span, ...]]:
        """The places of each part in the text, in order; no more than MOST_SPANS of them."""
        bounds = self._bounds
        first_ones = Ragged(np.arange(len(self.of), dtype=np.int32), bounds).truncated(MOST_SPANS, "post").ids
        of, firsts = self.of[first_ones], self.firsts[first_ones]
        starts, ends = self.positions.spans(firsts, self.lengths[of])
        placed = starts >= 0
        pairs = list(zip(starts[placed].tolist(), ends[placed].tolist(), strict=True))
        ends_of = np.searchsorted(of[placed], np.arange(len(self.values) + 1)).tolist()
        return [tuple(pairs[a:b]) for a, b in itertools.pairwise(ends_of)]

    def times(self) -> list[int]:
        """How often each part stands in the text."""
        return np.diff(self._bounds).tolist()  # type: ignore[no-any-return]

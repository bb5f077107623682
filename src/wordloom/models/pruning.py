"""Which words and n-grams a model of limited size keeps: those that its decisions rest on most.

The influence of a row (see `wordloom.text.ngrams`) is its squared weights times the documents that hold it:
its share in the spread of the logits. On IMDB reviews, held out from training, other powers of the two, the
variance of a row's contribution, and influence per byte did no better. An n-gram can only be found if its
first words and its last word are kept, so these count for as much as the best of the n-grams that they lead
to.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class RowChoice:
    """The rows that stay.

    Parameters
    ----------
    kept : int64, sorted: their old numbers
    n_words : how many of them are words
    number : int32 (old rows,): the new number of each row, -1 for those that go
    """

    kept: NDArray[np.int64]
    n_words: int
    number: NDArray[np.int32]

    @staticmethod
    def of(stays: NDArray[np.bool_], n_words: int) -> RowChoice:
        """From bool (W + G,), with a beginning for all that stays, and W."""
        kept = np.flatnonzero(stays)
        number = np.full(len(stays), -1, dtype=np.int32)
        number[kept] = np.arange(len(kept), dtype=np.int32)
        return RowChoice(kept, int(np.searchsorted(kept, n_words)), number)

    def pairs(self, pairs: NDArray[np.int32], old_words: int) -> NDArray[np.int32]:
        """int32 (G', 2): the pairs of the n-grams that stay, in new numbers."""
        return self.number[pairs[self.kept[self.n_words :] - old_words]]

    def rows(self, documents: Ragged) -> Ragged:
        """The documents as the rows that stay."""
        new = self.number[documents.ids]
        return Ragged(new, documents.offsets).where(new >= 0)

    def vocabulary(self, vocabulary: Vocabulary, marks: int = 0) -> Vocabulary:
        """Of the words that stay, without their counts; the first `marks` rows are no words."""
        words = [vocabulary.words[row - marks] for row in self.kept[marks : self.n_words].tolist()]
        none = np.zeros(len(words), dtype=np.int64)
        return Vocabulary(words, none, none, vocabulary.n_documents, vocabulary.convention)


def influence_of(
    weights: NDArray[np.float32], documents: NDArray[np.int64], pairs: NDArray[np.int32], n_words: int
) -> NDArray[np.float64]:
    """float64 (W + G,): how much the decisions of a model rest on each row and on what it leads to.

    weights : float32 (W + G, K); documents : int64 (W + G,), how many hold each row; pairs : int32 (G, 2)
    """
    influence: NDArray[np.float64] = documents * np.einsum("rk,rk->r", weights, weights, dtype=np.float64)
    for first, last in reversed(_levels(pairs, n_words)):  # longer n-grams first
        own = influence[n_words + first : n_words + last]
        np.maximum.at(influence, pairs[first:last, 0], own)
        np.maximum.at(influence, pairs[first:last, 1], own)
    return influence


def choose_rows(
    influence: NDArray[np.float64], cost: NDArray[np.float64], most_bytes: float
) -> NDArray[np.bool_]:
    """bool: the most influential rows, which take `most_bytes` together, or all if all fit.

    influence : as `influence_of` gives it, of one network or of several one after the other
    cost : the bytes of each row
    """
    # Stable: of equal ones a beginning, whose row is lower, comes before what it leads to.
    order = np.argsort(-influence, kind="stable")
    fitting = int(np.searchsorted(np.cumsum(cost[order]), most_bytes, side="right"))
    kept = np.zeros(len(influence), dtype=bool)
    kept[order[:fitting]] = True
    return kept


def _levels(pairs: NDArray[np.int32], n_words: int) -> list[tuple[int, int]]:
    """(first, last) of the n-grams of each length: those of a length begin with rows of the length before."""
    bounds, ends = [0], n_words
    while bounds[-1] < len(pairs):
        reached = int(np.searchsorted(pairs[:, 0], ends, side="left"))
        ends = n_words + reached
        bounds.append(reached)
    return list(itertools.pairwise(bounds))

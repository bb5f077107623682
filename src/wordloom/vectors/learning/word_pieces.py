"""WordPieces: which rows the input vectors of words are means of, while vectors with subwords are learned.

The buckets of n-grams that no word has are left out of the table that learns; they stay zeros in what is
learned.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.kernels.skipgram import Pieces
from wordloom.vectors.learning.settings import SkipGramSettings
from wordloom.vectors.subwords import SubwordRule, SubwordVectors


class WordPieces:
    """The pieces of V words.

    Attributes: `pieces` (rows below V are the words' own), and `n_rows`, how many different rows they are.
    Raises UsageError for more buckets than there is memory for.

    Parameters
    ----------
    words : the V words
    settings : say which n-grams of characters they have
    """

    def __init__(self, words: Sequence[str], settings: SkipGramSettings) -> None:
        self._words = words
        self._rule = SubwordRule(settings.shortest_subword, settings.longest_subword, settings.buckets)
        ids, offsets = self._rule.ids(words)
        self._used, rows = np.unique(ids, return_inverse=True)
        own = np.arange(len(words))
        self.pieces = Pieces(
            np.insert(len(words) + rows, offsets[:-1], own).astype(np.int32),
            offsets + np.arange(len(offsets)),
        )
        self.n_rows = len(words) + len(self._used)
        self._table = self._room(len(words) + self._rule.buckets, settings.dimensions)

    def _room(self, n_rows: int, dimensions: int) -> NDArray[np.float32]:
        """The whole table, asked for before hours of learning; rows take memory when they are written."""
        try:
            return np.zeros((n_rows, dimensions), dtype=np.float32)
        except (MemoryError, ValueError):
            raise UsageError(
                f"There is no memory for {self._rule.buckets:,} buckets of {dimensions:,} dimensions "
                f"({4e-9 * n_rows * dimensions:,.0f} GB); choose fewer buckets."
            ) from None

    def vectors(self, inputs: NDArray[np.float32], name: str) -> SubwordVectors:
        """What is learned, from the rows `inputs: float32 (n_rows, D)`; can be asked once."""
        n_words, table = len(self._words), self._table
        table[:n_words] = inputs[:n_words]
        table[n_words + self._used] = inputs[n_words:]
        table.flags.writeable = False
        return SubwordVectors.composed(self._words, table, self._rule, name)

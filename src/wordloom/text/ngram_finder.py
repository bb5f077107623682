"""NgramFinder: the known words and n-grams of documents, as rows, without the words' spelling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.kernels import index_of, ngram_kernels
from wordloom.kernels.threads import over_ranges
from wordloom.text.sequences import Ragged

LONGEST = 16
"""Words in the longest n-gram that there may be."""
_IDS_OF_A_THREAD = 5_000
"""Looking n-grams up in fewer is done before another thread has started."""


@dataclass(frozen=True)
class FoundNgrams:
    """N documents as rows of a table.

    Parameters
    ----------
    rows : ragged int32, the words and n-grams of each document, in the order of the text
    places : int32 (M,), the word of its document at which each begins
    """

    rows: Ragged
    places: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class NgramFinder:
    """Finds n-grams, which are pairs of rows (see `wordloom.kernels.ngrams`), in documents of word ids.

    Parameters
    ----------
    n_words : W, the words are the rows 0 to W-1
    pairs : int32 (G, 2), for each n-gram the row of its first words and the row of its last word
    first_word : the id of the word of row 0; lower ids are no words, and n-grams do not reach over them
    """

    n_words: int
    pairs: NDArray[np.int32]
    first_word: int = 0

    def check(self) -> None:
        """DataError for pairs that are not made of rows before them, as kernels take for granted.

        They must rise too, none twice, as they do when they are counted.
        """
        pairs, words = self.pairs, self.n_words
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            raise DataError(f"the n-grams' 'pairs' should have two columns, found the shape {pairs.shape}.")
        before = words + np.arange(len(pairs))
        if (pairs < 0).any() or (pairs[:, 0] >= before).any() or (pairs[:, 1] >= words).any():
            raise DataError("the n-grams' 'pairs' name rows that there are not before theirs.")
        keys = pairs[:, 0].astype(np.int64) * words + pairs[:, 1]
        if not (keys[1:] > keys[:-1]).all():
            raise DataError("the n-grams' 'pairs' do not rise.")

    def check_lengths(self) -> None:
        """DataError for n-grams of more than LONGEST words, in pairs that are valid."""
        if self.lengths.max(initial=1) > LONGEST:
            raise DataError(f"the n-grams' 'pairs' make n-grams of more than {LONGEST} words.")

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """int32 (W + G,): how many words each row has."""
        lengths = np.ones(self.n_words + len(self.pairs), dtype=np.int32)
        firsts, done = self.pairs[:, 0], self.n_words
        while done < len(lengths):  # first words rise, so all whose first words have lengths come next
            ready = self.n_words + int(np.searchsorted(firsts, done))
            lengths[done:ready] = lengths[firsts[done - self.n_words : ready - self.n_words]] + 1
            done = ready
        return lengths

    def words_of(self, row: int) -> list[int]:
        """The words that a row is made of, as rows, in order."""
        words: list[int] = []
        while row >= self.n_words:
            row, last = self.pairs[row - self.n_words].tolist()
            words.append(last)
        return [row, *reversed(words)]

    def find(self, ids: Ragged, threads: int | None = None) -> FoundNgrams:
        """All words and n-grams of the documents, in the order of the text."""
        longest = int(self.lengths.max(initial=1))
        parts = self._parts(lambda kernels: kernels.find_ngrams, ids, longest, threads)
        return FoundNgrams(Ragged.joined(parts), np.concatenate([part[2] for part in parts]))

    def present(self, ids: Ragged, longest: int, threads: int | None = None) -> Ragged:
        """The documents as the words and n-grams in them, none twice, in the order of the text."""
        return Ragged.joined(self._parts(lambda kernels: kernels.find_present, ids, longest, threads))

    def present_sums(
        self, ids: Ragged, longest: int, weights: NDArray[np.float32], threads: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """float64 (N, K): the sums of the `weights` (W + G, K) of the rows that `present` gives, which are
        not kept; and int64 (N,): how many rows each document has."""
        parts = self._parts(lambda kernels: kernels.present_sums, ids, longest, threads, weights)
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _parts(
        self,
        function: Callable[[ModuleType], Any],
        ids: Ragged,
        longest: int,
        threads: int | None,
        *weights: NDArray[np.float32],
    ) -> list[Any]:
        kernels = ngram_kernels(len(ids.ids))
        index = index_of(self, kernels, lambda: kernels.build_index(self.pairs, self.n_words))
        found = function(kernels)
        return over_ranges(
            lambda a, b: found(ids.ids, ids.offsets[a : b + 1], self.first_word, longest, index, *weights),
            ids.offsets,
            threads,
            _IDS_OF_A_THREAD,
        )

"""NgramFinder: the words and n-grams of documents, as rows, without the words' spelling."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import ngram_kernels
from wordloom.kernels.threads import over_ranges
from wordloom.text.sequences import Ragged, offsets_of


@dataclass(frozen=True)
class Documents:
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
    """Finds n-grams, which are pairs of rows (see `wordloom.kernels.ngrams`), in documents of words.

    Parameters
    ----------
    n_words : W, the words are the rows 0 to W-1
    pairs : int32 (G, 2), for each n-gram the row of its first words and the row of its last word
    """

    n_words: int
    pairs: NDArray[np.int32]

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """int32 (W + G,): how many words each row has."""
        lengths = np.ones(self.n_words + len(self.pairs), dtype=np.int32)
        for row, first in enumerate(self.pairs[:, 0].tolist(), start=self.n_words):
            lengths[row] = lengths[first] + 1
        return lengths

    def find(self, words: Ragged, threads: int | None = None) -> Documents:
        """Documents of words' rows (-1 for a word without a row, which no n-gram spans) as rows."""
        kernels = ngram_kernels(len(words.ids))
        longest = int(self.lengths.max(initial=1))
        index = self._index_for(kernels)
        parts = over_ranges(
            lambda first, last: kernels.find_ngrams(
                words.ids, words.offsets[first : last + 1], longest, index
            ),
            words.offsets,
            threads,
        )
        offsets = offsets_of(np.concatenate([np.diff(part[1]) for part in parts]))
        rows, places = (np.concatenate([part[i] for part in parts]) for i in (0, 2))
        return Documents(Ragged(rows, offsets), places)

    def _index_for(self, kernels: Any) -> Any:
        indexes: dict[str, Any] = self.__dict__.setdefault("_indexes", {})
        if kernels.__name__ not in indexes:
            indexes[kernels.__name__] = kernels.build_pairs(self.pairs, self.n_words)
        return indexes[kernels.__name__]

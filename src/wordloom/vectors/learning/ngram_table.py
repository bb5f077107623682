"""NgramTable: the words and n-grams that have a row, and texts as rows.

The rows 0 to W-1 are words, most frequent first; the others are n-grams, those of two words first. An
n-gram is kept as a pair of rows (see `wordloom.kernels.ngrams`). Only words that stand next to each other in
the text make an n-gram: a word without a row is not skipped.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.text.conventions import IdConvention
from wordloom.text.counting import count_words
from wordloom.text.ngram_finder import FoundNgrams, NgramFinder
from wordloom.text.ngrams import MOST_PLACES, NgramSelection, count_ngrams
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary

_UNKNOWN = 0
# rows counted from 1, so that 0 is left for a word without a row, which must not be left out of its text
_CONVENTION = IdConvention(unknown=_UNKNOWN)
_FIRST_WORD = _CONVENTION.index_from + 1


@dataclass(frozen=True)
class NgramTable:
    """V rows: W words and G n-grams.

    Parameters
    ----------
    words : the W words
    pairs : int32 (G, 2), for each n-gram the row of its first words and the row of its last word
    document_counts : int64 (V,), how many of the counted documents hold each
    n_documents : how many documents were counted
    tokenizer : how texts become words
    """

    words: Sequence[str]
    pairs: NDArray[np.int32]
    document_counts: NDArray[np.int64]
    n_documents: int
    tokenizer: Tokenizer

    def __len__(self) -> int:
        return len(self.words) + len(self.pairs)

    @cached_property
    def names(self) -> list[str]:
        """The text of every row: a word, or words with a space between them."""
        names = list(self.words)
        for first, last in self.pairs.tolist():
            names.append(f"{names[first]} {names[last]}")
        return names

    @property
    def lengths(self) -> NDArray[np.int32]:
        """int32 (V,): how many words each row has."""
        return self.finder.lengths

    @cached_property
    def finder(self) -> NgramFinder:
        """What finds the rows of documents."""
        return NgramFinder(len(self.words), self.pairs, _FIRST_WORD)

    def find(self, texts: Sequence[str], threads: int | None = None) -> FoundNgrams:
        """N texts as rows."""
        return self.find_in(self.numbered(texts, threads), threads)

    def numbered(self, texts: Sequence[str], threads: int | None = None) -> Ragged:
        """N texts as word ids for `find_in`."""
        return self._vocabulary.encode(texts, self.tokenizer, threads)

    def find_in(self, ids: Ragged, threads: int | None = None) -> FoundNgrams:
        """Documents of word ids (row + 1, or 0 for a word without a row) as rows."""
        return self.finder.find(ids, threads)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        counts = self.document_counts[: len(self.words)]
        return Vocabulary(self.words, counts, counts, self.n_documents, _CONVENTION)


def count_ngrams_of(
    texts: Sequence[str], tokenizer: Tokenizer, longest: int, min_documents: int, threads: int | None = None
) -> tuple[NgramTable, FoundNgrams]:
    """The table of all words and n-grams in at least `min_documents` of the texts, and the texts as rows.

    Raises DataError if no word is in so many texts.
    """
    counted, ranks = count_words(texts, tokenizer, threads)
    kept = np.flatnonzero(counted.document_counts >= min_documents)
    if not len(kept):
        raise DataError(
            f"None of the {len(counted):,} different words stands in {min_documents:,} or more of the "
            f"{len(texts):,} texts; give more texts, or choose a lower min_documents."
        )
    numbers = np.zeros(len(counted) + 1, dtype=np.int32)
    numbers[kept + 1] = np.arange(_FIRST_WORD, len(kept) + _FIRST_WORD)
    ids, word_counts = Ragged(numbers[ranks.ids], ranks.offsets), counted.document_counts[kept]
    selection = NgramSelection(longest, min_documents, MOST_PLACES)
    ngrams, _ = count_ngrams(ids, word_counts, _FIRST_WORD, selection, threads)
    table = NgramTable(
        [counted.words[i] for i in kept],
        ngrams.pairs,
        np.concatenate([word_counts, ngrams.document_counts]),
        len(texts),
        tokenizer,
    )
    if tokenizer.function is not None or tokenizer.split != " ":  # words may hold spaces
        table = _spelled_once(table)
    return table, table.find_in(ids, threads)


def _spelled_once(table: NgramTable) -> NgramTable:
    """Without the n-grams that are spelled like another row, and those that begin with one of them."""
    n_words, firsts = len(table.words), dict[str, int]()
    kept = np.ones(len(table), dtype=bool)
    for row, name in enumerate(table.names):
        begins_with_none = row >= n_words and not kept[table.pairs[row - n_words, 0]]
        kept[row] = not begins_with_none and firsts.setdefault(name, row) == row
    numbers = np.cumsum(kept, dtype=np.int32) - np.int32(1)
    pairs = table.pairs[kept[n_words:]]
    pairs = np.stack([numbers[pairs[:, 0]], pairs[:, 1]], axis=1)
    return dataclasses.replace(table, pairs=pairs, document_counts=table.document_counts[kept])

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
from wordloom.kernels import ngram_kernels
from wordloom.text.conventions import IdConvention
from wordloom.text.counting import count_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.learning.ngram_finder import Documents, NgramFinder

__all__ = ["Documents", "NgramFinder", "NgramTable", "count_ngrams"]

_UNKNOWN = 0
# rows counted from 1, so that 0 is left for a word without a row, which must not be left out of its text
_CONVENTION = IdConvention(unknown=_UNKNOWN)


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
        return NgramFinder(len(self.words), self.pairs)

    def find(self, texts: Sequence[str], threads: int | None = None) -> Documents:
        """N texts as rows."""
        return self.find_in(self.numbered(texts, threads), threads)

    def numbered(self, texts: Sequence[str], threads: int | None = None) -> Ragged:
        """N texts as word ids for `find_in`."""
        return self._vocabulary.encode(texts, self.tokenizer, threads)

    def find_in(self, ids: Ragged, threads: int | None = None) -> Documents:
        """Documents of word ids (row + 1, or 0 for a word without a row) as rows."""
        return self.finder.find(Ragged(ids.ids - np.int32(1), ids.offsets), threads)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        counts = self.document_counts[: len(self.words)]
        return Vocabulary(self.words, counts, counts, self.n_documents, _CONVENTION)


def count_ngrams(
    texts: Sequence[str], tokenizer: Tokenizer, longest: int, min_documents: int, threads: int | None = None
) -> tuple[NgramTable, Documents]:
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
    ids = np.zeros(len(counted) + 1, dtype=np.int32)
    ids[kept + 1] = np.arange(1, len(kept) + 1)
    documents = Ragged(ids[ranks.ids], ranks.offsets)
    table = NgramTable(
        [counted.words[i] for i in kept],
        np.zeros((0, 2), dtype=np.int32),
        counted.document_counts[kept],
        len(texts),
        tokenizer,
    )
    found = table.find_in(documents, threads)
    for length in range(2, longest + 1):
        candidates = _candidates(found, documents, length, table, min_documents)
        table = dataclasses.replace(table, pairs=np.concatenate([table.pairs, candidates]))
        table, found = _pruned(table, table.find_in(documents, threads), min_documents)
    return table, found


def _candidates(
    found: Documents, ids: Ragged, length: int, table: NgramTable, min_documents: int
) -> NDArray[np.int32]:
    """Pairs that occur often enough: an n-gram of `length` - 1 words and the word after it."""
    chosen = table.lengths[found.rows.ids] == length - 1
    prefixes = found.rows.ids[chosen].astype(np.int64)
    starts = (found.places + np.repeat(ids.offsets[:-1], found.rows.lengths))[chosen]
    document_ends = np.repeat(ids.offsets[1:], found.rows.lengths)[chosen]
    nexts = starts + length - 1
    inside = np.flatnonzero(nexts < document_ends)
    words = ids.ids[nexts[inside]].astype(np.int64) - 1
    width = len(table.words)
    keys = np.sort((prefixes[inside] * width + words)[words >= 0])
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    counts = np.diff(firsts, append=len(keys))
    often = keys[firsts[counts >= min_documents]]
    return np.stack([often // width, often % width], axis=1).astype(np.int32)


def _pruned(table: NgramTable, found: Documents, min_documents: int) -> tuple[NgramTable, Documents]:
    """Without the n-grams that are in too few documents, or are spelt like another row; with all counts."""
    rows, offsets = found.rows.ids, found.rows.offsets
    counts = ngram_kernels(len(rows)).document_counts(rows, offsets, len(table))
    kept = counts >= min_documents
    kept[: len(table.words)] = True
    if table.tokenizer.function is not None or table.tokenizer.split != " ":  # words may hold spaces
        firsts = dict(zip(reversed(table.names), range(len(table) - 1, -1, -1), strict=True))
        kept[[row for row, name in enumerate(table.names) if firsts[name] != row]] = False
    numbers = np.where(kept, np.cumsum(kept, dtype=np.int32) - 1, -1).astype(np.int32)
    pairs = table.pairs[kept[len(table.words) :]]
    pairs = np.stack([numbers[pairs[:, 0]], pairs[:, 1]], axis=1)
    smaller = NgramTable(table.words, pairs, counts[kept], table.n_documents, table.tokenizer)
    inside = kept[rows]
    return smaller, Documents(Ragged(numbers[rows], offsets).where(inside), found.places[inside])

"""N-grams inside words: counted once for each different word, however often the texts hold it.

A word's n-grams are the same wherever it stands, so they are found in the different words, and documents are
put together from the rows of their words. The result is what `count_ngrams` gives for the documents' words
spelled out and set apart (`SpelledTexts.documents`), which is how texts on disk are counted.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import ngram_counting_kernels
from wordloom.kernels.threads import over_ranges
from wordloom.text.ngrams import MOST_PLACES, NgramCounts, NgramSelection, count_ngrams
from wordloom.text.sequences import Ragged, offsets_of


@dataclass(frozen=True)
class SpelledTexts:
    """N documents as words that are spelled.

    Parameters
    ----------
    words : the ids of the characters of W different words, each set apart (see `Alphabet.spelled`)
    numbers : the words of each document, numbers from 0 to W-1
    """

    words: Ragged
    numbers: Ragged

    def __len__(self) -> int:
        return len(self.numbers)

    def documents(self) -> Ragged:
        """The ids of the characters of the documents, word by word."""
        spelled = self.words.take(self.numbers.ids)
        return Ragged(spelled.ids, spelled.offsets[self.numbers.offsets])

    def occurrences(self, size: int) -> NDArray[np.int64]:
        """int64 (size,): how often each id stands in the documents."""
        of_words = np.bincount(self.numbers.ids, minlength=len(self.words))
        return np.bincount(self.words.ids, np.repeat(of_words, self.words.lengths), minlength=size).astype(
            np.int64
        )


def count_ngrams_inside_words(
    texts: SpelledTexts,
    single_counts: NDArray[np.int64],
    first: int,
    selection: NgramSelection,
    threads: int | None = None,
) -> tuple[NgramCounts, Ragged]:
    """The n-grams inside the words of N documents, and the documents as the rows that they hold, none twice.

    single_counts : int64 (A,), in about how many of the documents each character stands
    first : the id of the character of row 0
    """
    every = NgramSelection(selection.longest, 1, MOST_PLACES)
    found, rows = count_ngrams(texts.words, single_counts, first, every, threads)
    numbers, kernels = texts.numbers, ngram_counting_kernels(len(texts.numbers.ids))
    size = len(single_counts) + len(found.pairs)
    parts = over_ranges(
        lambda a, b: kernels.documents_of_rows(numbers.ids, numbers.offsets[a : b + 1], *_arrays(rows), size),
        numbers.offsets,
        threads,
    )
    chosen = _chosen(found, np.sum(parts, axis=0, dtype=np.int32), selection)
    if chosen is None:  # what there is no room for breaks longer n-grams, which words do not know of
        return count_ngrams(texts.documents(), single_counts, first, selection, threads)
    counts, number = chosen
    new = number[rows.ids]
    rows = Ragged(new, rows.offsets).where(new >= 0)
    bounds = _bounds(rows, counts.kept, selection.longest)
    united = over_ranges(
        lambda a, b: kernels.united(
            numbers.ids, numbers.offsets[a : b + 1], rows.ids, bounds, selection.longest, size
        ),
        numbers.offsets,
        threads,
    )
    return counts, Ragged.joined(united)


def _arrays(rows: Ragged) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    return rows.ids, rows.offsets


def _chosen(
    found: NgramCounts, documents: NDArray[np.int32], selection: NgramSelection
) -> tuple[NgramCounts, NDArray[np.int32]] | None:
    """The n-grams in enough documents, and the new number of every row, -1 for none; None if there is no room
    for all of them."""
    n_singles = found.kept[0]
    number = np.full(len(documents), -1, dtype=np.int32)
    number[:n_singles] = np.arange(n_singles)
    enough = documents >= selection.min_documents
    kept, rows = [n_singles], []
    for first, last in itertools.pairwise(np.cumsum(found.kept).tolist()):
        rows.append(first + np.flatnonzero(enough[first:last]))
        number[rows[-1]] = sum(kept) + np.arange(len(rows[-1]))
        kept.append(len(rows[-1]))
        if not kept[-1]:
            break
    if sum(kept[1:]) > selection.most:
        return None
    chosen = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
    firsts, lasts = found.pairs[chosen - n_singles].T
    pairs = np.stack([number[firsts], lasts], axis=1).astype(np.int32)
    return NgramCounts(pairs, documents[chosen], kept, [0] * len(kept)), number


def _bounds(rows: Ragged, kept: Sequence[int], longest: int) -> NDArray[np.int64]:
    """int64 (W longest + 1,): where the rows of each word and length begin.

    kept : how many rows there are of length 1, of length 2, and so on
    """
    lengths = np.repeat(np.arange(len(kept)), kept)[rows.ids]
    cells = np.repeat(np.arange(len(rows)) * longest, rows.lengths) + lengths
    return offsets_of(np.bincount(cells, minlength=len(rows) * longest))

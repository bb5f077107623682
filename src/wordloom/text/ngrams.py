"""The n-grams of some texts: counted exactly, each with a row of its own, and the texts as rows.

Rows 0 to W-1 are the vocabulary's words, the others n-grams, shorter ones first. An n-gram is a pair of the
row of its first words and the row of its last word (see `wordloom.kernels.ngrams`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.kernels import ngram_counting_kernels
from wordloom.kernels.ngram_counting import Text
from wordloom.kernels.threads import over_ranges
from wordloom.text.sequences import Ragged, offsets_of

MOST_PLACES = 2**31 - 1
PLACES_OF_A_THREAD = 200_000
"""Of texts; what there is to do for fewer is done before another thread has started, which would go through
all of them for its share of the pairs."""


@dataclass(frozen=True)
class NgramSelection:
    """Which n-grams get a row.

    Parameters
    ----------
    longest : words in the longest n-gram
    min_documents : texts that an n-gram must stand in
    most : n-grams of two words or more; of more than these, the ones in the most texts are kept
    """

    longest: int
    min_documents: int
    most: int


@dataclass(frozen=True)
class NgramCounts:
    """What was counted.

    Parameters
    ----------
    pairs : int32 (G, 2), sorted: the row of the first words and the row of the last word of each n-gram
    document_counts : int32 (G,), the documents that each stands in
    kept : n-grams of each length, from words (length 1) on
    dropped : of each length, the n-grams that are in enough texts and were too many
    """

    pairs: NDArray[np.int32]
    document_counts: NDArray[np.int32]
    kept: Sequence[int]
    dropped: Sequence[int]


def count_ngrams(
    ids: Ragged,
    word_counts: NDArray[np.int64],
    first_word: int,
    selection: NgramSelection,
    threads: int | None = None,
) -> tuple[NgramCounts, Ragged]:
    """The n-grams of N documents of word ids, and the documents as the rows that they hold, none twice.

    word_counts : int64 (W,), in about how many of the documents each word stands
    first_word : the id of the word of row 0; lower ids are no words, and break n-grams

    Raises DataError for more than 2**31 ids.
    """
    if len(ids.ids) + len(ids) > MOST_PLACES:
        raise DataError(
            f"The texts have {len(ids.ids):,} words, more than the {MOST_PLACES:,} that n-grams can be "
            "counted in at once; train on a part of them."
        )
    kernels = ngram_counting_kernels(len(ids.ids))
    text = kernels.laid_out(ids.ids, ids.offsets, first_word)
    places = offsets_of(ids.lengths + 1)
    n_words, left = len(word_counts), selection.most
    found, dropped = np.empty((selection.longest, len(text.words)), np.int32), [0]
    first_words(kernels, text, places, n_words, threads, found[0])
    pairs, documents = [np.zeros((0, 2), dtype=np.int32)], [np.zeros(0, dtype=np.int32)]
    bases, counts = [0, n_words], word_counts.astype(np.int32)
    for length in range(2, selection.longest + 1):
        limits = (length, selection.min_documents, n_words)
        new, counts = longer(kernels, text, (found[length - 2], found[length - 1]), counts, limits, threads)
        wanted = len(new)
        if wanted > left:
            found[length - 1], new, counts = _most_frequent(found[length - 1], new, counts, left)
        left -= len(new)
        new[:, 0] += bases[-2]
        pairs.append(new)
        documents.append(counts)
        dropped.append(wanted - len(new))
        bases.append(bases[-1] + len(new))
        if not len(new):
            break
    rows = gathered(kernels, found[: len(bases) - 1], np.array(bases[:-1]), places, threads)
    kept = np.diff(bases).tolist()
    return NgramCounts(np.concatenate(pairs), np.concatenate(documents), kept, dropped), rows


def first_words(
    kernels: Any,
    text: Text,
    places: NDArray[np.int64],
    n_words: int,
    threads: int | None,
    found: NDArray[np.int32],
) -> None:
    """Fill `found` with the words at all places, repeats in a document marked."""

    def mark(first: int, last: int) -> None:
        span = int(places[first]), int(places[last])
        found[slice(*span)] = kernels.mark_repeats(text, n_words, span)

    over_ranges(mark, places, threads, PLACES_OF_A_THREAD)


def longer(
    kernels: Any,
    text: Text,
    numbers: tuple[NDArray[np.int32], NDArray[np.int32]],
    counts: NDArray[Any],
    limits: tuple[int, int, int],
    threads: int | None,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """One word more: the pairs, and the documents that each stands in.

    numbers : of what begins at each place, and, to be filled, of the pairs found there
    """
    length, fewest, n_words = limits
    begins, found = numbers
    found.fill(-1)
    bounds: list[int] = []

    def count(first: int, last: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        bounds.append(first)
        pair_up = kernels.pair_up
        result: tuple[NDArray[np.int32], NDArray[np.int32]] = pair_up(
            text, begins, length, (first, last), (fewest, n_words), found
        )
        return result

    parts = over_ranges(count, offsets_of(counts), threads, PLACES_OF_A_THREAD)
    if len(parts) > 1:
        starts = np.sort(np.array(bounds, dtype=np.int64))
        bases = offsets_of(np.array([len(pairs) for pairs, _ in parts]))[:-1]
        cuts = np.arange(len(parts) + 1) * len(found) // len(parts)

        def renumber(first: int, last: int) -> None:
            span = slice(cuts[first], cuts[last])
            kernels.renumber(found[span], begins[span], starts, bases)

        over_ranges(renumber, cuts, threads, PLACES_OF_A_THREAD)
    pairs, documents = (np.concatenate([part[i] for part in parts]) for i in range(2))
    return pairs, documents


def _most_frequent(
    found: NDArray[np.int32], pairs: NDArray[np.int32], counts: NDArray[np.int32], most: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Only the n-grams in the most documents; of those in equally many, the first ones."""
    chosen = np.sort(np.argsort(-counts, kind="stable")[:most])
    number = np.full(len(pairs) + 1, -1, dtype=np.int32)  # the last one is that of none
    number[chosen] = np.arange(len(chosen))
    return renumbered(found, number), pairs[chosen], counts[chosen]


def renumbered(found: NDArray[np.int32], number: NDArray[np.int32]) -> NDArray[np.int32]:
    """`found` with other numbers: `number[i]` in the place of i, and `number[-1]`, which is -1, for none."""
    first = np.where(found >= 0, number[found], number[-2 - np.minimum(found, -1)])
    return np.where(found >= 0, first, -2 - first).astype(np.int32)


def gathered(
    kernels: Any,
    found: NDArray[np.int32],
    bases: NDArray[np.int64],
    places: NDArray[np.int64],
    threads: int | None,
) -> Ragged:
    """The documents as the rows found at their places by each length, none twice."""
    parts = over_ranges(
        lambda a, b: kernels.gathered(found, bases, places[a : b + 1]), places, threads, PLACES_OF_A_THREAD
    )
    return Ragged.joined(parts)

"""Counting n-grams exactly, and the documents as the n-grams counted in them: the plain twin.

A row is a word (0 to W-1) or an n-gram, which is a pair: the row of its first words and its last word. The
pairs are sorted, so a pair's place among them says its row. N documents lie one after the other in one array
of words with a -1 after each, so that no n-gram reaches from one into the next; words without a row are -1
too and break n-grams. A row found at a place is written as itself where it stands in its document for the
first time, and as `-2 - row` where it is repeated; -1 is none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.ngrams import distinct, first_sight


class Text(NamedTuple):
    """N documents, one after the other.

    words : int32 (P,), the row of each word, -1 for an unknown one and after each document
    documents : int32 (P,), the document that each place belongs to
    """

    words: NDArray[np.int32]
    documents: NDArray[np.int32]


def laid_out(ids: NDArray[np.int32], offsets: NDArray[np.int64], first_word: int) -> Text:
    """Documents of ids as one text; ids below `first_word` are no words."""
    lengths = np.diff(offsets)
    documents = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths + 1)
    words = np.full(len(documents), -1, dtype=np.int32)
    inside = np.ones(len(documents), dtype=bool)
    inside[np.cumsum(lengths + 1) - 1] = False
    rows = ids[offsets[0] : offsets[-1]] - np.int32(first_word)
    words[inside] = np.where(rows >= 0, rows, -1)
    return Text(words, documents)


def mark_repeats(text: Text, n_words: int, places: tuple[int, int]) -> NDArray[np.int32]:
    """int32: the words of `places` (whole documents), repeated ones marked."""
    words, documents = (array[places[0] : places[1]] for array in text)
    found = words.copy()
    keys = documents.astype(np.int64) * n_words + words
    _, firsts = np.unique(keys, return_index=True)
    repeated = np.ones(len(words), dtype=bool)
    repeated[firsts] = False
    repeated &= words >= 0
    found[repeated] = -2 - words[repeated]
    return found


def pair_up(
    text: Text,
    begins: NDArray[np.int32],
    length: int,
    rows: tuple[int, int],
    rule: tuple[int, int],
    found: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The n-grams of `length` words that begin with one of `rows`.

    Parameters
    ----------
    text : the documents
    begins : int32 (P,), the n-gram of `length` - 1 words found at each place, repeats marked
    rows : the first of the beginnings' rows to look at, and one behind the last
    rule : the documents that an n-gram must stand in, and W
    found : int32 (P,), is filled with the numbers of the n-grams from 0 where they begin, repeats marked

    Returns
    -------
    pairs : int32 (G, 2), sorted
    document_counts : int32 (G,)
    """
    fewest, n_words = rule
    first = np.where(begins >= 0, begins, -2 - begins)
    last = np.full(len(first), -1, dtype=np.int32)
    last[: max(len(first) - length + 1, 0)] = text.words[length - 1 :]
    whole = np.zeros(len(first), dtype=bool)  # the words after the first are an n-gram too
    whole[:-1] = first[1:] != -1
    places = np.flatnonzero((first >= rows[0]) & (first < rows[1]) & (last >= 0) & whole)
    keys = first[places].astype(np.int64) * n_words + last[places]
    different, numbers = np.unique(keys, return_inverse=True)
    pairs_seen = numbers * (int(text.documents[-1]) + 1 if len(text.documents) else 1)
    pairs_seen += text.documents[places]
    _, firsts = np.unique(pairs_seen, return_index=True)
    counts = np.bincount(numbers[firsts], minlength=len(different))
    kept = counts >= fewest
    new = np.where(kept, np.cumsum(kept) - 1, -1)[numbers].astype(np.int32)
    repeated = np.ones(len(places), dtype=bool)
    repeated[firsts] = False
    found[places] = np.where(repeated, -2 - new, new)
    pairs = np.stack([different[kept] // n_words, different[kept] % n_words], axis=1)
    return pairs.astype(np.int32), counts[kept].astype(np.int32)


def renumber(
    found: NDArray[np.int32], begins: NDArray[np.int32], bounds: NDArray[np.int64], bases: NDArray[np.int64]
) -> None:
    """Add `bases[i]` to the numbers found by the call of `pair_up` for the rows from `bounds[i]` on."""
    first = np.where(begins >= 0, begins, -2 - begins)
    base = bases[np.maximum(np.searchsorted(bounds, first, side="right") - 1, 0)].astype(np.int32)
    np.add(found, base, out=found, where=found >= 0)
    np.subtract(found, base, out=found, where=found < -1)


def gathered(
    found: NDArray[np.int32], bases: NDArray[np.int64], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Documents as rows without repetition: words first, then n-grams by length.

    found : int32 (L, P), for each length the numbers at each place; `bases[i]` is the row of number 0
    offsets : int64 (N+1,), where each document's places begin

    Returns rows int32 (M,) and offsets int64 (N+1,).
    """
    parts: list[NDArray[Any]] = [np.zeros(0, dtype=np.int32)]
    ends = np.zeros(len(offsets), dtype=np.int64)
    for document in range(len(offsets) - 1):
        size = 0
        for numbers, base in zip(found, bases.tolist(), strict=True):
            inside = numbers[offsets[document] : offsets[document + 1]]
            parts.append(inside[inside >= 0] + np.int32(base))
            size += len(parts[-1])
        ends[document + 1] = ends[document] + size
    return np.concatenate(parts), ends


def documents_of_rows(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int32],
    ends: NDArray[np.int64],
    size: int,
) -> NDArray[np.int32]:
    """int32 (size,): how many of N documents of words hold each row, for words that are rows themselves.

    words : int32 (T,), offsets : int64 (N+1,), the documents
    rows : int32 (M,), ends : int64 (W+1,), the rows of each word
    """
    found, documents = _rows_of_words(words, offsets, rows, (ends[:-1], ends[1:]))
    return np.bincount(distinct(documents * size + found) % size, minlength=size).astype(np.int32)


def united(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int32],
    bounds: NDArray[np.int64],
    longest: int,
    size: int,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """N documents of words as the rows of their words without repetition: shorter n-grams first, in the order
    of the words.

    bounds : int64 (W longest + 1,), where each word's rows of each length begin; other arguments as for
        `documents_of_rows`

    Returns rows int32 (M,) and offsets int64 (N+1,).
    """
    keys = []
    for length in range(longest):
        begins, ends = bounds[length:-1:longest], bounds[length + 1 :: longest]
        found, documents = _rows_of_words(words, offsets, rows, (begins, ends))
        keys.append(documents * size + found)
    every = np.concatenate(keys)
    every = first_sight(every[np.argsort(every // size, kind="stable")])
    inside = np.searchsorted(every // size, np.arange(len(offsets)))
    return (every % size).astype(np.int32), inside.astype(np.int64)


def _rows_of_words(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int32],
    bounds: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of all words of the documents in their order, and the document of each."""
    inside = words[offsets[0] : offsets[-1]]
    begins, lengths = bounds[0][inside], (bounds[1] - bounds[0])[inside]
    ends = np.cumsum(lengths)
    source = np.repeat(begins - (ends - lengths), lengths) + np.arange(int(lengths.sum()))
    documents = np.repeat(np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)), lengths)
    return rows[source].astype(np.int64), documents


def alike(rows: NDArray[np.int32], offsets: NDArray[np.int64], size: int) -> NDArray[np.int32]:
    """int32 (size,): for each row the lowest one that stands in the same of N documents.

    rows : int32 (M,), offsets : int64 (N+1,), the rows of each document, none twice

    Every document divides the groups that there are into the rows that it holds and the others (R. Paige and
    R. Tarjan, "Three partition refinement algorithms", 1987).
    """
    groups, following = np.zeros(size, dtype=np.int64), 1
    for document in range(len(offsets) - 1):
        inside = rows[offsets[document] : offsets[document + 1]]
        before, groups[inside] = np.unique(groups[inside], return_inverse=True)
        groups[inside] += following
        following += len(before)
    _, lowest, places = np.unique(groups, return_index=True, return_inverse=True)
    return lowest[places].astype(np.int32)

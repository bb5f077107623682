"""Finding known n-grams in documents of words, and averages of their vectors: the plain twin.

Every row of a table is a word (rows 0 to W-1) or an n-gram, which is a pair: the row of its first words and
the row of its last word. So "not very good" is ("not very", "good"), and a chain of pairs finds n-grams of
any length. Ids below `first_word`, the id of the word of row 0, are words without a row and break the chain.
What counts n-grams is in `ngram_counting`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.linear import row_sums

Pairs = NDArray[np.int32]  # (G, 2): first part and last word of the rows W, W+1, ...
Index = Any


class _Index(NamedTuple):
    """The pairs as sorted numbers, the row of each, and W."""

    keys: NDArray[np.int64]
    rows: NDArray[np.int32]
    words: int


def build_index(pairs: Pairs, words: int) -> Index:
    """The pairs, made ready to be found; pair g has the row `words + g`."""
    keys = pairs[:, 0].astype(np.int64) * words + pairs[:, 1]
    order = np.argsort(keys, kind="stable")
    return _Index(keys[order], (words + order).astype(np.int32), words)


class _Found(NamedTuple):
    """The n-grams found: where each begins in the array of ids, the document that it is in, and its row."""

    places: NDArray[np.int64]
    documents: NDArray[np.int64]
    rows: NDArray[np.int32]


def _found(
    ids: NDArray[np.int32], offsets: NDArray[np.int64], first_word: int, longest: int, index: _Index
) -> list[_Found]:
    """The words found in N documents, then the n-grams of two words, and so on."""
    start, stop = int(offsets[0]), int(offsets[-1])
    words = np.maximum(ids[start:stop].astype(np.int64) - first_word, -1)
    documents = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    places = np.flatnonzero(words >= 0)
    rows = words[places]
    found = [_Found(places + start, documents[places], rows.astype(np.int32))]
    ends = offsets[1:] - start
    for length in range(2, longest + 1):
        inside = places + length <= ends[documents[places]]
        places, rows = places[inside], rows[inside]
        last = words[places + length - 1]
        if not len(places) or not len(index.keys):
            break
        wanted = rows * index.words + last
        at = np.minimum(np.searchsorted(index.keys, wanted), len(index.keys) - 1)
        known = (last >= 0) & (index.keys[at] == wanted)
        places, rows = places[known], index.rows[at[known]].astype(np.int64)
        found.append(_Found(places + start, documents[places], rows.astype(np.int32)))
    return found


def find_ngrams(
    ids: NDArray[np.int32], offsets: NDArray[np.int64], first_word: int, longest: int, index: Index
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
    """All known n-grams of N documents, those of one place one after the other, short ones first.

    Parameters
    ----------
    ids : int32 (T,)
    offsets : int64 (N+1,)
    first_word : the id of the word of row 0
    longest : words in the longest n-gram

    Returns
    -------
    rows : int32 (M,)
    row_offsets : int64 (N+1,)
    places : int32 (M,), the place in its document where each begins
    """
    found = _Found(*map(np.concatenate, zip(*_found(ids, offsets, first_word, longest, index), strict=True)))
    order = np.argsort(found.places, kind="stable")  # of one place the short ones came first
    documents = found.documents[order]
    ends = np.searchsorted(documents, np.arange(len(offsets))).astype(np.int64)
    return found.rows[order], ends, (found.places[order] - offsets[documents]).astype(np.int32)


def find_present(
    ids: NDArray[np.int32], offsets: NDArray[np.int64], first_word: int, longest: int, index: Index
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The rows that each of N documents of ids holds, each row once, in the order in which they first begin.

    Returns rows int32 (M,) and offsets int64 (N+1,).
    """
    size = index.words + len(index.keys)
    found = _found(ids, offsets, first_word, longest, index)
    keys = np.concatenate([part.documents * size + part.rows for part in found])
    # of one place the short ones come first, which stable sorting keeps
    different = first_sight(keys[np.argsort(np.concatenate([part.places for part in found]), kind="stable")])
    ends = np.searchsorted(different // size, np.arange(len(offsets)))
    return (different % size).astype(np.int32), ends.astype(np.int64)


def present_sums(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    first_word: int,
    longest: int,
    index: Index,
    weights: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The sums of the weights (V, K) of the rows that `find_present` finds, and how many these are.

    Returns sums float64 (N, K), added in the order of the rows, and counts int64 (N,).
    """
    rows, ends = find_present(ids, offsets, first_word, longest, index)
    return row_sums(rows, ends, weights), np.diff(ends)


def distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The different numbers among keys of 0 or more, rising.

    `np.unique` hashes integers since NumPy 2.3, and with keys like those of rows in documents
    most of them fall upon each other: it took 70 times as long as sorting.
    """
    ordered = np.sort(keys)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=-1))]


def first_sight(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The different numbers among keys of 0 or more, in the order in which they first come."""
    by_key = np.argsort(keys, kind="stable")
    is_first = np.diff(keys[by_key], prepend=-1) > 0
    return keys[np.sort(by_key[is_first])]


def averages(
    rows: NDArray[np.int32],
    offsets: NDArray[np.int64],
    vectors: NDArray[Any],
    weights: NDArray[Any],
) -> NDArray[Any]:
    """Weighted averages of the documents' vectors, (N, D); zeros for a document without weight."""
    result = np.zeros((len(offsets) - 1, vectors.shape[1]), dtype=vectors.dtype)
    for document in range(len(offsets) - 1):
        inside = rows[offsets[document] : offsets[document + 1]]
        total = weights[inside].sum()
        if total > 0:
            # not `@`: the bits of linear algebra libraries may depend on where arrays lie in memory
            result[document] = np.einsum("m,md->d", weights[inside] / total, vectors[inside])
    return result

"""Words to n-grams to averages of their vectors: the plain-Python twin of `ngrams_compiled`.

Every row of a table is a word (rows 0 to W-1) or an n-gram, which is a pair: the row of its first words and
the row of its last word. So "not very good" is ("not very", "good"), and a chain of pairs finds n-grams of
any length. Words that have no row are -1 and break the chain.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.int32]  # (G, 2): first part and last word of the rows W, W+1, ...
Index = Any


def are_sound(pairs: NDArray[Any], words: int) -> bool:
    """Whether each n-gram is made of rows before it, as kernels take for granted; W is `words`."""
    if pairs.ndim != 2 or pairs.shape[1] != 2 or (pairs < 0).any():
        return False
    before = words + np.arange(len(pairs))
    return not ((pairs[:, 0] >= before).any() or (pairs[:, 1] >= words).any())


def build_pairs(pairs: Pairs, words: int) -> Index:
    """The pairs, made ready for `find_ngrams`; pair g has the row `words + g`."""
    return {(first, last): words + g for g, (first, last) in enumerate(pairs.tolist())}


def find_ngrams(
    words: NDArray[np.int32], offsets: NDArray[np.int64], longest: int, index: Index
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
    """All known n-grams of N documents, those of one place one after the other, short ones first.

    Parameters
    ----------
    words : int32 (T,), the row of each word, or -1
    offsets : int64 (N+1,)
    longest : words in the longest n-gram

    Returns
    -------
    rows : int32 (M,)
    row_offsets : int64 (N+1,)
    places : int32 (M,), the place in its document where each begins
    """
    rows: list[int] = []
    places: list[int] = []
    ends = np.zeros(len(offsets), dtype=np.int64)
    for document in range(len(offsets) - 1):
        text = words[offsets[document] : offsets[document + 1]].tolist()
        for place, row in enumerate(text):
            end = place + 1
            while row >= 0:
                rows.append(row)
                places.append(place)
                if end == min(len(text), place + longest):
                    break
                row = index.get((row, text[end]), -1)
                end += 1
        ends[document + 1] = len(rows)
    return np.array(rows, dtype=np.int32), ends, np.array(places, dtype=np.int32)


def document_counts(rows: NDArray[np.int32], offsets: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """int64 (size,): in how many documents each row stands."""
    counts = np.zeros(size, dtype=np.int64)
    for document in range(len(offsets) - 1):
        counts[np.unique(rows[offsets[document] : offsets[document + 1]])] += 1
    return counts


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
            result[document] = (weights[inside] / total) @ vectors[inside]
    return result

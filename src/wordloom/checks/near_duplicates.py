"""Near duplicates: texts that share nearly all their words and pairs of words.

How alike two texts are is the Jaccard similarity of their sets of words and pairs of neighboring words: how
many both have, as a share of those that either has. All pairs that are at least so alike are found, without
comparing every text with every other: of the rarest elements of two such sets at least one is in both (prefix
filtering: Bayardo et al., "Scaling Up All Pairs Similarity Search", WWW 2007). There is no hashing, and
nothing is drawn at random.

The exception are texts made by one pattern: where more than MOST_COMPARED texts share a rare element, each is
compared with so many before it, not with all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.setting import Range
from wordloom.text.text_rows import TextRows, as_matrix

SIMILARITY = 0.8
MOST_COMPARED = 50
_PAIRS_AT_ONCE = 100_000
_SHARES = Range(0, 1, open=True)
_FULL = 1e-9  # 0.8 times 5 is a little more than 4


@dataclass(frozen=True, eq=False)
class Pairs:
    """M pairs of texts that are alike, in rising order of the second and then the first.

    Parameters
    ----------
    first, second : int64 (M,), the numbers of the two texts, the lower one first
    similarity : float64 (M,), from 0 to 1
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    similarity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)


def near_duplicates(
    texts: TextRows, similarity: float = SIMILARITY, among: NDArray[np.bool_] | None = None
) -> Pairs:
    """All pairs of texts that are at least so alike; texts without words are like none.

    among : bool (N,), the texts to look at; None for all. The first of each group of equal texts will do

    Raises UsageError for a similarity that is not above 0 and at most 1.
    """
    if isinstance(similarity, bool) or not isinstance(similarity, int | float) or similarity not in _SHARES:
        raise UsageError(f"similarity must be a number {_SHARES}, not {similarity!r:.60}.")
    first, second = _candidates(texts, similarity, among)
    shared = _shared(texts, first, second)
    lengths = texts.rows.lengths
    found = shared / np.maximum(lengths[first] + lengths[second] - shared, 1)
    alike = found >= similarity - _FULL
    order = np.lexsort((first[alike], second[alike]))
    return Pairs(*(values[alike][order] for values in (first, second, found)))


def _candidates(
    texts: TextRows, similarity: float, among: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of texts of about one size that share a rare element, the lower number first."""
    rows, lengths = texts.rows, texts.rows.lengths
    rarest = lengths - np.ceil(similarity * lengths - _FULL).astype(np.int64) + 1
    owner = np.repeat(np.arange(len(rows)), lengths)
    frequency = texts.documents[rows.ids]
    alone = np.bincount(owner[frequency == 1], minlength=len(rows))  # shared with no text
    left = np.where(lengths > 0, rarest - alone, 0)
    if among is not None:
        left[~among] = 0
    kept = (frequency > 1) & (left > 0)[owner]
    owner, element, frequency = owner[kept], rows.ids[kept], frequency[kept]
    order = np.lexsort((element, frequency, owner))
    owner, element = owner[order], element[order]
    starts = np.searchsorted(owner, np.arange(len(rows)))
    inside = np.arange(len(owner)) - starts[owner] < left[owner]
    return _sharing(owner[inside], element[inside], lengths, similarity)


def _sharing(
    owner: NDArray[np.int64], element: NDArray[np.int32], lengths: NDArray[np.int64], similarity: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of owners of the same element, none twice."""
    order = np.lexsort((owner, element))
    owner, element = owner[order], element[order]
    n, keys = np.int64(len(lengths)), [np.zeros(0, dtype=np.int64)]
    for before in range(1, MOST_COMPARED + 1):
        same = element[before:] == element[:-before]
        if not same.any():
            break
        first, second = owner[:-before][same], owner[before:][same]
        sizes = np.sort([lengths[first], lengths[second]], axis=0)
        likely = sizes[0] >= similarity * sizes[1] - _FULL
        keys.append(np.unique(first[likely] * n + second[likely]))
    pairs = np.unique(np.concatenate(keys))
    return pairs // n, pairs % n


def _shared(texts: TextRows, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (M,): how many elements each pair of texts shares."""
    matrix = as_matrix(texts.rows, len(texts.documents))
    found = np.zeros(len(first), dtype=np.int64)
    for start in range(0, len(first), _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        both = matrix[first[some]].multiply(matrix[second[some]])
        found[some] = np.asarray(both.sum(axis=1)).ravel().round().astype(np.int64)
    return found

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
from wordloom.text.sequences import Ragged
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
    # what stands in one text alone is rarest, and shared with none
    left = np.where(lengths > 0, rarest - _true_in_each(texts.documents == 1, rows), 0)
    if among is not None:
        left[~among] = 0
    chosen = np.flatnonzero(left > 0)
    some = rows.take(chosen)
    owner, element = np.repeat(np.arange(len(chosen)), some.lengths), some.ids.astype(np.int64)
    shared = texts.documents[element] > 1
    owner, element = owner[shared], element[shared]
    owner, element = _rarest_first(owner, element, texts.documents)
    starts = np.searchsorted(owner, np.arange(len(chosen)))
    rank = np.arange(len(owner)) - starts[owner]
    inside = rank < left[chosen][owner]
    behind = (lengths - (rarest - left))[chosen][owner] - rank  # elements from this one on, itself too
    first, second = _sharing(
        _Rare(owner[inside], element[inside], behind[inside]), lengths[chosen], similarity
    )
    return chosen[first], chosen[second]


@dataclass(frozen=True, eq=False)
class _Rare:
    """Rare elements of texts: of which text, which element, and how many elements that are not rarer it has.

    All int64 of one length.
    """

    owner: NDArray[np.int64]
    element: NDArray[np.int64]
    behind: NDArray[np.int64]

    def take(self, order: NDArray[np.int64]) -> _Rare:
        return _Rare(self.owner[order], self.element[order], self.behind[order])


def _rarest_first(
    owner: NDArray[np.int64], element: NDArray[np.int64], documents: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of owner and element: those of an owner together, the element in the fewest texts first."""
    by_rarity = np.argsort(documents, kind="stable")
    rarity = np.empty(len(documents), dtype=np.int64)
    rarity[by_rarity] = np.arange(len(documents))
    # numbers are sorted several times as fast as pairs
    owner, place = np.divmod(np.sort(owner * len(documents) + rarity[element]), max(len(documents), 1))
    return owner, by_rarity[place]


def _true_in_each(which: NDArray[np.bool_], rows: Ragged) -> NDArray[np.int64]:
    """int64 (N,): how many of each document's ids have a true value."""
    totals = np.zeros(len(rows.ids) + 1, dtype=np.int64)
    np.cumsum(which[rows.ids], out=totals[1:])
    return np.diff(totals[rows.offsets])


def _sharing(
    rare: _Rare, lengths: NDArray[np.int64], similarity: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of texts with the same rare element that may be so alike, none twice.

    Two texts of x and y elements must share t / (1 + t) (x + y) of them, and they share no more than stand
    behind a common element in both, if it is the first one (positional filter: Xiao et al., "Efficient
    Similarity Joins for Near Duplicate Detection", WWW 2008). So x and y also differ little.
    """
    rare = rare.take(np.lexsort((rare.owner, rare.element)))
    n, keys = np.int64(len(lengths)), [np.zeros(0, dtype=np.int64)]
    share = similarity / (1 + similarity)
    size = lengths[rare.owner]
    for before in range(1, MOST_COMPARED + 1):
        same = np.flatnonzero(rare.element[before:] == rare.element[:-before])
        if not len(same):
            break
        other = same + before
        wanted = share * (size[same] + size[other]) - _FULL
        likely = np.minimum(rare.behind[same], rare.behind[other]) >= wanted
        keys.append(np.unique(rare.owner[same[likely]] * n + rare.owner[other[likely]]))
    pairs = np.unique(np.concatenate(keys))
    return pairs // n, pairs % n


def _shared(texts: TextRows, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (M,): how many elements each pair of texts shares."""
    matrix = as_matrix(texts.rows, len(texts.documents))
    found = np.zeros(len(first), dtype=np.int64)
    for start in range(0, len(first), _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        both = matrix[first[some]].sorted_indices().multiply(matrix[second[some]].sorted_indices())
        found[some] = np.asarray(both.sum(axis=1)).ravel().round().astype(np.int64)
    return found

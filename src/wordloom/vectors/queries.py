"""Questions to a table of word vectors: nearest words, similarity, analogies, the odd one out; exact.

One pass over the table in float32 (BLAS) gives every distance up to a known rounding error; the rows that
could be among the answers are then measured again in float64. So answers and their order are those of
float64, at the price of one pass. The first question to a table also works out the lengths of its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.vectors.word_vectors import WordVectors

Metric = Literal["cosine", "euclidean"]
Query = str | npt.ArrayLike

_QUERIES_AT_A_TIME = 32
# Products of float32 rows beyond these lengths leave the range in which float32 keeps its precision.
_SHORTEST, _LONGEST = 1e-12, 1e18
_ROWS_IN_GROUP = 128


class Neighbor(NamedTuple):
    """A word and its distance from what was asked for."""

    word: str
    distance: float


def neighbors(
    vectors: WordVectors,
    query: Query,
    n: int = 10,
    metric: Metric = "cosine",
    leave_out: Sequence[str] = (),
) -> list[Neighbor]:
    """The `n` nearest words of a word or of a vector (D,), nearest first.

    Parameters
    ----------
    metric : "cosine" is 1 - cosine similarity (0 same direction, 1 at right angles, 2 opposite; a row
        of zeros has no direction and counts as 1); "euclidean" is the length of the difference
    leave_out : words that must not be answers; the query word itself and the table's special tokens
        never are

    Returns
    -------
    At most `n` neighbors; exact, equal distances in the order of the rows.

    Raises
    ------
    UnknownWordError (a KeyError) : the word is not in the table.
    DataError : a vector of the wrong shape or not finite; cosine asked of a vector of zeros.
    UsageError : an unknown metric, n that is no whole number of 1 or more, several words as one query.
    """
    return nearest_words(vectors, [query], n, metric, leave_out)[0]


def nearest_words(
    vectors: WordVectors,
    queries: Sequence[Query],
    n: int = 10,
    metric: Metric = "cosine",
    leave_out: Sequence[str] = (),
) -> list[list[Neighbor]]:
    """`neighbors` of several words or vectors, with one pass over the table for up to 32 of them."""
    if isinstance(queries, str) or not isinstance(queries, Iterable):
        raise UsageError(f"nearest_words takes a list of words or vectors; write [{queries!r:.60}].")
    queries = list(queries)
    leave_out = [leave_out] if isinstance(leave_out, str) else leave_out
    if metric not in get_args(Metric):
        raise UsageError(f"Unknown metric {metric!r}. {did_you_mean(str(metric), get_args(Metric))}")
    n = _checked_number(n)
    points = [_point(vectors, query, metric) for query in queries]
    hidden = {vectors.row(word) for word in (*vectors.special, *leave_out)}
    answers: list[list[Neighbor]] = []
    for start in range(0, len(points), _QUERIES_AT_A_TIME):
        batch = points[start : start + _QUERIES_AT_A_TIME]
        scan = _Scan(vectors, np.array([_unit(point) for point in batch]))
        for k, point in enumerate(batch):
            query = queries[start + k]
            own = {vectors.row(query)} if isinstance(query, str) and query in vectors else set()
            rows, distances = scan.nearest(k, point, n, metric, hidden | own)
            answers.append(
                [Neighbor(vectors.words[r], d) for r, d in zip(rows, distances.tolist(), strict=True)]
            )
    return answers


def similarity(vectors: WordVectors, a: Query, b: Query) -> float:
    """Cosine similarity of two words or vectors: 1 same direction, 0 right angle, -1 opposite.

    Raises as `neighbors` does.
    """
    first, second = (_unit(_point(vectors, query, "cosine")) for query in (a, b))
    return float(np.clip((first * second).sum(), -1.0, 1.0))


def analogy(vectors: WordVectors, a: str, b: str, c: str, /, n: int = 10) -> list[Neighbor]:
    """`a` is to `b` as `c` is to which words? Those nearest to B - A + C of unit vectors, nearest first.

    So "king" - "man" + "woman" is `analogy(vectors, "man", "king", "woman")`: the order of the sentence, of
    the question sets and of `wordloom analogy FILE man king woman`. It was once the order of the formula,
    "king", "man", "woman": swap the first two words of such calls. Calls with `a=`, `b=`, `c=` fail, since
    they meant that order. The three words are no answers. Distances are cosine. Raises as `neighbors` does.
    """
    first, second, third = (_unit(_point(vectors, word, "cosine")) for word in (a, b, c))
    inputs = [word for word in (a, b, c) if isinstance(word, str) and word in vectors]
    return neighbors(vectors, second - first + third, n, leave_out=inputs)


def odd_one_out(vectors: WordVectors, words: Sequence[str]) -> list[Neighbor]:
    """The words with their cosine distances from the mean of their unit vectors, the odd one first.

    Raises UsageError for fewer than three words or a word twice, and as `neighbors` does.
    """
    if isinstance(words, str) or len(words) < 3 or len(set(words)) < len(words):
        raise UsageError(
            f"The odd one out is asked for among three different words or more, not {_listed(words)}."
        )
    units = np.array([_unit(_point(vectors, word, "cosine")) for word in words])
    middle = units.mean(axis=0)
    if not middle.any():
        raise DataError(f"The words {', '.join(map(repr, words))} have no middle: their directions cancel.")
    distances = 1.0 - np.clip((units * _unit(middle)).sum(axis=1), -1.0, 1.0)
    order = np.argsort(-distances, kind="stable").tolist()
    return [Neighbor(words[i], float(distances[i])) for i in order]


def _listed(words: Sequence[str]) -> str:
    return repr(words) if isinstance(words, str) else ", ".join(map(repr, words)) or "none"


def _checked_number(n: int) -> int:
    """n as a Python number. Raises UsageError unless it is a whole number of 1 or more."""
    try:
        number = index(n)
    except TypeError:
        raise UsageError(
            f"n, the number of neighbors, must be a whole number, not {n!r:.60}; for all words, "
            "n=len(vectors)."
        ) from None
    if number < 1:
        raise UsageError(f"n, the number of neighbors, must be at least 1, not {number}.")
    return number


def _array_of(query: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """A query that is no word as float64. Raises UsageError for words in a list, DataError for no numbers."""
    if isinstance(query, list | tuple | set | np.ndarray) and any(isinstance(part, str) for part in query):
        raise UsageError(
            "One query is one word or one vector, not a list of words "
            f"({_listed(list(map(str, query))):.60}); nearest_words(vectors, [...]) asks for several at once."
        )
    try:
        return np.asarray(query, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"A query is a word or a vector of numbers, not {query!r:.60} ({type(query).__name__})."
        ) from None


def _point(vectors: WordVectors, query: Query, metric: Metric) -> npt.NDArray[np.float64]:
    """The query as float64 (D,)."""
    title = f"The vector of {query!r}" if isinstance(query, str) else "The vector asked for"
    point = np.asarray(vectors[query], dtype=np.float64) if isinstance(query, str) else _array_of(query)
    if point.shape != (vectors.dimensions,):
        raise DataError(f"{title} has the shape {point.shape}; the table's is ({vectors.dimensions},).")
    if not (np.abs(point) <= np.finfo(np.float32).max).all():
        raise DataError(f"{title} holds NaN, infinity or a number too large for float32.")
    if metric == "cosine" and not point.any():
        raise DataError(
            f"{title} is all zeros and has no direction; ask with metric='euclidean' (--metric euclidean)."
        )
    return point


def _unit(point: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    size = np.abs(point).max()
    if size == 0:
        return point
    scaled = point / size
    return np.asarray(scaled / np.sqrt((scaled * scaled).sum()))


class _Scan:
    """The products of all rows with K unit queries, float32 (K, V), from one pass over the table."""

    def __init__(self, vectors: WordVectors, units: npt.NDArray[np.float64]) -> None:
        self.table, self.lengths = vectors.vectors, vectors.lengths
        # A sum of D float32 products is wrong by at most about D * eps / 2 of the product of the lengths
        # (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1); doubled for safety.
        self.relative = (self.table.shape[1] + 8) * float(np.finfo(np.float32).eps)
        directions = units.astype(np.float32)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if len(directions) == 1:
                self.products = (self.table @ directions[0])[np.newaxis]
            else:
                self.products = directions @ self.table.T
            self.shares = np.reciprocal(self.lengths).astype(np.float32)
        # Rows of zeros too; they are always measured in float64.
        self.odd = np.flatnonzero((self.lengths < _SHORTEST) | (self.lengths > _LONGEST))

    def nearest(
        self, k: int, point: npt.NDArray[np.float64], n: int, metric: Metric, hidden: set[int]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """Rows and distances of the n nearest of query `k`, which is `point`, without the hidden rows."""
        away = np.fromiter(hidden, dtype=np.intp, count=len(hidden))
        find = self._near_by_angle if metric == "cosine" else self._near_by_distance
        rows = find(k, point, n, away)
        if len(self.odd):
            rows = np.union1d(rows, self.odd)
        if len(away):
            rows = rows[~np.isin(rows, away)]
        distances = _distances(self.table[rows], point, metric)
        order = np.argsort(distances, kind="stable")[:n]
        return rows[order], distances[order]

    def _near_by_angle(
        self, k: int, point: npt.NDArray[np.float64], n: int, away: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.intp]:
        """All rows, odd ones aside, that could be among the n nearest, in order."""
        with np.errstate(over="ignore", invalid="ignore"):
            cosines = self.products[k] * self.shares
        cosines[self.odd] = cosines[away] = -np.inf
        margin = np.float32(2.0 * self.relative)
        rows = np.flatnonzero(cosines >= _not_above_nth(cosines, n) - margin)
        if len(rows) > 2 * n:
            near = cosines[rows]
            rows = rows[near >= np.partition(near, -n)[-n] - margin]
        return rows

    def _near_by_distance(
        self, k: int, point: npt.NDArray[np.float64], n: int, away: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.intp]:
        length = float(np.linalg.norm(point))
        with np.errstate(over="ignore", invalid="ignore"):
            middle = self.lengths**2 - 2.0 * length * self.products[k].astype(np.float64) + length**2
            error = self.relative * (self.lengths + length) ** 2
            lower, upper = middle - error, middle + error
        for rows in (self.odd, away):
            lower[rows] = upper[rows] = np.inf
        if n >= len(upper):
            return np.arange(len(upper))
        return np.flatnonzero(lower <= np.partition(upper, n - 1)[n - 1])


def _not_above_nth(values: npt.NDArray[np.float32], n: int) -> np.float32:
    """A number that at least `n` of the values reach, near the n-th largest; -inf if there is none.

    Of the maxima of G groups of the values, n reach the n-th largest maximum.
    """
    groups = len(values) // _ROWS_IN_GROUP
    if groups > n:
        maxima = values[: groups * _ROWS_IN_GROUP].reshape(_ROWS_IN_GROUP, groups).max(axis=0)
        return np.partition(maxima, -n)[-n]  # type: ignore[no-any-return]
    return np.partition(values, -n)[-n] if n <= len(values) else np.float32(-np.inf)  # type: ignore[no-any-return]


def _distances(
    rows: npt.NDArray[np.float32], point: npt.NDArray[np.float64], metric: Metric
) -> npt.NDArray[np.float64]:
    """Distances of the rows from `point` in float64; equal rows get equal distances."""
    exact = rows.astype(np.float64)
    if metric == "euclidean":
        difference = exact - point
        return np.asarray(np.sqrt((difference * difference).sum(axis=1)))
    # Scaled by the largest entry, so that no square underflows or overflows.
    size = np.abs(exact).max(axis=1, keepdims=True, initial=0.0)
    scaled = np.divide(exact, size, out=np.zeros_like(exact), where=size > 0)
    lengths = np.sqrt((scaled * scaled).sum(axis=1))
    products = (scaled * _unit(point)).sum(axis=1)
    cosines = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return np.asarray(1.0 - np.clip(cosines, -1.0, 1.0))

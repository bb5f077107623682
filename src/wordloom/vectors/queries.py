"""Questions to a table of word vectors: nearest words and similarity, by exact search.

One pass over the table in float32 gives every distance up to a known rounding error; the rows that could
be among the answers are then measured again in float64. So answers and their order are those of float64,
at the price of one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.vectors.word_vectors import WordVectors

Metric = Literal["cosine", "euclidean"]
Query = str | npt.ArrayLike

_BYTES_IN_CACHE = 1 << 19
_QUERIES_AT_A_TIME = 32
# Squares of float32 numbers beyond these leave the range in which float32 keeps its precision.
_SMALLEST_SQUARE, _LARGEST_SQUARE = 1e-25, 1e37


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
    At most `n` neighbours; exact, equal distances in the order of the rows.

    Raises
    ------
    UnknownWordError (a KeyError) : the word is not in the table.
    DataError : a vector of the wrong shape or not finite; cosine asked of a vector of zeros.
    UsageError : an unknown metric, n below 1.
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
    if isinstance(queries, str):
        raise UsageError(f"nearest_words takes a list of queries; write [{queries!r}].")
    if metric not in get_args(Metric):
        raise UsageError(f"Unknown metric {metric!r}. {did_you_mean(str(metric), get_args(Metric))}")
    if n < 1:
        raise UsageError(f"n, the number of neighbours, must be at least 1, not {n}.")
    points = [_point(vectors, query, metric) for query in queries]
    hidden = {vectors.row(word) for word in (*vectors.special, *leave_out)}
    answers: list[list[Neighbor]] = []
    for start in range(0, len(points), _QUERIES_AT_A_TIME):
        batch = points[start : start + _QUERIES_AT_A_TIME]
        scan = _Scan(vectors.vectors, np.array([_unit(point) for point in batch]))
        for k, point in enumerate(batch):
            query = queries[start + k]
            own = {vectors.row(query)} if isinstance(query, str) else set()
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


def _point(vectors: WordVectors, query: Query, metric: Metric) -> npt.NDArray[np.float64]:
    """The query as float64 (D,)."""
    title = f"The vector of {query!r}" if isinstance(query, str) else "The vector asked for"
    point = np.asarray(vectors[query] if isinstance(query, str) else query, dtype=np.float64)
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
    """The products of all rows with K unit queries and the rows' lengths, from one pass.

    products : float32 (K, V); lengths : float64 (V,)
    odd : rows too long or too short for float32 squares (rows of zeros too); `nearest` always measures
        them in float64
    """

    def __init__(self, table: npt.NDArray[np.float32], units: npt.NDArray[np.float64]) -> None:
        self.table = table
        self.products = np.empty((len(units), len(table)), dtype=np.float32)
        squares = np.empty(len(table), dtype=np.float32)
        directions = units.astype(np.float32)
        step = max(1, _BYTES_IN_CACHE // (4 * table.shape[1]))
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(table), step):
                block = table[start : start + step]
                np.matmul(directions, block.T, out=self.products[:, start : start + step])
                np.einsum("ij,ij->i", block, block, out=squares[start : start + step])
            self.odd = np.flatnonzero(~((squares > _SMALLEST_SQUARE) & (squares < _LARGEST_SQUARE)))
        self.lengths = np.sqrt(squares.astype(np.float64))

    def nearest(
        self, k: int, point: npt.NDArray[np.float64], n: int, metric: Metric, hidden: set[int]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """Rows and distances of the n nearest of query `k`, which is `point`, without the hidden rows."""
        lower, upper = self._bounds(k, point, metric)
        lower[self.odd], upper[self.odd] = -np.inf, np.inf
        rows_hidden = np.fromiter(hidden, dtype=np.intp, count=len(hidden))
        lower[rows_hidden] = upper[rows_hidden] = np.inf
        if n < len(upper):
            furthest = np.partition(upper, n - 1)[n - 1]
            rows = np.flatnonzero(lower <= furthest)
        else:
            rows = np.arange(len(upper))
        rows = rows[~np.isin(rows, rows_hidden)]
        distances = _distances(self.table[rows], point, metric)
        order = np.argsort(distances, kind="stable")[:n]
        return rows[order], distances[order]

    def _bounds(
        self, k: int, point: npt.NDArray[np.float64], metric: Metric
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Limits between which each row's true distance (squared for Euclid) lies.

        A sum of D float32 products is wrong by at most about D * eps / 2 of the product of the lengths
        (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1); doubled for safety.
        """
        relative = (self.table.shape[1] + 8) * float(np.finfo(np.float32).eps)
        products = self.products[k].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            if metric == "cosine":
                middle = 1.0 - products / self.lengths
                return middle - relative, middle + relative
            length = float(np.linalg.norm(point))
            middle = self.lengths**2 - 2.0 * length * products + length**2
            error = relative * (self.lengths + length) ** 2
            return middle - error, middle + error


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

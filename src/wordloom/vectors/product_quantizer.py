"""Rows made codes of a product quantizer, as fastText's `quantize` does; `coded_rows` reads them.

Rows are cut into pieces, and k-means of the pieces of at most 65,536 rows gives the 256 centroids of each.
They are the longest rows and as many others; fastText takes any, most of which are n-grams that have learned
nothing. The same rows and seed give the same codes for any number of threads.

Source: H. Jegou et al., "Product Quantization for Nearest Neighbor Search", 2011; `ProductQuantizer` and
`QuantMatrix` of fastText 0.9.3
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.kernels.coded_rows import CENTROIDS
from wordloom.vectors.coded_rows import CodedRows

_MOST_CODES = 2**31 - 1
"""fastText's files count them in 32 bits."""
_SAMPLED, _ROUNDS = 256 * CENTROIDS, 25
_ROWS_AT_A_TIME = 1 << 16

Floats = NDArray[np.float32]


def quantized_rows(rows: Floats, width: int = 2, with_norms: bool = False, seed: int = 0) -> CodedRows:
    """Rows float32 (R, D) as codes of pieces of `width` numbers; `with_norms` also their lengths as codes.

    The last piece has what is left where `width` does not divide D. R is 256 or more. Raises UsageError for
    more codes than fastText's files can hold.
    """
    n_rows, dimensions = rows.shape
    starts = range(0, dimensions, width)
    if n_rows * len(starts) > _MOST_CODES:
        raise UsageError(
            f"{n_rows * len(starts):,} codes are more than a file of fastText's can hold, {_MOST_CODES:,}. "
            "Fewer rows (-cutoff) or wider pieces (-dsub) need fewer."
        )
    codes = np.empty((n_rows, len(starts)), dtype=np.uint8)
    lengths = row_lengths(rows)
    sample = _sampled(lengths, seed)
    scale = np.where((lengths > 0) & with_norms, lengths, 1).astype(np.float32)[:, np.newaxis]
    centroids = []
    for piece, start in enumerate(starts):
        found, codes[:, piece] = _clustered(rows[:, start : start + width] / scale, sample, seed)
        centroids.append(found)
    norms, norm_codes = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.uint8)
    if with_norms:
        norms, norm_codes = _clustered(lengths[:, np.newaxis], sample, seed)
    return CodedRows(codes, np.concatenate(centroids), width, norm_codes, norms)


def row_lengths(rows: Floats) -> Floats:
    """float32 (R,): the Euclidean length of each row."""
    firsts = range(0, len(rows), _ROWS_AT_A_TIME)
    parts = [np.linalg.norm(rows[a : a + _ROWS_AT_A_TIME].astype(np.float64), axis=1) for a in firsts]
    return np.concatenate([np.zeros(0), *parts]).astype(np.float32)


def _sampled(lengths: Floats, seed: int) -> NDArray[np.integer]:
    """The numbers of the rows that centroids are made of, rising."""
    if len(lengths) <= _SAMPLED:
        return np.arange(len(lengths))
    order, half = np.argsort(-lengths, kind="stable"), _SAMPLED // 2
    others = np.random.default_rng(seed).choice(order[half:], half, replace=False)
    return np.sort(np.concatenate([order[:half], others]))


def _clustered(pieces: Floats, sample: NDArray[np.integer], seed: int) -> tuple[Floats, NDArray[np.uint8]]:
    """256 centroids of float32 (R, d), one after the other, and the number of the nearest to each."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    means = KMeans(CENTROIDS, init=_far_apart, n_init=1, max_iter=_ROUNDS, random_state=seed)
    with threadpool_limits(1), warnings.catch_warnings():  # more threads add in the order they come
        warnings.simplefilter("ignore", ConvergenceWarning)  # of fewer different pieces than centroids
        found = means.fit(pieces[sample])
        codes = found.predict(pieces).astype(np.uint8)
    return found.cluster_centers_.astype(np.float32).ravel(), codes


def _far_apart(pieces: Floats, count: int, random_state: Any) -> Any:
    """Where k-means begins: k-means++, one try each, which finds the few long rows that answers depend on.

    fastText begins with any rows; the probabilities of its files differ about twice as much from those of
    the exact model.
    """
    from sklearn.cluster import kmeans_plusplus

    return kmeans_plusplus(pieces, count, random_state=random_state, n_local_trials=1)[0]

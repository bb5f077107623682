"""Rows that are codes of a product quantizer, in fastText's order; the plain twin of `coded_rows_compiled`.

The arguments of a coded table are those of `wordloom.vectors.coded_rows.CodedRows`. Every sum goes from the
first number to the last in float32, products and sums rounded one by one, so it has fastText's bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CENTROIDS = 256
Floats = NDArray[np.float32]


def mean_rows(
    codes: NDArray[np.uint8],
    centroids: Floats,
    width: int,
    norm_codes: NDArray[np.uint8],
    norms: Floats,
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    means: Floats,
) -> None:
    """Fill `means: float32 (N, D)` with the mean of each document's rows, zeros for one without any."""
    for document in range(len(means)):
        total = np.zeros(means.shape[1], dtype=np.float32)
        rows = ids[offsets[document] : offsets[document + 1]].tolist()
        for row in rows:
            norm = norms[norm_codes[row]] if len(norms) else np.float32(1)
            total += norm * _decoded(codes[row], centroids, width)
        means[document] = total * np.float32(1.0 / max(len(rows), 1))


def dots(columns: Floats, vectors: Floats, found: Floats) -> None:
    """Fill `found: float32 (N, R)` with `vectors: float32 (N, D)` times `columns: float32 (D, R)`."""
    found[:] = 0
    for d in range(len(columns)):
        found += vectors[:, d : d + 1] * columns[d]


def coded_dots(
    codes: NDArray[np.uint8],
    centroids: Floats,
    width: int,
    norm_codes: NDArray[np.uint8],
    norms: Floats,
    vectors: Floats,
    found: Floats,
) -> None:
    """Fill `found: float32 (N, R)` with `vectors: float32 (N, D)` times each row."""
    for row in range(len(codes)):
        total = np.zeros(len(vectors), dtype=np.float32)
        for d, number in enumerate(_decoded(codes[row], centroids, width)):
            total += vectors[:, d] * number
        found[:, row] = total * norms[norm_codes[row]] if len(norms) else total


def _decoded(codes: NDArray[np.uint8], centroids: Floats, width: int) -> Floats:
    dimensions, pieces = len(centroids) // CENTROIDS, []
    for piece, code in enumerate(codes.tolist()):
        start, own = piece * width, min(width, dimensions - piece * width)
        first = CENTROIDS * start + code * own
        pieces.append(centroids[first : first + own])
    return np.concatenate(pieces)

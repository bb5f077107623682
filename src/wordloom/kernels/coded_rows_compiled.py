"""Rows that are codes of a product quantizer, compiled; see `coded_rows` for what each function does."""

from __future__ import annotations

import numpy as np

from wordloom.kernels.coded_rows import CENTROIDS
from wordloom.kernels.compiling import entry


@entry
def mean_rows(codes, centroids, width, norm_codes, norms, ids, offsets, means):  # type: ignore[no-untyped-def]
    pieces, dimensions = codes.shape[1], means.shape[1]
    for document in range(len(means)):
        for d in range(dimensions):
            means[document, d] = np.float32(0.0)
        for i in range(offsets[document], offsets[document + 1]):
            row = ids[i]
            norm = norms[norm_codes[row]] if len(norms) > 0 else np.float32(1.0)
            for piece in range(pieces):
                start = piece * width
                own = min(width, dimensions - start)
                first = CENTROIDS * start + codes[row, piece] * own
                for n in range(own):
                    means[document, start + n] += norm * centroids[first + n]
        share = np.float32(1.0 / max(offsets[document + 1] - offsets[document], 1))
        for d in range(dimensions):
            means[document, d] *= share


@entry
def dots(columns, vectors, found):  # type: ignore[no-untyped-def]
    for document in range(len(vectors)):
        for row in range(columns.shape[1]):
            found[document, row] = np.float32(0.0)
        for d in range(len(columns)):
            factor = vectors[document, d]
            for row in range(columns.shape[1]):
                found[document, row] += factor * columns[d, row]


@entry
def coded_dots(codes, centroids, width, norm_codes, norms, vectors, found):  # type: ignore[no-untyped-def]
    pieces, dimensions = codes.shape[1], vectors.shape[1]
    for document in range(len(vectors)):
        for row in range(len(codes)):
            total = np.float32(0.0)
            for piece in range(pieces):
                start = piece * width
                own = min(width, dimensions - start)
                first = CENTROIDS * start + codes[row, piece] * own
                for n in range(own):
                    total += vectors[document, start + n] * centroids[first + n]
            found[document, row] = total * norms[norm_codes[row]] if len(norms) > 0 else total

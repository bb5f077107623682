"""Products of rows with a matrix, compiled; see `row_products` for what they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry
from wordloom.kernels.register_loops import ROWS, VECTOR, product


@entry
def _products(rows, columns, result):  # type: ignore[no-untyped-def]
    """result = rows times columns; `rows` is flat, the shape of `result` one that `product` can fill."""
    width = len(columns)
    product(rows, width, 1, columns, result, result.shape[0], result.shape[1], width)


def row_products(rows: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """rows (N, F), weights (K, F) -> (N, K): what each row gives with each row of weights."""
    (n, width), k = rows.shape, len(weights)
    filled = np.zeros((-(-n // ROWS) * ROWS, width), dtype=rows.dtype)
    filled[:n] = rows
    columns = as_columns(weights)
    result = np.empty((len(filled), columns.shape[1]), dtype=rows.dtype)
    _products(filled.ravel(), columns, result)
    return result[:n, :k]


def as_columns(weights: NDArray[Any]) -> NDArray[Any]:
    """weights (K, F) -> (F, K), and columns of zeros up to a number that `product` takes."""
    k, width = weights.shape
    columns = np.zeros((width, -(-k // VECTOR) * VECTOR), dtype=weights.dtype)
    columns[:, :k] = weights.T
    return columns

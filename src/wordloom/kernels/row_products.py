"""Products of rows with a matrix in which no row depends on the others: the twin of `row_products_compiled`.

Linear algebra libraries (BLAS) are faster, but choose the order of their sums by the number of rows: the same
row comes out with other last bits alone than among others, and which bits depends on the processor. Here
every sum is one inner loop of NumPy's over a chunk of a row, whatever stands beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHUNK = 4096
"""Terms that are added in one inner loop; NumPy cuts loops of more than 8,192 where its buffers end."""


def row_products(rows: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """rows (N, F), weights (K, F) -> (N, K): what each row gives with each row of weights."""
    rows, weights = np.ascontiguousarray(rows), np.ascontiguousarray(weights)
    result: NDArray[Any] = np.einsum("nf,kf->nk", rows[:, :_CHUNK], weights[:, :_CHUNK])
    for first in range(_CHUNK, rows.shape[1], _CHUNK):
        last = first + _CHUNK
        result += np.einsum("nf,kf->nk", rows[:, first:last], weights[:, first:last])
    return result

"""CodedRows: a matrix whose rows are codes of a product quantizer, and stay so.

A row is cut into pieces of `width` numbers; each is one of 256 centroids, so a row takes a byte for each.
With `norms` the rows have length 1 and are multiplied by one of 256 lengths. The layout is that of fastText's
`ProductQuantizer`: A. Joulin et al., "FastText.zip: Compressing text classification models", 2016.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.kernels import coded_kernels, subword_kernels
from wordloom.kernels.coded_rows import CENTROIDS
from wordloom.kernels.threads import over_ranges
from wordloom.text.sequences import Ragged


@dataclass(frozen=True, eq=False)
class CodedRows:
    """R rows of D numbers in P pieces.

    Parameters
    ----------
    codes : uint8 (R, P)
    centroids : float32 (D * 256,), those of the pieces one after the other; the last piece may be narrower
    width : numbers in a piece
    norm_codes : uint8 (R,), or (0,) where rows have no lengths of their own
    norms : float32 (256,), or (0,)
    """

    codes: NDArray[np.uint8]
    centroids: NDArray[np.float32]
    width: int
    norm_codes: NDArray[np.uint8]
    norms: NDArray[np.float32]

    def __post_init__(self) -> None:
        pieces = -(-self.shape[1] // max(self.width, 1))
        if self.width < 1 or self.centroids.ndim != 1 or self.codes.ndim != 2:
            raise DataError("the codes of a quantized matrix have another shape than its centroids.")
        if self.codes.shape[1] != pieces or len(self.centroids) % CENTROIDS or not pieces:
            raise DataError(
                f"{self.codes.shape[1]:,} codes a row for {self.shape[1]:,} numbers in pieces of "
                f"{self.width:,}, which are {pieces:,}."
            )
        with_norms = self.norm_codes.shape, self.norms.shape
        if with_norms not in (((0,), (0,)), ((len(self.codes),), (CENTROIDS,))):
            raise DataError("the codes of the rows' lengths do not fit the matrix.")

    @property
    def shape(self) -> tuple[int, int]:
        """(R, D)"""
        return len(self.codes), len(self.centroids) // CENTROIDS

    @property
    def arrays(
        self,
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], int, NDArray[np.uint8], NDArray[np.float32]]:
        """As the kernels take them."""
        return self.codes, self.centroids, self.width, self.norm_codes, self.norms

    def __getitem__(self, numbers: NDArray[np.integer]) -> NDArray[np.float32]:
        """float32 (N, D): the rows of these numbers."""
        each = np.arange(len(numbers) + 1, dtype=np.int64)
        return mean_rows(self, Ragged(numbers.astype(np.int32), each))


Rows = NDArray[np.float32] | CodedRows
"""A matrix of either kind."""


def mean_rows(table: Rows, rows: Ragged, threads: int | None = None) -> NDArray[np.float32]:
    """float32 (N, D): the mean of each document's rows; zeros for one without any."""
    found = np.empty((len(rows), table.shape[1]), dtype=np.float32)
    none = np.full(len(rows), -1, dtype=np.int64)

    def fill(first: int, last: int) -> None:
        offsets, means = rows.offsets[first : last + 1], found[first:last]
        if isinstance(table, CodedRows):
            coded_kernels(len(rows.ids)).mean_rows(*table.arrays, rows.ids, offsets, means)
        else:
            subword_kernels(10 * len(rows.ids)).mean_rows(table, none[first:last], rows.ids, offsets, means)

    over_ranges(fill, rows.offsets, threads)
    return found


def row_dots(table: Rows, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (N, R): each vector (N, D) times each row, added up in fastText's order."""
    kernels = coded_kernels(len(vectors) * table.shape[0])
    found = np.empty((len(vectors), table.shape[0]), dtype=np.float32)
    if isinstance(table, CodedRows):
        kernels.coded_dots(*table.arrays, vectors, found)
    else:
        kernels.dots(np.ascontiguousarray(table.T), vectors, found)
    return found

"""In how many texts of each class every row of a network stands: what a model needs to learn on as if it had
learned from all texts at once.

Most rows stand in texts of few classes, so only what is not 0 is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError

_NAMES = ("counts.classes_of_rows", "counts.classes", "counts.texts")


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """Counts of V rows and C classes.

    Parameters
    ----------
    n_rows, n_classes : V, C
    cells : int64 (M,), rising: row times C plus class of every count that is not 0
    texts : int64 (M,), these counts
    """

    n_rows: int
    n_classes: int
    cells: NDArray[np.int64]
    texts: NDArray[np.int64]

    @staticmethod
    def of(sums: NDArray[Any]) -> ClassCounts:
        """From all counts, (V, C)."""
        return ClassCounts.of_rows_among(sums, np.arange(len(sums)), len(sums))

    @staticmethod
    def of_rows_among(sums: NDArray[Any], rows: NDArray[np.int64], n_rows: int) -> ClassCounts:
        """From the counts of the rows (U,), rising; those of other rows are 0."""
        of, classes = np.nonzero(sums)
        n_classes = sums.shape[1]
        texts = sums[of, classes].astype(np.int64)
        return ClassCounts(n_rows, n_classes, rows[of] * n_classes + classes, texts)

    @staticmethod
    def stored(arrays: Mapping[str, NDArray[Any]], n_rows: int, n_classes: int) -> ClassCounts | None:
        """From named arrays, the inverse of `arrays`; None where there are none.

        Raises DataError for arrays that do not fit to each other or to the network.
        """
        if not any(name in arrays for name in _NAMES):
            return None
        given = [arrays.get(name) for name in _NAMES]
        found = [
            array for array in given if array is not None and array.dtype.kind == "u" and array.ndim == 1
        ]
        if len(found) < len(_NAMES):
            raise DataError(f"the counts {', '.join(_NAMES)} should be lists of whole numbers.")
        own, classes, texts = (array.astype(np.int64) for array in found)
        fits = len(own) == n_rows and int(own.sum()) == len(classes) == len(texts)
        cells = np.repeat(np.arange(len(own)), own) * n_classes + classes if fits else classes
        if not fits or (classes >= n_classes).any() or (np.diff(cells) <= 0).any():
            raise DataError(f"the counts do not fit the network's {n_rows:,} rows and {n_classes:,} classes.")
        return ClassCounts(n_rows, n_classes, cells, texts)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Name -> array: how many classes each row has, which, and the texts of each; in as few bytes each
        as their numbers need."""
        rows, classes = np.divmod(self.cells, self.n_classes)
        found = (np.bincount(rows, minlength=self.n_rows), classes, self.texts)
        return {name: _narrow(array) for name, array in zip(_NAMES, found, strict=True)}

    @property
    def n_bytes(self) -> int:
        """What they take in a file."""
        return sum(array.nbytes for array in self.arrays().values())

    def of_rows(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 (U, C): the counts of different rows."""
        place = np.full(self.n_rows, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        of, classes = np.divmod(self.cells, self.n_classes)
        there = place[of] >= 0
        found = np.zeros((len(rows), self.n_classes), dtype=np.float32)
        found[place[of[there]], classes[there]] = self.texts[there]
        return found

    def among(
        self, rows: NDArray[np.int64], classes: NDArray[np.int64], size: tuple[int, int]
    ) -> ClassCounts:
        """The same counts in a larger table of the size (V, C); rows and classes are those that each of these
        has there."""
        of, own = np.divmod(self.cells, self.n_classes)
        cells = rows[of] * size[1] + classes[own]
        order = np.argsort(cells)
        return ClassCounts(*size, cells[order], self.texts[order])

    def plus(self, others: ClassCounts) -> ClassCounts:
        """The sums of both, which are of one size."""
        cells, place = np.unique(np.concatenate([self.cells, others.cells]), return_inverse=True)
        texts = np.zeros(len(cells), dtype=np.int64)
        np.add.at(texts, place, np.concatenate([self.texts, others.texts]))
        return ClassCounts(self.n_rows, self.n_classes, cells, texts)


def fewest_bytes(sums: NDArray[Any]) -> int:
    """What `ClassCounts.of` these counts (V, C) takes in a file at least, told without making it."""
    return len(sums) + 2 * int(np.count_nonzero(sums))


def _narrow(numbers: NDArray[np.int64]) -> NDArray[Any]:
    highest = int(numbers.max(initial=0))
    return numbers.astype(np.min_scalar_type(highest))

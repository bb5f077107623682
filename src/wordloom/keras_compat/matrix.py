"""Sequences of ids to one row a text: which words it holds, how often, or their tf-idf.

The numbers are those of Keras' `Tokenizer.sequences_to_matrix`, to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.keras_compat.hashed_words import described

MODES = ("binary", "count", "freq", "tfidf")


@dataclass(frozen=True)
class MatrixColumns:
    """What the columns stand for.

    Parameters
    ----------
    number : columns; ids from this one on are left out
    document_count : documents that the Tokenizer has seen
    document_counts : id -> documents that hold the word; for tfidf
    """

    number: int
    document_count: int = 0
    document_counts: Mapping[int, int] = field(default_factory=dict)


def matrix_of(sequences: Sequence[Sequence[int]], columns: MatrixColumns, mode: str) -> NDArray[np.float64]:
    """float64 (N, columns.number).

    Raises UsageError for an unknown mode; DataError for a row that is not a sequence of ids from 0 on (Keras
    counts ids below 0 from the last column).
    """
    if mode not in MODES:
        raise UsageError(f"Unknown vectorization mode: {mode!r}. {did_you_mean(mode, MODES)}")
    rows = [_ids(sequence, row) for row, sequence in enumerate(sequences)]
    lengths = np.array([len(ids) for ids in rows], dtype=np.int64)
    ids = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
    of_row = np.repeat(np.arange(len(rows)), lengths)
    inside = ids < columns.number
    ids, of_row = ids[inside], of_row[inside]
    matrix = np.zeros((len(rows), columns.number))
    cells, place = matrix.reshape(-1), of_row * columns.number + ids
    if mode == "binary":
        cells[place] = 1
        return matrix
    np.add.at(cells, place, 1)
    # a cell is written once for each of its ids, with the same value
    if mode == "freq":
        cells[place] = cells[place] / lengths[of_row]
    if mode == "tfidf":
        cells[place] = _by_number(cells[place].astype(np.int64), _tf) * _idf(columns)[ids]
    return matrix


def _ids(sequence: Any, row: int) -> NDArray[np.int64]:
    if not hasattr(sequence, "__len__") or isinstance(sequence, str | bytes):
        raise DataError(
            f"row {row}: a sequence of ids expected, found {described(sequence)}. Texts go to "
            "texts_to_matrix; a single sequence stands in a list: [sequence]."
        )
    ids = np.asarray(sequence)
    if not len(ids):
        return np.zeros(0, dtype=np.int64)
    if ids.ndim != 1 or ids.dtype.kind not in "iub":
        raise DataError(f"row {row}: whole numbers expected, found {described(sequence)}.")
    if ids.min() < 0:
        raise DataError(f"row {row}: the id {ids.min()} is below 0 and has no column.")
    return ids.astype(np.int64)


def _tf(count: int) -> float:
    return float(1 + np.log(count))


def _idf(columns: MatrixColumns) -> NDArray[np.float64]:
    """The weight of each column."""
    counts = np.array([columns.document_counts.get(id_, 0) for id_ in range(columns.number)], dtype=np.int64)
    return _by_number(counts, lambda count: float(np.log(1 + columns.document_count / (1 + count))))


def _by_number(counts: NDArray[np.int64], function: Any) -> NDArray[np.float64]:
    """`function` of each count, one by one: logarithms of whole arrays may differ in the last bit."""
    different, place = np.unique(counts, return_inverse=True)
    return np.array([function(count) for count in different.tolist()], dtype=np.float64)[place]

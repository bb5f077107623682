"""Nearest texts: which of some texts are most like a given one, by the words and pairs of words they share.

Texts are vectors of TF-IDF: each word and pair of words once, weighted by how few texts hold it. Likeness is
the cosine of two vectors, from 0 (no word shared) to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.text.sequences import Ragged
from wordloom.text.text_rows import TextRows, as_matrix, text_rows
from wordloom.text.tokenizer import Tokenizer

_CELLS_AT_ONCE = 1 << 24
"""Similarities in memory at a time: 64 MB of them."""


@dataclass(frozen=True, eq=False)
class Nearest:
    """The k texts nearest to each of M texts, the nearest first.

    Parameters
    ----------
    rows : int64 (M, k), their numbers; -1 where there are fewer that share a word
    similarities : float32 (M, k), cosines; 0 where there is none
    """

    rows: NDArray[np.int64]
    similarities: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class NearestTexts:
    """N texts to look for the nearest ones among.

    Parameters
    ----------
    texts : as words and pairs of words (see `of`)
    """

    texts: TextRows

    @staticmethod
    def of(texts: Sequence[str], tokenizer: Tokenizer, threads: int | None = None) -> NearestTexts:
        """The texts, counted."""
        return NearestTexts(text_rows(texts, tokenizer, threads))

    def to(self, texts: Sequence[str], k: int = 5, among: NDArray[np.bool_] | None = None) -> Nearest:
        """The k texts nearest to each of M texts, which may be others.

        among : bool (M, N) or (N,), the texts to choose from; None for all
        """
        return self._nearest(self._weighted(self.texts.encode(texts)), k, among)

    def to_own(self, rows: NDArray[np.int64], k: int = 5, among: NDArray[np.bool_] | None = None) -> Nearest:
        """The k nearest to each of the texts of these numbers (M,), themselves left out; see `to`."""
        return self._nearest(self._matrix[rows], k, among, np.asarray(rows))

    def _nearest(
        self, queries: Any, k: int, among: NDArray[np.bool_] | None, own: NDArray[np.int64] | None = None
    ) -> Nearest:
        n_queries, n = queries.shape[0], len(self.texts)
        rows = np.full((n_queries, k), -1, dtype=np.int64)
        found = np.zeros((n_queries, k), dtype=np.float32)
        step = max(_CELLS_AT_ONCE // max(n, 1), 1)
        for first in range(0, n_queries, step):
            some = slice(first, min(first + step, n_queries))
            cosines = np.asarray((queries[some] @ self._columns).todense())
            if own is not None:
                cosines[np.arange(len(cosines)), own[some]] = 0
            if among is not None:
                cosines[~np.broadcast_to(among, (n_queries, n))[some]] = 0
            best = _largest(cosines, k)
            nearest = np.take_along_axis(cosines, best, axis=1)
            width = best.shape[1]
            rows[some, :width] = np.where(nearest > 0, best, -1)
            found[some, :width] = nearest
        return Nearest(rows, found)

    @cached_property
    def _matrix(self) -> Any:
        """The N texts as rows of length 1 (or 0), sparse float32 (N, R)."""
        return self._weighted(self.texts.rows)

    @cached_property
    def _columns(self) -> Any:
        return self._matrix.T.tocsr()

    def _weighted(self, rows: Ragged) -> Any:
        documents = self.texts.documents
        weights = np.log((1 + len(self.texts)) / (1 + documents)) + 1  # as scikit-learn smooths it
        values = weights[rows.ids]
        squares = np.concatenate([[0.0], np.cumsum(values**2)])
        lengths = np.sqrt(np.maximum(np.diff(squares[rows.offsets]), 1e-12))
        values /= np.repeat(lengths, rows.lengths)
        return as_matrix(rows, len(documents), values.astype(np.float32))


def _largest(cosines: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """int64 (M, up to k): the columns of the largest numbers of each row, of equal ones the first."""
    if k < cosines.shape[1]:
        kth = np.partition(cosines, -k, axis=1)[:, -k]
        # a stable order of the few that may be among them, so that ties do not depend on the partition
        few = [np.flatnonzero(row >= least) for row, least in zip(cosines, kth, strict=True)]
        return np.stack([_ordered(row, own, k) for row, own in zip(cosines, few, strict=True)])
    return np.argsort(-cosines, axis=1, kind="stable")


def _ordered(row: NDArray[np.float32], few: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    return few[np.argsort(-row[few], kind="stable")[:k]]

"""Texts that stand more than once, as they are or nearly so: in one part, in both, under two labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.checks.faults import CONFLICTING, IN_TRAINING, REPEATED, Fault
from wordloom.checks.near_duplicates import Pairs, near_duplicates
from wordloom.corpus import Corpus
from wordloom.repeats import repeats_in
from wordloom.text.text_rows import TextRows


@dataclass(frozen=True, eq=False)
class RepeatedTexts:
    """What is the same, or nearly, among N texts.

    Parameters
    ----------
    first : int64 (N,), the first text that each is equal to but for blanks around it
    pairs : those of them that are nearly the same
    """

    first: NDArray[np.int64]
    pairs: Pairs

    @staticmethod
    def among(corpus: Corpus, rows: TextRows, similarity: float) -> RepeatedTexts:
        """The repeated texts of a corpus; `rows` are its texts as words and pairs of words."""
        first = repeats_in(corpus).first
        return RepeatedTexts(first, near_duplicates(rows, similarity, first == np.arange(len(first))))

    @property
    def groups(self) -> NDArray[np.int64]:
        """int64 (N,): equal numbers for texts that are the same or nearly, also by way of others."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        n = len(self.first)
        one = np.concatenate([self.first, self.pairs.first])
        other = np.concatenate([np.arange(n), self.pairs.second])
        graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(n, n))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def of_repeated(repeated: RepeatedTexts, n_train: int) -> Iterator[Fault]:
    """The texts that repeat an earlier one, with that one; the first `n_train` are for training."""
    for row, other, similarity in _earlier(repeated):
        kind = IN_TRAINING if other < n_train <= row else REPEATED
        yield Fault(row, kind, other, similarity)


def of_conflicting(corpus: Corpus, repeated: RepeatedTexts) -> Iterator[Fault]:
    """The texts that stand, as they are or nearly, under another label as well, with one such text."""
    labels, told = corpus.labels, set()
    groups: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.bincount(repeated.first)[repeated.first] > 1).tolist():
        groups.setdefault(int(repeated.first[row]), []).append(row)
    for members in groups.values():
        for row in members:
            other = next((one for one in members if labels[one] != labels[row]), None)
            if other is not None:
                told.add(row)
                yield Fault(row, CONFLICTING, other)
    pairs = repeated.pairs
    for place in np.argsort(-pairs.similarity, kind="stable").tolist():
        one, two = int(pairs.first[place]), int(pairs.second[place])
        if labels[one] == labels[two]:
            continue
        for row, other in ((one, two), (two, one)):
            if row not in told:
                told.add(row)
                yield Fault(row, CONFLICTING, other, float(pairs.similarity[place]))


def _earlier(repeated: RepeatedTexts) -> Iterator[tuple[int, int, float | None]]:
    """(row, the earlier text that it repeats, how alike they are) for every text that repeats one."""
    for row in np.flatnonzero(repeated.first != np.arange(len(repeated.first))).tolist():
        yield row, int(repeated.first[row]), None
    pairs = repeated.pairs
    order = np.lexsort((pairs.first, -pairs.similarity, pairs.second))
    _, best = np.unique(pairs.second[order], return_index=True)
    for place in order[best].tolist():
        yield int(pairs.second[place]), int(pairs.first[place]), float(pairs.similarity[place])

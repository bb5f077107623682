"""Attribution: what a network's logits are made of, document by document, as numbers; and the parts' names.

How a network is taken apart is in a file for each kind (`ngrams`, `pooled`, `leave_one_out`).
Numbers are made for many documents at once; names and places for one text, when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.explain.parts import Parts
from wordloom.explain.text_words import TextWords
from wordloom.text.sequences import Ragged
from wordloom.vectors.coded_rows import Rows

EXACT, GRADIENT, LEAVE_ONE_OUT = METHODS = "exact", "gradient", "leave-one-out"

NUMBERS_AT_A_TIME = 1 << 22
"""What is worked out in one go, so that little memory is taken."""


class Terms(NamedTuple):
    """What the parts of one document add to a logit.

    units : int32 (M,), which parts; what the numbers mean is the attribution's business
    values : float64 (M,)
    """

    units: NDArray[np.int32]
    values: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Attributed:
    """N documents taken apart.

    Parameters
    ----------
    logits : float64 (N,), of the class `columns` of each
    biases : float64 (N,), what no part of the document adds
    terms : one or several kinds of parts: their units as N ragged documents, and a value for each unit
    """

    logits: NDArray[np.float64]
    biases: NDArray[np.float64]
    terms: Sequence[tuple[Ragged, NDArray[np.float64]]]

    @staticmethod
    def exact(biases: NDArray[np.float64], *terms: tuple[Ragged, NDArray[np.float64]]) -> Attributed:
        """Logits that are the bias and the sum of all values."""
        logits = biases + sum(document_sums(values, units.offsets) for units, values in terms)
        return Attributed(np.asarray(logits), biases, terms)

    def __iter__(self) -> Iterator[tuple[float, float, tuple[Terms, ...]]]:
        bounds = [units.offsets.tolist() for units, _ in self.terms]
        for row, (logit, bias) in enumerate(zip(self.logits.tolist(), self.biases.tolist(), strict=True)):
            slices = [slice(*ends[row : row + 2]) for ends in bounds]
            of_terms = zip(self.terms, slices, strict=True)
            yield logit, bias, tuple(Terms(units.ids[s], values[s]) for (units, values), s in of_terms)


class Attribution(Protocol):
    """One way to take one network's answers apart."""

    @property
    def method(self) -> str:
        """One of METHODS."""

    def attributed(
        self, prepared: Any, logits: NDArray[np.float32], columns: NDArray[np.int64]
    ) -> Attributed:
        """N documents as the network's `prepared` gives them, with their logits (N, K), taken apart for the
        class `columns` (N,) of each."""

    def parts(self, words: TextWords, terms: Sequence[Terms]) -> list[Parts]:
        """The parts of one text with their names and places; some for each of the terms."""


def document_sums(values: NDArray[np.float64], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 (N,): the sum of each ragged document's values."""
    sums = np.zeros(len(offsets) - 1)
    filled = np.flatnonzero(offsets[1:] > offsets[:-1])
    if len(filled):
        sums[filled] = np.add.reduceat(values, offsets[filled])
    return sums


def products(table: Rows, documents: Ragged, directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (T,): each id's row of a table (V, X) times the direction (N, X) of the document it is in."""
    width = max(table.shape[1], 1)
    values = np.empty(len(documents.ids))
    of_id = np.repeat(np.arange(len(documents)), documents.lengths)
    step = max(NUMBERS_AT_A_TIME // width, 1)
    for first in range(0, len(values), step):
        some = slice(first, first + step)
        rows = table[documents.ids[some]].astype(np.float64)
        values[some] = np.einsum("td,td->t", rows, directions[of_id[some]])
    return values

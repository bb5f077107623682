"""NgramPart: what the classifiers of the n-gram model learn from; Classifier, how one of them learns."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.models.ngram import NgramNetwork, NgramShape
from wordloom.text.ngrams import NgramCounts, NgramSelection
from wordloom.text.sequences import Ragged
from wordloom.training.alike_rows import AlikeRows


class Classifier(NamedTuple):
    """One of the classifiers that are trained.

    weighting : of `wordloom.training.linear_plan.WEIGHTINGS`
    min_documents : texts that a row must stand in to be learned
    rate : learning rate, where the settings have none
    growth : of the rate with every epoch, as a share of the first one's
    """

    weighting: str
    min_documents: int
    rate: float
    growth: float = 0.0


@dataclass(frozen=True, eq=False)
class NgramPart:
    """N texts as rows of one kind: words and their n-grams, or characters and theirs.

    Parameters
    ----------
    counts : the n-grams
    rows : the texts
    shape : of the network on them
    classifiers : what is trained on them
    selection : which n-grams were counted
    single_counts : int64 (W,), in about how many of the texts each single word or character stands
    start, before : what training goes on from, see `wordloom.training.linear_plan.LinearPlan`
    alike : which of the rows learn as one; None if each learns for itself

    The selection and its counts are there where texts are held out from them.
    """

    counts: NgramCounts
    rows: Ragged
    shape: NgramShape
    classifiers: Sequence[Classifier]
    selection: NgramSelection | None = None
    single_counts: NDArray[np.int64] | None = None
    start: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None = None
    before: tuple[NDArray[np.float32], int] | None = None
    alike: AlikeRows | None = None

    @property
    def n_rows(self) -> int:
        """V, of all kinds."""
        return self.shape.n_words + self.shape.n_ngrams

    @functools.cached_property
    def learning_rows(self) -> Ragged:
        """The texts as the rows that learn, of those that are alike one for all."""
        return self.rows if self.alike is None else self.alike.merged(self.rows)

    def held_out(self, documents: NDArray[np.int64]) -> Ragged:
        """These of the texts with the rows that a model of all the others has.

        What stands in them alone was counted with the rest, but n-grams of a new text that no training text
        holds are no rows of it and do not count as its length (`models.ngram.document_scales`). With them,
        texts held out had smaller logits than new ones, and calibration made probabilities too sure.
        """
        rows = self.rows.take(documents)
        assert self.selection is not None
        assert self.single_counts is not None
        elsewhere = np.concatenate([self.single_counts, self.counts.document_counts])
        elsewhere -= np.bincount(rows.ids, minlength=self.n_rows)
        is_single = np.arange(self.n_rows) < len(self.single_counts)
        fewest = np.where(is_single, 1, self.selection.min_documents)
        return rows.where((elsewhere >= fewest)[rows.ids])

    def network(self, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> NgramNetwork:
        """The network with these weights."""
        return NgramNetwork(self.shape, self.counts.pairs, weights, bias)

    def untrained(self) -> NgramNetwork:
        """The network with weights of 0."""
        sizes = self.shape.sizes()
        return self.network(*(np.zeros(sizes[name], np.float32) for name in ("weights", "bias")))

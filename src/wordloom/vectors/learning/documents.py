"""Learn vectors whose averages stand for documents, from texts without labels.

What is learned stands in `wordloom.kernels.contexts`. Contexts are drawn in proportion to the weight that
their vectors will have in a document's average (the inverse document frequency), so that what predicts in
learning is a sample of what is used afterwards.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.kernels import learning_kernels
from wordloom.kernels.contexts import Places, Shares, Tables, ViewRule, alias_table, in_shares
from wordloom.text.tokenizer import Tokenizer
from wordloom.vectors.learning.document_vectors import DocumentVectors, averages_of, principal_axes
from wordloom.vectors.learning.listener import LearningListener, Silence
from wordloom.vectors.learning.ngram_table import Documents, NgramTable, count_ngrams
from wordloom.vectors.learning.settings import LearningSettings

_BATCH_SIZE = 16
# Negatives drawn for a batch, for each one that counts in a view. With fewer, each would have to move so far
# at once that learning becomes unstable.
_DRAWN_FOR_EACH_NEGATIVE = 0.8
_NEGATIVE_POWER = 0.75  # word2vec's
_REPORTS_PER_EPOCH = 20


def learn_document_vectors(
    texts: Sequence[str],
    settings: LearningSettings | None = None,
    listener: LearningListener | None = None,
    *,
    tokenizer: Tokenizer | None = None,
    threads: int | None = None,
) -> DocumentVectors:
    """Learn vectors of the words and n-grams of `texts` whose weighted averages tell documents apart.

    Parameters
    ----------
    texts : N texts, no labels
    settings : see `LearningSettings`
    listener : hears of the progress
    tokenizer : how texts become words; Keras' rules, and tags removed, if left out
    threads : None for all cores; at most two are used. The result does not depend on it.

    Ctrl-C ends learning and keeps what is learned so far. Raises DataError for texts with too few words,
    UsageError for settings without a meaning.
    """
    chosen = (settings or LearningSettings()).checked()
    if isinstance(texts, str):
        raise DataError("Vectors are learned from a list of texts, not from one string.")
    table, documents = count_ngrams(
        texts, tokenizer or Tokenizer(strip_html=True), chosen.longest_ngram, chosen.min_documents, threads
    )
    learning = _Learning(table, documents, chosen, threads)
    learning.run(listener or Silence())
    vectors = learning.vectors()
    if not np.isfinite(vectors).all():
        raise UsageError(
            f"Learning diverged: some vectors are not finite. Choose a lower learning_rate than "
            f"{chosen.learning_rate:g}."
        )
    weights = inverse_document_frequencies(table)
    vectors.flags.writeable = False
    averages = averages_of(documents, vectors, weights, threads)
    averages = averages[documents.rows.lengths > 0]
    center = averages.mean(axis=0, dtype=np.float64).astype(np.float32)
    projection = principal_axes(averages - center, chosen.emphasis)
    return DocumentVectors(table, vectors, weights, center, projection)


def inverse_document_frequencies(table: NgramTable) -> NDArray[np.float32]:
    """log(N / document frequency) of each row, float32 (V,); 0 for what stands in every document."""
    return np.log(table.n_documents / np.maximum(table.document_counts, 1)).astype(np.float32)


class _Learning:
    """The passes over the documents, and how each row is drawn."""

    def __init__(
        self, table: NgramTable, documents: Documents, settings: LearningSettings, threads: int | None
    ) -> None:
        self._settings, self._documents = settings, documents
        counts = np.bincount(documents.rows.ids, minlength=len(table)).astype(np.float64)
        kept = _subsampled(counts, settings.subsample)
        self._views = self._expected_views(kept)
        rng = np.random.default_rng([settings.seed, 2])
        shape = (len(table), settings.dimensions)
        inputs = ((rng.random(shape, dtype=np.float32) - 0.5) / settings.dimensions).astype(np.float32)
        weights = inverse_document_frequencies(table)
        highest = max(float(weights.max()), 1e-9)
        shares = Shares(
            in_shares(np.where(weights > 0, weights / highest, 0.0 if weights.any() else 1.0)),
            in_shares(kept),
            *alias_table(counts**_NEGATIVE_POWER),
        )
        rule = ViewRule(
            settings.contexts,
            settings.targets,
            4 * math.ceil(_DRAWN_FOR_EACH_NEGATIVE * settings.targets * settings.negatives / 4),
            float(settings.negatives),
            settings.gap,
            _BATCH_SIZE,
            np.uint64(settings.seed),
        )
        kernels = learning_kernels(int(self._views.sum() * settings.targets * settings.epochs))
        places = Places(documents.rows.ids, documents.rows.offsets, documents.places)
        tables = Tables(inputs, np.zeros_like(inputs))
        self._learner: Any = kernels.Learner(tables, places, shares, rule, threads)

    def run(self, listener: LearningListener) -> None:
        """All epochs; one Ctrl-C ends them."""
        words = len(self._documents.rows.ids)
        epochs = self._settings.epochs
        listener.started(epochs, words)
        done, interrupted = 0, False
        try:
            for done in range(epochs):
                self._epoch(done, listener)
            done = epochs
        except KeyboardInterrupt:
            interrupted = True
        listener.finished(done, interrupted)

    def vectors(self) -> NDArray[np.float32]:
        """What is learned so far, float32 (V, D)."""
        return np.asarray(self._learner.tables().inputs, dtype=np.float32)

    def _epoch(self, epoch: int, listener: LearningListener) -> None:
        settings, began = self._settings, time.perf_counter()
        views = self._order(epoch)
        loss, targets = 0.0, 0
        stretch = -(-len(views) // (_REPORTS_PER_EPOCH * _BATCH_SIZE)) * _BATCH_SIZE
        for first in range(0, len(views), stretch):
            last = min(first + stretch, len(views))
            rates = [
                settings.learning_rate * (1 - (epoch + place / len(views)) / settings.epochs)
                for place in (first, last)
            ]
            own_loss, own_targets = self._learner.run(views[first:last], (rates[0], rates[1]))
            loss, targets = loss + own_loss, targets + own_targets
            share = last / len(views)
            pace = share * len(self._documents.rows.ids) / max(time.perf_counter() - began, 1e-9)
            listener.progressed(epoch + 1, share, loss / max(targets, 1), pace)

    def _expected_views(self, kept: NDArray[np.float64]) -> NDArray[np.float64]:
        """How many views each document gets in an epoch, on average: every n-gram is a target about once."""
        rows, offsets = self._documents.rows.ids, self._documents.rows.offsets
        totals = np.zeros(len(rows) + 1)
        np.cumsum(kept[rows], out=totals[1:])
        expected: NDArray[np.float64] = np.diff(totals[offsets])
        return expected / self._settings.targets

    def _order(self, epoch: int) -> NDArray[np.int64]:
        """The documents of all views of an epoch, shuffled."""
        rng = np.random.default_rng([self._settings.seed, 3, epoch])
        counts = np.floor(self._views + rng.random(len(self._views))).astype(np.int64)
        order = np.repeat(np.arange(len(counts)), counts)
        rng.shuffle(order)
        return order


def _subsampled(counts: NDArray[np.float64], subsample: float) -> NDArray[np.float64]:
    """The chance of each row to be a target: word2vec's rule, sqrt(t / f) + t / f, at most 1."""
    ratio = subsample * counts.sum() / np.maximum(counts, 1)
    chances: NDArray[np.float64] = np.minimum(np.sqrt(ratio) + ratio, 1.0)
    return chances

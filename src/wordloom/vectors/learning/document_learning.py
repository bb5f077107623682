"""Learn vectors whose averages stand for documents, from texts without labels.

What is learned stands in `wordloom.kernels.document_cbow`. Contexts are sampled in proportion to the weight
that their vectors will have in a document's average (the inverse document frequency), so that what predicts
in learning is a sample of what is used afterwards."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.kernels import learning_kernels
from wordloom.kernels.document_cbow import (
    DocumentRows,
    SamplingProbabilities,
    TablePair,
    ViewSampling,
    most_targets,
)
from wordloom.kernels.sampling import alias_table, fixed_point
from wordloom.loop.callback import Callback, CallbackList
from wordloom.text.ngram_finder import FoundNgrams
from wordloom.text.tokenizer import Tokenizer
from wordloom.vectors.learning.chunks import Checkpoint, LearningState, learn_chunks
from wordloom.vectors.learning.document_vectors import DocumentVectors, averages_of, principal_axes
from wordloom.vectors.learning.ngram_table import NgramTable, count_ngrams_of
from wordloom.vectors.learning.settings import LearningSettings

TOKENIZER = Tokenizer(strip_html=True, unicode_punctuation=True, split_characters=True, normalization="NFC")
"""How texts become words if nothing else is said: as with the architecture "documents"."""
_BATCH_SIZE = 16
# Negatives sampled for a batch, for each one that counts in a view. With fewer, each would have to move so
# far at once that learning becomes unstable.
_SAMPLED_FOR_EACH_NEGATIVE = 0.8
_NEGATIVE_POWER = 0.75  # word2vec's
_REPORTS_PER_EPOCH = 20
_MOST_VIEWS_AT_ONCE = 65_536  # whose samples are kept
_MEASURED_EVERY = 32  # batches; in short chunks more often


def learn_document_vectors(
    texts: Sequence[str],
    settings: LearningSettings | None = None,
    callbacks: Sequence[Callback] = (),
    *,
    tokenizer: Tokenizer | None = None,
    threads: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    keep_interrupted: bool = True,
) -> DocumentVectors:
    """Learn vectors of the words and n-grams of `texts` whose weighted averages tell documents apart.

    The texts' words and n-grams stay in memory. Ctrl-C ends learning and keeps what is learned so far. Raises
    DataError for texts with too few words, UsageError for settings without a meaning and for a checkpoint of
    other texts or settings.

    Parameters
    ----------
    texts : N texts, no labels
    settings : see `LearningSettings`
    callbacks : told how learning goes; see `wordloom.Callback`
    tokenizer : how texts become words; TOKENIZER if left out
    threads : None for all cores; at most two are used. The result does not depend on it.
    checkpoint : a file that is written after each epoch, every five minutes and after Ctrl-C. If it is there
        already, learning goes on from it, with the same result as if it had never stopped.
    keep_interrupted : False for work of several parts, where half-learned vectors would count as whole ones:
        Ctrl-C is a KeyboardInterrupt then
    """
    chosen, told = (settings or LearningSettings()).checked(), CallbackList(callbacks)
    if isinstance(texts, str):
        raise DataError("Vectors are learned from a list of texts, not from one string.")
    rules = tokenizer or TOKENIZER
    table, documents = count_ngrams_of(texts, rules, chosen.longest_ngram, chosen.min_documents, threads)
    kept = None if checkpoint is None else Checkpoint(checkpoint, _about(chosen, table, documents))
    state = None if kept is None else kept.load()
    learning = _DocumentLearning(table, documents, chosen, threads, state)
    told.on_step("reading texts", learning.words, learning.words, "word")
    learn_chunks(learning, callbacks, kept, state, keep_interrupted)
    vectors = learning.vectors()
    if not np.isfinite(vectors).all():
        raise UsageError(
            f"Learning diverged: some vectors are not finite. Choose a lower learning_rate than "
            f"{chosen.learning_rate:g}."
        )
    weights = inverse_document_frequencies(table)
    vectors.flags.writeable = False
    averages = averages_of(documents.rows, vectors, weights, threads)
    averages = averages[documents.rows.lengths > 0]
    center = averages.mean(axis=0, dtype=np.float64).astype(np.float32)
    projection = principal_axes(averages - center, chosen.emphasis)
    return DocumentVectors(table, vectors, weights, center, projection)


def inverse_document_frequencies(table: NgramTable) -> NDArray[np.float32]:
    """log(N / document frequency) of each row, float32 (V,); 0 for what stands in every document."""
    return np.log(table.n_documents / np.maximum(table.document_counts, 1)).astype(np.float32)


def _about(settings: LearningSettings, table: NgramTable, documents: FoundNgrams) -> dict[str, Any]:
    """What a checkpoint belongs to."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (table.pairs, documents.rows.ids, documents.rows.offsets):
        digest.update(np.ascontiguousarray(part).data)
    digest.update("\0".join(table.words).encode("utf-8", "surrogatepass"))
    return {"objective": "documents", **dataclasses.asdict(settings), "texts": digest.hexdigest()}


class _DocumentLearning:
    """The tables, how each row is sampled, and the views they are learned from."""

    def __init__(
        self,
        table: NgramTable,
        documents: FoundNgrams,
        settings: LearningSettings,
        threads: int | None,
        state: LearningState | None,
    ) -> None:
        self._settings, self._documents = settings, documents
        self.epochs = settings.epochs
        self.words = int((documents.rows.ids < len(table.words)).sum())  # n-grams are rows too
        counts = np.bincount(documents.rows.ids, minlength=len(table)).astype(np.float64)
        kept = _subsampled(counts, settings.subsample)
        self._expected = self._expected_views(kept)
        weights = inverse_document_frequencies(table)
        highest = max(float(weights.max()), 1e-9)
        probabilities = SamplingProbabilities(
            fixed_point(np.where(weights > 0, weights / highest, 0.0 if weights.any() else 1.0)),
            fixed_point(kept),
            *alias_table(counts**_NEGATIVE_POWER),
        )
        batches = int(self._expected.sum()) // (_REPORTS_PER_EPOCH * _BATCH_SIZE)
        sampling = ViewSampling(
            settings.contexts,
            settings.targets,
            4 * math.ceil(_SAMPLED_FOR_EACH_NEGATIVE * settings.targets * settings.negatives / 4),
            float(settings.negatives),
            settings.gap,
            _BATCH_SIZE,
            np.uint64(settings.seed),
            min(max(batches // 4, 1), _MEASURED_EVERY),
        )
        kernels = learning_kernels(int(self._expected.sum() * settings.targets * settings.epochs))
        rows = DocumentRows(documents.rows.ids, documents.rows.offsets, documents.places)
        if state is None:
            tables, done = (
                TablePair.initial(len(table), len(table), settings.dimensions, [settings.seed, 2]),
                0,
            )
        else:
            shape = len(table), settings.dimensions
            state.check_shapes(shape, shape)
            tables, done = TablePair(state.inputs, state.outputs), state.steps
        self._trainer: Any = kernels.CbowTrainer(tables, rows, probabilities, sampling, threads, done)

    def begin(self, epoch: int) -> int:
        """Draw the order of the epoch's views."""
        rng = np.random.default_rng([self._settings.seed, 3, epoch])
        counts = np.floor(self._expected + rng.random(len(self._expected))).astype(np.int64)
        self._views = np.repeat(np.arange(len(counts)), counts)
        rng.shuffle(self._views)
        batches = -(-len(self._views) // (_REPORTS_PER_EPOCH * _BATCH_SIZE))
        self._chunk = min(max(batches, 1), _MOST_VIEWS_AT_ONCE // _BATCH_SIZE) * _BATCH_SIZE
        return -(-len(self._views) // self._chunk)

    def share(self, chunk: int) -> float:
        return min(chunk * self._chunk / max(len(self._views), 1), 1.0)

    def learn(self, epoch: int, chunk: int) -> tuple[float, int]:
        first = chunk * self._chunk
        rates = [
            self._settings.learning_rate * (1 - (epoch + self.share(place)) / self.epochs)
            for place in (chunk, chunk + 1)
        ]
        loss, targets = self._trainer.run(self._views[first : first + self._chunk], (rates[0], rates[1]))
        return loss, targets

    def state(self, epoch: int, chunk: int) -> LearningState:
        return LearningState(epoch, chunk, self._trainer.done, *self._trainer.tables())

    def vectors(self) -> NDArray[np.float32]:
        """What is learned so far, float32 (V, D)."""
        return np.asarray(self._trainer.tables().inputs, dtype=np.float32)

    def _expected_views(self, kept: NDArray[np.float64]) -> NDArray[np.float64]:
        """How many views each document gets in an epoch, on average: every n-gram is a target about once."""
        rows, offsets = self._documents.rows.ids, self._documents.rows.offsets
        totals = np.zeros(len(rows) + 1)
        np.cumsum(kept[rows], out=totals[1:])
        expected: NDArray[np.float64] = np.diff(totals[offsets])
        views: NDArray[np.float64] = expected / most_targets(np.diff(offsets), self._settings.targets)
        return views


def _subsampled(counts: NDArray[np.float64], subsample: float) -> NDArray[np.float64]:
    """The chance of each row to be a target: word2vec's rule, sqrt(t / f) + t / f, at most 1."""
    ratio = subsample * counts.sum() / np.maximum(counts, 1)
    chances: NDArray[np.float64] = np.minimum(np.sqrt(ratio) + ratio, 1.0)
    return chances

"""Learn vectors of words from texts without labels: skip-gram with negative sampling.

The texts are read once, in batches, so they may be more than memory holds. How pairs are learned stands in
`wordloom.kernels.skipgram`; how texts become numbers of words in `numbered_texts`.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.kernels import skipgram_kernels
from wordloom.kernels.document_cbow import TablePair
from wordloom.kernels.sampling import alias_table
from wordloom.kernels.skipgram import Pieces, SkipGramSampling
from wordloom.loop.callback import Callback
from wordloom.text.tokenizer import Tokenizer
from wordloom.vectors.learning.chunks import Checkpoint, LearningState, learn_chunks
from wordloom.vectors.learning.numbered_texts import NumberedTexts
from wordloom.vectors.learning.settings import SkipGramSettings
from wordloom.vectors.subwords import SubwordRule, SubwordVectors
from wordloom.vectors.word_vectors import WordVectors


class WordPieces:
    """The pieces of V words.

    Attributes: `pieces` (rows below V are the words' own), and `n_rows`, how many different rows they are.
    Raises UsageError for more buckets than there is memory for.

    Parameters
    ----------
    words : the V words
    settings : say which n-grams of characters they have
    """

    def __init__(self, words: Sequence[str], settings: SkipGramSettings) -> None:
        self._words = words
        self._subword_rule = SubwordRule(
            settings.shortest_subword, settings.longest_subword, settings.buckets
        )
        ids, offsets = self._subword_rule.ids(words)
        self._used, rows = np.unique(ids, return_inverse=True)
        own = np.arange(len(words))
        self.pieces = Pieces(
            np.insert(len(words) + rows, offsets[:-1], own).astype(np.int32),
            offsets + np.arange(len(offsets)),
        )
        self.n_rows = len(words) + len(self._used)
        self._table = self._allocated(len(words) + self._subword_rule.buckets, settings.dimensions)

    def _allocated(self, n_rows: int, dimensions: int) -> NDArray[np.float32]:
        """The whole table, asked for before hours of learning; rows take memory when they are written."""
        try:
            return np.zeros((n_rows, dimensions), dtype=np.float32)
        except (MemoryError, ValueError):
            raise UsageError(
                f"There is no memory for {self._subword_rule.buckets:,} buckets of {dimensions:,} dimensions "
                f"({4e-9 * n_rows * dimensions:,.0f} GB); choose fewer buckets."
            ) from None

    def vectors(self, inputs: NDArray[np.float32], name: str) -> SubwordVectors:
        """What is learned, from the rows `inputs: float32 (n_rows, D)`; can be asked once."""
        n_words, table = len(self._words), self._table
        table[:n_words] = inputs[:n_words]
        table[n_words + self._used] = inputs[n_words:]
        table.flags.writeable = False
        return SubwordVectors.composed(self._words, table, self._subword_rule, name)


_NEGATIVE_POWER = 0.75  # word2vec's
_MEASURED_EVERY = 256
_WORDS_FOR_THE_FULL_RATE = 200
_WORDS_OF_A_CHUNK = 200_000
_NAME = "learned from texts"
TOKENIZER = Tokenizer(strip_html=True, split_characters=True, normalization="NFC")
"""How texts become words if nothing else is said: as in networks with word vectors, and tags are removed."""


def learn_word_vectors(
    texts: Iterable[str],
    settings: SkipGramSettings | None = None,
    callbacks: Sequence[Callback] = (),
    *,
    tokenizer: Tokenizer | None = None,
    threads: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> WordVectors:
    """Learn a vector for each word of `texts`, most frequent words first.

    Ctrl-C ends learning and keeps what is learned so far. Raises DataError for texts with too few words,
    UsageError for settings without a meaning and for a checkpoint of other texts or settings.

    Parameters
    ----------
    texts : N texts, gone through once. A list is turned into numbers of words, which stay in memory; from
        anything else (a generator, an object that reads a file) the numbers go to a temporary file, so that
        the texts may be larger than memory. A text of more than 10,000 words is learned in parts.
    settings : see `SkipGramSettings`; the learning rate is lower for less than about 200 different words.
        With a `longest_subword` the result is a `SubwordVectors`, which answers other words too.
    callbacks : told how learning goes; see `wordloom.Callback`
    tokenizer : how texts become words; TOKENIZER if left out
    threads : None for all cores; at most two are used. The result does not depend on it.
    checkpoint : a file that is written after each epoch, every five minutes and after Ctrl-C. If it is there
        already, learning goes on from it, with the same result as if it had never stopped.
    """
    chosen = (settings or SkipGramSettings()).checked()
    if isinstance(texts, str):
        raise DataError("Vectors are learned from a list of texts, not from one string.")
    rules = tokenizer or TOKENIZER
    numbered = NumberedTexts(texts, rules, chosen.min_count, threads, callbacks)
    kept = None if checkpoint is None else Checkpoint(checkpoint, _about(chosen, numbered))
    state = None if kept is None else kept.load()
    learning = _WordLearning(numbered, chosen, threads, state)
    learn_chunks(learning, callbacks, kept, state)
    return learning.vectors()


def _about(settings: SkipGramSettings, numbered: NumberedTexts) -> dict[str, Any]:
    """What a checkpoint belongs to."""
    return {"objective": "words", **dataclasses.asdict(settings), "texts": numbered.fingerprint}


class _WordLearning:
    """The tables, and the chunks they are learned from."""

    def __init__(
        self,
        texts: NumberedTexts,
        settings: SkipGramSettings,
        threads: int | None,
        state: LearningState | None,
    ) -> None:
        self._texts, self._settings = texts, settings
        self.epochs, self.words = settings.epochs, texts.n_words
        self._bounds = texts.bounds(_WORDS_OF_A_CHUNK)
        counts = texts.counts.astype(np.float64)
        ratio = settings.subsample * counts.sum() / counts
        self._chances = np.minimum(np.sqrt(ratio) + ratio, 1.0)
        # Where there are few words, a block of text holds each many times, and their steps add up: the rate
        # falls with the number of words, counted as if all were equally frequent.
        shares = counts**_NEGATIVE_POWER / (counts**_NEGATIVE_POWER).sum()
        even = float(1 / (shares**2).sum())
        self._highest_rate = settings.learning_rate * min(1.0, even / _WORDS_FOR_THE_FULL_RATE)
        sampling = SkipGramSampling(
            settings.window,
            float(settings.negatives),
            *alias_table(counts**_NEGATIVE_POWER),
            np.uint64(settings.seed),
            _MEASURED_EVERY,
        )
        kernels = skipgram_kernels(texts.n_words * settings.epochs)
        self._pieces = WordPieces(texts.words, settings) if settings.longest_subword else None
        n_rows = len(counts) if self._pieces is None else self._pieces.n_rows
        if state is None:
            tables = TablePair.initial(n_rows, len(counts), settings.dimensions, [settings.seed, 4])
        else:
            state.check_shapes((n_rows, settings.dimensions), (len(counts), settings.dimensions))
            tables = TablePair(state.inputs, state.outputs)
        self._trainer: Any = kernels.SkipGramTrainer(
            tables,
            sampling,
            threads,
            0 if state is None else state.steps,
            None if self._pieces is None else self._pieces.pieces,
        )

    def begin(self, epoch: int) -> int:
        return len(self._bounds) - 1

    def share(self, chunk: int) -> float:
        return self._texts.words_before(int(self._bounds[chunk])) / max(self.words, 1)

    def learn(self, epoch: int, chunk: int) -> tuple[float, int]:
        texts = self._texts.rows(int(self._bounds[chunk]), int(self._bounds[chunk + 1]))
        rng = np.random.default_rng([self._settings.seed, 5, epoch, chunk])
        texts = texts.where(rng.random(len(texts.ids)) < self._chances[texts.ids])
        rates = self._rate(epoch, chunk), self._rate(epoch, chunk + 1)
        loss, pairs = self._trainer.run(texts.ids, texts.offsets, rates)
        return loss, pairs

    def state(self, epoch: int, chunk: int) -> LearningState:
        return LearningState(epoch, chunk, self._trainer.done, *self._trainer.tables())

    def vectors(self) -> WordVectors:
        """What is learned so far."""
        table, outputs = self._trainer.tables()
        if self._settings.output_weight:
            table += np.float32(self._settings.output_weight) * outputs
        if not np.isfinite(table).all():
            raise UsageError(
                "Learning diverged: some vectors are not finite. Choose a lower learning_rate than "
                f"{self._settings.learning_rate:g}."
            )
        if self._pieces is not None:
            return self._pieces.vectors(table, _NAME)
        table.flags.writeable = False
        return WordVectors(self._texts.words, table, _NAME)

    def _rate(self, epoch: int, chunk: int) -> float:
        return self._highest_rate * (1 - (epoch + self.share(chunk)) / self.epochs)

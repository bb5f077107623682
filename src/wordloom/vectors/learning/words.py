"""Learn vectors of words from texts without labels: skip-gram with negative sampling.

Texts are read in portions, again in every epoch, so they may be more than memory holds. Words are counted in
a first pass. What is learned stands in `wordloom.kernels.skipgram`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.kernels import skipgram_kernels
from wordloom.kernels.contexts import Tables, alias_table
from wordloom.kernels.skipgram import SkipGramRule
from wordloom.text.conventions import IdConvention
from wordloom.text.counting import count_words
from wordloom.text.sequences import Ragged, offsets_of
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.learning.listener import LearningListener, Silence
from wordloom.vectors.learning.settings import SkipGramSettings
from wordloom.vectors.word_vectors import WordVectors

_TEXTS_AT_ONCE = 5_000
_NEGATIVE_POWER = 0.75  # word2vec's
_MEASURED_EVERY = 64
_WORDS_FOR_THE_FULL_RATE = 200
_REPORTS_PER_PORTION = 5


def learn_word_vectors(
    texts: Iterable[str],
    settings: SkipGramSettings | None = None,
    listener: LearningListener | None = None,
    *,
    tokenizer: Tokenizer | None = None,
    threads: int | None = None,
) -> WordVectors:
    """Learn a vector for each word of `texts`, most frequent words first.

    Parameters
    ----------
    texts : N texts: a list, or any object that can be gone through again and again (for example one that
        opens a file each time). A list is turned into numbers once, which then stay in memory.
    settings : see `SkipGramSettings`; the learning rate is lower for less than about 200 different words
    listener : hears of the progress
    tokenizer : how texts become words; Keras' rules, and tags removed, if left out
    threads : None for all cores; at most two are used. The result does not depend on it.

    Ctrl-C ends learning and keeps what is learned so far. Raises DataError for texts with too few words,
    UsageError for settings without a meaning and for texts that can be gone through only once.
    """
    chosen = (settings or SkipGramSettings()).checked()
    if isinstance(texts, str):
        raise DataError("Vectors are learned from a list of texts, not from one string.")
    if isinstance(texts, Iterator):
        raise UsageError(
            "The texts are read again in every epoch, and this iterator can be gone through only once; "
            "give a list, or an object whose __iter__ starts anew."
        )
    source = _Source(texts, tokenizer or Tokenizer(strip_html=True), chosen.min_count, threads)
    learning = _Learning(source, chosen, threads)
    learning.run(listener or Silence())
    return learning.vectors()


class _Source:
    """The texts as portions of word rows, and the counts of the words."""

    def __init__(
        self, texts: Iterable[str], tokenizer: Tokenizer, min_count: int, threads: int | None
    ) -> None:
        self._texts, self._tokenizer, self._threads = texts, tokenizer, threads
        self.words, self.counts = self._counted(min_count)
        # rows counted from 1, since 0 is a word without a row, which is left out
        self._vocabulary = Vocabulary(self.words, self.counts, self.counts, 0, IdConvention())
        self._kept = list(self._encoded()) if isinstance(texts, Sequence) else None

    def portions(self) -> Iterable[Ragged]:
        """Portions of the texts, words without a vector left out."""
        return self._encoded() if self._kept is None else self._kept

    def _encoded(self) -> Iterator[Ragged]:
        for portion in self._read():
            ids = self._vocabulary.encode(portion, self._tokenizer, self._threads)
            yield Ragged(ids.ids - np.int32(1), ids.offsets)

    def _read(self) -> Iterator[list[str]]:
        texts = iter(self._texts)
        while portion := list(islice(texts, _TEXTS_AT_ONCE)):
            yield portion

    def _counted(self, min_count: int) -> tuple[list[str], NDArray[np.int64]]:
        totals: dict[str, int] = {}
        for portion in self._read():
            counted, _ = count_words(portion, self._tokenizer, self._threads)
            for word, count in zip(counted.words, counted.counts.tolist(), strict=True):
                totals[word] = totals.get(word, 0) + count
        kept = sorted((word for word in totals if totals[word] >= min_count), key=lambda word: -totals[word])
        if not kept:
            raise DataError(
                f"None of the {len(totals):,} different words occurs {min_count:,} times or more; give more "
                "texts, or choose a lower min_count."
            )
        return kept, np.array([totals[word] for word in kept], dtype=np.int64)


class _Learning:
    """The passes over the texts."""

    def __init__(self, source: _Source, settings: SkipGramSettings, threads: int | None) -> None:
        self._source, self._settings = source, settings
        counts = source.counts.astype(np.float64)
        ratio = settings.subsample * counts.sum() / counts
        self._chances = np.minimum(np.sqrt(ratio) + ratio, 1.0)
        rng = np.random.default_rng([settings.seed, 4])
        shape = (len(counts), settings.dimensions)
        inputs = ((rng.random(shape, dtype=np.float32) - 0.5) / settings.dimensions).astype(np.float32)
        # Where there are few words, a block of text holds each many times, and their steps add up: the rate
        # falls with the number of words, counted as if all were equally frequent.
        drawn = counts**_NEGATIVE_POWER / (counts**_NEGATIVE_POWER).sum()
        even = float(1 / (drawn**2).sum())
        self._highest_rate = settings.learning_rate * min(1.0, even / _WORDS_FOR_THE_FULL_RATE)
        rule = SkipGramRule(
            settings.window,
            float(settings.negatives),
            *alias_table(counts**_NEGATIVE_POWER),
            np.uint64(settings.seed),
            _MEASURED_EVERY,
        )
        self._words = int(source.counts.sum())
        kernels = skipgram_kernels(self._words * settings.epochs)
        self._learner: Any = kernels.Learner(Tables(inputs, np.zeros_like(inputs)), rule, threads)

    def run(self, listener: LearningListener) -> None:
        """All epochs; one Ctrl-C ends them."""
        epochs = self._settings.epochs
        listener.started(epochs, self._words)
        done, interrupted = 0, False
        try:
            for done in range(epochs):
                self._epoch(done, listener)
            done = epochs
        except KeyboardInterrupt:
            interrupted = True
        listener.finished(done, interrupted)

    def vectors(self) -> WordVectors:
        """What is learned so far."""
        table = self._learner.tables().inputs
        if not np.isfinite(table).all():
            raise UsageError(
                "Learning diverged: some vectors are not finite. Choose a lower learning_rate than "
                f"{self._settings.learning_rate:g}."
            )
        table.flags.writeable = False
        return WordVectors(self._source.words, table, "learned from texts")

    def _epoch(self, epoch: int, listener: LearningListener) -> None:
        began, seen, loss, pairs = time.perf_counter(), 0, 0.0, 0
        rng = np.random.default_rng([self._settings.seed, 5, epoch])
        for portion in self._source.portions():
            step = -(-len(portion) // _REPORTS_PER_PORTION)
            for first in range(0, len(portion), step):
                stretch = portion.take(np.arange(first, min(first + step, len(portion))))
                rates = self._rate(epoch, seen), self._rate(epoch, seen + len(stretch.ids))
                seen += len(stretch.ids)
                left = _left(stretch, rng, self._chances)
                own_loss, own_pairs = self._learner.run(left.ids, left.offsets, rates)
                loss, pairs = loss + own_loss, pairs + own_pairs
                pace = seen / max(time.perf_counter() - began, 1e-9)
                listener.progressed(epoch + 1, seen / self._words, loss / max(pairs, 1), pace)

    def _rate(self, epoch: int, seen: int) -> float:
        share = (epoch + seen / self._words) / self._settings.epochs
        return self._highest_rate * (1 - share)


def _left(texts: Ragged, rng: np.random.Generator, chances: NDArray[np.float64]) -> Ragged:
    """The texts without the words that subsampling leaves out."""
    kept = rng.random(len(texts.ids)) < chances[texts.ids]
    totals = np.zeros(len(kept) + 1, dtype=np.int64)
    np.cumsum(kept, out=totals[1:])
    return Ragged(texts.ids[kept], offsets_of(np.diff(totals[texts.offsets])))

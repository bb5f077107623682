"""WordNumbers: the words of texts that come in chunks, numbered by first sight and counted.

The numbers do not depend on the chunks that the texts come in. `count_words` of all texts at once gives the
same counts in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.text.counting import WordCounts, count_words, encoded_words, gathered_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer


class WordNumbers:
    """The different words so far, and how often each occurs.

    Parameters
    ----------
    tokenizer : how texts become words
    threads : None for all cores
    """

    def __init__(self, tokenizer: Tokenizer, threads: int | None = None) -> None:
        self._tokenizer, self._threads = tokenizer, threads
        self._number_of: dict[str, int] = {}
        self._counts = np.zeros((2, 1 << 16), dtype=np.int64)
        self.n_texts = 0

    @property
    def words(self) -> list[str]:
        """The words in the order of their numbers."""
        return list(self._number_of)

    @property
    def counts(self) -> NDArray[np.int64]:
        """int64 (W,): how often each word occurs."""
        return self._counts[0, : len(self._number_of)]

    @property
    def document_counts(self) -> NDArray[np.int64]:
        """int64 (W,): in how many texts each word stands."""
        return self._counts[1, : len(self._number_of)]

    def add(self, texts: Sequence[str]) -> Ragged:
        """The numbers of the words of more texts, from 0."""
        counted, ranks = count_words(texts, self._tokenizer, self._threads)
        by_first_sight = np.empty(len(counted), dtype=np.int64)
        by_first_sight[counted.first_seen] = np.arange(len(counted))
        words, counts = counted.words, counted.counts[by_first_sight]
        numbers = np.zeros(len(counted) + 1, dtype=np.int32)
        numbers[by_first_sight + 1] = self.join(
            [words[rank] for rank in by_first_sight.tolist()],
            counts,
            counted.document_counts[by_first_sight],
            len(texts),
        )
        return Ragged(numbers[ranks.ids], ranks.offsets)

    def join(
        self,
        words: Sequence[str],
        counts: NDArray[np.int64],
        document_counts: NDArray[np.int64],
        n_texts: int,
    ) -> NDArray[np.int32]:
        """The numbers of words of more texts that were counted elsewhere, int32 (W',).

        words : W' different ones, in the order of first sight
        """
        number_of = self._number_of
        numbers = np.array([number_of.setdefault(word, len(number_of)) for word in words], dtype=np.int32)
        if len(number_of) > self._counts.shape[1]:
            more = np.zeros((2, 2 * len(number_of) - self._counts.shape[1]), dtype=np.int64)
            self._counts = np.concatenate([self._counts, more], axis=1)
        self._counts[0, numbers] += counts
        self._counts[1, numbers] += document_counts
        self.n_texts += n_texts
        return numbers

    def counted(self) -> WordCounts:
        """All words, most frequent first, ties by first sight; `first_seen` holds their numbers."""
        order = np.argsort(-self.counts, kind="stable")
        blob, offsets = encoded_words(self.words)
        return WordCounts(
            *gathered_words(blob, offsets, order),
            self.counts[order],
            self.document_counts[order],
            self.n_texts,
            order,
        )

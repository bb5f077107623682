"""The words of one text with all that explaining needs of them: spans, ids, ids of their characters."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.models.network import Network
from wordloom.text.conventions import PADDING_ID
from wordloom.text.hashed_ngrams import LINE_TOKENIZER
from wordloom.text.sequences import Ragged, offsets_of
from wordloom.text.spans import Span, words_with_spans
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary

MARK = -1
"""The word that an id came from, for an id that no word of the text stands for: a start mark, padding."""

WORD, UNKNOWN_WORD, START, PADDING = "word", "unknown word", "start mark", "padding"
END_OF_LINE = "end of line"


class Explained(Protocol):
    """What a model has that is explained; a `TextModel` is one."""

    @property
    def tokenizer(self) -> Tokenizer: ...
    @property
    def vocabulary(self) -> Vocabulary: ...
    @property
    def labels(self) -> tuple[Any, ...]: ...
    @property
    def network(self) -> Network: ...
    @property
    def target(self) -> str: ...
    @property
    def thresholds(self) -> tuple[float, ...]: ...


@dataclass(frozen=True, eq=False)
class TextWords:
    """The n words of a text.

    Parameters
    ----------
    words : as the model reads them
    spans : where each stands in the text; None for one that was not found there
    ids, sources : int32 (T,), the ids of the text without those of characters, and the word each came from
        (MARK for none)
    vocabulary : what gave the ids
    """

    words: Sequence[str]
    spans: Sequence[Span | None]
    ids: NDArray[np.int32]
    sources: NDArray[np.int32]
    vocabulary: Vocabulary

    @staticmethod
    def of(model: Explained, text: str) -> TextWords:
        """The words of a text, with the ids that `encode` gives it."""
        words, spans = words_with_spans(model.tokenizer, text)
        marks, ids = model.vocabulary.word_ids(words)
        sources = np.repeat(np.arange(len(words), dtype=np.int32), ids.lengths)
        of_marks = np.full(len(marks), MARK, dtype=np.int32)
        return TextWords(
            words,
            spans,
            np.concatenate([marks, ids.ids]),
            np.concatenate([of_marks, sources]),
            model.vocabulary,
        )

    @cached_property
    def characters(self) -> Ragged:
        """The ids of each word's characters; none without an alphabet."""
        alphabet = self.vocabulary.alphabet
        if alphabet is None:
            return Ragged(np.zeros(0, dtype=np.int32), np.zeros(len(self.words) + 1, dtype=np.int64))
        spelled = alphabet.spelled(self.words)
        return Ragged(spelled.ids + np.int32(self.vocabulary.first_character), spelled.offsets)

    @cached_property
    def all_ids(self) -> NDArray[np.int32]:
        """The text as `Vocabulary.encode` has it: `ids`, and those of all characters behind them."""
        if self.vocabulary.hashed is not None:
            return self.vocabulary.encode([" ".join(self.words)], LINE_TOKENIZER).ids
        return np.concatenate([self.ids, self.characters.ids])

    def ids_without(self, left_out: Sequence[NDArray[np.int64]] | NDArray[np.int64]) -> Ragged:
        """`all_ids` of the text without some of its words, N times."""
        kept = np.ones((len(left_out), len(self.words) + 1), dtype=bool)  # the last column is that of marks
        for row, out in enumerate(left_out):
            kept[row, out] = False
        if self.vocabulary.hashed is not None:  # n-grams go across the gap
            texts = [" ".join(itertools.compress(self.words, each)) for each in kept.tolist()]
            return self.vocabulary.encode(texts, LINE_TOKENIZER)
        rows = [self.all_ids[each[self.all_sources]] for each in kept]
        return Ragged(np.concatenate(rows), offsets_of(np.array([len(row) for row in rows])))

    @property
    def with_ids(self) -> NDArray[np.int64]:
        """The words that have ids in the text; with hashed n-grams any word may."""
        if self.vocabulary.hashed is not None:
            return np.arange(len(self.words))
        return np.intersect1d(np.arange(len(self.words)), self.all_sources)

    @cached_property
    def all_sources(self) -> NDArray[np.int32]:
        """The word that each of `all_ids` came from."""
        of_characters = np.repeat(np.arange(len(self.words), dtype=np.int32), self.characters.lengths)
        return np.concatenate([self.sources, of_characters])

    @cached_property
    def known(self) -> list[bool]:
        """Whether the vocabulary has each word."""
        ids, first = self.vocabulary.word_index, self.vocabulary.convention.skip_top
        return [ids.get(word, -1) >= first for word in self.words]

    @cached_property
    def span_bounds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """int64 (n + 1,) twice: where each word begins and ends; -1 if nowhere, and last for MARK."""
        bounds = np.array([span or (-1, -1) for span in [*self.spans, None]], dtype=np.int64)
        return bounds[:, 0], bounds[:, 1]


def kind_of(id_: int, vocabulary: Vocabulary) -> str:
    """What an id of a word stands for."""
    convention = vocabulary.convention
    if id_ == convention.unknown:
        return UNKNOWN_WORD
    if id_ == convention.start:
        return START
    if id_ == PADDING_ID:
        return PADDING
    return WORD

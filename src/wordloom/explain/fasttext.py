"""fastText's classifiers taken apart, exactly: each word and n-gram is its share of the mean of their rows.

The logit of a label is the mean times the label's row, so each row adds its product with that, divided by how
many there are. The decisions of a hierarchical softmax do not add up like that; they are explained by leaving
words out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wordloom.explain.attribution import EXACT, Attributed, Terms, products
from wordloom.explain.parts import BOUNDARY, CHARACTERS, NGRAM, Parts, Positions
from wordloom.explain.text_words import END_OF_LINE, MARK, WORD, TextWords
from wordloom.kernels.hashed_ngrams import Entry
from wordloom.models.fasttext import HIERARCHICAL, FastTextNetwork
from wordloom.text.hashed_ngrams import END_TOKEN
from wordloom.text.sequences import Ragged


@dataclass(frozen=True, eq=False)
class OfFastTextNetwork:
    """A unit is a row of the input matrix where it stands in the line."""

    network: FastTextNetwork
    method = EXACT

    @staticmethod
    def of(network: FastTextNetwork) -> OfFastTextNetwork | None:
        """None for a hierarchical softmax."""
        return None if network.shape.loss == HIERARCHICAL else OfFastTextNetwork(network)

    def attributed(
        self, prepared: Ragged, logits: NDArray[np.float32], columns: NDArray[np.int64]
    ) -> Attributed:
        """See `Attribution`."""
        network, output = self.network, self.network.shape.output
        labels = network.output_rows[np.arange(output.n_classes)].astype(np.float64)
        if output.n_logits < output.n_classes:
            labels = labels[1:] - labels[:1]
        which, signs = output.signed_logits(columns)
        directions = labels[which] * (signs / np.maximum(prepared.lengths, 1))[:, None]
        return Attributed.exact(
            np.zeros(len(prepared)), (prepared, products(network.input, prepared, directions))
        )

    def parts(self, words: TextWords, terms: Sequence[Terms]) -> list[Parts]:
        """See `Attribution`: words and their n-grams, then n-grams of characters."""
        hashed = words.vocabulary.hashed
        assert hashed is not None
        places, entries = hashed.entries(words.vocabulary.words, words.words)
        line, values = _Line(words, places), terms[0].values
        inside = np.array([entry.start >= 0 for entry in entries], dtype=np.bool_)
        return [
            line.word_parts([entry for entry in entries if entry.start < 0], values[~inside]),
            line.character_parts([entry for entry in entries if entry.start >= 0], values[inside]),
        ]


@dataclass(frozen=True)
class _Line:
    """The words of a text that count: their places among its words, of the end one behind the last."""

    words: TextWords
    places: Sequence[int]

    @cached_property
    def counted(self) -> list[str]:
        """As they are spelled."""
        spelled = [*self.words.words, END_TOKEN]
        return [spelled[place] for place in self.places]

    @cached_property
    def sources(self) -> NDArray[np.int32]:
        """The word of the text that each is."""
        end = len(self.words.words)
        return np.array([MARK if place == end else place for place in self.places], dtype=np.int32)

    def word_parts(self, entries: Sequence[Entry], values: NDArray[np.float64]) -> Parts:
        """Words, the end, and n-grams of these."""
        names = [
            (self._kind(entry), " ".join(self.counted[entry.first : entry.first + entry.words]))
            for entry in entries
        ]
        firsts, lengths = [entry.first for entry in entries], [entry.words for entry in entries]
        return Parts.grouped(names, values, Positions(self.words, self.sources), firsts, lengths)

    def _kind(self, entry: Entry) -> str:
        if entry.words > 1:
            return NGRAM
        return END_OF_LINE if self.counted[entry.first] == END_TOKEN else WORD

    def character_parts(self, entries: Sequence[Entry], values: NDArray[np.float64]) -> Parts:
        """N-grams of the characters of `<word>`; the marks stand nowhere."""
        marked = [f"<{word}>" for word in self.counted]
        lengths = np.array([len(word) for word in marked], dtype=np.int64)
        begins = np.cumsum(lengths) - lengths
        characters = np.arange(lengths.sum()) - np.repeat(begins, lengths) - 1
        sources = np.repeat(self.sources, lengths)
        sources[(characters < 0) | (characters == np.repeat(lengths - 2, lengths))] = MARK
        texts = [marked[entry.first][entry.start : entry.start + entry.characters] for entry in entries]
        names = [(CHARACTERS if text.strip("<>") else BOUNDARY, text) for text in texts]
        firsts = [int(begins[entry.first]) + entry.start for entry in entries]
        positions = Positions(self.words, sources, characters.astype(np.int32))
        return Parts.grouped(names, values, positions, firsts, [entry.characters for entry in entries])

"""Vectors of words and labels in fastText's classifiers.

A word's vector is the mean of its row and of those of its n-grams of characters, as in fastText, also where
the matrix is quantized; a label's is the row that texts are multiplied with. Words and labels do not share a
space.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.models.fasttext import HIERARCHICAL, FastTextNetwork
from wordloom.text.hashed_ngrams import bytes_of_lines
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.word_vectors import UnknownWordError, WordVectors


class ClassifierVectors(WordVectors):
    """The words' vectors; with n-grams of characters `vectors[word]` has an answer for other words too."""

    __slots__ = ("network", "vocabulary")
    vocabulary: Vocabulary
    network: FastTextNetwork

    @classmethod
    def of(cls, vocabulary: Vocabulary, network: FastTextNetwork) -> ClassifierVectors:
        """float32 (W, D): one row a word of the dictionary. Raises DataError for vectors beyond float32."""
        words = tuple(vocabulary.words)
        vectors = network.hidden(network.prepared(_ids(words, vocabulary)))
        if not np.isfinite(vectors).all():
            word = words[int(np.argmin(np.isfinite(vectors).all(axis=1)))]
            raise DataError(f"the vector of {word!r:.60} is too large for float32; the file is damaged.")
        vectors.flags.writeable = False
        found = cls.of_checked(words, vectors, "learned vectors")
        object.__setattr__(found, "vocabulary", vocabulary)
        object.__setattr__(found, "network", network)
        return found

    def __getitem__(self, word: str) -> npt.NDArray[np.float32]:
        """The vector of a word, float32 (D,), read-only. Raises UnknownWordError for one that has no rows."""
        if word in self or not isinstance(word, str):
            return super().__getitem__(word)
        ids = _ids([word], self.vocabulary)
        if not len(ids.ids):
            raise UnknownWordError(word, self.words, self.name)
        found = self.network.hidden(self.network.prepared(ids))[0]
        found.flags.writeable = False
        return np.asarray(found)

    def __reduce__(self) -> tuple[Any, ...]:
        return ClassifierVectors.of, (self.vocabulary, self.network)


def label_vectors(labels: Sequence[Any], network: Any) -> WordVectors:
    """float32 (C, D): one row a label. Raises DataError for a network that has none."""
    if not isinstance(network, FastTextNetwork) or network.shape.loss == HIERARCHICAL:
        raise DataError(
            f"{network.described}: labels have no vectors of their own. Those of fastText's classifiers "
            "have, but for the loss hs, where a label is a way through a tree."
        )
    rows = network.output_rows[np.arange(len(labels))]
    return WordVectors([str(label) for label in labels], rows, name="labels")


def _ids(words: Sequence[str], vocabulary: Vocabulary) -> Ragged:
    """The ids of single words, without the end of a line."""
    assert vocabulary.hashed is not None
    spelled = [word.encode("utf-8", "surrogateescape") for word in words]
    return vocabulary.hashed.line_ids(vocabulary.words, bytes_of_lines(spelled), with_end=False)

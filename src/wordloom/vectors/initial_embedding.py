"""Where a network's embedding starts: rows of a pretrained table in the order of a vocabulary's ids, and how
much each word counts in a document's average.

What words get that the table does not hold is decided in `coverage`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.coverage import Unknown, start_matrix
from wordloom.vectors.word_vectors import WordVectors


@dataclass(frozen=True)
class StartingVectors:
    """The first rows of an embedding, and how many words a table knew.

    Parameters
    ----------
    rows : float32 (V, D); those of reserved ids are zeros
    name : the table's name
    known : bool (W,), which of the vocabulary's words the table holds
    running : share of the running words, in the texts of the vocabulary, that are such words
    """

    rows: NDArray[np.float32]
    name: str
    known: NDArray[np.bool_]
    running: float

    def to_config(self) -> dict[str, Any]:
        """As plain values for a model's record."""
        return {
            "name": self.name,
            "dimensions": self.rows.shape[1],
            "words": len(self.known),
            "words_known": int(self.known.sum()),
            "running_words_known": self.running,
        }


def starting_vectors(
    vectors: Any, vocabulary: Vocabulary, unknown: str = "zeros", seed: int = 0
) -> StartingVectors | None:
    """The rows that a vocabulary's words have in a table; None for no table.

    Raises DataError if the table holds none of the words.

    Parameters
    ----------
    vectors : a WordVectors, or a file
    unknown : what words get that the table does not hold, see `wordloom.vectors.coverage.rows_of_words`
    seed : of random rows
    """
    if vectors is None:
        return None
    if isinstance(vectors, str | os.PathLike):
        # the other policies look at the whole table
        vectors = WordVectors.load(vectors, words=vocabulary.words if unknown == "zeros" else None)
    name = vectors.name or "word vectors"
    known = np.array([word in vectors for word in vocabulary.words], dtype=bool)
    if not known.any():
        raise DataError(
            f"{name}: none of the {len(known):,} words of the texts has a vector, for example "
            f"{vocabulary.words[0]!r}. Is the table of another language, or are its words in capitals?"
        )
    rows = start_matrix(vectors, vocabulary, cast(Unknown, unknown), seed)
    running = float(vocabulary.counts[known].sum() / max(vocabulary.counts.sum(), 1))
    return StartingVectors(rows, name, known, running)


SIF_CONSTANT = 0.01
"""The a of a / (a + p): words that are a larger share of the text than this count less than half. Chosen on
movie reviews; the paper's range, 0.0001 to 0.001, was chosen for the similarity of single sentences."""


def word_weights(kind: str, vocabulary: Vocabulary) -> NDArray[np.float32] | None:
    """The weight of each id of a vocabulary, float32 (V,); reserved ids have 1. None for the kind "none".

    "idf": log(N / document frequency) of N documents. "sif", smooth inverse frequency: a / (a + p) for a word
    that makes up the share p of all running words (Arora, Liang & Ma, ICLR 2017). The paper also takes the
    first principal component away, which a classifier that is fitted to the averages does for itself.
    """
    if kind == "none":
        return None
    weights = np.ones(vocabulary.size, dtype=np.float32)
    if kind == "idf":
        frequencies = np.clip(vocabulary.document_counts, 1, max(vocabulary.n_documents, 1))
        own = np.log(vocabulary.n_documents / frequencies)
    else:
        shares = vocabulary.counts / max(int(vocabulary.counts.sum()), 1)
        own = SIF_CONSTANT / (SIF_CONSTANT + shares)
    weights[vocabulary.convention.index_from + 1 :] = own
    return weights

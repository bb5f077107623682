"""Where a network's word vectors start: rows of a pretrained table, in the order of a vocabulary's ids."""

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

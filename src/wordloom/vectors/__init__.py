"""Word vectors: the table, its files, and questions to it.

It knows nothing of labels; vectors that a classifier has learned become such a table in `TextModel.vectors`.
"""

from __future__ import annotations

from types import ModuleType

from wordloom.vectors.projection import project, variance_shares
from wordloom.vectors.queries import Neighbor, analogy, nearest_words, neighbors, odd_one_out, similarity
from wordloom.vectors.subwords import SubwordVectors
from wordloom.vectors.word_vectors import UnknownWordError, WordVectors, connect

__all__ = [
    "Neighbor",
    "SubwordVectors",
    "UnknownWordError",
    "WordVectors",
    "analogy",
    "nearest_words",
    "neighbors",
    "odd_one_out",
    "project",
    "similarity",
    "variance_shares",
]


def _formats() -> ModuleType:
    from wordloom.vectors import formats

    return formats


def _learning() -> ModuleType:
    from wordloom.vectors import learning

    return learning


connect(formats=_formats, learning=_learning)

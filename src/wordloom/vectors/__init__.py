"""Word vectors: the table, its files, and questions to it."""

from __future__ import annotations

from wordloom.vectors.projection import project, variance_shares
from wordloom.vectors.queries import Neighbor, analogy, nearest_words, neighbors, odd_one_out, similarity
from wordloom.vectors.subwords import SubwordVectors
from wordloom.vectors.word_vectors import UnknownWordError, WordVectors

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

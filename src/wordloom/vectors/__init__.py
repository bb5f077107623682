"""Word vectors: the table, its files, and questions to it."""

from __future__ import annotations

from wordloom.vectors.projection import project
from wordloom.vectors.queries import Neighbor, nearest_words, neighbors, similarity
from wordloom.vectors.word_vectors import UnknownWordError, WordVectors

__all__ = [
    "Neighbor",
    "UnknownWordError",
    "WordVectors",
    "nearest_words",
    "neighbors",
    "project",
    "similarity",
]

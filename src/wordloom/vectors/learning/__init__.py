"""Learning vectors from texts without labels."""

from __future__ import annotations

from wordloom.vectors.learning.document_vectors import DocumentVectors
from wordloom.vectors.learning.documents import learn_document_vectors
from wordloom.vectors.learning.listener import LearningListener
from wordloom.vectors.learning.settings import LearningSettings, SkipGramSettings
from wordloom.vectors.learning.words import learn_word_vectors

__all__ = [
    "DocumentVectors",
    "LearningListener",
    "LearningSettings",
    "SkipGramSettings",
    "learn_document_vectors",
    "learn_word_vectors",
]

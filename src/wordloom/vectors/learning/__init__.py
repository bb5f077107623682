"""Learning vectors from texts without labels.

Vectors that are learned together with a classifier are not here but in `wordloom.training`.
"""

from __future__ import annotations

from typing import Any

from wordloom.vectors.learning.document_learning import learn_document_vectors
from wordloom.vectors.learning.document_vectors import DocumentVectors
from wordloom.vectors.learning.settings import LearningSettings, SkipGramSettings
from wordloom.vectors.learning.word_learning import learn_word_vectors

__all__ = [
    "DocumentVectors",
    "LearningSettings",
    "SkipGramSettings",
    "learn_document_vectors",
    "learn_word_vectors",
]


def __getattr__(name: str) -> Any:
    if name == "LearningListener":
        raise ImportError("LearningListener is now wordloom.Callback, and listener= is callbacks=[...].")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

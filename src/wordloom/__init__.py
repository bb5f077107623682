"""wordloom: labelled text in; word vectors you can use and a classifier you can ship out.

Importing this module imports nothing heavy; each public name is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from wordloom.classifier import TextClassifier
    from wordloom.corpus import Corpus, Dataset
    from wordloom.fit.update import update
    from wordloom.keras_import import from_keras
    from wordloom.readers import read_corpus, stream_corpus
    from wordloom.regressor import TextRegressor
    from wordloom.text.sequences import pad_sequences
    from wordloom.text_model import TextModel
    from wordloom.vectors import WordVectors

_HOMES = {
    "Callback": "wordloom.loop.callback",
    "Corpus": "wordloom.corpus",
    "Dataset": "wordloom.corpus",
    "TextClassifier": "wordloom.classifier",
    "TextModel": "wordloom.text_model",
    "TextRegressor": "wordloom.regressor",
    "WordVectors": "wordloom.vectors",
    "from_keras": "wordloom.keras_import",
    "pad_sequences": "wordloom.text.sequences",
    "read_corpus": "wordloom.readers",
    "stream_corpus": "wordloom.readers",
    "update": "wordloom.fit.update",
}

__all__ = [
    "Callback",
    "Corpus",
    "Dataset",
    "TextClassifier",
    "TextModel",
    "TextRegressor",
    "WordVectors",
    "from_keras",
    "pad_sequences",
    "read_corpus",
    "stream_corpus",
    "update",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'wordloom' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])

"""Which code fits which architecture; a family's code is imported when it is asked for."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from wordloom.errors import UsageError
from wordloom.fit.task import FitInput, Fitted, Task
from wordloom.fit.unused import refuse_unused_vectors, warn_of_unused_texts
from wordloom.settings import Settings

_FAMILIES = {
    "mean": "pooled",
    "max": "pooled",
    "flatten": "pooled",
    "ngram": "ngram",
    "lstm": "keras",
    "gru": "keras",
    "bilstm": "keras",
    "cnn": "keras",
    "documents": "documents",
}


_DEFAULTS = Settings()
# What settings that are left to the architecture stand for, by family; "" is for the others.
_VALUES: dict[str, dict[str, Any]] = {
    "": {"dropout": 0.0, "num_words": 20_000, "ids": "plain", "strip_html": False, "keep_punctuation": False},
    "ngram": {
        "dropout": None,  # by the length of the texts, in words
        "num_words": None,
        "ids": "plain-start",
        "strip_html": True,
        "keep_punctuation": True,
    },
    "documents": {
        "dropout": 0.0,
        "num_words": None,
        "ids": "plain-unknown",
        "strip_html": True,
        "keep_punctuation": False,
    },
}


def by_architecture(settings: Settings) -> Settings:
    """The settings with the architecture's value in the place of every one that is left to it."""
    values = _VALUES.get(family_name(settings.architecture), _VALUES[""])
    left_open = [name for name in values if getattr(settings, name) == getattr(_DEFAULTS, name)]
    return replace(settings, **{name: values[name] for name in left_open})


def family_name(architecture: str) -> str:
    """The name of the family that fits an architecture."""
    return _FAMILIES[architecture]


def trained_by_keras(architecture: str) -> bool:
    """Whether an architecture needs Keras to be trained."""
    return _FAMILIES.get(architecture) == "keras"


def family_of(architecture: str) -> Callable[[Task], Fitted]:
    """The function that fits an architecture: `fit_pooled` of `wordloom.fit.pooled`, for example."""
    family = _FAMILIES[architecture]
    found: Callable[[Task], Fitted] = getattr(
        importlib.import_module(f"wordloom.fit.{family}"), f"fit_{family}"
    )
    return found


FEW_LABELS = 1_000
"""Below so many labelled texts, what is known besides them counts most."""
_CHARACTERS_WORTH_LEARNING, _CHARACTERS_OF_A_TEXT = 1_000_000, 300
"""Vectors of documents from 1,000 film reviews (1.3 million characters) and 200 labels are worth more than
pretrained vectors; from 10,662 single sentences (1.2 million characters) they are worth nothing."""
# Whoever sets one of these wants word vectors, which a model on n-grams does not have.
_OF_WORD_VECTORS = (
    *("dimensions", "hidden", "word_dropout", "mask_padding", "optimizer", "batch_size", "trainable"),
    *("pull_back", "word_weights", "unknown_vectors"),
)


def chosen(settings: Settings, labels: int, extra: FitInput) -> tuple[Settings, dict[str, Any]]:
    """The settings with an architecture in the place of "auto", and an entry for the record that says why.

    labels : how many labelled texts there are
    """
    found, why = settings, ""
    if settings.architecture == "auto":
        found, why = _choice(settings, labels, extra)
    _refuse_max_size(found)
    refuse_unused_vectors(found)
    if not (extra.unlabelled and why.endswith(_why_not(extra.unlabelled))):
        warn_of_unused_texts(found, extra.unlabelled)
    return found, {"choice": {"architecture": found.architecture, "why": why}} if why else {}


def _refuse_max_size(settings: Settings) -> None:
    if settings.max_size is not None and family_name(settings.architecture) != "ngram":
        raise UsageError(
            f"max_size is for the architecture ngram; this is {settings.architecture!r}, which takes about "
            "4 bytes for each number of its word vectors: a smaller num_words (--num-words), dimensions "
            "(--dimensions) or a larger min_count (--min-count) makes it small."
        )


def _choice(settings: Settings, labels: int, extra: FitInput) -> tuple[Settings, str]:
    if _is_of_documents(settings.vectors):
        return replace(settings, architecture="documents"), "the vectors given are vectors of documents"
    if settings.max_size is not None and settings.vectors is None:
        return replace(settings, architecture="ngram"), "max_size goes with it"
    few, named = labels < FEW_LABELS, f"{labels:,} labelled texts"
    if settings.vectors is not None:
        if few and _asks_for_no_steps(settings):
            why = f"{named} are few, so the vectors stay as they are (trainable=False)"
            return replace(settings, architecture="mean", trainable=False), why
        return replace(settings, architecture="mean"), "word vectors are given"
    if few and _is_worth_learning_from(extra.unlabelled or ()):
        why = f"{named} are few, and vectors can be learned from those without labels"
        return replace(settings, architecture="documents"), why
    asked = [name for name in _OF_WORD_VECTORS if getattr(settings, name) != getattr(_DEFAULTS, name)]
    if asked:
        return replace(settings, architecture="mean"), f"{asked[0]} is a setting of networks on word vectors"
    ngram = replace(settings, architecture="ngram")
    if few and extra.unlabelled:
        return ngram, f"{named} are few; {_why_not(extra.unlabelled)}"
    if few:
        help_ = "texts without labels (--unlabelled) or pretrained vectors (--vectors) would help most"
        return ngram, f"{named} are few; {help_}"
    return ngram, f"the most accurate of the fast ones; {named} are enough for it"


def _is_worth_learning_from(texts: Sequence[str]) -> bool:
    characters = sum(map(len, texts))
    return characters >= max(_CHARACTERS_WORTH_LEARNING, _CHARACTERS_OF_A_TEXT * len(texts))


def _why_not(texts: Sequence[str]) -> str:
    """Why nothing is learned from texts without labels that were given, and the way to do it all the same."""
    return (
        f"the {len(texts):,} without labels are not used, since they are too few or too short for a sure "
        f"gain ({_CHARACTERS_WORTH_LEARNING:,} characters, {_CHARACTERS_OF_A_TEXT} in a text would do; they "
        f"have {sum(map(len, texts)):,}); architecture='documents' (--architecture documents) uses them"
    )


def _asks_for_no_steps(settings: Settings) -> bool:
    """Whether nothing is set that only training by steps has a use for."""
    steps = settings.epochs, settings.learning_rate, settings.pull_back or None, settings.hidden or None
    return settings.trainable in (True, False) and steps == (None,) * len(steps)


def _is_of_documents(vectors: Any) -> bool:
    if isinstance(vectors, str | os.PathLike):
        from wordloom.vectors.learning.document_vectors import is_document_vectors

        return is_document_vectors(vectors)
    return hasattr(vectors, "ngrams")

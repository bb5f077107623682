"""The choice of an architecture for "auto", and the values that settings left to it stand for.

What is given to a fit and plays no part in it, as far as that depends on the texts, is refused or told here;
what the settings alone leave without a part is refused before, see `wordloom.settings.applicability`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wordloom.architectures import ARCHITECTURES, with_ability
from wordloom.errors import UsageError, WordloomWarning
from wordloom.fit.inputs import FitInput
from wordloom.setting import AUTO
from wordloom.settings import (
    Settings,
    has_convex_head,
    refuse_unused,
    unused,
    values_of,
)
from wordloom.targets import GRADED, MULTILABEL, SINGLE

_DEFAULTS = Settings()
FEW_LABELS = 1_000
"""Below so many labelled texts, what is known besides them counts most."""
_CHARACTERS_WORTH_LEARNING, _CHARACTERS_OF_A_TEXT = 1_000_000, 300
"""Vectors of documents from 1,000 film reviews (1.3 million characters) and 200 labels are worth more than
pretrained vectors; from 10,662 single sentences (1.2 million characters) they are worth nothing."""


def by_architecture(settings: Settings) -> Settings:
    """The settings with the architecture's value in the place of every one that is left to it."""
    values = ARCHITECTURES[settings.architecture].left_open
    left_open = [name for name in values if getattr(settings, name) == getattr(_DEFAULTS, name)]
    return replace(settings, **{name: values[name] for name in left_open})


def by_target(settings: Settings, target: str) -> Settings:
    """The settings with a measure in the place of "auto", for what the texts' labels are (`TARGETS`).

    Raises UsageError for an architecture or a measure that is not for them.
    """
    learned = ARCHITECTURES[settings.architecture].targets
    if target not in learned:
        others = [name for name, row in ARCHITECTURES.items() if target in row.targets]
        raise UsageError(
            f"The architecture {settings.architecture!r} learns one label for each text; {_HAVING[target]} "
            f"are learned by {', '.join(others)} (--architecture)."
        )
    measures = _MEASURES[target]
    if settings.optimize == AUTO:
        return replace(settings, optimize=measures[0])
    if settings.optimize not in measures:
        raise UsageError(
            f"optimize={settings.optimize!r} is not for {_HAVING[target]}; leave it out, or choose one of "
            f"{', '.join(measures)} (--optimize)."
        )
    return settings


_HAVING = {SINGLE: "texts with one label", MULTILABEL: "texts with several labels", GRADED: "grades"}
_MEASURES = {
    SINGLE: ("accuracy", "macro-f1"),
    MULTILABEL: ("micro-f1", "macro-f1", "accuracy"),
    GRADED: ("accuracy",),
}


def _only_of(one: str, *others: str) -> tuple[str, ...]:
    """The settings of an architecture that the others do not have, in the order of the settings."""
    else_where = {name for other in others for name in ARCHITECTURES[other].settings}
    inside = ARCHITECTURES[one].settings
    return tuple(name for name in values_of(_DEFAULTS) if name in inside and name not in else_where)


# Whoever sets one of these wants word vectors, which a model on n-grams does not have, or n-grams.
_OF_WORD_VECTORS, _OF_NGRAMS = _only_of("mean", "ngram"), _only_of("ngram", "mean", "documents")


def choose_architecture(settings: Settings, labels: int, extra: FitInput) -> tuple[Settings, dict[str, Any]]:
    """The settings with an architecture in the place of "auto", and an entry for the record that says why.

    labels : how many labelled texts there are
    """
    found, why = settings, ""
    if settings.architecture == AUTO:
        found, why = _choice(settings, labels, extra)
        refuse_unused(found, why)
    _refuse_unused_share(found, extra)
    _warn_of_unused_patience(found, extra)
    if not (extra.unlabelled and why.endswith(_why_not(extra.unlabelled))):
        _warn_of_unused_texts(found, extra.unlabelled)
    return found, {"choice": {"architecture": found.architecture, "why": why}} if why else {}


def _choice(settings: Settings, labels: int, extra: FitInput) -> tuple[Settings, str]:
    if _is_of_documents(settings.vectors):
        return replace(settings, architecture="documents"), "the vectors given are vectors of documents"
    if settings.vectors is None and (asked := _asked(settings, _OF_NGRAMS)):
        return replace(settings, architecture="ngram"), f"{asked[0]} goes with it"
    few, named = labels < FEW_LABELS, f"{labels:,} labelled texts"
    if settings.vectors is not None:
        if few and _asks_for_no_steps(settings):
            why = f"{named} are few, so the vectors stay as they are (trainable=False)"
            return replace(settings, architecture="mean", trainable=False), why
        return replace(settings, architecture="mean"), "word vectors are given"
    if few and _is_worth_learning_from(extra.unlabelled or ()):
        why = f"{named} are few, and vectors can be learned from those without labels"
        return replace(settings, architecture="documents"), why
    if asked := _asked(settings, _OF_WORD_VECTORS):
        return replace(settings, architecture="mean"), f"{asked[0]} is a setting of networks on word vectors"
    ngram = replace(settings, architecture="ngram")
    if few and extra.unlabelled:
        return ngram, f"{named} are few; {_why_not(extra.unlabelled)}"
    if few:
        help_ = "texts without labels (--unlabelled) or pretrained vectors (--vectors) would help most"
        return ngram, f"{named} are few; {help_}"
    return ngram, f"the most accurate of the fast ones; {named} are enough for it"


def _asked(settings: Settings, names: Sequence[str]) -> list[str]:
    """Those of the settings that have another value than the default."""
    return [name for name in names if getattr(settings, name) != getattr(_DEFAULTS, name)]


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
    steps = settings.epochs, settings.learning_rate, settings.hidden or None
    frozen = replace(settings, architecture="mean", trainable=False)
    return settings.trainable in (True, False) and steps == (None,) * len(steps) and not unused(frozen)


def _is_of_documents(vectors: Any) -> bool:
    if isinstance(vectors, str | os.PathLike):
        from wordloom.vectors.learning.document_vectors import is_document_vectors

        return is_document_vectors(vectors)
    return hasattr(vectors, "ngrams")


def _warn_of_unused_texts(settings: Settings, unlabelled: Sequence[str] | None) -> None:
    """Warn of texts without labels that nothing is learned from."""
    learns = ARCHITECTURES[settings.architecture].learns_unlabelled
    if not unlabelled or (learns and settings.vectors is None):
        return
    why = f"the architecture {settings.architecture!r} learns from labelled texts"
    if settings.vectors is not None:
        why = "vectors are given"
    learners = with_ability("learns_unlabelled")
    warnings.warn(
        f"the {len(unlabelled):,} texts without labels are not used: {why}. The architecture "
        f"{learners[0]!r} without vectors learns from them (--architecture {learners[0]}).",
        WordloomWarning,
        stacklevel=2,
    )


def _refuse_unused_share(settings: Settings, extra: FitInput) -> None:
    """UsageError for a share of texts to hold out, where texts to validate on are given."""
    default = Settings()
    if extra.validation is None:
        return
    if settings.validation_split not in (0, default.validation_split):
        name, value = "validation_split", f"{settings.validation_split:g}"
    elif settings.validation_mode != default.validation_mode:
        name, value = "validation_mode", repr(settings.validation_mode)
    else:
        return
    raise UsageError(
        f"{name}={value} plays no part: texts to validate on are given (validation, --validation), so none "
        "are held out. Leave out one of them."
    )


def _warn_of_unused_patience(settings: Settings, extra: FitInput) -> None:
    """Warn of a patience that waits for no validation loss."""
    applies = "patience" in ARCHITECTURES[settings.architecture].settings and not has_convex_head(settings)
    held_out = settings.validation_split > 0 or extra.validation is not None
    if applies and not held_out and settings.patience not in (None, Settings().patience):
        warnings.warn(
            f"patience={settings.patience} plays no part: no texts are held out (validation_split=0), so "
            "there is no validation loss to wait for.",
            WordloomWarning,
            stacklevel=2,
        )

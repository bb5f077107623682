"""The choice of an architecture for "auto", and the values that settings left to it stand for.

What is given to a fit and plays no part in it, as far as that depends on the texts, is refused or told here;
what the settings alone leave without a part is refused before, see `wordloom.settings.applicability`.
"""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wordloom.architectures import ARCHITECTURES, with_ability
from wordloom.corpus import Corpus
from wordloom.errors import UsageError, WordloomWarning
from wordloom.fit.calibration import FEWEST
from wordloom.fit.inputs import FitInput
from wordloom.fit.ngram_squares import FEW_LABELS, asks_for_steps
from wordloom.setting import AUTO
from wordloom.settings import (
    Settings,
    has_convex_output,
    refuse_unused,
    unused,
    values_of,
)
from wordloom.targets import GRADED, MULTILABEL, SINGLE

_DEFAULTS = Settings()


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
        other = f", or choose one of {', '.join(measures)}" if len(measures) > 1 else ""
        raise UsageError(
            f"optimize={settings.optimize!r} (--optimize) is not for {_HAVING[target]}; leave it out{other}."
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


@dataclass(frozen=True)
class Choice:
    """Settings with an architecture in the place of "auto", and why it is that one; "" if it was named."""

    settings: Settings
    why: str


def choices(settings: Settings, corpus: Corpus, extra: FitInput) -> list[Choice]:
    """The architectures that "auto" may stand for; one, unless few labels are to say which is the best.

    corpus : the labelled texts
    """
    found = [Choice(settings, "")]
    if settings.architecture == AUTO:
        found = _choices(settings, corpus, extra)
        refuse_unused(found[0].settings, found[0].why)
    first = found[0].settings
    _refuse_unused_share(first, extra)
    _warn_of_unused_patience(first, extra)
    if len(found) == 1:
        _warn_of_unused_texts(first, extra.unlabelled)
    return found


def best_choice(
    found: Sequence[Choice], records: Sequence[Mapping[str, Any]], labels: int
) -> tuple[int, dict[str, Any]]:
    """The place of the choice with the lowest log loss in cross-validation, and an entry for the record.

    records : of what was fitted; the first choice stands where nothing could be held out
    """
    if len(found) == 1:
        settings, why = found[0].settings, found[0].why
        return 0, {"choice": {"architecture": settings.architecture, "why": why}} if why else {}
    crossed = [cross_validation_of(record) or {"loss": math.inf, "accuracy": None} for record in records]
    losses = [math.inf if each["loss"] is None else each["loss"] for each in crossed]
    best = int(np.argmin(losses))
    names = [choice.settings.architecture for choice in found]
    rows = [{"architecture": name, **each} for name, each in zip(names, crossed, strict=True)]
    told = ", ".join(
        f"{name} {loss:.3f}" for name, loss in sorted(zip(names, losses, strict=True), key=lambda x: x[1])
    )
    why = f"{labels:,} labelled texts are few, so cross-validation on them decides; its log loss: {told}"
    if losses[best] == math.inf:
        why = f"{labels:,} labelled texts are few, and too few of a label to try others on"
    return best, {"choice": {"architecture": names[best], "why": why, "candidates": rows}}


def cross_validation_of(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Texts, accuracy and loss in the cross-validation that a strength was chosen by; None for none.

    Of a classifier by least squares that is one of several in a mean: better by what the mean gained on the
    texts held out for validation, as far as they are enough to be believed.
    """
    found: Mapping[str, Any] = record.get("head") or record.get("least_squares") or {}
    crossed: Mapping[str, Any] | None = found.get("cross_validation")
    gain = record.get("combination", {}).get("over_least_squares")
    if crossed is None or gain is None:
        return crossed
    believed = min(1.0, gain["texts"] / FEWEST)
    accuracy = min(max(crossed["accuracy"] + believed * gain["accuracy"], 0.0), 1.0)
    return {**crossed, "loss": crossed["loss"] * gain["loss"] ** believed, "accuracy": accuracy}


def _choices(settings: Settings, corpus: Corpus, extra: FitInput) -> list[Choice]:
    labels, tries = len(corpus), _can_be_compared(settings, corpus)
    few, named = labels < FEW_LABELS, f"{labels:,} labelled texts"
    if _is_of_documents(settings.vectors):
        return [
            Choice(replace(settings, architecture="documents"), "the vectors given are vectors of documents")
        ]
    if settings.vectors is None and (asked := _asked(settings, _OF_NGRAMS)):
        return [Choice(replace(settings, architecture="ngram"), f"{asked[0]} goes with it")]
    if settings.vectors is not None:
        if few and _asks_for_no_steps(settings):
            why = f"{named} are few, so the vectors stay as they are (trainable=False)"
            frozen = Choice(replace(settings, architecture="mean", trainable=False), why)
            return [frozen, *(_without_vectors(replace(settings, vectors=None), extra) if tries else [])]
        return [Choice(replace(settings, architecture="mean"), "word vectors are given")]
    if few and tries and extra.unlabelled and (found := _without_vectors(settings, extra)):
        return found
    if asked := _asked(settings, _OF_WORD_VECTORS):
        why = f"{asked[0]} is a setting of networks on word vectors"
        return [Choice(replace(settings, architecture="mean"), why)]
    why = f"the most accurate of the fast ones; {named} are enough for it"
    if few:
        help_ = "texts without labels (--unlabelled) or pretrained vectors (--vectors) would help most"
        if corpus.target != SINGLE:
            help_ = (
                "pretrained vectors (--vectors) help; 'documents', which learns from texts without labels as "
                f"well, is not tried beside it for {_HAVING[corpus.target]} (--architecture documents "
                "--unlabelled SOURCE)"
            )
        why = f"{named} are few; {help_}"
    return [Choice(replace(settings, architecture="ngram"), why)]


def _can_be_compared(settings: Settings, corpus: Corpus) -> bool:
    """Whether what is fitted has a loss in cross-validation, whatever the architecture."""
    return not corpus.streamed and corpus.target == SINGLE and not asks_for_steps(settings)


def _without_vectors(settings: Settings, extra: FitInput) -> list[Choice]:
    """What few labels may learn without word vectors: n-grams, and documents if there are unlabelled texts.

    Documents alone, of no more texts than have labels, were 10 points behind on 16 and 200 film reviews.
    """
    names = ["ngram", "documents"] if extra.unlabelled else ["ngram"]
    found = [replace(settings, architecture=name) for name in names]
    return [
        Choice(each, f"{each.architecture} can learn from few labels") for each in found if not unused(each)
    ]


def _asked(settings: Settings, names: Sequence[str]) -> list[str]:
    """Those of the settings that have another value than the default."""
    return [name for name in names if getattr(settings, name) != getattr(_DEFAULTS, name)]


def _asks_for_no_steps(settings: Settings) -> bool:
    """Whether nothing is set that only training by steps has a use for."""
    steps = settings.epochs, settings.learning_rate, settings.hidden or None
    frozen = replace(settings, architecture="mean", trainable=False)
    return settings.trainable in (True, False) and steps == (AUTO, AUTO, None) and not unused(frozen)


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
    applies = "patience" in ARCHITECTURES[settings.architecture].settings and not has_convex_output(settings)
    held_out = settings.validation_split > 0 or extra.validation is not None
    if applies and not held_out and settings.patience not in (None, Settings().patience):
        warnings.warn(
            f"patience={settings.patience} plays no part: no texts are held out (validation_split=0), so "
            "there is no validation loss to wait for.",
            WordloomWarning,
            stacklevel=2,
        )

"""What is given to training and plays no part in it, as far as that depends on the texts: refused, or told.

What the settings alone leave without a part is refused before, see `wordloom.settings.applicability`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

from wordloom.architectures import ARCHITECTURES, with_ability
from wordloom.errors import UsageError, WordloomWarning
from wordloom.fit.task import FitInput
from wordloom.settings import DIMENSIONS, Settings, frozen_epochs, has_convex_head


def warn_of_random_vectors(settings: Settings) -> None:
    """Warn of a network's word vectors that do not learn and were not given either."""
    if settings.vectors is None and frozen_epochs(settings.trainable) == math.inf:
        warnings.warn(
            "trainable=False without vectors: the word vectors stay as they are drawn, at random. Give "
            "pretrained ones (vectors, --vectors FILE), or let them learn.",
            WordloomWarning,
            stacklevel=2,
        )


def warn_of_unused_texts(settings: Settings, unlabelled: Sequence[str] | None) -> None:
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


def width_of_vectors(settings: Settings, given: int | None) -> int:
    """The width D of the word vectors; UsageError if `dimensions` is another one than those given have."""
    if given is None:
        return settings.dimensions or DIMENSIONS
    if settings.dimensions not in (None, given):
        raise UsageError(
            f"dimensions={settings.dimensions} plays no part: the vectors given have {given} numbers each. "
            "Leave dimensions out, or give vectors of that width."
        )
    return given


def refuse_unused_share(settings: Settings, extra: FitInput) -> None:
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


def warn_of_unused_patience(settings: Settings, extra: FitInput) -> None:
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

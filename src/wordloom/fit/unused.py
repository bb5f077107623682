"""What is given to training and would play no part in it: refused, or told."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

from wordloom.errors import UsageError, WordloomWarning
from wordloom.settings import Settings, frozen_epochs


def refuse_unused_vectors(settings: Settings) -> None:
    """UsageError for pretrained vectors with an architecture that has no word vectors."""
    if settings.vectors is not None and settings.architecture == "ngram":
        raise UsageError(
            "architecture='ngram' has no word vectors, so the vectors given would play no part. Leave them "
            "out, or choose an architecture that starts from them, such as mean (--architecture mean)."
        )


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
    if not unlabelled or (settings.architecture == "documents" and settings.vectors is None):
        return
    why = f"the architecture {settings.architecture!r} learns from labelled texts"
    if settings.vectors is not None:
        why = "vectors are given"
    warnings.warn(
        f"the {len(unlabelled):,} texts without labels are not used: {why}. The architecture 'documents' "
        "without vectors learns from them (--architecture documents).",
        WordloomWarning,
        stacklevel=2,
    )

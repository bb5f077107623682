"""What is set and plays no part in what is trained: settings of other architectures, or beside the point.

What is certain from the settings alone is found here and refused; what depends on the texts is told where
they are known (`wordloom.fit.architecture_choice`).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wordloom.architectures import ARCHITECTURES, Architecture, scope
from wordloom.errors import UsageError
from wordloom.setting import AUTO, resolved
from wordloom.settings.values import frozen_epochs

if TYPE_CHECKING:
    from wordloom.settings import Settings

_RULES = (
    *("lower", "filters", "strip_html", "keep_punctuation", "strip_accents", "split_characters"),
    "normalization",
)
_OF_STEPS = (
    *("dropout", "word_dropout", "learning_rate", "batch_size", "epochs", "patience", "validation_split"),
    *("validation_mode", "pull_back"),
)
# Asking for nothing is fulfilled where there is nothing of the kind.
_NOTHING: dict[str, Any] = {"dropout": 0, "patience": None, "validation_split": 0}
_WAYS_OUT = {
    "max_size": "Other models take about 4 bytes for each number of their word vectors: a smaller num_words "
    "(--num-words), dimensions (--dimensions) or a larger min_count (--min-count) makes them small.",
}


@dataclass(frozen=True)
class Unused:
    """A setting that plays no part, and why: a sentence without its full stop."""

    name: str
    why: str


def unused(settings: Settings) -> list[Unused]:
    """The settings with another value than the default that certainly play no part; none for "auto"."""
    row = ARCHITECTURES.get(settings.architecture)
    if row is None:
        return []
    values = {
        item.name: (getattr(settings, item.name), item.default) for item in dataclasses.fields(settings)
    }
    asked = {
        name: value
        for name, (value, default) in values.items()
        if value != default and not (name in _NOTHING and value == _NOTHING[name])
    }
    found = {
        name: f"{name}={value!r:.40} has no effect with the architecture {row.name!r}; "
        f"it is for {scope(name)}"
        for name, value in asked.items()
        if name not in row.settings
    }
    for names, why in _circumstances(settings, row):
        found |= {
            name: f"{name}={asked[name]!r:.40} plays no part in the architecture {row.name!r}: {why}"
            for name in names
            if name in asked and name not in found
        }
    return [Unused(name, why) for name, why in found.items()]


def refuse_unused(settings: Settings, chosen_because: str = "") -> None:
    """UsageError that names every setting that certainly plays no part, and the architecture.

    chosen_because : why "auto" chose the architecture, if it did
    """
    found = unused(settings)
    if not found:
        return
    names = ", ".join(one.name for one in found)
    said = [f"{'; '.join(one.why for one in found)}."]
    if chosen_because:
        said.append(f"architecture='auto' chose it: {chosen_because}.")
    said.append(f"Leave out {names}, or choose an architecture that uses what is set (--architecture).")
    raise UsageError(" ".join([*said, *(_WAYS_OUT[one.name] for one in found if one.name in _WAYS_OUT)]))


def has_convex_output(settings: Settings) -> bool:
    """Whether the output layer is solved for, over frozen vectors that were given, not trained by steps."""
    if settings.optimizer != "auto":
        return settings.optimizer == "convex"
    row = ARCHITECTURES.get(settings.architecture)
    frozen = settings.vectors is not None and frozen_epochs(settings.trainable) == math.inf
    steps = settings.epochs != AUTO or settings.learning_rate != AUTO
    return row is not None and row.convex_output and frozen and not settings.hidden and not steps


def _circumstances(settings: Settings, row: Architecture) -> Iterator[tuple[tuple[str, ...], str]]:
    """Settings that other settings leave without a part, and why."""
    if settings.tokenizer is not None:
        yield _RULES, "the tokenizer that was given splits texts by rules of its own"
    if row.learns_unlabelled and settings.vectors is not None:
        yield (
            ("dimensions", "epochs", "learning_rate", "min_count", *_RULES),
            "it is for learning vectors, and learned ones were given (vectors)",
        )
    if settings.vectors is None:
        yield ("unknown_vectors",), "no pretrained vectors were given (vectors)"
    if "optimizer" in row.settings and has_convex_output(settings):
        why = "the output layer over frozen vectors is solved for; optimizer='adam' trains it by steps"
        yield _OF_STEPS, why
    if settings.solver == "batch":
        why = "solver='batch' finds the lowest loss of all texts at once, not by steps; leave the solver out"
        yield ("dropout", "learning_rate", "epochs"), why
    if frozen_epochs(settings.trainable) == math.inf:
        yield ("pull_back",), "the word vectors do not learn (trainable)"
    if settings.validation_split == 0:
        yield ("validation_mode",), "no texts are held out (validation_split=0)"
    if resolved(settings.maxlen, None) is None and not row.one_length:
        yield ("truncating",), "no text is cut (maxlen)"
    if settings.mask_padding and "mask_padding" in row.settings and not row.one_length:
        yield ("padding",), "padding is left out (mask_padding)"

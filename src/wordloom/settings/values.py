"""Values: which of them a setting can have, and their plain forms."""

from __future__ import annotations

import dataclasses
import math
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wordloom.setting import AUTO, NORMAL_FORMS, as_number, plain_number, wrong_numbers

if TYPE_CHECKING:
    from wordloom.settings import Settings


def wrong_values(settings: Settings) -> list[str]:
    """What is wrong with each value that has no meaning; empty if all have one."""
    return [*_wrong_choices(settings), *wrong_numbers(settings), *_wrong_others(settings)]


def _wrong_choices(settings: Settings) -> list[str]:
    rows = [
        (item.name, item.metadata["choices"], getattr(settings, item.name))
        for item in dataclasses.fields(settings)
    ]
    return [
        f"{name} must be one of {', '.join(choices)}, not {value!r}"
        for name, choices, value in rows
        if choices and value not in choices
    ]


_LATER = re.compile(r"after (\d+) epochs?")
RANDOM_STATES = "None, a whole number from 0 to 2**64 - 1, or NumPy's RandomState or Generator"


def _wrong_others(settings: Settings) -> list[str]:
    wrong = []
    for item in dataclasses.fields(settings):
        value = getattr(settings, item.name)
        if not is_switch(item) or (isinstance(value, str) and value == item.default):
            continue
        if type(value).__name__ not in ("bool", "bool_"):  # Python's, NumPy's
            others = ", or 'auto'" if item.default == AUTO else ""
            wrong.append(f"{item.name} must be True or False{others}, not {value!r:.60}")
    if not isinstance(settings.filters, str):
        wrong.append(f"filters must be a string of characters, or 'auto', not {settings.filters!r:.60}")
    if settings.normalization not in (None, *NORMAL_FORMS):
        names = ", ".join(NORMAL_FORMS)
        wrong.append(f"normalization must be one of {names} or None, not {settings.normalization!r:.60}")
    if settings.tokenizer is not None and not callable(settings.tokenizer):
        wrong.append(
            f"tokenizer must be a function from a text to a list of words, not {settings.tokenizer!r:.60}"
        )
    table = settings.vectors
    if table is not None and not isinstance(table, str | os.PathLike) and not _is_vectors(table):
        wrong.append(f"vectors must be a file, a WordVectors, DocumentVectors or None, not {table!r:.60}")
    if frozen_epochs(settings.trainable) is None:
        wrong.append(f"trainable must be True, False or 'after N epochs', not {settings.trainable!r:.60}")
    if not is_random_state(settings.random_state):
        wrong.append(f"random_state must be {RANDOM_STATES}, not {settings.random_state!r:.60}")
    return [*wrong, *_wrong_class_weights(settings.class_weight)]


def is_switch(item: dataclasses.Field[Any]) -> bool:
    """Whether a setting is on or off, and no more than that, but for "auto"."""
    return item.type == "bool" or (item.type == "bool | str" and item.default == AUTO)


def _is_vectors(value: Any) -> bool:
    return hasattr(value, "vectors") or hasattr(value, "ngrams")


def _wrong_class_weights(class_weight: Any) -> list[str]:
    if class_weight is None or (isinstance(class_weight, str) and class_weight == "balanced"):
        return []
    if not isinstance(class_weight, Mapping):
        return [f"class_weight must be None, 'balanced' or a mapping, not {class_weight!r:.60}"]
    return [
        f"class_weight of {label!r} must be a finite number of 0 or more, not {weight!r:.60}"
        for label, weight in class_weight.items()
        if (number := as_number(weight)) is None or not 0 <= number < math.inf
    ]


def frozen_epochs(trainable: Any) -> float | None:
    """For how many epochs the word vectors stand still: 0, infinity, or the N of "after N epochs".

    None for a value that is none of these.
    """
    words = {"True": 0.0, "yes": 0.0, "on": 0.0, "False": math.inf, "no": math.inf, "off": math.inf}
    later = _LATER.fullmatch(str(trainable))
    return float(later[1]) if later else words.get(str(trainable))


def is_random_state(value: Any) -> bool:
    """Whether a value is one of RANDOM_STATES."""
    if value is None or any(hasattr(value, draw) for draw in ("randint", "integers")):
        return True
    return not isinstance(value, bool) and hasattr(value, "__index__") and 0 <= value < 2**64


def plain(item: dataclasses.Field[Any], value: Any) -> Any:
    """A checked value of a setting as Python's own types have it."""
    if item.metadata["numbers"] is not None:
        return plain_number(item, value)
    if value is None or (isinstance(value, str) and value == AUTO):
        return value
    if is_switch(item):
        return bool(value)
    if item.name == "trainable":
        epochs = frozen_epochs(value)
        return epochs == 0 if epochs in (0, math.inf) else f"after {epochs:g} epochs"
    return value

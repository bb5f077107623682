"""Values: which of them a setting can have, and their plain forms."""

from __future__ import annotations

import dataclasses
import math
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wordloom.settings import Settings


def wrong_values(settings: Settings) -> list[str]:
    """What is wrong with each value that has no meaning; empty if all have one."""
    return [*_wrong_choices(settings), *_wrong_numbers(settings), *_wrong_others(settings)]


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


# name: (lowest, highest, whether None is allowed, whether it must be whole)
_RANGES: dict[str, tuple[float, float, bool, bool]] = {
    "dimensions": (1, 1e5, True, True),
    "hidden": (0, 1e6, False, True),
    "units": (1, 1e5, False, True),
    "layers": (1, 100, False, True),
    "kernel_size": (1, 1e4, False, True),
    "ngrams": (1, 16, True, True),
    "min_documents": (1, 1e9, True, True),
    "max_ngrams": (0, 2**30, False, True),
    "max_size": (1, 2**62, True, True),
    "dropout": (0, 0.99, True, False),
    "word_dropout": (0, 0.99, False, False),
    "num_words": (2, 2**31 - 1, True, True),
    "min_count": (1, 2**62, False, True),
    "max_document_frequency": (0, 1, False, False),
    "skip_top": (0, 2**31 - 1, False, True),
    "maxlen": (1, 1e6, True, True),
    "pull_back": (0, 1e6, False, False),
    "learning_rate": (0, 1e3, True, False),
    "batch_size": (1, 1e7, False, True),
    "epochs": (1, 1e6, True, True),
    "patience": (0, 1e6, True, True),
    "validation_split": (0, 0.9, False, False),
    "threads": (1, 4096, True, True),
}
_SWITCHES = ("calibrate", "mask_padding", "lower", "strip_html", "keep_punctuation", "strip_accents")
_LATER = re.compile(r"after (\d+) epochs?")
RANDOM_STATES = "None, a whole number from 0 to 2**64 - 1, or NumPy's RandomState or Generator"


def _wrong_numbers(settings: Settings) -> list[str]:
    wrong = []
    for name, (lowest, highest, may_be_none, whole) in _RANGES.items():
        value = getattr(settings, name)
        if (value is None and may_be_none) or (name == "num_words" and value == "auto"):
            continue
        number = _number(value)
        if number is None or not lowest <= number <= highest:
            kind = "a whole number" if whole else "a number"
            wrong.append(f"{name} must be {kind} from {lowest:g} to {highest:g}, not {value!r:.60}")
        elif whole and number != int(number):
            wrong.append(f"{name} must be a whole number, not {value!r}")
    if _number(settings.max_document_frequency) == 0:
        wrong.append("max_document_frequency must be above 0: with 0 no word is left")
    return wrong


def _wrong_others(settings: Settings) -> list[str]:
    wrong = []
    for name in _SWITCHES:
        value = getattr(settings, name)
        if value is None and name in ("strip_html", "keep_punctuation"):
            continue
        if type(value).__name__ not in ("bool", "bool_"):  # Python's, NumPy's
            wrong.append(f"{name} must be True or False, not {value!r:.60}")
    if not isinstance(settings.filters, str | None):
        wrong.append(f"filters must be a string of characters or None, not {settings.filters!r:.60}")
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
        if (number := _number(weight)) is None or not 0 <= number < math.inf
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


def _number(value: Any) -> float | None:
    """A number as float; None for what is not one (text that looks like a number is not)."""
    if isinstance(value, bool | str | bytes):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        return None


def plain(name: str, value: Any) -> Any:
    """A checked value as Python's own types have it."""
    if value is None or (isinstance(value, str) and value == "auto"):
        return value
    if name in _SWITCHES:
        return bool(value)
    if name == "trainable":
        epochs = frozen_epochs(value)
        return epochs == 0 if epochs in (0, math.inf) else f"after {epochs:g} epochs"
    if name in _RANGES:
        return int(value) if _RANGES[name][3] else float(value)
    return value

"""A setting: a field of a dataclass of settings that says what it is for and which numbers it can be.

Signatures, options of the command line, their help and the tables in the docs come from such fields, never
from docstrings, which `python -OO` leaves out; and so do the checks of numbers and the errors that tell of
them. Which settings there are stands in `wordloom.settings` and `wordloom.vectors.learning.settings`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

Value = TypeVar("Value")
AUTO = "auto"
"""The value of a setting that is left to the library; None is a value like others, and means "none"."""
NORMAL_FORMS = ("NFC", "NFKC")
"""Unicode's normal forms that `normalization` can be, as a setting and of a tokenizer."""


@dataclass(frozen=True)
class Range:
    """The numbers from `lowest`, which is left out if the range is `open`, to `highest`."""

    lowest: float
    highest: float = math.inf
    open: bool = False

    def __contains__(self, number: float) -> bool:
        return (self.lowest < number if self.open else self.lowest <= number) and (
            number < math.inf and number <= self.highest
        )

    def __str__(self) -> str:
        """As the end of "a number ..."."""
        if self.highest == math.inf:
            return f"above {self.lowest:g}" if self.open else f"of {self.lowest:g} or more"
        if self.open:
            return f"above {self.lowest:g} and at most {_shown(self.highest)}"
        return f"from {self.lowest:g} to {_shown(self.highest)}"


def _shown(number: float) -> str:
    bits = int(number).bit_length()
    return f"2**{bits} - 1" if bits > 20 and number == 2**bits - 1 else f"{number:g}"


def setting(
    default: Any, group: str, about: str, choices: Sequence[str] = (), numbers: Range | None = None
) -> Any:
    """A field of a dataclass of settings.

    The annotation of a field with `numbers` says the rest: int for whole ones, "None" where None is a value,
    "str" where "auto" is one.

    Parameters
    ----------
    default : its value if it is not given
    group : the group of settings that it stands in
    about : what it is for
    choices : its only values, of a setting that has no others
    numbers : the numbers that it can be
    """
    metadata = {"group": group, "about": about, "choices": tuple(choices), "numbers": numbers}
    return dataclasses.field(default=default, metadata=metadata)


def resolved(value: Value | str, otherwise: Value) -> Value:
    """The value of a setting, or what it means where it is left to the library."""
    return otherwise if isinstance(value, str) and value == AUTO else cast(Value, value)


def rows_of(kind: type[Any]) -> list[dict[str, Any]]:
    """One row a setting of a dataclass: name, default, group, about, choices and numbers."""
    return [
        {"name": item.name, "default": item.default, **item.metadata} for item in dataclasses.fields(kind)
    ]


def wrong_numbers(settings: Any) -> list[str]:
    """What is wrong with each setting that has `numbers` and another value; a clause for each."""
    wrong = []
    for item in dataclasses.fields(settings):
        numbers, value = item.metadata["numbers"], getattr(settings, item.name)
        if numbers is None or _is_left_out(item, value):
            continue
        number, whole = as_number(value), _is_whole(item)
        if number is None or number not in numbers or (whole and number != int(number)):
            kind = (
                "a whole number"
                if whole
                else "a finite number"
                if numbers.highest == math.inf
                else "a number"
            )
            others = [shown for shown, name in (("None", "None"), ("'auto'", "str")) if name in _kinds(item)]
            allowed = f"{kind} {numbers}{''.join(f', or {other}' for other in others)}"
            wrong.append(f"{item.name} must be {allowed}, not {value!r:.60}")
    return wrong


def plain_number(item: dataclasses.Field[Any], value: Any) -> Any:
    """A checked value of a setting with numbers as Python's own types have it: a NumPy 8 or 8.0 becomes 8."""
    if _is_left_out(item, value):
        return value
    return int(value) if _is_whole(item) else float(value)


def as_number(value: Any) -> float | None:
    """A number as float; None for what is not one (text that looks like a number is not)."""
    if isinstance(value, bool | str | bytes):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        return None


def _kinds(item: dataclasses.Field[Any]) -> list[str]:
    return str(item.type).split(" | ")


def _is_whole(item: dataclasses.Field[Any]) -> bool:
    return "int" in _kinds(item)


def _is_left_out(item: dataclasses.Field[Any], value: Any) -> bool:
    kinds = _kinds(item)
    return (value is None and "None" in kinds) or (
        "str" in kinds and isinstance(value, str) and value == AUTO
    )

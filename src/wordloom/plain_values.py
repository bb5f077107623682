"""From plain values, as JSON holds them, to a frozen dataclass: every value is looked at before it is used.

What stands in a file may be of any type. `from_plain` compares each value with the type of its field, so a
wrong one is found when the file is read, and named, instead of failing somewhere inside a computation.
Which numbers make sense together is checked by the dataclass itself (`check_ranges`, `check_choices`).
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from wordloom.errors import DataError, UsageError, did_you_mean

MOST_LEVELS = 50
"""How deep objects and lists may be nested; what wordloom writes has fewer than ten levels."""
_HIGHEST = 2**63 - 1
_NAMES = {int: "a whole number", float: "a number", str: "a string", bool: "true or false"}
_NAMES |= {dict: "an object", list: "a list", types.NoneType: "null"}
Made = TypeVar("Made")


def from_plain(made: type[Made], values: Any, entry: str = "") -> Made:
    """The dataclass `made` from an object of plain values; `entry` is the object's place in its file.

    Raises DataError that names the entry which is missing, unknown, or of another type than its field.
    """
    if not isinstance(values, Mapping):
        raise DataError(f"{_place(entry)} must be an object, not {_shown(values)}.")
    fields, hints = _fields(made), _hints(made)  # type: ignore[arg-type]
    for name in values:
        if name not in fields:
            raise DataError(
                f"{_place(_inside(entry, name))} is not known here. {did_you_mean(str(name), fields)}"
            )
    chosen = {}
    for name, field in fields.items():
        if name in values:
            chosen[name] = checked(values[name], hints[name], _inside(entry, name))
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise DataError(f"{_place(_inside(entry, name))} is missing.")
    try:
        return made(**chosen)
    except (DataError, UsageError) as error:
        raise DataError(f"{_place(entry)}: {error}") from error


def check_ranges(made: Any, **limits: tuple[float, float]) -> None:
    """DataError for a field that is not None and not within (lowest, highest), both included."""
    for name, (lowest, highest) in limits.items():
        value = getattr(made, name)
        if value is not None and not lowest <= value <= highest:
            raise DataError(f"{name!r} must be from {lowest:,} to {highest:,}, not {_shown(value)}.")


def check_choices(made: Any, **choices: Sequence[str] | Mapping[str, Any]) -> None:
    """DataError for a field that is none of its choices."""
    for name, known in choices.items():
        if getattr(made, name) not in known:
            raise DataError(f"{name!r} must be one of {', '.join(known)}, not {_shown(getattr(made, name))}.")


def check_levels(value: Any, levels: int = MOST_LEVELS) -> None:
    """DataError for objects and lists inside each other, deeper than `levels`."""
    if not isinstance(value, dict | list):
        return
    if not levels:
        raise DataError(f"objects and lists are nested more than {MOST_LEVELS} levels deep")
    for inner in value.values() if isinstance(value, dict) else value:
        check_levels(inner, levels - 1)


@functools.cache
def _hints(made: Any) -> dict[str, Any]:
    return typing.get_type_hints(made)


@functools.cache
def _fields(made: Any) -> dict[str, dataclasses.Field[Any]]:
    return {field.name: field for field in dataclasses.fields(made) if field.init}


@functools.cache
def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return typing.get_origin(hint), typing.get_args(hint)


def checked(value: Any, hint: Any, entry: str) -> Any:
    """The value, if it is of the type that the hint names; DataError else."""
    origin, inner = _parts(hint)
    if hint is Any:
        return value
    if origin in (types.UnionType, typing.Union):
        fitting = next((one for one in inner if _is_of(value, one)), None)
        if fitting is None:
            raise DataError(_wrong(value, inner, entry))
        return checked(value, fitting, entry)
    if not _is_of(value, hint):
        raise DataError(_wrong(value, (hint,), entry))
    if dataclasses.is_dataclass(hint):
        return from_plain(hint, value, entry)  # type: ignore[arg-type]
    if isinstance(value, list | tuple) and inner:
        items = [checked(item, inner[0], f"{entry}.{place}") for place, item in enumerate(value)]
        return tuple(items) if origin is tuple else items
    if isinstance(value, dict) and inner:
        return {name: checked(item, inner[1], _inside(entry, name)) for name, item in value.items()}
    return value


def _is_of(value: Any, hint: Any) -> bool:
    kind = _kind_of(hint)
    if kind is float:
        return type(value) is float or (type(value) is int and abs(value) <= _HIGHEST)
    if kind is int:
        return type(value) is int and abs(value) <= _HIGHEST
    if kind is list:
        return isinstance(value, list | tuple)
    return type(value) is kind


@functools.cache
def _kind_of(hint: Any) -> Any:
    """The type that JSON has for a hint: dict for a Mapping or a dataclass, list for a tuple."""
    origin = typing.get_origin(hint) or hint
    if origin in (dict, Mapping) or dataclasses.is_dataclass(origin):
        return dict
    return list if origin in (list, tuple, Sequence) else origin


def _wrong(value: Any, hints: Sequence[Any], entry: str) -> str:
    wanted = " or ".join(_NAMES.get(_kind_of(hint), str(hint)) for hint in hints)
    return f"{_place(entry)} must be {wanted}, not {_shown(value)}."


def _inside(entry: str, name: Any) -> str:
    return f"{entry}.{name}" if entry else str(name)


def _place(entry: str) -> str:
    return f"the entry {entry[:100]!r}" if entry else "it"


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _HIGHEST:
        return "a number of more than 63 bits"
    return f"{value!r:.60}"

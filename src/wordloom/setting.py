"""A setting: a field of a dataclass of settings that says what it is for.

Signatures, options of the command line, their help and the tables in the docs come from such fields, never
from docstrings, which `python -OO` leaves out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any


def setting(default: Any, group: str, about: str, choices: Sequence[str] = ()) -> Any:
    """The field: its default, the group of settings that it stands in, what it is for, its only values."""
    metadata = {"group": group, "about": about, "choices": tuple(choices)}
    return dataclasses.field(default=default, metadata=metadata)


def rows_of(kind: type[Any]) -> list[dict[str, Any]]:
    """One row a setting of a dataclass: name, default, group, about and choices."""
    return [
        {"name": item.name, "default": item.default, **item.metadata} for item in dataclasses.fields(kind)
    ]

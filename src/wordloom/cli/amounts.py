"""Amounts on the command line: times such as 60s or 5m, and sizes such as 500M or 2G."""

from __future__ import annotations

import re
import typing
from typing import Any

import click

if typing.TYPE_CHECKING:
    Type = click.ParamType[Any]
else:  # older versions of click have no type parameter here
    Type = click.ParamType

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_BYTES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "kb": 1e3, "mb": 1e6, "gb": 1e9}


class Amount(Type):
    """A number above 0 with one of some units; the number alone counts in the smallest."""

    def __init__(self, name: str, units: dict[str, float], example: str) -> None:
        self.name, self.units, self.example = name, units, example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*([a-zA-Z]*)\s*", value)
        if found is None or found[2].lower() not in self.units or not float(found[1]):
            self.fail(f"{value!r} is no {self.name}; write for example {self.example}.", param, ctx)
        return float(found[1]) * self.units[found[2].lower()]


DURATION = Amount("time", _SECONDS, "90s, 5m or 1h")
SIZE = Amount("size", _BYTES, "500M or 2G")

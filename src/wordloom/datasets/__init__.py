"""Data sets known by name: "demo" (reviews built in) and "imdb" (the Large Movie Review Dataset)."""

from __future__ import annotations

import importlib
from typing import Any, cast

from wordloom.corpus import Dataset
from wordloom.errors import UsageError, did_you_mean
from wordloom.targets import AUTO, GRADED

NAMES = ("demo", "imdb")
_GRADED = ("imdb",)
"""Those that have grades too."""


def load(name: str, target: str = AUTO, **options: Any) -> Dataset:
    """The data set of that name, with grades for labels if that is the target and it has them.

    `options` go to the `load` of its module. Raises UsageError for an unknown name; DataError where the data
    is not on this machine.
    """
    if name not in NAMES:
        raise UsageError(f"There is no data set {name!r}. {did_you_mean(name, NAMES)}")
    if target == GRADED and name in _GRADED:
        options["target"] = target
    module = importlib.import_module(f"{__name__}.{name}")
    return cast(Dataset, module.load(**options))

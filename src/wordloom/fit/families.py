"""Which code fits which architecture; a family's code is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from wordloom.fit.task import Fitted, Task

_FAMILIES = {
    "mean": "pooled",
    "max": "pooled",
    "flatten": "pooled",
}


def family_of(architecture: str) -> Callable[[Task], Fitted]:
    """The function that fits an architecture: `fit_pooled` of `wordloom.fit.pooled`, for example."""
    family = _FAMILIES[architecture]
    found: Callable[[Task], Fitted] = getattr(
        importlib.import_module(f"wordloom.fit.{family}"), f"fit_{family}"
    )
    return found

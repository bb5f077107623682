"""Which code fits which architecture; a family's code is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from wordloom.fit.task import Fitted, Task

_FAMILIES = {
    "mean": "pooled",
    "max": "pooled",
    "flatten": "pooled",
    "lstm": "keras",
    "gru": "keras",
    "bilstm": "keras",
    "cnn": "keras",
    "documents": "documents",
}


def family_name(architecture: str) -> str:
    """The name of the family that fits an architecture."""
    return _FAMILIES[architecture]


def family_of(architecture: str) -> Callable[[Task], Fitted]:
    """The function that fits an architecture: `fit_pooled` of `wordloom.fit.pooled`, for example."""
    family = family_name(architecture)
    found: Callable[[Task], Fitted] = getattr(
        importlib.import_module(f"wordloom.fit.{family}"), f"fit_{family}"
    )
    return found

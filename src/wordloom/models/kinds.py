"""The kinds of networks that a model folder can name; a kind's code is imported when a model of it is."""

from __future__ import annotations

import importlib
from typing import Any

from wordloom.errors import DataError
from wordloom.models.network import Network

_KINDS = {
    "pooled": ("pooled", "PooledNetwork"),
    "ngram": ("ngram", "NgramNetwork"),
    "documents": ("documents", "DocumentNetwork"),
    "fasttext": ("fasttext", "FastTextNetwork"),
    "keras": ("keras.layer_network", "KerasNetwork"),
}


def network_class(kind: Any) -> type[Network]:
    """The class of a kind; DataError for a kind that this version does not know."""
    if not isinstance(kind, str) or kind not in _KINDS:
        raise DataError(f"a network of the kind {kind!r:.60} is not known here; upgrade wordloom to load it.")
    module, name = _KINDS[kind]
    found: type[Network] = getattr(importlib.import_module(f"wordloom.models.{module}"), name)
    return found

"""Importing Keras: which backend it gets, and what is said if there is none."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any

from wordloom.errors import MissingExtraError, UsageError

BACKENDS = {"jax": "jax", "tensorflow": "tensorflow", "torch": "torch"}
"""KERAS_BACKEND's values and the packages they need, in the order in which wordloom prefers them."""
_EXTRA = "keras"


def keras_module(purpose: str) -> Any:
    """The module `keras`, on the backend of KERAS_BACKEND, else on the first installed of BACKENDS.

    Parameters
    ----------
    purpose : what it is for, as the start of a sentence ("Training an LSTM")

    Raises
    ------
    MissingExtraError : Keras or every backend is missing
    UsageError : KERAS_BACKEND names something else, or a backend that is not installed
    """
    if "keras" in sys.modules:
        return sys.modules["keras"]
    if importlib.util.find_spec("keras") is None:
        raise MissingExtraError(purpose, "keras", _EXTRA)
    os.environ["KERAS_BACKEND"] = _backend(purpose)
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    return keras


def _backend(purpose: str) -> str:
    installed = [name for name, package in BACKENDS.items() if importlib.util.find_spec(package) is not None]
    wanted = os.environ.get("KERAS_BACKEND", "").strip()
    if not installed:
        raise MissingExtraError(purpose, BACKENDS.get(wanted, "jax"), _EXTRA)
    if not wanted:
        return installed[0]
    if wanted not in BACKENDS:
        raise UsageError(f"KERAS_BACKEND={wanted!r} is not a backend that trains: {', '.join(BACKENDS)}.")
    if wanted not in installed:
        raise UsageError(
            f"KERAS_BACKEND={wanted!r}, but the package {BACKENDS[wanted]!r} is not installed. Install it "
            f"with:  pip install {BACKENDS[wanted]}  or set KERAS_BACKEND={installed[0]}, which is installed."
        )
    return wanted

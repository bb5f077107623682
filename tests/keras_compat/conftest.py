"""Keras' own functions, where Keras is installed and still has them."""

from __future__ import annotations

import os
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def keras_text() -> ModuleType:
    """The module that `keras.preprocessing.text` was."""
    os.environ.setdefault("KERAS_BACKEND", "jax")  # any backend will do, for Keras to be imported at all
    return pytest.importorskip(
        "keras.src.legacy.preprocessing.text",
        reason="needs a Keras that still holds its old Tokenizer",
        exc_type=ImportError,
    )


@pytest.fixture(scope="session")
def keras_utils(keras_text: ModuleType) -> ModuleType:
    """`keras.utils`."""
    return pytest.importorskip("keras.utils")


@pytest.fixture(params=["dictionaries", "plain kernels", "compiled kernels"])
def way(request, monkeypatch) -> str:
    """Every way that texts can go."""
    from wordloom.keras_compat import bulk

    if request.param != "dictionaries":
        monkeypatch.setattr(bulk, "_WORTH_IT", 0)
        monkeypatch.setenv("WORDLOOM_KERNELS", request.param.split()[0])
    return request.param

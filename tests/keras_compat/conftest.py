"""Keras' own functions, where Keras is installed and still has them."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def keras_text(keras: ModuleType) -> ModuleType:
    """The module that `keras.preprocessing.text` was."""
    return pytest.importorskip(
        "keras.src.legacy.preprocessing.text",
        reason="this Keras has no Tokenizer any more",
        exc_type=ImportError,
    )


@pytest.fixture(params=["dictionaries", "plain kernels", "compiled kernels"])
def way(request, monkeypatch) -> str:
    """Every way that texts can go."""
    from wordloom.keras_compat import bulk

    if request.param != "dictionaries":
        monkeypatch.setattr(bulk, "_WORTH_IT", 0)
        monkeypatch.setenv("WORDLOOM_KERNELS", request.param.split()[0])
    return request.param

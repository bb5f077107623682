"""A fitted model of each kind."""

from __future__ import annotations

import shutil

import pytest
from small_models import KINDS, fitted

from wordloom import TextModel


@pytest.fixture(scope="package")
def kinds() -> dict[str, TextModel]:
    """A model of each kind, fitted once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDLOOM_KERNELS", "plain")
        return {name: fitted(name) for name in KINDS}


@pytest.fixture(params=KINDS)
def ngram_model(request, kinds) -> TextModel:
    return kinds[request.param]


@pytest.fixture(scope="session")
def node() -> str:
    program = shutil.which("node")
    if program is None:
        pytest.skip("needs Node: apt install nodejs")
    return program

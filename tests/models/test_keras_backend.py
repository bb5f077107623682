"""Which backend Keras gets, and what is said where there is none."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from wordloom.corpus import Corpus
from wordloom.errors import MissingExtraError, UsageError
from wordloom.fit import fit
from wordloom.models.keras import backend as keras_backend
from wordloom.models.keras.backend import keras_module
from wordloom.settings import Settings


@pytest.fixture
def installed(monkeypatch):
    """`installed("keras", "jax")`: only these packages seem to be there, and Keras is not imported yet."""

    def only(*packages):
        real = importlib.util.find_spec
        looked_for = {"keras", *keras_backend.BACKENDS.values()}
        monkeypatch.setattr(
            importlib.util,
            "find_spec",
            lambda name, *more: (
                (object() if name in packages else None) if name in looked_for else real(name, *more)
            ),
        )
        monkeypatch.delitem(sys.modules, "keras", raising=False)
        monkeypatch.delenv("KERAS_BACKEND", raising=False)

    return only


def test_without_keras_the_line_that_installs_it_is_named(installed):
    installed()
    corpus = Corpus(["a good film", "a bad film"] * 4, ["pos", "neg"] * 4)
    with pytest.raises(MissingExtraError) as caught:
        fit(corpus, Settings(architecture="lstm"))
    assert "Training the architecture 'lstm' needs the package 'keras'" in str(caught.value)
    assert str(caught.value).endswith("pip install 'wordloom[keras]'")


def test_without_a_backend_too(installed):
    installed("keras")
    with pytest.raises(MissingExtraError, match=r"Reading needs the package 'jax'.*wordloom\[keras\]"):
        keras_module("Reading")


@pytest.mark.parametrize(
    ("packages", "wanted", "expected"),
    [
        (("jax", "tensorflow", "torch"), None, "jax"),
        (("tensorflow", "torch"), None, "tensorflow"),
        (("torch",), "", "torch"),
        (("jax", "torch"), "torch", "torch"),
    ],
)
def test_the_backend_that_is_chosen(installed, monkeypatch, packages, wanted, expected):
    installed("keras", *packages)
    if wanted is not None:
        monkeypatch.setenv("KERAS_BACKEND", wanted)
    assert keras_backend._backend("Reading") == expected


def test_a_backend_that_is_not_installed(installed, monkeypatch):
    installed("keras", "jax")
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    with pytest.raises(UsageError, match=r"KERAS_BACKEND='tensorflow', but .* pip install tensorflow .*=jax"):
        keras_module("Reading")
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(
        UsageError, match=r"KERAS_BACKEND='theano' is not a backend .* jax, tensorflow, torch"
    ):
        keras_module("Reading")

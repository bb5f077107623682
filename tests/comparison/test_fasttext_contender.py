"""What is handed to fastText, in whose place stands one that notes it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from wordloom.comparison.contender import TrainingTask


@pytest.fixture
def given(monkeypatch):
    """Everything that `train_supervised` was given, its files as sets of lines."""
    noted = {}

    def train_supervised(file, **options):
        noted.update(options, train=Path(file).read_text().splitlines())
        if "autotuneValidationFile" in options:
            noted["validation"] = Path(options["autotuneValidationFile"]).read_text().splitlines()

    monkeypatch.setitem(sys.modules, "fasttext", SimpleNamespace(train_supervised=train_supervised))
    yield noted
    sys.modules.pop("wordloom.comparison.contenders.fasttext", None)


def trained(**options):
    texts, targets = [f"text {i}" for i in range(50)], np.arange(50, dtype=np.int32) % 2
    contender = importlib.import_module("wordloom.comparison.contenders.fasttext")
    contender.train(TrainingTask(texts, targets, ["a", "b"], 1, 1), **options)


def test_parameters_are_looked_for_on_a_tenth_of_the_texts_that_is_not_learned_from(given):
    trained(autotune_seconds=7)
    assert given["autotuneDuration"] == 7
    assert len(given["validation"]) == 5
    assert not {*given["validation"]} & {*given["train"]}
    assert len({*given["validation"], *given["train"]}) == 50


def test_without_a_search_all_texts_are_learned_from(given):
    trained(lr=0.5)
    assert len(given["train"]) == 50
    assert "autotuneDuration" not in given
    assert given["lr"] == 0.5

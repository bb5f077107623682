"""A small model on disk, and a small corpus in shards."""

from __future__ import annotations

import pytest

from shards import WORDS, rows_of, written
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.target_names import GRADED, SINGLE


def saved(folder, target=SINGLE):
    labels = ["bad", "good"] * 40
    texts = [f"the film was {WORDS[label][number % 3]}" for number, label in enumerate(labels)]
    answers = labels if target == SINGLE else [1.0 if label == "bad" else 5.0 for label in labels]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDLOOM_KERNELS", "plain")
        settings = Settings(architecture="ngram", random_state=0, threads=1)
        fit(Corpus(texts, answers, name="tiny", target=target), settings).save(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def plain_kernels(monkeypatch):
    """Nothing is compiled."""
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")


@pytest.fixture(scope="session")
def scorer(tmp_path_factory):
    """The folder of a model with the labels bad and good."""
    return saved(tmp_path_factory.mktemp("scorer") / "model")


@pytest.fixture(scope="session")
def grader(tmp_path_factory):
    """The folder of a model of grades from 1 to 5."""
    return saved(tmp_path_factory.mktemp("grader") / "model", GRADED)


@pytest.fixture
def corpus(tmp_path):
    """A folder of three shards, two of them with documents of 40 and 30 rows."""
    folder = tmp_path / "corpus"
    written(folder / "a.jsonl", rows_of(40, 1))
    written(folder / "more" / "b.jsonl.gz", rows_of(30, 2))
    written(folder / "more" / "c.jsonl", rows_of(25, 3))
    return folder

"""A tiny table, a tiny model trained on it, and a function that runs the program on arguments."""

from __future__ import annotations

import csv
import json
import random

import pytest
from click.testing import CliRunner

from wordloom.cli.program import program
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.settings import Settings

GOOD = ["great", "superb", "lovely"]
BAD = ["awful", "dull", "poor"]
FILLERS = ["the", "film", "was", "a", "plot", "with", "actors"]


def tiny_reviews(n: int = 60, seed: int = 0) -> list[tuple[str, str]]:
    """(text, label), the labels by turns; one word of each text decides."""
    rng = random.Random(seed)
    rows = []
    for i in range(n):
        words = [*rng.sample(FILLERS, 4), rng.choice(GOOD if i % 2 else BAD)]
        rng.shuffle(words)
        rows.append((" ".join(words), "pos" if i % 2 else "neg"))
    return rows


@pytest.fixture(autouse=True)
def plain_kernels_and_no_data(monkeypatch, tmp_path_factory):
    """Nothing is compiled, and no data set of this machine is found."""
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
    monkeypatch.setenv("WORDLOOM_DATA", "")
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """`run("train", "x.csv", ...)`: what the program answers, its current folder being a temporary one."""
    monkeypatch.chdir(tmp_path)

    def run_program(*arguments, stdin=None):
        return CliRunner().invoke(program, [str(a) for a in arguments], prog_name="wordloom", input=stdin)

    return run_program


@pytest.fixture
def answer(run):
    """The JSON document that a command prints; the command must succeed."""

    def run_and_parse(*arguments, stdin=None):
        result = run(*arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run_and_parse


@pytest.fixture
def fails(run):
    """The error message of a command that must end with the given exit code."""

    def run_and_fail(code, *arguments, stdin=None):
        result = run(*arguments, stdin=stdin)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        message = result.stderr.split("error: ", 1)
        assert len(message) == 2, result.output
        return message[1].strip()

    return run_and_fail


@pytest.fixture
def reviews(tmp_path):
    """A CSV file of 60 reviews in the current folder of `run`."""
    path = tmp_path / "reviews.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("review", "sentiment"), *tiny_reviews()])
    return path


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The folder of a model that knows what tiny reviews say."""
    texts, labels = zip(*tiny_reviews(), strict=True)
    corpus = Corpus(list(texts), list(labels), name="tiny")
    settings = Settings(dimensions=4, epochs=80, batch_size=8, learning_rate=0.02, random_state=0, threads=1)
    folder = tmp_path_factory.mktemp("models") / "tiny-model"
    fit(corpus, settings).save(folder)
    return folder

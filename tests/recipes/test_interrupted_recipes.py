"""Recipes that Ctrl-C ends: the seeds that were complete are results, the one that was not is none."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from messages import Messages
from wordloom import datasets
from wordloom.errors import Interrupted
from wordloom.recipes import recipe_runs as runs
from wordloom.recipes import run_recipes
from wordloom.recipes.recipe_report import markdown


@pytest.fixture
def interrupted_at(monkeypatch):
    """Fits that take no time; the one of this number, the warm-up being number 0, is interrupted."""

    def begin(number):
        calls = iter(range(number + 1))

        def fit(corpus, settings, extra=None):
            if next(calls) == number:
                raise KeyboardInterrupt
            return SimpleNamespace(record={"seconds": 1.0, "seed": settings.random_state})

        monkeypatch.setattr(runs, "fit", fit)
        monkeypatch.setattr(runs, "_value", lambda recipe, model, data, threads: 0.8)
        monkeypatch.setattr(runs, "_nearest", lambda model, word: (word,))
        monkeypatch.setattr(runs.datasets, "load", lambda name: load("demo"))

    load = datasets.load
    return begin


def test_complete_seeds_are_results(interrupted_at):
    interrupted_at(6)
    messages = Messages()
    with pytest.raises(Interrupted) as ended:
        run_recipes(["mean-32d", "flatten-8d-20-words"], 4, callbacks=[messages])
    assert messages.lines[0] == (
        "Will run mean-32d, flatten-8d-20-words, each with 4 seeds. It takes about 20 seconds "
        "(by times measured on two cores)."
    )
    assert messages.lines[5].startswith("mean-32d is done: test accuracy 80.00 ± 0.00 %, -3.32 points")
    first, second = ended.value.found
    assert (first.recipe.name, len(first.values)) == ("mean-32d", 4)
    assert (second.recipe.name, len(second.values)) == ("flatten-8d-20-words", 1)
    assert "over 1 to 4 seeds" in markdown(ended.value.found)


def test_without_a_complete_seed_there_is_no_result(interrupted_at):
    interrupted_at(1)
    with pytest.raises(KeyboardInterrupt) as ended:
        run_recipes(["mean-32d"], 2)
    assert not isinstance(ended.value, Interrupted)

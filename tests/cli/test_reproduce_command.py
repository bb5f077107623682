"""`wordloom reproduce`: stable keys, the table, the reports; the runs themselves are not repeated here."""

from __future__ import annotations

import json

import pytest

from wordloom import TextModel, recipes
from wordloom.loop.callback import CallbackList

KEYS = ["recipe", "metric", "published", "mean", "std", "values", "seconds"]


@pytest.fixture
def asked(monkeypatch, model):
    """What was asked of `run_recipes`, which answers with made-up figures."""
    seen = {}

    def run_recipes(names, seeds, *, first_seed=0, threads=None, vectors=None, curves, callbacks):
        seen.update(names=list(names), seeds=seeds, first_seed=first_seed, threads=threads, vectors=vectors)
        seen.update(curves=curves)
        CallbackList(callbacks).on_message("one fit")
        values = tuple(0.84 + 0.01 * seed for seed in range(seeds))
        return [
            recipes.RecipeResult(recipe, values, (1.5,) * seeds, TextModel.load(model), ("great", "superb"))
            for recipe in recipes.chosen(names)
        ]

    monkeypatch.setattr(recipes, "run_recipes", run_recipes)
    return seen


def test_json_keys(answer, asked):
    documents = answer(
        "reproduce", "mean-32d", "--seeds", "2", "--seed", "5", "--vectors", "t.txt", "--threads", "1"
    )
    assert asked == {
        "names": ["mean-32d"],
        "seeds": 2,
        "first_seed": 5,
        "threads": 1,
        "vectors": "t.txt",
        "curves": False,
    }
    assert list(documents[0])[: len(KEYS)] == KEYS
    assert documents[0]["recipe"] == "mean-32d"
    assert documents[0]["values"] == [0.84, 0.85]
    assert documents[0]["mean"] == pytest.approx(0.845)


def test_all_recipes_and_the_table(run, asked):
    result = run("reproduce")
    assert asked["names"] == []
    assert asked["seeds"] == 3
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["recipe", "metric", "published", "wordloom", "difference", "seconds"]
    assert [line.split()[0] for line in lines[1 : 1 + len(recipes.names())]] == recipes.names()
    assert "86.26 %" in lines[1]
    assert "one fit" in result.stderr


@pytest.mark.slow
def test_reports(run, asked, tmp_path):
    result = run("reproduce", "flatten-50d", "--seeds", "2", "--out", "reports")
    assert result.exit_code == 0, result.output
    assert asked["curves"] is True
    assert "reports/reproduce.md" in result.stdout
    assert "| flatten-50d |" in (tmp_path / "reports" / "reproduce.md").read_text()
    assert json.loads((tmp_path / "reports" / "reproduce.json").read_text())[0]["recipe"] == "flatten-50d"
    assert (tmp_path / "reports" / "flatten-50d" / "word_embeddings.txt").exists()


def test_list(run, answer):
    entries = answer("reproduce", "--list")
    assert [entry["name"] for entry in entries] == recipes.names()
    assert list(entries[0]) == ["name", "about", "metric", "published", "source"]
    assert "test accuracy 86.26 %" in run("reproduce", "--list").stdout


def test_unknown_recipe(fails):
    assert "Did you mean 'flatten-50d'?" in fails(2, "reproduce", "flaten-50d")
    assert "Did you mean 'mean-32d'?" in fails(2, "reproduce", "--list", "mean-23d")


def test_without_the_reviews(fails):
    assert "wordloom data imdb" in fails(3, "reproduce", "mean-32d", "--seeds", "1")

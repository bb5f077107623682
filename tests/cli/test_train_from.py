"""`wordloom train --from`: a model that learns on."""

from __future__ import annotations

import csv
import json
import pathlib

import pytest

from wordloom import TextModel


@pytest.fixture
def base(run, reviews):
    """The folder of an n-gram model of the reviews."""
    options = ("--architecture", "ngram", "--epochs", "4", "--characters", "0", "--seed", "1")
    assert run("train", "reviews.csv", "--out", "base", *options).exit_code == 0
    return "base"


@pytest.fixture
def more(reviews):
    """A table of further reviews, a third of them with a new label."""
    rows = [("a film with a song", "music"), ("the film was great", "pos"), ("the film was awful", "neg")]
    with open(reviews.parent / "more.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("review", "sentiment"), *rows * 15])
    return "more.csv"


def test_a_model_learns_on_from_a_table_with_a_new_label(run, base, more):
    result = run("train", more, "--from", base, "--out", "newer", "--test-split", "0.2", "--seed", "7")
    assert result.exit_code == 0, result.output
    assert "; seed 7." in result.stdout
    said = " ".join(result.stdout.split())
    assert "Learned on from 36 texts (96 in all)" in said
    assert "new labels: music" in said
    assert TextModel.load("newer").labels == ("music", "neg", "pos")
    shown = run("inspect", "newer").stdout
    assert "learned on from  more.csv, 36 texts, 1 new word; new labels: music" in shown
    assert "reviews.csv, 60 texts" in shown


def test_a_test_label_of_the_training_before_is_known(run, base, more, tmp_path):
    (tmp_path / "batch.csv").write_text("review,sentiment\n" + "a film with a song,music\n" * 9)
    result = run("train", "batch.csv", "--from", base, "--test", "reviews.csv", "--out", "newer")
    assert result.exit_code == 0, result.output
    assert "has no label" not in result.stderr
    assert "Test on 60 texts" in result.stdout


def test_what_the_training_before_has_measured_is_not_said_of_this_one(run, base, more):
    said = " ".join(run("train", more, "--from", base, "--out", "newer").stdout.split())
    assert "No texts were held out" in said


def test_what_is_said_of_the_texts_held_out_is_of_the_new_ones(run, base, more):
    text = (pathlib.Path(more)).read_text(encoding="utf-8").partition("\n")[2]
    with open(more, "a", encoding="utf-8") as file:
        file.write(text * 5)
    result = run("train", more, "--from", base, "--out", "newer", "--json")
    found = json.loads(result.stdout)["training"]["validation"]
    assert found["texts"] == 27  # a tenth of 270
    assert TextModel.load("newer").record["updates"][-1]["validated_on"] == 27


def test_settings_of_another_model_are_refused(fails, base, more):
    message = fails(2, "train", more, "--from", base, "--out", "newer", "--ngrams", "3")
    assert "ngrams" in message
    assert "settings of its training" in message


@pytest.mark.parametrize("option", [("--validation", "more.csv"), ("--stream",), ("--baselines",)])
def test_options_for_new_models_are_refused(fails, base, more, option):
    message = fails(2, "train", more, "--from", base, "--out", "newer", *option)
    assert option[0] in message
    assert "--from" in message

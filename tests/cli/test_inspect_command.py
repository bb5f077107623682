"""`wordloom inspect`: a model, or one of its words."""

from __future__ import annotations

import csv
import json

import pytest

from wordloom import TextModel


def test_json_keys(answer, model):
    document = answer("inspect", model)
    assert list(document) == [
        *(
            "path",
            "bytes",
            "target",
            "labels",
            "architecture",
            "dimensions",
            "maxlen",
            "network",
            "described",
            "weights",
        ),
        *("vocabulary", "tokenizer", "most_frequent", "training", "history", "record"),
    ]
    loaded = TextModel.load(model)
    assert document["labels"] == ["neg", "pos"]
    assert document["vocabulary"] == {
        "words": len(loaded.vocabulary.words),
        "ids": loaded.vocabulary.size,
        "texts": 60,
    }
    assert document["weights"] == loaded.vocabulary.size * 4 + 4 + 1
    assert document["most_frequent"][0]["word"] == loaded.vocabulary.words[0]
    assert document["training"]["epochs"] == len(document["history"]["loss"])
    assert document["record"]["seed"] == 0


def test_text_output(run, model):
    shown = run("inspect", model).stdout
    for part in ("2: neg, pos", "mean of 4-d word vectors", "not tested", "dimensions=4", "(kept)"):
        assert part in shown
    assert "random_state" not in shown


def test_the_rules_by_which_texts_become_words_are_shown(answer, run, model):
    rules = answer("inspect", model)["tokenizer"]
    assert (rules["split_characters"], rules["normalization"], rules["strip_html"]) == (True, "NFC", False)
    shown = " ".join(run("inspect", model).stdout.split())
    assert "lower, split_characters, normalization=NFC" in shown


def test_a_tested_model_says_its_score(run, reviews):
    options = ("--epochs", "1", "--dimensions", "2", "--threads", "1", "--no-progress")
    assert run("train", "reviews.csv", "--out", "m", "--test-split", "0.2", *options).exit_code == 0
    assert "on 12 texts of reviews.csv (held out)" in " ".join(run("inspect", "m").stdout.split())


def test_a_word(answer, run, model):
    document = answer("inspect", model, "--word", "great")
    assert list(document) == ["word", "id", "count", "texts", "probabilities", "neighbors"]
    assert document["probabilities"]["pos"] > 0.5
    assert {near["word"] for near in document["neighbors"]} >= {"superb", "lovely"}
    shown = run("inspect", model, "--word", "great").stdout
    assert "training texts" in shown
    assert "pos 0." in shown or "pos 1." in shown


def test_unknown_word(fails, model):
    assert "'grate'. Did you mean 'great'?" in fails(3, "inspect", model, "--word", "grate")
    assert "Did you" not in fails(3, "inspect", model, "--word", "xyzzy")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"format": 999}, "format 999"),
        ({"labels": None}, "was altered"),
    ],
)
def test_a_config_from_elsewhere(fails, model, tmp_path, change, part):
    import shutil

    shutil.copytree(model, tmp_path / "m")
    config = json.loads((tmp_path / "m" / "config.json").read_text()) | change
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    assert part in fails(3, "inspect", "m")


def test_the_words_of_each_label(run, answer, model):
    shown = run("inspect", model, "--words", "2").stdout.splitlines()
    assert shown[0] == "neg"
    assert shown[1].split() == ["word", "kind", "evidence", "texts"]
    assert shown[2].split()[0] in ("awful", "dull", "poor")
    rows = answer("inspect", model, "--words", "3")
    assert [row["label"] for row in rows] == ["neg"] * 3 + ["pos"] * 3
    assert {row["word"] for row in rows[3:]} == {"great", "superb", "lovely"}


def test_the_words_of_each_label_as_a_table(run, model, tmp_path):
    result = run("inspect", model, "--words", "3", "--csv", "words.csv")
    assert result.stdout == "Wrote words.csv: 6 rows\n"
    rows = list(csv.DictReader((tmp_path / "words.csv").open(newline="")))
    assert list(rows[0]) == ["label", "kind", "word", "evidence", "texts"]
    assert {row["word"] for row in rows if row["label"] == "neg"} == {"awful", "dull", "poor"}
    again = run("inspect", model, "--words", "3", "--csv", "words.csv")
    assert again.exit_code == 2
    assert "words.csv exists already" in again.stderr


def test_a_table_of_words_needs_to_know_how_many(fails, model):
    assert fails(2, "inspect", model, "--csv", "w.csv") == (
        "--csv writes what --words shows: say how many, for example --words 100."
    )

"""The README.md in a model folder: what the record knows, for people; nothing reads it back."""

from __future__ import annotations

import dataclasses
import html
import re

import pytest

from wordloom import TextModel
from wordloom.corpus import Corpus
from wordloom.evaluation.by_target import evaluated_on
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.storage import CARD, CARD_MARK

LABELS = ["a|b", "`code` --- <script>", "[x](http://y)\n# head", "-\u202e*_"]


@pytest.fixture(scope="module", params=["single", "multilabel", "graded"])
def model(request) -> TextModel:
    target = request.param
    values = {
        "single": LABELS,
        "multilabel": [[LABELS[0]], [LABELS[1], LABELS[2]], [], [LABELS[3]]],
        "graded": [1, 2, 4, 5],
    }
    texts = [f"secret{i % 4} words of the texts" for i in range(40)]
    corpus = Corpus(texts, [values[target][i % 4] for i in range(40)], "/home/me/own.csv", target=target)
    made = fit(corpus, Settings(architecture="ngram", epochs=1, random_state=0, ngrams=1, characters=0))
    scores = evaluated_on(made, corpus)[0].to_config() | {"name": "/home/me/own.csv (held out)"}
    return made.with_record(scores={"test": scores})


@pytest.fixture
def card(model, tmp_path) -> str:
    model.save(tmp_path / "m")
    return (tmp_path / "m" / CARD).read_text(encoding="utf-8")


def test_it_says_what_the_record_knows(card, model):
    assert card.startswith("---\nlibrary_name: wordloom\npipeline_tag: text-classification\n")
    data = model.record["data"]
    assert data["fingerprint"] in card
    assert "texts: 40" in card
    assert "own.csv" in card
    assert "wordloom predict FOLDER" in card
    measure = {"single": "accuracy", "multilabel": "micro_f1", "graded": "spearman"}[model.target]
    assert f"{model.record['scores']['test'][measure]:.3f}" in card
    if model.target == "single":
        assert "| 10 | 25.0% |" in card
        assert "- accuracy\n- f1\n" in card
    assert "| ngrams | 1 |" in card


def test_it_holds_no_training_text_and_no_folder(card):
    assert "secret" not in card
    assert "/home" not in card


def test_no_label_is_obeyed_as_markdown_or_html(card, model):
    assert "\u202e" not in card
    rows = [line for line in card.splitlines() if line.startswith("|")]
    body = card.split("---\n", 2)[2]
    assert not re.search(r"(?<!\\)<(?!!-- Written)", body)
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) in (3, 4), row
    assert not re.search(r"(?m)^# head", card)
    assert len(re.findall("(?m)^---$", card)) == 2
    assert html.unescape(card) == card


def test_a_folder_loads_with_any_card_or_none(model, tmp_path):
    model.save(tmp_path / "m")
    (tmp_path / "m" / CARD).write_text("mine")
    assert TextModel.load(tmp_path / "m").labels == model.labels
    (tmp_path / "m" / CARD).unlink()
    assert TextModel.load(tmp_path / "m").labels == model.labels


def test_a_card_that_was_made_ones_own_is_kept_and_another_replaced(model, tmp_path):
    model.save(tmp_path / "m")
    card = tmp_path / "m" / CARD
    card.write_text(f"{CARD_MARK}\nof a model before")
    model.save(tmp_path / "m")
    assert "of a model before" not in card.read_text(encoding="utf-8")
    card.write_text("my own words")
    model.save(tmp_path / "m")
    assert card.read_text(encoding="utf-8") == "my own words"


def test_a_record_of_anything_has_a_card(model, tmp_path):
    for record in ({}, {"data": None}, {"data": {"classes": {"a": "many"}}, "seed": "|"}):
        bare = dataclasses.replace(model, record=record)
        bare.save(tmp_path / "m")
        assert "None were measured" in (tmp_path / "m" / CARD).read_text(encoding="utf-8")

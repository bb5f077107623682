"""History: stable names, JSON there and back, the first edition's spellings understood."""

from __future__ import annotations

import json

import pytest

from wordloom.errors import DataError
from wordloom.loop.history import METRICS, History


def history():
    made = History(best_epoch=1, stopped="early")
    made.add({"loss": 0.5, "accuracy": 0.75, "val_loss": 0.25, "val_accuracy": 1.0}, 0.1)
    made.add({"loss": 0.4, "accuracy": 0.80, "val_loss": 0.30, "val_accuracy": 0.9}, 0.2)
    return made


def test_the_names_are_keras_and_in_order():
    assert METRICS == ("loss", "accuracy", "val_loss", "val_accuracy")
    assert tuple(history().history) == METRICS
    assert len(history()) == 2
    assert len(History()) == 0


def test_saved_and_loaded_it_is_the_same(tmp_path):
    history().save(tmp_path / "runs" / "history.json")
    assert History.load(tmp_path / "runs" / "history.json") == history()
    keys = json.loads((tmp_path / "runs" / "history.json").read_text())
    assert list(keys) == ["history", "best_epoch", "stopped", "seconds"]


def test_config_is_json_and_gives_the_history_back():
    assert History.from_config(json.loads(json.dumps(history().to_config()))) == history()


@pytest.mark.parametrize(
    "names", [("acc", "val_acc"), ("accuracy", "val_accuracy")], ids=["first edition", "today"]
)
def test_a_keras_history_is_read_in_both_spellings(tmp_path, names):
    ours, theirs = names
    file = tmp_path / "history.json"
    file.write_text(
        json.dumps({"loss": [0.5, 0.4], ours: [0.7, 0.8], "val_loss": [0.6, 0.7], theirs: [0.6, 0.5]})
    )
    read = History.load(file)
    assert read.history["accuracy"] == [0.7, 0.8]
    assert read.history["val_accuracy"] == [0.6, 0.5]
    assert read.best_epoch == 2
    assert set(read.history) == set(METRICS)


def test_unknown_metrics_are_kept():
    assert History.from_config({"loss": [1.0], "lr": [0.1]}).history == {"loss": [1.0], "lr": [0.1]}


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", "{", '"loss"', "5", '{"loss": 3}', '{"history": 3}', "\udcff"]
)
def test_what_is_no_history_is_named(tmp_path, text):
    file = tmp_path / "history.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=r"history\.json is not a training history in JSON"):
        History.load(file)


def test_a_history_of_nothing_has_no_epochs():
    assert History.from_config({}) == History()

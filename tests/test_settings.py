"""Settings: every wrong value is named at once, plain values come out, and the docs hold what they say."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from wordloom.errors import UsageError
from wordloom.settings import (
    Settings,
    describe,
    from_names,
    settings_table,
    to_config,
    values_of,
)

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
INTRODUCTION = """# Settings

The parameters of `TextClassifier`, which are also the options of `wordloom train` (there with dashes:
`--num-words`) and the `settings` in a saved model's record. This page is made from `wordloom.settings` and
`wordloom.architectures`. What is set and plays no part in the architecture is refused when training begins: a
setting of other architectures, or one that another setting leaves without a part, such as `batch_size` where
the output layer over frozen vectors is solved for.

"""

WRONG = {
    "architecture": "average",
    "dimensions": 0,
    "hidden": -1,
    "units": 0,
    "layers": 0,
    "kernel_size": 1.5,
    "ngrams": 0,
    "min_documents": 0,
    "max_ngrams": -1,
    "max_size": 0,
    "dropout": 1.0,
    "word_dropout": float("nan"),
    "mask_padding": "yes",
    "characters": 17,
    "num_words": 1,
    "min_count": 1.5,
    "max_document_frequency": 0,
    "skip_top": -3,
    "ids": "keras",
    "maxlen": "200",
    "padding": "left",
    "truncating": None,
    "lower": 2,
    "filters": 5,
    "strip_html": "maybe",
    "keep_punctuation": "no",
    "strip_accents": 0.0,
    "split_characters": "han",
    "normalization": "nfd",
    "tokenizer": "split",
    "vectors": 7,
    "trainable": "later",
    "pull_back": -0.5,
    "unknown_vectors": "guess",
    "word_weights": "tfidf",
    "pooling": "median",
    "solver": "lbfgs",
    "optimizer": "adamw",
    "learning_rate": math.inf,
    "batch_size": None,
    "epochs": 10**400,
    "patience": -1,
    "validation_split": 0.95,
    "validation_mode": "random",
    "calibrate": "perhaps",
    "optimize": "f1",
    "class_weight": "equal",
    "threads": 0,
    "random_state": -1,
}


def message_of(settings):
    with pytest.raises(UsageError) as caught:
        settings.checked()
    return str(caught.value)


def test_the_defaults_are_right():
    assert values_of(Settings().checked()) == values_of(Settings())


def test_every_wrong_value_is_reported_at_once_by_its_name():
    names = sorted(WRONG)
    for some in (names[::3], names[1::3], names[2::3]):  # a message of all would be shortened
        message = message_of(Settings(**{name: WRONG[name] for name in some}))
        parts = message.removesuffix(".").split("; ")
        assert sorted(part.split(" ")[0] for part in parts) == some
    untested = {item.name for item in dataclasses.fields(Settings)} - WRONG.keys()
    assert untested == {"verbose"}  # whatever it is, it is only asked whether it is true


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_value_is_reported_alone_too(name):
    message = message_of(Settings(**{name: WRONG[name]}))
    assert message.startswith(name)
    assert ";" not in message


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("dimensions", 2.5, "dimensions must be a whole number from 1 to 100000, or 'auto', not 2.5"),
        ("dimensions", "8", "dimensions must be a whole number from 1 to 100000, or 'auto', not '8'"),
        ("dimensions", True, "not True"),
        ("dimensions", np.array([8, 16]), "not array([ 8, 16])"),
        ("dropout", -0.1, "dropout must be a number from 0 to 0.99, or 'auto', not -0.1"),
        ("num_words", "all", "num_words must be a whole number from 2 to 2**31 - 1, or None, or 'auto'"),
        ("ids", "Imdb", "ids must be one of auto, plain, plain-unknown, plain-start, imdb, not 'Imdb'"),
        ("random_state", 1.0, "random_state must be None, a whole number"),
        ("random_state", True, "not True"),
        ("random_state", 2**64, "18446744073709551616"),
        ("class_weight", {"pos": -1}, "class_weight of 'pos' must be a finite number of 0 or more, not -1"),
        ("class_weight", {"pos": math.nan}, "class_weight of 'pos'"),
        ("class_weight", {"pos": "2"}, "class_weight of 'pos'"),
        ("class_weight", 3, "class_weight must be None, 'balanced' or a mapping, not 3"),
        (
            "max_document_frequency",
            0.0,
            "max_document_frequency must be a number above 0 and at most 1, not 0.0",
        ),
    ],
)
def test_messages_say_what_is_expected_and_what_came(name, value, says):
    assert says in message_of(Settings(**{name: value}))


@pytest.mark.parametrize(
    ("name", "given", "plain"),
    [
        ("dimensions", np.int64(8), 8),
        ("epochs", 3.0, 3),
        ("patience", np.float32(2), 2),
        ("dropout", 0, 0.0),
        ("dropout", np.float32(0.5), 0.5),
        ("learning_rate", np.float64(0.25), 0.25),
        ("lower", np.bool_(False), False),
        ("num_words", None, None),
        ("num_words", "auto", "auto"),
        ("keep_punctuation", "auto", "auto"),
        ("epochs", "auto", "auto"),
        ("maxlen", None, None),
    ],
)
def test_checked_gives_plain_numbers(name, given, plain):
    value = getattr(Settings(**{name: given}).checked(), name)
    assert value == plain
    assert type(value) is type(plain)


def test_what_is_left_to_the_library_is_auto_and_none_is_refused_there():
    for row in describe():
        if row["default"] == "auto" and " none " not in f" {row['about']} ":
            assert f"{row['name']} must be" in message_of(Settings(**{row["name"]: None}))
        assert "none means" not in row["about"] or row["name"] in ("threads", "random_state")
    assert "or 'auto', not None" in message_of(Settings(dropout=None))
    assert "True or False, or 'auto', not None" in message_of(Settings(strip_html=None))


def test_checked_leaves_the_original_as_it_was():
    settings = Settings(dimensions=np.int64(8))
    settings.checked()
    assert type(settings.dimensions) is np.int64


def test_random_states_may_be_numpys():
    for state in (None, 0, np.int32(5), 2**64 - 1, np.random.RandomState(0), np.random.default_rng(0)):
        assert Settings(random_state=state).checked().random_state is state


def test_settings_are_keyword_only_and_frozen():
    with pytest.raises(TypeError):
        Settings("mean")
    with pytest.raises(TypeError, match="dimension"):
        Settings(dimension=5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().dimensions = 5


def test_from_names_lists_every_unknown_name_with_near_ones():
    with pytest.raises(UsageError) as caught:
        from_names({"dimension": 5, "hidden": 3, "learning_rat": 1})
    message = str(caught.value)
    assert "unknown setting 'dimension'. Did you mean 'dimensions'" in message
    assert "unknown setting 'learning_rat'. Did you mean 'learning_rate'" in message
    assert "hidden" not in message
    assert from_names({"dimensions": 5}).dimensions == 5


def test_the_config_is_json_and_gives_the_settings_back():
    settings = Settings(
        class_weight={np.int64(1): np.float32(2), "a": 1},
        random_state=np.random.RandomState(0),
        dimensions=np.int64(8),
        tokenizer=str.split,
    ).checked()
    config = json.loads(json.dumps(to_config(settings)))
    assert config["class_weight"] == [[1, 2.0], ["a", 1.0]]
    assert config["random_state"] is None
    assert config["dimensions"] == 8
    assert "tokenizer" not in config
    names = {item.name for item in dataclasses.fields(Settings)}
    assert set(config) == names - {"tokenizer"}


def test_describe_has_a_row_for_every_setting_in_order():
    rows = describe()
    assert [row["name"] for row in rows] == [item.name for item in dataclasses.fields(Settings)]
    assert {row["group"] for row in rows} == {"network", "text", "vectors", "training"}
    for row in rows:
        assert row["about"]
        if row["choices"]:
            assert row["default"] in row["choices"]


def test_the_table_has_a_row_for_every_setting():
    table = settings_table()
    for row in describe():
        assert f"| `{row['name']}` | `{row['default']}` |" in table
    assert "&amp;amp;" in table  # Markdown shows "&amp;"
    widths = {line.count("|") for line in table.splitlines() if line.startswith("|")}
    assert widths == {5}


def test_the_page_on_settings_is_what_the_settings_say():
    expected = INTRODUCTION + settings_table()
    if os.environ.get("WORDLOOM_WRITE_DOCS"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected, (
        "docs/settings.md is out of date; write it anew with: "
        "WORDLOOM_WRITE_DOCS=1 python -m pytest tests/test_settings.py"
    )

"""The table of architectures: what applies where, and that what is set and plays no part is refused."""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pytest
from sklearn.base import clone

from wordloom import TextClassifier, WordVectors
from wordloom.architectures import ARCHITECTURES, scope, with_ability
from wordloom.corpus import Corpus
from wordloom.errors import UsageError, WordloomWarning
from wordloom.fit import fit
from wordloom.recipes.recipe import recipes
from wordloom.settings import Settings, from_names, settings_table, unused, values_of, without_unused
from wordloom.text_model import TextModel
from wordloom.tuning.space import FAMILIES, space_for

DEFAULT = values_of(Settings())
CORPUS = Corpus(["a good film", "a bad film", "good cast", "bad cast"] * 10, ["pos", "neg"] * 20)
TABLE = WordVectors(["good", "bad", "film"], np.eye(3, 4, dtype=np.float32), name="table")
OTHER = {
    **{"dimensions": 7, "hidden": 3, "units": 3, "layers": 2, "kernel_size": 3, "ngrams": 3, "dropout": 0.3},
    **{"min_documents": 2, "max_ngrams": 9, "max_size": 9_999, "word_dropout": 0.1, "mask_padding": False},
    **{"num_words": 9, "min_count": 2, "max_document_frequency": 0.9, "skip_top": 1, "ids": "imdb"},
    **{"maxlen": 9, "padding": "post", "truncating": "post", "lower": False, "filters": ".", "verbose": 1},
    **{"strip_html": True, "keep_punctuation": True, "strip_accents": True, "split_characters": False},
    **{"normalization": "NFKC", "tokenizer": str.split},
    **{"vectors": TABLE, "trainable": False, "pull_back": 0.1, "unknown_vectors": "random", "threads": 1},
    **{"word_weights": "idf", "optimizer": "sgd", "learning_rate": 0.1, "batch_size": 7, "epochs": 2},
    **{"patience": 1, "validation_split": 0.2, "validation_mode": "tail", "calibrate": False},
    **{"optimize": "macro-f1", "characters": 3, "pooling": "max+min", "solver": "batch"},
    **{"class_weight": "balanced", "random_state": 1, "architecture": "mean"},
}
"""Another value than the default for every setting."""


def test_every_setting_applies_somewhere_and_every_row_names_settings():
    assert set(OTHER) == set(DEFAULT)
    for row in ARCHITECTURES.values():
        assert set(row.settings) <= set(DEFAULT)
        assert set(row.left_open) <= set(DEFAULT)
        assert len(set(row.settings)) == len(row.settings)
    assert set().union(*(row.settings for row in ARCHITECTURES.values())) == set(DEFAULT)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_module_that_a_row_names_has_its_function(architecture):
    row = ARCHITECTURES[architecture]
    assert callable(getattr(importlib.import_module(f"wordloom.fit.{row.module}"), row.function))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_setting_of_other_architectures_is_refused_with_both_names(architecture):
    for name in [name for name in DEFAULT if name != "architecture"]:
        settings = Settings(**{"architecture": architecture, name: OTHER[name]})
        if name in ARCHITECTURES[architecture].settings:
            assert not any("has no effect with" in found.why for found in unused(settings)), name
            continue
        says = rf"{name}=.* has no effect with the architecture '{architecture}'"
        with pytest.raises(UsageError, match=says):
            settings.checked()


def test_all_settings_without_effect_are_named_at_once():
    given = {"hidden": 64, "units": 3, "layers": 9, "word_dropout": 0.9, "optimizer": "sgd", "batch_size": 7}
    with pytest.raises(UsageError) as caught:
        TextClassifier(architecture="ngram", dimensions=7, **given).fit(CORPUS.texts, CORPUS.labels)
    assert all(f"{name}=" in str(caught.value) for name in (*given, "dimensions"))


def test_settings_are_refused_in_fit_and_not_before():
    estimator = TextClassifier(architecture="ngram", hidden=64)
    assert clone(estimator).get_params() == estimator.get_params()
    assert estimator.set_params(hidden=0).fit(CORPUS.texts, CORPUS.labels).classes_.tolist() == ["neg", "pos"]


@pytest.mark.parametrize(
    ("given", "name", "why"),
    [
        ({"architecture": "mean", "tokenizer": str.split, "lower": False}, "lower", "tokenizer"),
        ({"architecture": "mean", "unknown_vectors": "random"}, "unknown_vectors", "no pretrained vectors"),
        ({"architecture": "mean", "truncating": "post"}, "truncating", "no text is cut"),
        ({"solver": "batch", "architecture": "ngram", "dropout": 0.5}, "dropout", "lowest loss of all texts"),
        ({"solver": "batch", "architecture": "ngram", "epochs": 3}, "epochs", "leave the solver out"),
        ({"solver": "batch", "architecture": "ngram", "learning_rate": 1.0}, "learning_rate", "not by steps"),
        ({"architecture": "mean", "padding": "post"}, "padding", "mask_padding"),
        (
            {"architecture": "ngram", "validation_split": 0, "validation_mode": "tail"},
            "validation_mode",
            "held out",
        ),
        ({"architecture": "mean", "trainable": False, "pull_back": 1.0}, "pull_back", "do not learn"),
        (
            {"architecture": "mean", "vectors": TABLE, "trainable": False, "batch_size": 7},
            "batch_size",
            "solved",
        ),
        ({"architecture": "max", "vectors": TABLE, "trainable": False, "dropout": 0.5}, "dropout", "solved"),
    ],
)
def test_a_setting_that_another_leaves_without_a_part_is_refused_with_the_reason(given, name, why):
    settings = from_names(given)
    with pytest.raises(UsageError, match=f"{name}=.*plays no part in the architecture .*{why}"):
        settings.checked()
    rest = without_unused(settings)
    assert getattr(rest, name) == DEFAULT[name]
    assert rest.checked().architecture == given["architecture"]


def test_asking_for_nothing_is_fulfilled_where_there_is_nothing():
    Settings(architecture="documents", validation_split=0, patience=None, dropout=0.0).checked()
    Settings(
        architecture="mean", vectors=TABLE, trainable=False, validation_split=0.0, calibrate=False
    ).checked()


def test_what_auto_chose_is_said_when_a_setting_is_refused():
    with pytest.raises(UsageError) as caught:
        fit(CORPUS, Settings(units=64))
    said = str(caught.value)
    assert "units=64 has no effect with the architecture 'ngram'; it is for lstm, gru, bilstm, cnn" in said
    assert "architecture='auto' chose it: 40 labelled texts are few" in said
    assert "--architecture" in said


def test_dimensions_that_are_not_those_of_the_vectors_are_refused():
    settings = {"architecture": "mean", "vectors": TABLE, "random_state": 0, "epochs": 1}
    with pytest.raises(
        UsageError, match=r"dimensions=7 plays no part: the vectors given have 4 numbers each"
    ):
        fit(CORPUS, Settings(dimensions=7, **settings))
    assert fit(CORPUS, Settings(dimensions=4, **settings)).network.shape.dimensions == 4


def test_a_patience_that_waits_for_nothing_is_told():
    settings = {"architecture": "mean", "validation_split": 0, "epochs": 2, "random_state": 0}
    with pytest.warns(WordloomWarning, match="patience=7 plays no part: no texts are held out"):
        fit(CORPUS, Settings(patience=7, **settings))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(CORPUS, Settings(patience=None, **settings))


@pytest.mark.slow
def test_few_labels_and_vectors_are_trained_by_steps_if_a_setting_asks_for_steps():
    solved = fit(CORPUS, Settings(vectors=TABLE, random_state=0))
    assert solved.record["settings"]["optimizer"] == "convex"
    stepped = fit(CORPUS, Settings(vectors=TABLE, batch_size=7, random_state=0))
    assert (stepped.record["settings"]["optimizer"], stepped.record["settings"]["batch_size"]) == ("adam", 7)


def test_a_saved_model_with_records_of_other_settings_still_loads(tmp_path):
    model = fit(CORPUS, Settings(architecture="ngram", random_state=0))
    record = {**model.record, "settings": {**model.record["settings"], "hidden": 64, "units": 3}}
    model.with_record(**record).save(tmp_path / "old")
    loaded = TextModel.load(tmp_path / "old")
    np.testing.assert_array_equal(loaded.predict_proba(CORPUS.texts), model.predict_proba(CORPUS.texts))


@pytest.mark.parametrize("name", recipes())
def test_recipes_set_only_what_applies(name):
    assert unused(recipes()[name].settings) == []


@pytest.mark.parametrize("fixed", [{}, {"ngrams": 3}, {"dimensions": 8}, {"architecture": "documents"}])
def test_a_search_tries_only_what_applies(fixed):
    space = space_for(CORPUS, fixed)
    for settings in (*space.starting_points(), *(space.candidate(number, 0) for number in range(60))):
        settings.checked()
        assert all(getattr(settings, name) == value for name, value in fixed.items())
    assert len(space_for(CORPUS, {"ngrams": 3}).families) == 1
    assert len(space_for(CORPUS, {}).families) == len(FAMILIES)


def test_a_search_for_settings_that_no_architecture_has_together_is_refused():
    with pytest.raises(
        UsageError, match="No architecture that is searched has ngrams and dimensions together"
    ):
        space_for(CORPUS, {"ngrams": 3, "dimensions": 8})


def test_the_page_says_where_a_setting_applies():
    table = settings_table()
    assert "| `ngrams` | `auto` | ngram |" in table
    assert "| `lower` | `True` | all |" in table
    assert "| `hidden` | `0` | all but ngram, documents |" in table
    assert scope("kernel_size") == "cnn"
    assert with_ability("streams") == ["ngram"]

"""Frozen word vectors under a convex output layer, and the words' weights in their mean."""

from __future__ import annotations

import json

import numpy as np
import pytest

from products import product
from wordloom import TextClassifier, TextModel, WordVectors
from wordloom.corpus import Corpus
from wordloom.errors import UsageError
from wordloom.fit import FitInput, fit
from wordloom.settings import Settings
from wordloom.text.conventions import IdConvention
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.initial_embedding import SIF_CONSTANT, word_weights

GOOD, BAD = ["fine", "good", "lovely"], ["bad", "awful", "dull"]


def corpus(n: int = 60, classes: int = 2) -> Corpus:
    rng = np.random.default_rng(0)
    sides = (GOOD, BAD, ["film", "actor"])[:classes]
    texts = [" ".join(rng.choice(sides[i % classes], 3)) + " the the film" for i in range(n)]
    return Corpus(texts, [("pos", "neg", "other")[i % classes] for i in range(n)])


def table() -> WordVectors:
    words = (*GOOD, *BAD, "the", "actor")
    return WordVectors(words, np.random.default_rng(1).normal(size=(len(words), 6)), name="table")


def fitted(given: Corpus | None = None, extra: FitInput | None = None, **settings):
    values = {"architecture": "mean", "vectors": table(), "trainable": False, "random_state": 0} | settings
    return fit(given or corpus(), Settings(**values), extra)


every_case = product(
    lambda architecture, classes: (classes == "3") == (architecture == "max"),
    architecture=["mean", "max", "pooled"],
    classes=[2, 3],
)


@pytest.mark.slow
@every_case
def test_it_learns_and_the_vectors_stay_the_tables_own(classes, architecture):
    data = corpus(90, classes)
    model = fitted(data, architecture=architecture)
    assert model.predict(data.texts) == data.labels
    learned, given = model.vectors(), table()
    for word in GOOD + BAD:
        np.testing.assert_array_equal(learned[word], given[word])
    settings = model.record["settings"]
    assert settings["optimizer"] == "convex"
    assert settings["word_weights"] == ("sif" if architecture == "mean" else "none")
    assert model.record["head"]["cross_validation"]["accuracy"] > 0.9
    assert len(model.history) == 1


def test_the_logits_are_the_weighted_mean_under_the_output_layer():
    model, given = fitted(), table()
    ids = model.encode(["good dull the the zebra film"])
    weights = model.network.word_weights
    rows = np.stack([w * model.network.embedding[i] for i, w in zip(ids[0], weights[ids[0]], strict=True)])
    np.testing.assert_allclose(model.network.features(ids)[0], rows.mean(axis=0), rtol=1e-5, atol=1e-6)
    assert len(ids[0]) == 5  # the zebra was never seen; the film is known without a vector
    parameters = model.network.parameters
    expected = rows.mean(axis=0) @ parameters.output.T + parameters.output_bias
    np.testing.assert_allclose(model.network.logits(ids)[0], expected, rtol=1e-4, atol=1e-5)
    assert given["good"] @ given["good"] > 0


@pytest.mark.slow
@pytest.mark.blas
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@every_case
def test_an_answer_does_not_depend_on_the_other_texts(architecture, classes, kernels, monkeypatch):
    model = fitted(corpus(90, classes), architecture=architecture)
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    texts = ["", "zebra", "good", *corpus(40).texts]
    together = model.predict_proba(texts)
    for row, text in enumerate(texts):
        np.testing.assert_array_equal(model.predict_proba([text])[0], together[row])


def test_weights_of_words_by_hand():
    convention = IdConvention(unknown=1)
    vocabulary = Vocabulary(["a", "b", "c"], np.array([90, 9, 1]), np.array([10, 5, 0]), 10, convention)
    first = convention.index_from + 1
    sif = word_weights("sif", vocabulary)
    np.testing.assert_allclose(sif[first:], [SIF_CONSTANT / (SIF_CONSTANT + p) for p in (0.9, 0.09, 0.01)])
    np.testing.assert_allclose(word_weights("idf", vocabulary)[first:], [0, np.log(2), np.log(10)], rtol=1e-6)
    assert (sif[:first] == 1).all()
    assert len(sif) == vocabulary.size
    assert word_weights("none", vocabulary) is None


def test_weighted_models_are_saved_and_loaded_whole(tmp_path):
    model = fitted()
    model.save(tmp_path / "model")
    loaded = TextModel.load(tmp_path / "model")
    texts = [*corpus().texts, "", "zebra", "good", "good " * 500, "größe 漢字"]
    np.testing.assert_array_equal(loaded.predict_proba(texts), model.predict_proba(texts))
    np.testing.assert_array_equal(loaded.vectors()["good"], table()["good"])
    effects = loaded.explain("good the film zebra", "pos").words
    assert effects[0].effect > 0
    assert effects[3].effect == 0
    json.dumps(model.record)


def test_steps_on_frozen_weighted_vectors_leave_the_vectors_as_they_are():
    model = fitted(optimizer="adam", word_weights="idf", epochs=20, learning_rate=0.1, validation_split=0)
    np.testing.assert_array_equal(model.vectors()["dull"], table()["dull"])
    assert model.predict(corpus().texts) == corpus().labels


@pytest.mark.parametrize(
    "settings",
    [{"hidden": 4}, {"epochs": 2}, {"learning_rate": 0.1}, {"trainable": True}, {"architecture": "flatten"}],
)
def test_networks_that_need_steps_get_adam(settings):
    record = fitted(**({"epochs": 1} | settings)).record["settings"]
    assert record["optimizer"] == "adam"
    assert record["word_weights"] == "none"


@pytest.mark.parametrize(
    "settings", [{"hidden": 4}, {"trainable": True}, {"architecture": "flatten"}, {"vectors": None}]
)
def test_what_does_not_go_together_is_refused(settings):
    with pytest.raises(UsageError, match="optimizer='convex' solves for the output layer over frozen"):
        fitted(optimizer="convex", **settings)
    with pytest.raises(
        UsageError,
        match=r"optimizer='convex'|word_weights='sif' (weighs the mean|has no effect .* it is for mean)",
    ):
        fitted(word_weights="sif", **({"hidden": 0} | settings | {"trainable": True}))


@pytest.mark.slow
def test_texts_for_validation_are_scored_and_not_learned_from():
    alone, beside = fitted(), fitted(extra=FitInput(validation=corpus(20)))
    np.testing.assert_array_equal(alone.network.parameters.output, beside.network.parameters.output)
    assert beside.history.history["val_accuracy"] == [1.0]
    assert beside.record["data"]["validated_on"] == 20
    assert beside.record["data"]["trained_on"] == 60


def test_weights_of_texts_count():
    data = Corpus(["good", "good", "bad", "bad"] * 10, ["pos", "neg", "neg", "neg"] * 10)
    heavy = [5.0, 1.0, 1.0, 1.0] * 10
    plain, weighted = fitted(data), fitted(data, FitInput(sample_weight=heavy))
    column = plain.labels.index("pos")
    chance = [model.predict_proba(["good"])[0, column] for model in (plain, weighted)]
    assert chance[0] < 0.6 < chance[1]


def test_few_texts_and_texts_without_words():
    data = Corpus(["good", "bad", "", "zebra"], ["pos", "neg", "neg", "pos"])
    model = fitted(data)
    assert np.isfinite(model.predict_proba(["", "good", "unheard"])).all()


def test_the_estimator_chooses_the_convex_output_layer_too():
    data = corpus()
    classifier = TextClassifier(architecture="mean", vectors=table(), trainable=False, random_state=0)
    assert classifier.fit(data.texts, data.labels).score(data.texts, data.labels) == 1.0
    assert "head" in classifier.model_.record

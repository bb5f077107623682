"""Estimators that learn on by scikit-learn's `partial_fit`."""

from __future__ import annotations

import random

import numpy as np
import pytest

from wordloom import TextClassifier, TextRegressor
from wordloom.errors import DataError, UsageError, WordloomWarning

WORD_OF = {"good": "lovely", "bad": "awful", "music": "song"}
OLD, NEW = ["good", "bad"] * 40, ["music", "good", "bad"] * 15
SETTINGS = {"architecture": "ngram", "characters": 0, "epochs": 8, "random_state": 1}


def texts_of(labels, seed=0):
    rng = random.Random(seed)
    return [" ".join([*rng.sample(["the", "film", "was", "a", "plot"], 3), WORD_OF[name]]) for name in labels]


@pytest.fixture
def classifier():
    return TextClassifier(**SETTINGS).partial_fit(texts_of(OLD), OLD)


def test_the_first_call_fits(classifier):
    whole = TextClassifier(**SETTINGS).fit(texts_of(OLD), OLD)
    assert np.array_equal(classifier.predict_proba(texts_of(NEW)), whole.predict_proba(texts_of(NEW)))


def test_later_calls_learn_on_and_new_labels_come_in(classifier):
    assert classifier.partial_fit(texts_of(NEW, 5), NEW) is classifier
    assert classifier.classes_.tolist() == ["bad", "good", "music"]
    asked = ["good", "bad", "music"] * 4
    assert classifier.predict(texts_of(asked, 9)).tolist() == asked
    assert classifier.model_.record["data"]["texts"] == len(OLD) + len(NEW)
    assert classifier.partial_fit(texts_of(OLD, 6), OLD).classes_.tolist() == ["bad", "good", "music"]


def test_fit_begins_anew(classifier):
    classifier.partial_fit(texts_of(NEW, 5), NEW).fit(texts_of(OLD), OLD)
    assert classifier.classes_.tolist() == ["bad", "good"]
    assert "updates" not in classifier.model_.record


def test_labels_keep_their_own_type():
    numbers = {"good": 7, "bad": 3, "music": 5}
    classifier = TextClassifier(**SETTINGS)
    for names in (OLD, NEW):
        classifier.partial_fit(texts_of(names), np.array([numbers[name] for name in names], dtype=np.int16))
    assert classifier.classes_.tolist() == [3, 5, 7]
    assert classifier.classes_.dtype.kind == "i"


def test_a_label_that_is_not_among_the_classes_is_refused(classifier):
    with pytest.raises(DataError, match="'music' is not among classes"):
        classifier.partial_fit(texts_of(NEW), NEW, classes=["good", "bad"])
    classifier.partial_fit(texts_of(NEW), NEW, classes=["good", "bad", "music"])


def test_settings_of_how_it_learns_may_change_in_between_and_others_are_refused(classifier):
    classifier.set_params(epochs=3).partial_fit(texts_of(NEW), NEW)
    assert len(classifier.history_) == 3
    with pytest.raises(UsageError, match=r"with the settings of its training, .*: leave out ngrams,"):
        classifier.set_params(ngrams=4).partial_fit(texts_of(NEW), NEW)


def test_an_architecture_that_does_not_learn_on_says_so_at_the_second_call():
    classifier = TextClassifier(architecture="documents", dimensions=4, epochs=1)
    classifier.partial_fit(texts_of(OLD), OLD)
    with pytest.raises(UsageError, match="does not learn on"):
        classifier.partial_fit(texts_of(NEW), NEW)


def test_indicator_matrices_learn_on_with_their_columns():
    matrix = np.array([[name == "good", name == "bad"] for name in OLD], dtype=int)
    classifier = TextClassifier(**SETTINGS).partial_fit(texts_of(OLD), matrix)
    assert classifier.partial_fit(texts_of(OLD, 2), matrix).predict(texts_of(OLD)).shape == matrix.shape
    with pytest.raises(DataError, match="should have the 2 columns"):
        classifier.partial_fit(texts_of(OLD), np.hstack([matrix, matrix]))
    with pytest.raises(DataError, match="give the same kind"):
        classifier.partial_fit(texts_of(OLD), [[name] for name in OLD])


def test_grades_learn_on():
    regressor = TextRegressor(**SETTINGS).partial_fit(texts_of(OLD), [float(name == "good") for name in OLD])
    before = regressor.predict(texts_of(["music"]))[0]
    names = ["music", "bad"] * 20
    regressor.partial_fit(texts_of(names, 3), [float(name == "music") for name in names])
    assert regressor.predict(texts_of(["music"]))[0] > before


def test_callbacks_and_weights_reach_the_learning_on(classifier):
    with pytest.raises(UsageError, match="callback"):
        classifier.partial_fit(texts_of(NEW), NEW, callbacks=["no callback"])
    weights = [float(name != "music") for name in NEW]
    with pytest.warns(WordloomWarning, match="'music' has the sample_weight 0"):
        classifier.partial_fit(texts_of(NEW), NEW, sample_weight=weights)
    assert classifier.classes_.tolist() == ["bad", "good"]

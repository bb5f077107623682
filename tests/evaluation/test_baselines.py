"""Baselines: the most frequent class or set, the mean grade, and TF-IDF with linear models."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.evaluation.baselines import (
    Baseline,
    majority,
    majority_set,
    mean_grade,
    tfidf_logistic_regression,
    tfidf_one_vs_rest,
    tfidf_ridge,
)
from wordloom.evaluation.intervals import wilson_interval

TRAIN = Corpus(
    [
        "a great film",
        "great acting, great cast",
        "wunderschön und great",
        "a dull film",
        "dull, dull plot",
        "",
    ],
    ["pos", "pos", "pos", "neg", "neg", "neg"],
    name="reviews",
)


def test_majority_by_hand():
    baseline = majority(np.array([0, 2, 2, 1]), np.array([2, 2, 2, 0, 1]), 3)
    assert baseline.name == "majority"
    assert baseline.accuracy == 0.6
    assert baseline.accuracy_interval == wilson_interval(3, 5)
    assert baseline.macro_f1 == pytest.approx(0.75 / 3)  # class 2: precision 3/5, recall 1; the others 0
    assert baseline.seconds >= 0


def test_majority_takes_the_first_of_equal_classes_and_looks_at_training_only():
    assert majority(np.array([1, 0, 2, 1, 0]), np.array([0, 2, 2, 2]), 3).accuracy == 0.25
    assert majority(np.array([1]), np.array([0, 0]), 2).accuracy == 0.0


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (np.zeros(0, int), np.zeros(1, int), "training targets have the shape"),
        (np.zeros(1, int), np.zeros(0, int), "test targets have the shape"),
        (np.array([0, 2]), np.array([0]), "training targets must be class numbers, integers from 0 to 1"),
        (np.array([0]), np.array([-2]), "test targets must be"),
        (np.array(["a"]), np.array([0]), "integers"),
    ],
)
def test_majority_refuses(train, test, message):
    with pytest.raises(DataError, match=message):
        majority(train, test, 2)


def test_tfidf_learns_words():
    test = Corpus(["great", "the dull one", "GREAT fun"], ["pos", "neg", "pos"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        baseline = tfidf_logistic_regression(TRAIN, test)
    assert baseline.name == "TF-IDF + logistic regression"
    assert baseline.accuracy == 1.0
    assert baseline.accuracy_interval == wilson_interval(3, 3)
    assert baseline.seconds > 0


def test_tfidf_equals_the_same_made_by_hand():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(5)
    texts = [" ".join(f"w{i}" for i in rng.integers(0, 30, rng.integers(0, 9))) for _ in range(300)]
    labels = [("x", "y", "z")[sum(map(ord, text)) % 3] for text in texts]
    train, test = Corpus(texts[:200], labels[:200]), Corpus(texts[200:], labels[200:])
    expected = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000)).fit(
        train.texts, train.labels
    )
    baseline, predicted = tfidf_logistic_regression(train, test), expected.predict(test.texts)
    assert baseline.accuracy == expected.score(test.texts, test.labels)
    assert baseline.macro_f1 == pytest.approx(f1_score(test.labels, predicted, average="macro"))


def test_tfidf_counts_unknown_labels_and_wordless_texts():
    test = Corpus(["great", "great", "", "?!"], ["pos", "unheard of", "unheard of", "unheard of"])
    assert tfidf_logistic_regression(TRAIN, test).accuracy == 0.25


def test_tfidf_takes_integer_labels_and_odd_strings():
    train = Corpus(["good day", "bad day"], [1, 0])
    assert tfidf_logistic_regression(train, Corpus(["good", "bad"], [1, 0])).accuracy == 1.0
    odd = Corpus(["good day", "bad day"], ["a", "a\0"])
    assert tfidf_logistic_regression(odd, odd).accuracy == 1.0


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (Corpus([], [], name="nothing"), TRAIN, "nothing: no training texts"),
        (TRAIN, Corpus([], [], name="nothing"), "nothing: no test texts"),
        (Corpus(["aa", "bb"], ["x", "x"], name="same"), TRAIN, "same: all training texts have the label 'x'"),
        (Corpus(["", "a ! b"], ["x", "y"], name="bare"), TRAIN, "bare: .*words of two or more letters"),
    ],
)
def test_tfidf_refuses(train, test, message):
    with pytest.raises(DataError, match=message):
        tfidf_logistic_regression(train, test)


def test_to_config_is_plain_json():
    config = Baseline("majority", 0.5, (0.25, 0.75), 0.25, 0.1).to_config()
    assert json.loads(json.dumps(config)) == config
    assert config == {
        "name": "majority",
        "accuracy": 0.5,
        "accuracy_interval": [0.25, 0.75],
        "macro_f1": 0.25,
        "seconds": 0.1,
    }


SETS = Corpus(TRAIN.texts * 4, [["good"], ["good", "cast"], ["good"], ["bad"], ["bad", "cast"], []] * 4)


def test_the_most_frequent_set_by_hand() -> None:
    test = np.array([[0, 0, 1], [1, 0, 1]], dtype=bool)
    baseline = majority_set(SETS.indicators(SETS.classes), test, SETS.classes)
    assert baseline.name == "most frequent set"
    assert baseline.scores.subset_accuracy == 0.5
    assert baseline.scores.micro_f1 == pytest.approx(2 * 2 / (2 + 3))
    assert baseline.scores.f1.tolist() == [0, 0, 1]
    train = np.array([[0, 0], [0, 0], [1, 0]], dtype=bool)
    none = majority_set(train, train[1:], ["a", "b"])
    assert (none.scores.subset_accuracy, none.scores.micro_f1) == (0.5, 0.0)


@pytest.mark.slow
def test_one_vs_rest_learns_words() -> None:
    test = Corpus(["great", "the dull one", "great fun"], [["good"], ["bad"], ["good"]])
    baseline = tfidf_one_vs_rest(SETS, test, SETS.classes)
    assert baseline.scores.f1[[0, 2]].tolist() == [1, 1]
    assert json.loads(json.dumps(baseline.to_config()))["micro_f1"] == baseline.scores.micro_f1
    everywhere = Corpus(TRAIN.texts, [["a", *each] for each in SETS.labels[:6]])
    found = tfidf_one_vs_rest(everywhere, everywhere, [*everywhere.classes, "never"])
    assert found.scores.recall[0] == 1
    assert found.scores.guesses[-1] == 0


def test_the_mean_grade_by_hand() -> None:
    baseline = mean_grade(np.array([1.0, 2, 6]), np.array([3.0, 5]))
    assert (baseline.name, baseline.scores.mae, baseline.scores.spearman) == ("mean grade", 1.0, 0.0)


def test_ridge_regression_learns_words() -> None:
    graded = Corpus(TRAIN.texts, [5, 5, 4, 1, 1, 3], target="graded")
    baseline = tfidf_ridge(graded, Corpus(["great", "fun", "dull"], [5, 3, 1], target="graded"))
    assert baseline.scores.spearman == 1.0
    assert baseline.scores.auc == 1.0
    with pytest.raises(DataError, match="no test texts"):
        tfidf_ridge(graded, graded.subset([]))

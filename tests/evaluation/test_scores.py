"""Scores: a hand-worked example, scikit-learn's figures on random data, and what is refused."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.evaluation.intervals import wilson_interval
from wordloom.evaluation.scores import Scores, class_f1, score

PROBABILITIES = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.5, 0.5], [0.75, 0.25]])
TARGETS = np.array([0, 1, 1, 0, 0])


def random_case(seed: int, n: int, classes: int, missing: int | None = None):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), n)
    targets = rng.integers(0, classes, n)
    if missing is not None:
        targets[targets == missing] = (missing + 1) % classes
        probabilities[:, missing] = 0
        probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities, targets


def test_by_hand():
    """Predicted 0 0 1 0 0 (of equal ones the first), true 0 1 1 0 0: four of five right.

    neg: precision 3/4, recall 3/3, F1 6/7; pos: precision 1/1, recall 1/2, F1 2/3.
    """
    scores = score(PROBABILITIES, TARGETS, ["neg", "pos"])
    assert scores.n == 5
    assert scores.accuracy == 0.8
    assert scores.accuracy_interval == wilson_interval(4, 5)
    assert scores.confusion.tolist() == [[3, 0], [1, 1]]
    assert scores.confusion.dtype == np.int64
    assert scores.precision.tolist() == [0.75, 1.0]
    assert scores.recall.tolist() == [1.0, 0.5]
    assert scores.f1 == pytest.approx([6 / 7, 2 / 3], abs=1e-15)
    assert scores.support.tolist() == [3, 2]
    assert scores.macro_f1 == pytest.approx((6 / 7 + 2 / 3) / 2, abs=1e-15)
    assert scores.log_loss == pytest.approx(-math.log(0.9 * 0.4 * 0.8 * 0.5 * 0.75) / 5, abs=1e-15)


@pytest.mark.parametrize(
    ("n", "classes", "missing"), [(1, 2, None), (200, 2, None), (500, 6, None), (60, 50, None), (300, 4, 2)]
)
def test_equals_scikit_learn(n, classes, missing):
    metrics = pytest.importorskip("sklearn.metrics")
    probabilities, targets = random_case(n + classes, n, classes, missing)
    labels = list(range(classes))
    scores = score(probabilities, targets, labels)
    predicted = probabilities.argmax(axis=1)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        targets, predicted, labels=labels, zero_division=0
    )
    assert scores.accuracy == pytest.approx(metrics.accuracy_score(targets, predicted))
    assert scores.confusion.tolist() == metrics.confusion_matrix(targets, predicted, labels=labels).tolist()
    assert scores.precision == pytest.approx(precision)
    assert scores.recall == pytest.approx(recall)
    assert scores.f1 == pytest.approx(f1)
    assert scores.support.tolist() == support.tolist()
    macro = metrics.f1_score(targets, predicted, labels=labels, average="macro", zero_division=0)
    assert scores.macro_f1 == pytest.approx(macro)
    assert scores.log_loss == pytest.approx(metrics.log_loss(targets, probabilities, labels=labels))


def test_printed_scores_show_accuracy_and_macro_f1():
    shown = repr(score(PROBABILITIES, TARGETS, ["neg", "pos"]))
    assert shown == "<Scores on 5 texts: accuracy 0.8000, macro F1 0.7619, log loss 0.4451>"


def test_the_f1_of_classes_counts_targets_without_a_class_as_wrong():
    predicted, targets = np.array([0, 1, 1, 0]), np.array([0, 1, -1, -1])
    assert class_f1(predicted, targets, 3) == pytest.approx([2 / 3, 2 / 3, 0])


def test_counts_add_up():
    probabilities, targets = random_case(3, 1000, 7)
    scores = score(probabilities, targets, list("abcdefg"))
    assert scores.confusion.sum() == scores.n == 1000
    assert scores.support.tolist() == np.bincount(targets, minlength=7).tolist()
    assert np.average(scores.recall, weights=scores.support) == pytest.approx(scores.accuracy)


def test_nothing_predicted_or_nothing_there_is_zero():
    scores = score(np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]), np.array([0, 1]), ["a", "b", "c"])
    assert scores.precision.tolist() == [0.5, 0.0, 0.0]
    assert scores.recall.tolist() == [1.0, 0.0, 0.0]
    assert scores.f1 == pytest.approx([2 / 3, 0, 0])
    assert scores.macro_f1 == pytest.approx(2 / 9)


def test_log_loss_of_certain_answers():
    certain = np.array([[1.0, 0.0]])
    assert score(certain, np.array([0]), [0, 1]).log_loss == 0.0
    assert math.copysign(1, score(certain, np.array([0]), [0, 1]).log_loss) == 1
    assert score(certain, np.array([1]), [0, 1]).log_loss == pytest.approx(-math.log(1e-15))


def test_to_config_is_plain_json_with_stable_keys():
    config = score(PROBABILITIES, TARGETS.astype(np.int32), np.array(["schlecht", "großartig"])).to_config()
    assert list(config) == [
        "accuracy",
        "accuracy_interval",
        "macro_f1",
        "log_loss",
        "n",
        "labels",
        "confusion",
        "per_class",
        "calibration",
    ]
    assert json.loads(json.dumps(config, allow_nan=False)) == config
    assert config["labels"] == ["schlecht", "großartig"]
    assert config["confusion"] == [[3, 0], [1, 1]]
    assert config["per_class"][1] == {
        "label": "großartig",
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "support": 2,
    }


@pytest.mark.parametrize("labels", [np.array([3, 7]), [np.int64(3), np.int64(7)], (3, 7)])
def test_integer_labels_stay_integers(labels):
    config = score(PROBABILITIES, TARGETS, labels).to_config()
    assert config["labels"] == [3, 7]
    assert [type(label) for label in config["labels"]] == [int, int]


def test_float32_probabilities_are_summed_in_float64():
    exact = score(PROBABILITIES, TARGETS, [0, 1])
    single = score(PROBABILITIES.astype(np.float32), TARGETS, [0, 1])
    assert single.log_loss == pytest.approx(exact.log_loss, rel=1e-6)
    assert single.confusion.tolist() == exact.confusion.tolist()


def test_cannot_be_changed():
    scores = score(PROBABILITIES, TARGETS, [0, 1])
    with pytest.raises(ValueError, match="read-only"):
        scores.confusion[0, 0] = 9
    with pytest.raises(AttributeError):
        scores.log_loss = 0.0  # type: ignore[misc]
    assert isinstance(scores, Scores)


@pytest.mark.parametrize(
    ("probabilities", "targets", "labels", "message"),
    [
        (np.zeros((0, 2)), np.zeros(0, int), [0, 1], "no documents to score"),
        (PROBABILITIES, TARGETS[:4], [0, 1], r"2 labels, .*\(5, 2\).*\(4,\) do not fit"),
        (PROBABILITIES, TARGETS, ["a", "b", "c"], "3 labels"),
        (PROBABILITIES[:, 0], TARGETS, [0], "do not fit together"),
        (PROBABILITIES, TARGETS.astype(float), [0, 1], "integers"),
        (PROBABILITIES, np.array([0, 1, 2, 0, 0]), [0, 1], "row 2: target 2 is no class; expected 0 to 1"),
        (PROBABILITIES, np.array([0, -1, 1, 0, 0]), [0, 1], "row 1: target -1"),
        (PROBABILITIES * [1, np.nan], TARGETS, [0, 1], r"row 0: .*nan.* learning rate"),
        (np.array([[0.5, 0.5], [3.0, -2.0]]), TARGETS[:2], [0, 1], "row 1: .*not probabilities"),
        (np.array([[0.5, 0.5], [0.5, 0.4]]), TARGETS[:2], [0, 1], "row 1"),
        (np.array([[0.5, 0.5], [np.inf, 0.0]]), TARGETS[:2], [0, 1], "row 1"),
    ],
)
def test_refused(probabilities, targets, labels, message):
    with pytest.raises(DataError, match=message):
        score(probabilities, targets, labels)


def test_evaluation_imports_nothing_heavy():
    check = (
        "import sys; from wordloom.evaluation import scores, intervals, baselines, comparisons; "
        "print({'sklearn', 'scipy', 'numba'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_rare_labels_are_those_with_less_than_half_of_an_equal_share():
    targets = np.repeat([0, 1, 2], [60, 9, 10])
    scores = score(np.eye(4)[targets], targets, ["often", "rarest", "rare", "never"])
    assert scores.rare == [("rarest", 9), ("rare", 10)]
    assert score(np.eye(2)[[0, 0, 0, 1]], np.array([0, 0, 0, 1]), ["a", "b"]).rare == []


def test_the_most_frequent_mistakes_stand_first_and_right_answers_are_none():
    p = np.eye(3)[[0, 1, 1, 2, 2, 2, 0]]
    scores = score(p, np.array([0, 0, 0, 2, 1, 0, 0]), ["a", "b", "c"])
    assert scores.most_confused(5) == [(0, 1, 2), (0, 2, 1), (1, 2, 1)]
    assert scores.most_confused(1) == [(0, 1, 2)]

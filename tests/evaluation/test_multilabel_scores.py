"""Scores of several labels a text: those of scikit-learn, and fastText's at k."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from wordloom.errors import DataError
from wordloom.evaluation.multilabel_scores import AtK, at_k, score_multilabel

pytestmark = pytest.mark.filterwarnings("ignore:.*ill-defined")


def random_texts(seed: int, n: int = 40, labels: int = 5, digits: int = 1):
    rng = np.random.default_rng(seed)
    p = rng.random((n, labels)).round(digits)
    return p, rng.random((n, labels)) < p * 0.6


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("digits", [1, 9], ids=["with ties", "without"])
def test_scores_are_those_of_scikit_learn(seed: int, digits: int) -> None:
    p, true = random_texts(seed, digits=digits)
    thresholds = np.array([0.2, 0.5, 0.4, 0.9, 0.3])
    predicted = p >= thresholds
    scores = score_multilabel(p, true, list("abcde"), thresholds)
    for average, found in (("micro", scores.micro_f1), ("macro", scores.macro_f1), (None, scores.f1)):
        assert found == pytest.approx(metrics.f1_score(true, predicted, average=average, zero_division=0))
    assert scores.micro_precision == pytest.approx(metrics.precision_score(true, predicted, average="micro"))
    assert scores.micro_recall == pytest.approx(metrics.recall_score(true, predicted, average="micro"))
    assert scores.precision == pytest.approx(
        metrics.precision_score(true, predicted, average=None, zero_division=0)
    )
    assert scores.recall == pytest.approx(
        metrics.recall_score(true, predicted, average=None, zero_division=0)
    )
    assert scores.subset_accuracy == pytest.approx(metrics.accuracy_score(true, predicted))
    assert scores.hamming_loss == pytest.approx(metrics.hamming_loss(true, predicted))
    assert scores.ranking_precision == pytest.approx(metrics.label_ranking_average_precision_score(true, p))
    inside = np.clip(p, 1e-15, 1 - 1e-15)
    losses = [metrics.log_loss(true[:, i], inside[:, i], labels=[False, True]) for i in range(5)]
    assert scores.log_loss == pytest.approx(np.mean(losses), rel=1e-3)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 8))
def test_ranking_precision_of_any_texts(seed: int, labels: int, n: int) -> None:
    p, true = random_texts(seed, n, labels)
    found = score_multilabel(p, true, list(range(labels))).ranking_precision
    # scikit-learn takes one label for a column of classes
    expected = 1.0 if labels == 1 else metrics.label_ranking_average_precision_score(true, p)
    assert found == pytest.approx(expected)


def fasttext_meter(p, true, k: int, threshold: float) -> AtK:
    """What `Meter::log` adds up, text by text; `test` passes over texts without a label."""
    hits = given = gold = 0
    for row, labels in zip(p, true, strict=True):
        if not labels.any():
            continue
        likeliest = sorted(range(len(row)), key=lambda label: (-row[label], label))[:k]
        predictions = [label for label in likeliest if row[label] >= threshold]
        given, gold = given + len(predictions), gold + int(labels.sum())
        hits += sum(bool(labels[label]) for label in predictions)
    return AtK(k, threshold, hits, given, gold)


@pytest.mark.parametrize("k", [1, 2, 5, 9])
@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.1])
def test_precision_and_recall_at_k_are_fasttexts(k: int, threshold: float) -> None:
    p, true = random_texts(7)
    true[:10] = False
    found = at_k(p, true, k, threshold)
    assert found == fasttext_meter(p, true, k, threshold)
    assert found.precision == (found.hits / found.given if found.given else 0)
    assert found.recall == found.hits / true.sum()


def test_at_one_of_texts_with_one_label_is_accuracy() -> None:
    p, _ = random_texts(3, digits=9)
    targets = np.random.default_rng(0).integers(0, 5, len(p))
    found = at_k(p, np.eye(5, dtype=bool)[targets], 1)
    assert found.precision == found.recall == (p.argmax(axis=1) == targets).mean()


def test_labels_that_the_model_does_not_have_are_missed() -> None:
    p, true = np.array([[0.9, 0.1], [0.9, 0.9]]), np.array([[True, False], [True, True]])
    whole = score_multilabel(p, true, ["a", "b"])
    assert (whole.micro_f1, whole.subset_accuracy) == (1.0, 1.0)
    scores = score_multilabel(p, true, ["a", "b"], unknown=np.array([1, 0]))
    assert scores.micro_recall == scores.hits.sum() / 4
    assert scores.micro_precision == 1.0
    assert scores.subset_accuracy == 0.5
    assert scores.at_k[-1].recall == 0.75
    assert scores.to_config()["unknown_labels"] == 1


def test_scores_as_plain_values() -> None:
    scores = score_multilabel(*random_texts(1), list("abcde"))
    found = json.loads(json.dumps(scores.to_config()))
    assert found["micro_f1"] == scores.micro_f1
    assert [row["label"] for row in found["per_label"]] == list("abcde")
    assert [at["k"] for at in found["at_k"]] == [1, 3, 5]
    assert "micro F1" in repr(scores)
    assert [at.k for at in score_multilabel(*random_texts(1, labels=2), ["a", "b"]).at_k] == [1, 2]


def test_what_cannot_be_scored_is_refused() -> None:
    p, true = random_texts(0)
    with pytest.raises(DataError, match=r"3 labels, probabilities of the shape \(40, 5\)"):
        score_multilabel(p, true, list("abc"))
    with pytest.raises(DataError, match="no documents"):
        score_multilabel(p[:0], true[:0], list("abcde"))
    for value in (np.nan, -0.1, 1.1):
        p[7, 2] = value
        with pytest.raises(DataError, match=r"row 7: .*are not probabilities"):
            score_multilabel(p, true, list("abcde"))


def test_the_interval_of_micro_f1_is_within_0_and_1_and_around_it():
    rng = np.random.default_rng(0)
    p, true = rng.uniform(size=(300, 4)), rng.uniform(size=(300, 4)) < 0.3
    scores = score_multilabel(p, true, ["a", "b", "c", "d"])
    low, high = scores.micro_f1_interval
    assert 0 < low < scores.micro_f1 < high < 1
    assert scores.to_config()["micro_f1_interval"] == [low, high]
    assert score_multilabel(true.astype(float), true, ["a", "b", "c", "d"]).micro_f1_interval == (1.0, 1.0)
    none = np.zeros((3, 1))
    assert score_multilabel(none, none, ["a"]).micro_f1_interval == (0.0, 0.0)

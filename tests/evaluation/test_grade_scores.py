"""Scores of grades: those of SciPy and scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from wordloom.errors import DataError
from wordloom.evaluation.grade_scores import average_ranks, rank_correlation_interval, score_grades


@pytest.mark.parametrize("digits", [0, 9], ids=["with ties", "without"])
@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e200])
def test_scores_are_those_of_scipy_and_scikit_learn(digits: int, scale: float) -> None:
    rng = np.random.default_rng(0)
    grades = rng.normal(3, 2, 200).round(digits)
    predicted = (grades + rng.normal(0, 2, 200)).round(digits)
    scores = score_grades(predicted * scale, grades * scale, 2 * scale)
    assert scores.spearman == pytest.approx(scipy.stats.spearmanr(predicted, grades).statistic)
    assert scores.pearson == pytest.approx(scipy.stats.pearsonr(predicted, grades).statistic)
    assert scores.mae == pytest.approx(metrics.mean_absolute_error(grades, predicted) * scale)
    assert scores.auc == pytest.approx(metrics.roc_auc_score(grades >= 2, predicted))
    if scale == 1.0:
        assert scores.rmse == pytest.approx(metrics.root_mean_squared_error(grades, predicted))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30))
def test_ranks_are_scipys(values) -> None:
    assert average_ranks(np.array(values, dtype=float)).tolist() == scipy.stats.rankdata(values).tolist()


def test_the_cut_is_in_the_middle_of_the_grades() -> None:
    scores = score_grades(np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 10, 5.5]))
    assert (scores.cut, scores.auc) == (5.5, 1.0)
    assert score_grades(np.array([1.0, 2]), np.array([1.0, 2]), cut=0).auc is None


def test_predictions_that_are_all_equal_correlate_with_nothing() -> None:
    scores = score_grades(np.full(9, 0.1), np.arange(9.0))
    assert (scores.spearman, scores.pearson, scores.auc) == (0.0, 0.0, 0.5)
    assert score_grades(np.arange(9.0), np.arange(9.0)).spearman_interval == (1.0, 1.0)


def test_the_interval_of_a_rank_correlation_holds_it() -> None:
    for n in (4, 10, 1000):
        low, high = rank_correlation_interval(0.7, n)
        assert -1 <= low < 0.7 < high <= 1
    assert rank_correlation_interval(0.7, 1000)[0] > rank_correlation_interval(0.7, 10)[0]
    assert rank_correlation_interval(0.7, 3) == (-1, 1)


def test_scores_as_plain_values() -> None:
    scores = score_grades(np.array([1.0, 3, 2, 5, 4]), np.arange(5.0))
    assert json.loads(json.dumps(scores.to_config()))["spearman"] == scores.spearman == pytest.approx(0.8)
    assert "Spearman 0.8000" in repr(scores)


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(DataError, match="do not fit together"):
        score_grades(np.zeros(3), np.zeros(2))
    with pytest.raises(DataError, match="no documents"):
        score_grades(np.zeros(0), np.zeros(0))
    with pytest.raises(DataError, match="row 1: the prediction nan is no finite number"):
        score_grades(np.array([0, np.nan]), np.zeros(2))
    with pytest.raises(DataError, match="row 0: the grade inf is no finite number"):
        score_grades(np.zeros(2), np.array([np.inf, 0]))


def test_the_errors_and_the_linear_correlation_have_intervals_too():
    rng = np.random.default_rng(0)
    grades = rng.uniform(1, 5, 200)
    scores = score_grades(grades + rng.normal(0, 1, 200), grades)
    for value, (low, high) in ((scores.mae, scores.mae_interval), (scores.pearson, scores.pearson_interval)):
        assert 0 < low < value < high
    assert scores.pearson_interval[1] - scores.pearson_interval[0] < 0.3
    assert scores.to_config()["mae_interval"] == list(scores.mae_interval)

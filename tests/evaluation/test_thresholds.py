"""Thresholds: exact on the texts they are chosen on, never worse than simpler ones, better on other texts."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.errors import DataError, UsageError
from wordloom.evaluation.thresholds import (
    METRICS,
    Cuts,
    best_thresholds,
    exact_thresholds,
    f1,
    reached,
)

F1S = ("micro-f1", "macro-f1")


def skewed(n: int, seed: int, shares=(0.5, 0.2, 0.1, 0.03)):
    """Calibrated probabilities of labels, of texts whose features say little."""
    rng = np.random.default_rng(seed)
    true = rng.random((n, len(shares))) < shares
    features = true + rng.normal(0, 0.8, true.shape)
    log_odds = (features - 0.5) / 0.8**2 + np.log(shares) - np.log1p(-np.array(shares))
    return 1 / (1 + np.exp(-log_odds)), true


@st.composite
def few_texts(draw):
    n, labels = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    numbers = st.integers(0, 8) if draw(st.booleans()) else st.floats(0, 1).map(lambda x: 8 * x)
    values = draw(st.lists(numbers, min_size=n * labels, max_size=n * labels))
    true = draw(st.lists(st.booleans(), min_size=n * labels, max_size=n * labels))
    return np.reshape(values, (n, labels)) / 8.0, np.reshape(true, (n, labels))


def best_of_all(p, true, metric: str) -> float:
    """By trying every combination of the thresholds that matter."""
    each = [[*np.unique(column), 1.0] for column in p.T]
    return max(f1(p >= np.array(thresholds), true, metric) for thresholds in itertools.product(*each))


@settings(max_examples=80, deadline=None)
@given(few_texts(), st.sampled_from(F1S))
def test_no_thresholds_are_better_than_the_exact_ones(texts, metric: str) -> None:
    p, true = texts
    found = exact_thresholds([Cuts.of(*column) for column in zip(p.T, true.T, strict=True)], metric)
    assert np.isnan(found).tolist() == (~true.any(axis=0)).tolist()
    given_labels = reached(p, np.where(np.isnan(found), 1.0, found))
    # probabilities that are nearly the same are not told apart
    steps = np.sort(p, axis=0)
    if (np.diff(steps, axis=0)[np.diff(steps, axis=0) > 0] > 1e-5).all():
        assert f1(given_labels, true, metric) == pytest.approx(best_of_all(p, true, metric))


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(few_texts(), st.sampled_from(F1S), st.integers(0, 3))
def test_they_are_never_worse_than_one_half_or_one_threshold_for_all(texts, metric: str, seed: int) -> None:
    p, true = texts
    thresholds = best_thresholds(p, true, metric, seed)
    assert ((thresholds >= 0) & (thresholds <= 1)).all()
    value = f1(reached(p, thresholds), true, metric)
    assert value >= f1(p >= 0.5, true, metric)
    if metric == "micro-f1":
        values = np.unique(p)
        apart = np.diff(values) > 1e-5
        if apart.all():
            assert value >= max(f1(p >= one, true, metric) for one in values) - 1e-12


@pytest.mark.parametrize("metric", F1S)
def test_they_are_better_on_other_texts(metric: str) -> None:
    thresholds = best_thresholds(*skewed(1000, 0), metric)
    p, true = skewed(10_000, 1)
    assert f1(reached(p, thresholds), true, metric) > f1(p >= 0.5, true, metric) + 0.03


def test_calibrated_probabilities_have_half_of_the_best_f1_as_threshold() -> None:
    p, true = skewed(20_000, 0)
    thresholds = best_thresholds(p, true, "micro-f1")
    assert thresholds == pytest.approx(f1(reached(p, thresholds), true, "micro-f1") / 2, abs=0.05)
    own = best_thresholds(p, true, "macro-f1")
    for column, threshold in enumerate(own):
        one = [column]
        assert threshold == pytest.approx(f1(reached(p, own)[:, one], true[:, one], "macro-f1") / 2, abs=0.06)


def test_a_label_without_texts_has_the_threshold_of_all() -> None:
    p, true = skewed(500, 0)
    true[:, 3] = False
    rest = best_thresholds(p, true, "micro-f1")
    assert min(rest[:3]) - 0.2 < rest[3] < max(rest[:3]) + 0.2
    assert (best_thresholds(p, np.zeros_like(true), "micro-f1") == 0.5).all()


def test_accuracy_has_one_half() -> None:
    assert best_thresholds(*skewed(50, 0), "accuracy").tolist() == [0.5] * 4


def test_the_same_seed_gives_the_same_thresholds() -> None:
    assert (best_thresholds(*skewed(300, 0), seed=5) == best_thresholds(*skewed(300, 0), seed=5)).all()


def test_a_label_is_given_from_its_threshold_on() -> None:
    assert reached(np.array([[0.5, 0.4999]]), np.array([0.5, 0.5])).tolist() == [[True, False]]


def test_other_metrics_and_shapes_are_refused() -> None:
    p, true = skewed(5, 0)
    with pytest.raises(
        UsageError, match=re.escape(f"{', '.join(METRICS)}, not 'micro_f1'. Did you mean 'micro-f1'")
    ):
        best_thresholds(p, true, "micro_f1")
    for wrong in (true[:, :2], true[:3], true[:0]):
        with pytest.raises(DataError, match=r"\(N, C\) of both expected"):
            best_thresholds(p[: len(wrong) or 0], wrong) if not len(wrong) else best_thresholds(p, wrong)

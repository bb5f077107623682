"""McNemar's test: published values, scipy's binomial test, and how often it cries wolf."""

from __future__ import annotations

import math

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.evaluation.comparisons import mcnemar


def pair(both: int, only_a: int, only_b: int, neither: int):
    """Answers of two classifiers with these counts, in a shuffled order."""
    rows = (
        [(True, True)] * both
        + [(True, False)] * only_a
        + [(False, True)] * only_b
        + [(False, False)] * neither
    )
    order = np.random.default_rng(0).permutation(len(rows))
    answers = np.array(rows, dtype=bool)[order]
    return answers[:, 0], answers[:, 1]


def test_published_example():
    """Fagerland et al. 2013, table 1 (Bentur et al.): 1 against 7 of 21; exact 0.0703, mid-p 0.0391.

    By hand: P(X = 0) = 1/256, P(X = 1) = 8/256; exact 2 x 9/256, mid-p 18/256 - 8/256.
    """
    found = mcnemar(*pair(1, 1, 7, 12))
    assert (found.both_right, found.only_a_right, found.only_b_right, found.neither_right) == (1, 1, 7, 12)
    assert found.p_value_exact == pytest.approx(18 / 256, abs=1e-15)
    assert found.p_value == pytest.approx(10 / 256, abs=1e-15)


@pytest.mark.parametrize(
    ("only_a", "only_b"),
    [(0, 1), (0, 5), (3, 9), (9, 3), (40, 60), (12, 700), (1_000, 1_001), (1_900, 2_100), (0, 3_000)],
)
def test_equals_scipy(only_a, only_b):
    stats = pytest.importorskip("scipy.stats")
    found = mcnemar(*pair(5, only_a, only_b, 5))
    m, fewer = only_a + only_b, min(only_a, only_b)
    exact = stats.binomtest(fewer, m).pvalue
    assert found.p_value_exact == pytest.approx(exact, rel=1e-9)
    assert found.p_value == pytest.approx(exact - stats.binom.pmf(fewer, m, 0.5), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("each", [1, 2, 50, 5_000])
def test_equal_counts(each):
    found = mcnemar(*pair(3, each, each, 0))
    assert found.p_value_exact == 1.0
    point = math.exp(math.log(math.comb(2 * each, each)) - 2 * each * math.log(2))
    assert found.p_value == pytest.approx(1 - point / 2, rel=1e-9)


def test_same_answers_tell_nothing():
    right = np.array([True, False, True])
    found = mcnemar(right, right)
    assert (found.p_value, found.p_value_exact) == (1.0, 1.0)
    assert (found.both_right, found.neither_right) == (2, 1)


def test_order_of_the_classifiers_and_agreement_do_not_matter():
    a, b = pair(10, 4, 11, 3)
    assert mcnemar(a, b).p_value == mcnemar(b, a).p_value == mcnemar(*pair(999, 4, 11, 0)).p_value
    assert mcnemar(b, a).only_a_right == 11


@pytest.mark.parametrize("m", [5, 20, 60])
def test_equal_classifiers_are_rarely_told_apart(m):
    """Over all outcomes of m documents, weighted by their probability; nothing is drawn."""
    wrong, wrong_exact = 0.0, 0.0
    for only_a in range(m + 1):
        found = mcnemar(*pair(0, only_a, m - only_a, 0))
        probability = math.comb(m, only_a) / 2**m
        wrong += probability * (found.p_value <= 0.05)
        wrong_exact += probability * (found.p_value_exact <= 0.05)
        assert 0 <= found.p_value <= found.p_value_exact <= 1
    assert wrong_exact <= 0.05
    assert wrong_exact <= wrong <= 0.0631  # the mid-p test is only nearly exact given m


@pytest.mark.parametrize(
    ("right_a", "right_b", "message"),
    [
        (np.zeros(0, bool), np.zeros(0, bool), "A has the shape"),
        (np.ones(3, bool), np.ones(2, bool), "A has 3 documents, B 2"),
        (np.ones(3, bool), np.ones(3, int), "B must say of each document .* predicted == true"),
        (np.ones((3, 1), bool), np.ones(3, bool), "A has the shape"),
    ],
)
def test_refused(right_a, right_b, message):
    with pytest.raises(DataError, match=message):
        mcnemar(right_a, right_b)

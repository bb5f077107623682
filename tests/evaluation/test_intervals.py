"""Wilson's interval: published values, its ends, and how often it holds the true share."""

from __future__ import annotations

import math

import numpy as np
import pytest

from wordloom.errors import DataError, UsageError
from wordloom.evaluation.intervals import ratio_interval, wilson_interval


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_values(right, n, low, high):
    """Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    assert wilson_interval(right, n) == pytest.approx((low, high), abs=5e-5)


def test_by_hand():
    """1 of 2 with z^2 = 3.8415: middle 1/2, half = z sqrt(1/8 + z^2/16) / (1 + z^2/2)."""
    z2 = 1.959963984540054**2
    half = math.sqrt(z2) * math.sqrt(1 / 8 + z2 / 16) / (1 + z2 / 2)
    assert wilson_interval(1, 2) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-15)


@pytest.mark.parametrize("n", [1, 2, 7, 400, 25_000])
def test_ends_are_exact_and_sides_mirror(n):
    assert wilson_interval(0, n)[0] == 0.0
    assert wilson_interval(n, n)[1] == 1.0
    for right in {0, 1, n // 3, n}:
        low, high = wilson_interval(right, n)
        assert 0.0 <= low <= right / n <= high <= 1.0
        assert low < high
        other_low, other_high = wilson_interval(n - right, n)
        assert (1 - other_high, 1 - other_low) == pytest.approx((low, high), abs=1e-15)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
def test_equals_scipy(confidence):
    binomtest = pytest.importorskip("scipy.stats").binomtest
    for right, n in [(0, 1), (3, 10), (86, 100), (21_565, 25_000)]:
        expected = binomtest(right, n).proportion_ci(confidence, method="wilson")
        assert wilson_interval(right, n, confidence) == pytest.approx(tuple(expected), abs=1e-12)


def test_coverage_is_near_the_confidence():
    """Over all outcomes of n documents, weighted by their probability; nothing is drawn."""
    n = 50
    intervals = np.array([wilson_interval(right, n) for right in range(n + 1)])
    right = np.arange(n + 1)
    ways = np.array([math.comb(n, k) for k in right], dtype=np.float64)
    coverage = []
    for share in np.linspace(0.1, 0.9, 801):
        probability = ways * share**right * (1 - share) ** (n - right)
        inside = (intervals[:, 0] <= share) & (share <= intervals[:, 1])
        coverage.append(probability[inside].sum())
    assert np.mean(coverage) == pytest.approx(0.95, abs=0.005)
    assert min(coverage) > 0.91


def test_more_confidence_and_fewer_documents_are_wider():
    def width(interval):
        return interval[1] - interval[0]

    assert width(wilson_interval(80, 100, 0.99)) > width(wilson_interval(80, 100))
    assert width(wilson_interval(80, 100)) > width(wilson_interval(800, 1000))


def test_takes_numpy_integers_and_gives_plain_floats():
    low, high = wilson_interval(np.int64(3), np.int32(4))
    assert type(low) is float
    assert type(high) is float
    assert (low, high) == wilson_interval(3, 4)


@pytest.mark.parametrize(("right", "n"), [(0, 0), (-1, 5), (6, 5), (1, -1)])
def test_impossible_counts(right, n):
    with pytest.raises(DataError, match="document"):
        wilson_interval(right, n)


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.1, float("nan")])
def test_impossible_confidence(confidence):
    with pytest.raises(UsageError, match=r"between 0 and 1, for example 0\.95"):
        wilson_interval(1, 2, confidence)


def test_the_interval_of_a_mean_is_the_textbook_one_and_no_square_overflows():
    values = np.array([1.0, 2, 4, 9])
    half = 1.959963984540054 * values.std(ddof=1) / 2
    assert ratio_interval(values, np.ones(4)) == pytest.approx((4 - half, 4 + half))
    low, high = ratio_interval(1e200 * values, np.ones(4))
    assert (low / 1e200, high / 1e200) == pytest.approx((4 - half, 4 + half))
    assert ratio_interval(np.array([3]), np.array([4])) == (0.75, 0.75)


def test_the_interval_of_a_ratio_holds_the_true_one_as_often_as_it_says():
    rng, held = np.random.default_rng(0), 0
    for _ in range(400):
        wholes = rng.integers(1, 6, 200)
        low, high = ratio_interval(rng.binomial(wholes, 0.3), wholes)
        held += low <= 0.3 <= high
    assert 0.91 <= held / 400 <= 0.98

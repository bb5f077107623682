"""Calibration: hand-worked tables and curves, the best scale found again, and corner cases."""

from __future__ import annotations

import json

import numpy as np
import pytest

from products import product
from wordloom.errors import DataError, UsageError
from wordloom.evaluation.calibration import (
    HIGHEST_FACTOR,
    LOWEST_FACTOR,
    Confidence,
    best_scale,
    best_scale_and_shift,
    confidence_of,
)
from wordloom.models.output import Output

SURE = np.array([0.95, 0.95, 0.95, 0.95, 0.6, 0.6])
RIGHT = np.array([True, True, True, False, True, False])


def _probabilities(logits):
    return Output.of_logits(logits.shape[1]).probabilities(logits)


def drawn(n: int, classes: int, factor: float, seed: int = 0):
    """Logits (N, K) and targets drawn from the softmax of `factor` times these logits."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, 1 if classes == 2 else classes))
    cumulated = _probabilities(factor * logits).cumsum(axis=1)
    targets = (rng.random((n, 1)) > cumulated).sum(axis=1)
    return logits, np.minimum(targets, classes - 1)


def log_loss(logits, targets):
    return -np.log(_probabilities(logits)[np.arange(len(targets)), targets]).mean()


def test_reliability_by_hand():
    """0.95 stands in the tenth part of ten, 3 of 4 right; 0.6 ends the sixth part, 1 of 2 right."""
    confidence = Confidence(SURE, RIGHT)
    low, high = confidence.reliability(bins=10)
    assert (low.low, low.high, low.count, low.accuracy) == (0.5, 0.6, 2, 0.5)
    assert (high.low, high.high, high.count, high.accuracy) == (0.9, 1.0, 4, 0.75)
    assert low.confidence == pytest.approx(0.6)
    assert confidence.calibration_error(10) == pytest.approx((4 * 0.2 + 2 * 0.1) / 6)
    assert confidence.calibration_error(1) == pytest.approx(abs(SURE.mean() - RIGHT.mean()))


def test_ends_of_the_range_have_a_place():
    rows = Confidence(np.array([0.0, 1.0]), np.array([False, True])).reliability(4)
    assert [(row.low, row.count) for row in rows] == [(0, 1), (0.75, 1)]


def test_coverage_by_hand_and_ties_count_alike():
    confidence = Confidence(SURE, RIGHT)
    shares, accuracies = confidence.curve()
    assert shares.tolist() == pytest.approx([i / 6 for i in range(1, 7)])
    assert accuracies.tolist() == pytest.approx([0.75] * 4 + [3.5 / 5, 4 / 6])
    assert confidence.accuracy_at(4 / 6) == pytest.approx(0.75)
    assert confidence.accuracy_at(1) == pytest.approx(4 / 6)
    assert confidence.covered(4 / 6) == 4
    two = Confidence(np.array([0.9, 0.8]), np.array([True, False]))
    assert (two.covered(0.8), two.accuracy_at(0.8)) == (2, 0.5)  # whole documents, not 70 % between them
    assert [Confidence(np.ones(n), np.ones(n, bool)).covered(0.8) for n in (1, 5, 10, 11)] == [1, 4, 8, 9]
    order = np.random.default_rng(0).permutation(6)
    assert Confidence(SURE[order], RIGHT[order]).curve()[1].tolist() == pytest.approx(accuracies.tolist())


def test_confidence_of_probabilities():
    found = confidence_of(np.array([[0.2, 0.8], [0.5, 0.5]], dtype=np.float32), np.array([1, 1]))
    assert found.confidence.tolist() == pytest.approx([0.8, 0.5])
    assert found.right.tolist() == [True, False]  # of equal ones the first is predicted
    assert found.confidence.dtype == np.float64
    config = found.to_config()
    assert json.loads(json.dumps(config)) == config
    assert list(config["accuracy_at_coverage"]) == ["0.5", "0.8", "0.9"]


def test_calibrated_probabilities_have_a_small_error():
    logits, targets = drawn(20_000, 3, 1.0)
    assert confidence_of(_probabilities(logits), targets).calibration_error() < 0.015
    assert confidence_of(_probabilities(3 * logits), targets).calibration_error() > 0.1


@pytest.mark.parametrize("classes", [2, 3, 20])
@pytest.mark.parametrize("factor", [0.3, 1.0, 2.5])
def test_the_scale_that_drew_the_targets_is_found(classes, factor):
    logits, targets = drawn(20_000 if classes == 2 else 5_000, classes, factor)
    assert best_scale(logits, targets) == pytest.approx(factor, rel=0.05)


def test_no_other_scale_is_better():
    logits, targets = drawn(500, 4, 0.7, seed=3)
    scale = best_scale(logits, targets)
    best = log_loss(scale * logits, targets)
    assert all(best <= log_loss(other * scale * logits, targets) + 1e-4 for other in (0.9, 0.97, 1.03, 1.1))


@product(
    lambda surer, classes: classes in ("2", "6") or (surer == "4.0") == (classes == "77"),
    surer=[0.2, 1.0, 4.0],
    classes=[2, 6, 77, 300],
)
def test_calibration_never_makes_the_loss_of_the_texts_held_out_worse(classes, surer):
    """Nor does it lose much of what the best factor of all gains, however few texts a class has."""
    logits, targets = drawn(400, classes, 1 / surer)
    scale = best_scale(logits, targets)
    losses = [log_loss(factor * logits, targets) for factor in np.geomspace(0.05, 20, 60)]
    assert log_loss(scale * logits, targets) <= log_loss(logits, targets)
    assert log_loss(scale * logits, targets) <= min(losses) + 0.02
    scale, shift = best_scale_and_shift(logits, targets, np.ones(len(targets)))
    assert log_loss(scale * logits + shift, targets) <= log_loss(logits, targets)


@pytest.mark.parametrize("classes", [2, 6, 77, 300])
def test_logits_that_are_sure_and_right_are_left_as_they_are(classes):
    targets = np.arange(2 * classes) % classes
    logits = np.array([[-30.0], [30.0]])[targets] if classes == 2 else 30.0 * np.eye(classes)[targets]
    assert best_scale(logits, targets) == 1.0
    scale, shift = best_scale_and_shift(logits, targets, np.ones(len(targets)))
    assert (scale, shift.tolist()) == (1.0, [0.0] * logits.shape[1])


def test_weights_count_as_repetitions():
    logits, targets = drawn(300, 3, 0.7)
    twice = np.r_[np.arange(300), np.arange(100)]
    weights = np.r_[np.full(100, 2.0), np.ones(200)]
    weighted = best_scale(logits, targets, weights)
    assert weighted == pytest.approx(best_scale(logits[twice], targets[twice]), rel=0.01)
    assert best_scale(logits, targets, np.zeros(300)) == best_scale(logits, targets)


def test_logits_without_a_mistake_or_without_sense():
    logits, targets = np.array([[3.0], [-3.0]] * 50), np.array([1, 0] * 50)
    assert 1 < best_scale(logits, targets) < 3  # log(201) / 3: one document more, half of each class
    assert best_scale(logits, 1 - targets) == LOWEST_FACTOR
    assert best_scale(1e-3 * logits, targets) == HIGHEST_FACTOR
    assert LOWEST_FACTOR <= best_scale(np.zeros((3, 4)), np.array([0, 1, 2])) <= HIGHEST_FACTOR


def test_what_cannot_be():
    with pytest.raises(DataError, match="at least one"):
        confidence_of(np.zeros((0, 2)), np.zeros(0, dtype=int))
    with pytest.raises(DataError, match="0 rows of logits"):
        best_scale(np.zeros((0, 1)), np.zeros(0, dtype=int))
    with pytest.raises(UsageError, match="coverage must be above 0"):
        Confidence(SURE, RIGHT).accuracy_at(0)
    with pytest.raises(UsageError, match="bins must be 1"):
        Confidence(SURE, RIGHT).reliability(0)


@pytest.mark.parametrize("classes", [2, 4])
def test_scale_and_shift_undo_what_was_done_to_logits(classes):
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, (2_500, 1 if classes == 2 else classes))
    odds = np.concatenate([np.zeros((len(true), 1)), true], axis=1) if classes == 2 else true
    shares = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    targets = (rng.random((len(true), 1)) > shares.cumsum(axis=1)).sum(axis=1)
    moved = np.linspace(-1, 2, true.shape[1]) if classes > 2 else np.array([1.5])
    scale, shift = best_scale_and_shift((true - moved) / 3, targets, np.ones(len(true)))
    assert scale == pytest.approx(3, rel=0.05)
    np.testing.assert_allclose(shift, moved - (moved.mean() if classes > 2 else 0), atol=0.08)


def test_shifted_probabilities_have_the_weights_of_their_classes():
    rng = np.random.default_rng(1)
    targets = (rng.random(500) < 0.05).astype(np.int64)
    logits = rng.normal(targets[:, None] - 4.0, 1.0)
    weights = np.where(targets == 1, 10.0, 0.5)
    scale, shift = best_scale_and_shift(logits, targets, weights)
    p = 1 / (1 + np.exp(-(scale * logits[:, 0] + shift[0])))
    assert weights @ p == pytest.approx(weights[targets == 1].sum(), rel=0.02)


def test_logits_that_tell_nothing_get_the_shares():
    targets = np.array([0] * 300 + [1] * 100)
    scale, shift = best_scale_and_shift(np.zeros((400, 1)), targets, np.ones(400))
    assert np.isfinite(scale)
    assert 1 / (1 + np.exp(-shift[0])) == pytest.approx(0.25, abs=0.01)

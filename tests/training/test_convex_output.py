"""The convex output layer: its optimum, its folds, and how the strength is chosen."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from wordloom.models.output import Output
from wordloom.training.convex import STRENGTHS, Points, _Solver, fit_output_layer, held_out_weights


def points(n: int, classes: int, signal: float = 1.0, seed: int = 0) -> Points:
    rng = np.random.default_rng(seed)
    targets = (np.arange(n) % classes).astype(np.int32)
    features = rng.normal(size=(n, 7)) + signal * rng.normal(size=(classes, 7))[targets]
    return Points(features, targets, rng.uniform(0.2, 2.0, n), Output(classes))


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("strength", [1e-3, 0.1, 3.0])
def test_the_optimum_is_that_of_scikit_learn(classes, strength):
    given = points(120, classes)
    weights, bias = _Solver(Output(classes), 7).solve(given, strength)
    theirs = LogisticRegression(C=strength, tol=1e-10, max_iter=10_000)
    theirs.fit(given.features, given.targets, sample_weight=given.weights)
    np.testing.assert_allclose(weights, theirs.coef_, atol=2e-4)
    np.testing.assert_allclose(bias - bias.mean(), theirs.intercept_ - theirs.intercept_.mean(), atol=2e-4)


@pytest.mark.parametrize("classes", [2, 4])
def test_the_gradient_is_that_of_the_loss(classes):
    given, solver = points(30, classes), _Solver(Output(classes), 7)
    rng = np.random.default_rng(1)
    place = rng.normal(size=solver._shape[0] * solver._shape[1])
    _, gradient = solver._loss_and_gradient(given, place)
    for i in range(len(place)):
        step = np.zeros(len(place))
        step[i] = 1e-5
        sides = [solver.scores(given, place + side * step)[0] for side in (1, -1)]
        assert gradient[i] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-5, abs=1e-6)


def test_a_weight_of_two_is_a_text_twice():
    once = points(40, 2)
    ones = Points(once.features, once.targets, np.ones(40), Output(2))
    rows = np.r_[np.arange(40), np.arange(10)]
    twice = ones.take(rows)
    heavy = Points(once.features, once.targets, 1.0 + (np.arange(40) < 10), Output(2))
    solver = _Solver(Output(2), 7)
    for first, second in zip(solver.solve(twice, 0.1), solver.solve(heavy, 0.1), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-5)


def test_the_only_text_of_a_class_is_never_held_out():
    targets = np.repeat([0, 1, 2, 3], [50, 17, 1, 2])
    given = Points(np.random.default_rng(0).standard_normal((70, 3)), targets, np.ones(70), Output(4))
    held_out = np.concatenate([fold.rows for fold in held_out_weights(given, 0.1)])
    assert sorted(held_out.tolist()) == np.flatnonzero(targets != 2).tolist()


def test_noise_is_held_back_and_a_clear_signal_is_not():
    noise, clear = fit_output_layer(points(400, 2, signal=0.0)), fit_output_layer(points(400, 2, signal=3.0))
    assert noise.strength < 0.02 < clear.strength
    assert noise.held_out_loss == pytest.approx(np.log(2), abs=0.05)
    assert clear.held_out_accuracy > 0.95
    assert {noise.strength, clear.strength} <= set(STRENGTHS)
    again = fit_output_layer(points(400, 2, signal=0.0))
    np.testing.assert_array_equal(again.weights, noise.weights)


def test_the_lowest_loss_is_found_behind_a_hill():
    """A small signal among large noise: of stronger to weaker holds the loss rises before it falls."""
    signs = np.where(np.arange(60) % 2, 1.0, -1.0)
    noise = 0.5 * np.random.default_rng(0).normal(size=(60, 20))
    given = Points(np.c_[0.1 * signs, noise], (signs > 0).astype(np.int32), np.ones(60), Output(2))
    layer = fit_output_layer(given)
    assert layer.strength == max(STRENGTHS)
    assert layer.held_out_accuracy > 0.8


def test_two_texts_are_enough_and_nothing_is_held_out():
    layer = fit_output_layer(
        Points(np.array([[1.0], [-1.0]]), np.array([0, 1], np.int32), np.ones(2), Output(2))
    )
    assert layer.held_out_loss is None
    assert layer.logits(np.array([[1.0]]))[0, 0] < 0 < layer.logits(np.array([[-1.0]]))[0, 0]


def test_texts_without_weight_do_not_count():
    given = points(60, 3)
    weights = given.weights * (np.arange(60) < 45)
    part = Points(given.features[:45], given.targets[:45], given.weights[:45], Output(3))
    solver = _Solver(Output(3), 7)
    whole = Points(given.features, given.targets, weights, Output(3))
    np.testing.assert_allclose(solver.solve(whole, 0.1)[0], solver.solve(part, 0.1)[0], atol=1e-5)
    fit_output_layer(Points(given.features, given.targets, np.where(given.targets == 1, 0.0, 1.0), Output(3)))

"""Least squares: the scores of documents left out are those of fits without them."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.fit.least_squares import STRENGTHS, fit_least_squares


def problem(n=40, classes=3, seed=0):
    """Features (N, F), more of them than documents, that tell the classes apart somewhat."""
    rng = np.random.default_rng(seed)
    targets = (np.arange(n) % classes).astype(np.int32)
    features = rng.normal(size=(n, 90))
    features[:, :classes] += 2.0 * np.eye(classes)[targets]
    return features, targets, rng


def of_primal(features, wanted, weights, penalty):
    """Weights (F, K) and bias (K,) of the weighted least squares with a free intercept, solved directly."""
    share = weights / weights.sum()
    mean, center = share @ wanted, share @ features
    x, y = features - center, wanted - mean
    squares = (x * share[:, None]).T @ x + penalty * np.eye(x.shape[1])
    found = np.linalg.solve(squares, (x * share[:, None]).T @ y)
    return found, mean - center @ found


@pytest.mark.parametrize("classes", [2, 3])
def test_a_document_left_out_gets_the_score_of_a_fit_without_it(classes):
    features, targets, rng = problem(classes=classes)
    weights = rng.uniform(0.5, 2.0, size=len(targets))
    found = fit_least_squares(features @ features.T, targets, weights, classes)
    share = weights / weights.sum()
    wanted = np.eye(classes)[targets][:, 1:] if classes == 2 else np.eye(classes)[targets]
    size = share @ np.square(features - share @ features).sum(axis=1)
    scores = []
    for one in range(len(targets)):
        rest = np.arange(len(targets)) != one
        # The penalty stands against the sum of all errors, so against that of the others it counts for more.
        penalty = found.strength * size / share[rest].sum()
        slopes, bias = of_primal(features[rest], wanted[rest], share[rest], penalty)
        known = (wanted[one] - share @ wanted) * share[one] / (1 - share[one])
        scores.append(features[one] @ slopes + bias + known)
    scores = np.array(scores)
    centered = scores - 0.5 if classes == 2 else scores - scores.mean(axis=1, keepdims=True)
    factor = (centered * found.left_out).sum() / np.square(centered).sum()
    np.testing.assert_allclose(found.left_out, factor * centered, atol=1e-6 * np.abs(found.left_out).max())


def test_weights_are_those_of_the_direct_solution():
    features, targets, _ = problem()
    weights = np.ones(len(targets))
    found = fit_least_squares(features @ features.T, targets, weights, 3)
    size = np.square(features - features.mean(axis=0)).sum(axis=1).mean()
    slopes, _ = of_primal(features, np.eye(3)[targets], weights, found.strength * size)
    slopes -= slopes.mean(axis=1, keepdims=True)
    own = features.T @ found.coefficients
    factor = (own * slopes).sum() / np.square(slopes).sum()
    np.testing.assert_allclose(own, factor * slopes, atol=1e-6 * np.abs(own).max())
    assert factor > 0


def test_left_out_scores_are_honest_and_the_strength_is_the_best_of_all():
    features, targets, _ = problem(n=60)
    found = fit_least_squares(features @ features.T, targets, np.ones(60), 3)
    assert found.strength in STRENGTHS
    assert found.accuracy == pytest.approx((found.left_out.argmax(axis=1) == targets).mean())
    assert 0.4 < found.accuracy < 1.0
    told = features @ (features.T @ found.coefficients) + found.bias
    assert (told.argmax(axis=1) == targets).mean() >= found.accuracy


def test_noise_is_not_believed():
    rng = np.random.default_rng(3)
    features, targets = rng.normal(size=(200, 400)), (np.arange(200) % 2).astype(np.int32)
    found = fit_least_squares(features @ features.T, targets, np.ones(200), 2)
    assert found.loss < np.log(2) + 0.02
    assert np.abs(found.left_out).max() < 1.0


def test_classes_of_one_document_each_still_give_a_classifier():
    features = np.eye(4)
    found = fit_least_squares(features @ features.T, np.arange(4, dtype=np.int32), np.ones(4), 4)
    assert (found.loss, found.accuracy) == (None, None)
    assert (features @ (features.T @ found.coefficients) + found.bias).argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_documents_that_are_all_alike_get_the_classes_shares():
    targets = np.array([0] * 30 + [1] * 10, dtype=np.int32)
    found = fit_least_squares(np.ones((40, 40)), targets, np.ones(40), 2)
    logit = np.ones(40) @ found.coefficients + found.bias
    assert 1 / (1 + np.exp(-logit[0])) == pytest.approx(0.25, abs=0.02)

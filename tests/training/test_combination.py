"""How much each of several classifiers counts in their mean."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.models.output import Output
from wordloom.training.combination import best_shares


def logits_of(targets, sureness, noise, seed, classes):
    rng = np.random.default_rng(seed)
    if classes == 2:
        return (sureness * (2 * targets - 1) + rng.normal(0, noise, len(targets)))[:, None]
    return sureness * np.eye(classes)[targets] + rng.normal(0, noise, (len(targets), classes))


@pytest.mark.parametrize("classes", [2, 5])
def test_the_better_classifier_counts_more_and_a_useless_one_not_at_all(classes):
    targets = np.random.default_rng(0).integers(0, classes, 400)
    good, fair = logits_of(targets, 2, 1, 1, classes), logits_of(targets, 1, 1, 2, classes)
    useless = logits_of(targets, 0, 3, 3, classes)
    shares = best_shares([useless, good, fair], targets, np.ones(400))
    assert shares.sum() == pytest.approx(1)
    assert shares[0] < 0.06
    assert shares[1] > shares[2] > 0.1


def test_equal_ones_and_those_that_say_nothing_share_alike():
    targets = np.random.default_rng(0).integers(0, 2, 50)
    same = logits_of(targets, 1, 1, 1, 2)
    np.testing.assert_allclose(best_shares([same, same], targets, np.ones(50)), 0.5, atol=1e-3)
    nothing = np.zeros((50, 1))
    np.testing.assert_allclose(best_shares([nothing] * 4, targets, np.ones(50)), 0.25, atol=1e-6)


def test_texts_count_as_much_as_their_weights():
    targets = np.array([0, 1] * 100)
    first, second = (np.where(targets, 1.0, -1.0)[:, None] * 3 for _ in range(2))
    first[:100] *= -1  # wrong on the first half, where the other is right
    second[100:] *= -1
    on_second_half = np.repeat([1e-6, 1.0], 100)
    assert best_shares([first, second], targets, on_second_half)[0] > 0.95
    assert best_shares([first, second], targets, on_second_half[::-1])[1] > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("seed", range(4))
def test_the_sum_is_never_less_likely_than_with_other_factors(classes, seed):
    """What SciPy finds without the weak pull to equal shares has next to the same loss at best."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    targets = rng.integers(0, classes, 300)
    known = [logits_of(targets, rng.uniform(-0.5, 3), rng.uniform(0.5, 3), n, classes) for n in range(3)]
    output = Output.of_logits(known[0].shape[1])

    def loss(factors):
        return output.losses_and_slopes(np.einsum("m,mnk->nk", factors, np.stack(known)), targets)[0].sum()

    shares = best_shares(known, targets, np.ones(300))
    best = minimize(loss, np.full(3, 1 / 3), bounds=[(0.0, 5.0)] * 3)
    sureness = minimize(lambda times: loss(times[0] * shares), np.ones(1), bounds=[(0.01, 10.0)])
    assert sureness.fun <= best.fun + 0.5


def test_classifiers_that_are_all_wrong_count_alike():
    targets = (np.arange(400) % 2).astype(np.int32)
    wrong = 5.0 * (1 - 2 * targets)[:, None]
    np.testing.assert_allclose(best_shares([wrong, 2 * wrong, 3 * wrong], targets, np.ones(400)), 1 / 3)

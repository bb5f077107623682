"""Offsets for macro F1: found exactly for one class, better on other documents, none without a gain."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.evaluation.offsets import _best_offset, best_offsets
from wordloom.evaluation.scores import class_f1


def macro_f1(z, targets):
    return class_f1(z.argmax(axis=1), targets, z.shape[1]).mean()


def skewed(n: int, seed: int, shares=(0.8, 0.15, 0.05)):
    """The log odds that training with these shares would give, of documents whose features say little."""
    rng = np.random.default_rng(seed)
    targets = rng.choice(len(shares), n, p=shares)
    features = np.eye(len(shares))[targets] + rng.normal(0, 0.8, (n, len(shares)))
    return features / 0.8**2 + np.log(shares), targets


@pytest.mark.parametrize("digits", [1, 9], ids=["with ties", "without"])
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_no_offset_of_one_class_is_better_than_the_one_that_is_found(classes, digits):
    rng = np.random.default_rng(classes)
    z, targets = rng.normal(size=(60, classes)).round(digits), rng.integers(0, classes, 60)
    for column in range(classes):
        one = np.eye(classes)[column]
        offset, found = _best_offset(z, targets, column)
        assert macro_f1(z + offset * one, targets) == pytest.approx(found)
        assert found >= max(macro_f1(z + tried * one, targets) for tried in np.arange(-5, 5, 0.05)) - 1e-12


def test_rare_classes_are_raised_and_macro_f1_is_higher_on_other_documents():
    z, targets = skewed(1500, 0)
    offsets = best_offsets(z, targets)
    assert offsets[0] < min(offsets[1:])
    assert offsets.sum() == pytest.approx(0)
    other, other_targets = skewed(5000, 1)
    assert macro_f1(other + offsets, other_targets) > macro_f1(other, other_targets) + 0.03


def test_two_classes_have_one_logit():
    z, targets = skewed(1000, 2, (0.9, 0.1))
    one = (z[:, 1] - z[:, 0])[:, None]
    offsets = best_offsets(one, targets)
    assert offsets.shape == (2,)
    assert macro_f1(z + offsets, targets) > macro_f1(z, targets)


def test_there_are_none_where_all_answers_are_right_already():
    targets = np.arange(30) % 3
    assert best_offsets(5 * np.eye(3)[targets], targets).tolist() == [0, 0, 0]


def test_the_same_seed_gives_the_same_offsets():
    z, targets = skewed(400, 3)
    assert (best_offsets(z, targets, 7) == best_offsets(z, targets, 7)).all()

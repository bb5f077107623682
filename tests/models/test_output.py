"""What logits mean: one for two classes and for grades, one each for more classes and for several labels."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.models.output import HasOutput, Output, log_losses

TWO, THREE = Output(2), Output(3)
LABELS, PAIR, ALONE = (Output(c, "multilabel") for c in (3, 2, 1))
GRADES = Output(2, "graded")
INDEPENDENT = pytest.mark.parametrize(
    "output", [LABELS, PAIR, ALONE, GRADES], ids=["three labels", "two labels", "one label", "grades"]
)


def targets_of(output, n, seed=1):
    """float32 (N, K), as the output has them: 0 and 1, or places on a scale."""
    rng = np.random.default_rng(seed)
    drawn = rng.random((n, output.n_logits))
    return (drawn if output.target == "graded" else drawn > 0.5).astype(np.float32)


def test_two_classes_have_one_logit_and_more_have_one_each():
    assert [(Output(c).n_logits, Output(c).activation) for c in (2, 3, 77)] == [
        (1, "sigmoid"),
        (3, "softmax"),
        (77, "softmax"),
    ]
    assert [Output.of_logits(k).n_classes for k in (1, 3, 77)] == [2, 3, 77]


def test_probabilities_of_large_logits_are_exact():
    assert TWO.probabilities(np.array([[1000.0], [-1000.0], [0.0]])).tolist() == [[0, 1], [1, 0], [0.5, 0.5]]
    np.testing.assert_allclose(THREE.probabilities(np.array([[1e4, 1e4, -1e4]])), [[0.5, 0.5, 0]])
    np.testing.assert_allclose(THREE.probabilities(np.log([[1.0, 2.0, 5.0]])), [[0.125, 0.25, 0.625]])


def test_log_odds_follow_from_probabilities_and_do_not_saturate():
    z = np.array([[0.3, -1.0, 2.0], [0.0, 0.0, 0.0]])
    p = THREE.probabilities(z)
    for column in range(3):
        np.testing.assert_allclose(THREE.log_odds(z, column), np.log(p[:, column] / (1 - p[:, column])))
    one = np.array([[500.0], [-2.0]])
    assert TWO.log_odds(one, 1).tolist() == [500.0, -2.0]
    assert TWO.log_odds(one, 0).tolist() == [-500.0, 2.0]
    np.testing.assert_allclose(THREE.log_odds(np.array([[900.0, 0.0, 0.0]]), 0), [900 - np.log(2)])


def test_the_first_of_equally_likely_classes_is_predicted():
    assert TWO.predicted(np.array([[0.0], [1e-9], [-3.0]])).tolist() == [0, 1, 0]
    assert THREE.predicted(np.array([[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]])).tolist() == [1, 0]


@pytest.mark.parametrize("output", [TWO, THREE], ids=["two", "three"])
def test_logits_and_a_column_for_each_class_are_the_same_thing(output):
    z = np.random.default_rng(0).normal(size=(7, output.n_logits))
    columns = output.class_logits(z)
    assert columns.shape == (7, output.n_classes)
    there_and_back = output.logits_of(columns + 5.0)
    np.testing.assert_allclose(output.probabilities(there_and_back), output.probabilities(z))


@pytest.mark.parametrize("output", [TWO, THREE], ids=["two", "three"])
def test_losses_are_those_of_the_probabilities_and_slopes_their_derivatives(output):
    rng = np.random.default_rng(1)
    z, targets = 3 * rng.normal(size=(20, output.n_logits)), rng.integers(0, output.n_classes, 20)
    losses, slopes = output.losses_and_slopes(z, targets.astype(np.int32))
    np.testing.assert_allclose(losses, log_losses(output.probabilities(z), targets))
    for k in range(output.n_logits):
        step = np.zeros(output.n_logits)
        step[k] = 1e-5
        above, below = (output.losses_and_slopes(z + s, targets)[0] for s in (step, -step))
        np.testing.assert_allclose(slopes[:, k], (above - below) / 2e-5, atol=1e-8)


def test_losses_of_very_wrong_logits_are_exact_and_their_mean_is_bounded():
    targets = np.array([0], dtype=np.int32)
    assert TWO.losses_and_slopes(np.array([[800.0]]), targets)[0].tolist() == [800.0]
    loss, accuracy = TWO.mean_scores(np.array([[800.0]]), targets, np.ones(1))
    assert (loss, accuracy) == (pytest.approx(-np.log(1e-15)), 0.0)


def test_weights_count_in_the_loss_and_not_in_the_accuracy():
    z, targets = np.array([[2.0], [2.0]]), np.array([1, 0], dtype=np.int32)
    losses = log_losses(TWO.probabilities(z), targets)
    assert TWO.mean_scores(z, targets, np.array([1.0, 0.0])) == (pytest.approx(losses[0]), 0.5)
    assert TWO.mean_scores(z, targets, np.zeros(2))[0] == pytest.approx(losses.mean())


def test_each_of_several_labels_has_a_logit_and_grades_have_one():
    assert [(each.n_logits, each.activation) for each in (LABELS, PAIR, ALONE, GRADES)] == [
        (3, "sigmoid"),
        (2, "sigmoid"),
        (1, "sigmoid"),
        (1, "sigmoid"),
    ]


def test_probabilities_of_several_labels_do_not_depend_on_each_other():
    assert LABELS.probabilities(np.array([[0.0, 1000.0, -1000.0]])).tolist() == [[0.5, 1, 0]]
    assert ALONE.probabilities(np.array([[0.0], [1000.0]])).tolist() == [[0.5], [1]]
    np.testing.assert_allclose(GRADES.probabilities(np.log([[3.0]])), [[0.25, 0.75]])


@INDEPENDENT
def test_independent_losses_are_binary_cross_entropies_and_slopes_their_derivatives(output):
    z = 3 * np.random.default_rng(2).normal(size=(20, output.n_logits))
    targets = targets_of(output, 20)
    losses, slopes = output.losses_and_slopes(z, targets)
    p = 1 / (1 + np.exp(-z))
    entropies = -(targets * np.log(p) + (1 - targets) * np.log1p(-p))
    np.testing.assert_allclose(losses, entropies.sum(axis=1))
    for k in range(output.n_logits):
        step = np.zeros(output.n_logits)
        step[k] = 1e-5
        above, below = (output.losses_and_slopes(z + s, targets)[0] for s in (step, -step))
        np.testing.assert_allclose(slopes[:, k], (above - below) / 2e-5, atol=1e-8)
    loss, _ = output.mean_scores(z, targets, np.ones(20))
    assert loss == pytest.approx(entropies.mean()), "a mean over the logits too"


@pytest.mark.parametrize("output", [TWO, THREE, LABELS, PAIR, ALONE, GRADES])
def test_losses_by_aims_are_those_by_targets(output):
    rng = np.random.default_rng(3)
    z = 2 * rng.normal(size=(9, output.n_logits))
    targets = targets_of(output, 9) if output.independent else rng.integers(0, output.n_classes, 9)
    aims = output.aims(targets)
    assert aims.shape == (9, output.n_classes)
    found = output.losses(output.class_logits(z), aims)
    np.testing.assert_allclose(found, output.losses_and_slopes(z, targets)[0])


@INDEPENDENT
def test_class_logits_of_independent_logits_and_back(output):
    z = np.random.default_rng(0).normal(size=(7, output.n_logits))
    columns = output.class_logits(z)
    assert columns.shape == (7, output.n_classes)
    np.testing.assert_allclose(output.logits_of(columns), z)


@INDEPENDENT
def test_independent_log_odds_are_those_of_the_probabilities(output):
    z = np.random.default_rng(4).normal(size=(7, output.n_logits))
    p = output.probabilities(z)
    for column in range(output.n_classes):
        np.testing.assert_allclose(output.log_odds(z, column), np.log(p[:, column] / (1 - p[:, column])))
        at, sign = output.signed_logits(np.full(7, column))
        np.testing.assert_allclose(output.log_odds(z, column), sign * z[np.arange(7), at])


def test_the_accuracy_of_independent_logits_is_the_share_on_their_side():
    z, targets = np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([[1, 1], [1, 1]], dtype=np.float32)
    assert PAIR.right(z, targets).tolist() == [0.5, 1.0]
    assert GRADES.right(np.array([[0.3], [-0.3]]), np.array([[0.9], [0.6]])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("n_classes", "target"), [(1, "single"), (0, "multilabel"), (1, "graded"), (2, "other")]
)
def test_outputs_without_a_meaning_are_refused(n_classes, target):
    class Shape(HasOutput):
        pass

    shape = Shape()
    shape.n_classes, shape.target = n_classes, target
    with pytest.raises(DataError, match=r"'(n_classes|target)' must"):
        shape.check_output()

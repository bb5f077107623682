"""What a linear classifier knows before the first epoch: naive Bayes, made less sure."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wordloom.kernels.linear import Examples
from wordloom.models.output import Output
from wordloom.training.linear import LinearTrainer
from wordloom.training.linear_plan import LinearPlan, update_rule
from wordloom.training.linear_start import START_SPREAD
from wordloom.training.naive_bayes import SMOOTHING, log_count_ratios


def learner(classes, rows=40, documents=300, fewest=1, seed=0, in_turn=False):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, classes, documents).astype(np.int32)
    if in_turn:
        targets = np.arange(documents, dtype=np.int32) % classes
    held = [
        np.unique(np.concatenate([[0], rng.integers(1, rows + 1, 6), [1 + target, 31 + target]])).astype(
            np.int32
        )
        for target in targets
    ]
    offsets = np.concatenate([[0], np.cumsum([len(some) for some in held])]).astype(np.int64)
    ones = np.ones(documents, dtype=np.float32)
    examples = Examples(np.concatenate(held), offsets, targets, ones, ones)
    plan = LinearPlan(
        output=Output(classes), rows=rows + 1, min_documents=fewest, rule=update_rule(None, 0.0, 0)
    )
    return examples, held, LinearTrainer(examples, np.arange(documents), plan, 0)


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@pytest.mark.parametrize("classes", [2, 3])
def test_training_begins_at_log_count_ratios(monkeypatch, kernels, classes):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    examples, held, made = learner(classes)
    columns = [1] if classes == 2 else list(range(classes))
    logits = np.stack([made.layer.table[rows, : len(columns)].sum(axis=0) for rows in held])
    assert logits.std() == pytest.approx(START_SPREAD, rel=1e-4)
    for k, of_class in enumerate(columns):
        inside, outside = (
            np.bincount(np.concatenate([held[i] for i in np.flatnonzero(chosen)]), minlength=41)
            for chosen in (examples.targets == of_class, examples.targets != of_class)
        )
        share = inside.sum() / (inside.sum() + outside.sum())
        both = inside + outside
        ratios = np.log((inside + SMOOTHING) / (both * share + SMOOTHING))
        ratios -= np.log((outside + SMOOTHING) / (both * (1 - share) + SMOOTHING))
        ratios[0] = 0  # row 0 is in every document
        found = made.layer.table[:, k] / np.abs(made.layer.table[:, k]).max()
        np.testing.assert_allclose(found, ratios / np.abs(ratios).max(), atol=1e-5)


def test_in_many_documents_whose_classes_come_in_turn_it_begins_alike():
    _, held, made = learner(2, documents=2000, in_turn=True)
    logits = np.stack([made.layer.table[rows, 0].sum() for rows in held])
    assert logits.std() == pytest.approx(START_SPREAD, rel=0.1)


def test_rows_of_too_few_documents_begin_at_nothing_and_do_not_learn():
    _, held, made = learner(2, rows=2000, fewest=3)
    counts = np.bincount(np.concatenate(held), minlength=2001)
    assert (counts == 1).any()
    assert (counts > 2).any()
    assert not made.layer.table[counts < 3].any()


def test_a_rate_that_grows_is_higher_in_every_epoch_than_in_the_one_before():
    examples, _, made = learner(3)
    faster = update_rule(2 * 2.5, 0.0, 0)
    plan = LinearPlan(Output(3), 41, 1, update_rule(2.5, 0.0, 0), growth=0.5)
    growing, twice = (
        LinearTrainer(examples, np.arange(300), own, 0)
        for own in (plan, dataclasses.replace(plan, rule=faster, growth=0.0))
    )
    for trainer in (made, growing, twice):
        trainer.run(trainer.order(2), 2)
    np.testing.assert_array_equal(growing.kept()[0], twice.kept()[0])
    assert (growing.kept()[0] != made.kept()[0]).any()


def test_a_few_weak_rows_are_not_blown_up():
    rows = np.array([0, 1, 0, 1, 0, 0], dtype=np.int32)
    offsets = np.array([0, 1, 2, 3, 4, 5, 6], dtype=np.int64)
    targets = np.array([0, 1, 1, 0, 0, 1], dtype=np.int32)
    ones = np.ones(6, dtype=np.float32)
    plan = LinearPlan(output=Output(2), rows=2, min_documents=1, rule=update_rule(None, 0.0, 0))
    made = LinearTrainer(Examples(rows, offsets, targets, ones, ones), np.arange(6), plan, 0)
    assert np.abs(made.layer.table[:, 0]).max() <= np.log(3)


def test_ratios_by_hand():
    """Both classes sum to 7 with the smoothing, so there is no shift: log 3/3, log 1/3 and log 3/1."""
    found = log_count_ratios(np.array([[2, 2], [2, 0], [0, 2]], dtype=np.float32), np.float32([4, 2, 2]))
    np.testing.assert_allclose(found[:, 1], [0, -np.log(3), np.log(3)], atol=1e-6)
    np.testing.assert_allclose(found[:, 0], -found[:, 1], atol=1e-6)


def test_ratios_of_classes_without_documents_are_finite():
    assert np.isfinite(log_count_ratios(np.zeros((3, 4), dtype=np.float32), np.zeros(3, np.float32))).all()


def test_few_documents_and_short_ones_can_be_gone_through_more_often():
    plan = LinearPlan(output=Output(2), rows=4, min_documents=1, rule=update_rule(None, 0.0, 0))
    assert plan.most_epochs(100, 5_000) == 40
    assert plan.most_epochs(10_000, 800_000) == 25
    assert plan.most_epochs(22_500, 12_500_000) == 6
    assert plan.most_epochs(10_000_000, 1 << 40) == 6
    assert dataclasses.replace(plan, epochs=2).most_epochs(100, 5_000) == 2

"""Rows that stand in the same documents learn as one, and nobody can tell."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wordloom.kernels.linear import Examples
from wordloom.models.output import Output
from wordloom.text.sequences import Ragged
from wordloom.training.alike_rows import AlikeRows
from wordloom.training.linear import LinearTrainer
from wordloom.training.linear_plan import LinearPlan, update_rule

N, V = 60, 12


@pytest.fixture
def documents():
    """Rows 3, 7 and 8 always stand together; 9 and 10 do in the first document, which is the only one."""
    rng, rows = np.random.default_rng(0), []
    for number in range(N):
        held = set(rng.choice(7, 3, replace=False).tolist())
        held |= {7, 8} if 3 in held else set()
        rows.append(sorted(held | ({9, 10} if number == 0 else set())))
    return Ragged.from_lists(rows)


def test_what_stands_together_is_a_group_and_so_is_what_stands_nowhere(documents):
    alike = AlikeRows.among([documents], V)
    assert alike.groups.tolist() == [0, 1, 2, 3, 4, 5, 6, 3, 3, 7, 7, 8]
    assert alike.sizes.tolist() == [1, 1, 1, 3, 1, 1, 1, 2, 1]


def test_documents_hold_each_group_once(documents):
    alike = AlikeRows.among([documents], V)
    expected = [sorted(set(alike.groups[rows].tolist())) for rows in documents]
    assert [sorted(rows.tolist()) for rows in alike.merged(documents)] == expected


def test_what_further_documents_tell_apart_is_not_alike(documents):
    alike = AlikeRows.among([documents, Ragged.from_lists([[3, 7], [9]])], V)
    assert alike.groups[3] == alike.groups[7]
    assert len({alike.groups[row] for row in (3, 8, 9, 10)}) == 4


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(("weighting", "fewest"), [("naive-bayes", 1), ("idf", 2)])
def test_weights_are_those_that_each_row_learns_for_itself(
    monkeypatch, documents, kernels, classes, weighting, fewest
):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    rng, output = np.random.default_rng(1), Output(classes)
    weights, scales = (rng.uniform(0.5, 1.5, N).astype(np.float32) for _ in range(2))
    targets = rng.integers(0, classes, N).astype(np.int32)
    plan = LinearPlan(output, V, fewest, update_rule(None, 0.0, 0), weighting)
    alike, found = AlikeRows.among([documents], V), []
    merged = alike.merged(documents)
    for rows, own in (
        (documents, plan),
        (merged, dataclasses.replace(plan, rows=len(alike), alike=alike)),
    ):
        examples = Examples(rows.ids, rows.offsets, targets, weights, scales)
        trainer = LinearTrainer(examples, np.arange(N), own, 3)
        for epoch in range(3):
            trainer.run(trainer.order(epoch), epoch)
        found.append(trainer.kept())
    assert np.abs(found[0][0]).max() > 0.1
    np.testing.assert_allclose(found[1][0], found[0][0], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found[1][1], found[0][1], rtol=1e-3, atol=1e-5)

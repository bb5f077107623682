"""solver="batch": the lowest penalized loss, whatever it is looked for from."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.executors import InProcess
from wordloom.fit import FitInput, fit
from wordloom.fit.update import learned_on
from wordloom.kernels import linear
from wordloom.kernels.linear import Examples
from wordloom.loop.callback import Callback, CallbackList
from wordloom.models.output import Output
from wordloom.settings import Settings
from wordloom.targets import GRADED, MULTILABEL
from wordloom.text.on_disk.array_store import ArrayStore
from wordloom.text.on_disk.ordered_jobs import OrderedJobs
from wordloom.text.on_disk.part_jobs import Workplace
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.sequences import offsets_of
from wordloom.training import batch, sharded_loss
from wordloom.training.batch import Problem, members_of
from wordloom.training.linear_plan import LinearPlan, update_rule
from wordloom.training.linear_start import LinearStart
from wordloom.training.sharded_loss import ShardedLoss

ROWS, STRENGTH = 15, 3.0
OUTPUTS = [Output(2), Output(3), Output(3, MULTILABEL), Output(2, GRADED)]
outputs = pytest.mark.parametrize("output", OUTPUTS, ids=str)


@pytest.fixture(autouse=True)
def plain_kernels_on_small_shards(monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
    monkeypatch.setattr(sharded_loss, "ROWS_OF_A_SHARD", 60)


def documents(output, n=80):
    rng = np.random.default_rng(5)
    held = [np.sort(rng.choice(ROWS, rng.integers(1, 6), replace=False)) for _ in range(n)]
    targets = np.array([rows[0] % output.n_classes for rows in held], dtype=np.int32)
    if output.independent:
        targets = np.array([rows[: output.n_logits] / ROWS for rows in map(np.resize, held, [9] * n)])
        targets = targets.astype(np.float32)
    ones = np.ones(n, dtype=np.float32)
    offsets = offsets_of(np.array([len(rows) for rows in held]))
    return Examples(np.concatenate(held).astype(np.int32), offsets, targets, ones, ones)


def problem_of(output, weights=None, learned=None):
    examples = documents(output)
    n = len(examples.scales)
    weights = np.ones(n) if weights is None else weights
    learned = np.arange(n) if learned is None else learned
    examples = examples._replace(weights=weights.astype(np.float32))
    place = Workplace(ArrayStore(Scratch(), in_memory=True), 1, 10, 10)
    jobs = OrderedJobs(InProcess(), CallbackList())
    loss = ShardedLoss(examples, members_of(weights, learned), output, ROWS, place, jobs)
    plan = LinearPlan(output=output, rows=ROWS, min_documents=1, rule=update_rule(None, 0.0, 0))
    start = LinearStart(linear, examples, learned, plan)
    return Problem(loss, batch.LEARNED, float(weights[learned].sum()), start)


def values(problem, parameters):
    return problem.penalized(parameters / problem.sizes, STRENGTH)


@outputs
def test_no_other_weights_have_a_lower_penalized_loss(output):
    problem = problem_of(output)
    found = problem.minimum(STRENGTH, problem.begin, tolerance=1e-14).parameters
    value, gradient, _ = values(problem, found)
    assert np.abs(gradient).max() < 1e-5
    assert value < values(problem, problem.begin)[0]
    rng = np.random.default_rng(0)
    for size in (1e-3, 0.1, 2.0):
        assert value < values(problem, found + size * rng.normal(size=found.shape) * problem.sizes)[0]


@outputs
def test_where_the_search_begins_does_not_matter(output):
    problem = problem_of(output)
    found = problem.minimum(STRENGTH, problem.begin, tolerance=1e-14).parameters
    again = problem.minimum(STRENGTH, np.ones_like(problem.begin), tolerance=1e-14).parameters
    weights = slice(None, -output.n_logits)  # biases of classes have their differences only
    np.testing.assert_allclose(found[weights], again[weights], atol=1e-3)


def test_a_weaker_penalty_gives_a_lower_loss_and_moves_weights_further():
    problem = problem_of(Output(3))
    weak, strong = (problem.minimum(strength, problem.begin, tolerance=1e-10) for strength in (10.0, 0.1))
    assert weak.at.loss < strong.at.loss
    moves = [np.square(found.parameters - problem.begin).sum() for found in (weak, strong)]
    assert moves[0] > moves[1]
    held = problem.minimum(1e-9, problem.begin, tolerance=1e-10).parameters
    np.testing.assert_allclose(held[:-3], problem.begin[:-3], atol=1e-6)


def test_a_document_that_counts_twice_is_as_two_documents():
    """And one that counts nothing as none: of those held out nothing is learned."""
    n, rng = 80, np.random.default_rng(1)
    counts = rng.integers(0, 3, n).astype(np.float64)
    examples, at = documents(Output(2)), rng.normal(size=ROWS + 1)
    kept = np.repeat(np.arange(n), counts.astype(int))
    logits = np.array(
        [at[examples.rows[examples.offsets[i] : examples.offsets[i + 1]]].sum() + at[-1] for i in kept]
    )
    problem = problem_of(Output(2), counts)
    loss = values(problem, at)[2].loss
    assert loss == pytest.approx(np.logaddexp(0, -logits * (2 * examples.targets[kept] - 1)).sum())
    held_out = counts == 0
    assert held_out.sum() > 10
    without = problem_of(Output(2), np.where(held_out, 7.0, counts), np.flatnonzero(~held_out))
    assert values(without, at)[2].loss == pytest.approx(loss)


TEXTS = ["a good film", "a bad film", "a fine plot", "a dull plot", "good cast", "bad cast"] * 36
LABELS = ["pos", "neg", "pos", "neg", "pos", "neg"] * 36
SETS = [{label, "plot"} if "plot" in text else {label} for text, label in zip(TEXTS, LABELS, strict=True)]
TARGETS = {
    "single": LABELS,
    "multilabel": [sorted(labels) for labels in SETS],
    "graded": [3.5 if label == "pos" else 0.5 for label in LABELS],
}
SETTINGS = Settings(architecture="ngram", solver="batch", characters=0, random_state=1)


@pytest.mark.parametrize("target", TARGETS)
def test_every_kind_of_label_is_learned(target):
    given = TARGETS[target]
    model = fit(Corpus(TEXTS, given, target=target), SETTINGS)
    answers = model.predict(TEXTS[:6])
    if target == "graded":
        assert np.abs(np.array(answers) - given[:6]).max() < 0.5
    else:
        assert list(map(sorted, answers)) == list(map(sorted, given[:6]))
    (strength,) = model.record["batch"]["strengths"]
    assert strength in batch.STRENGTHS
    assert model.history.history["loss"][0] > model.history.history["loss"][-1]


def test_few_texts_are_solved_for_too_if_it_is_asked_for():
    model = fit(Corpus(TEXTS[:60], LABELS[:60]), SETTINGS)
    assert "least_squares" not in model.record
    assert model.record["batch"]["strengths"] == [batch.STRENGTH_WITHOUT_VALIDATION]
    assert len(model.history) == 1
    assert model.predict(TEXTS[:6]) == LABELS[:6]


def test_auto_chooses_the_architecture_that_has_the_solver():
    model = fit(Corpus(TEXTS[:60], LABELS[:60]), Settings(solver="batch", random_state=1))
    assert model.record["choice"] == {"architecture": "ngram", "why": "solver goes with it"}
    assert len(model.record["batch"]["strengths"]) == 3  # words, by ratios and by frequency, and characters


def test_a_model_that_was_solved_for_learns_on_by_steps():
    model = learned_on(
        fit(Corpus(TEXTS, LABELS), SETTINGS), Corpus(["a superb film"] * 9, ["pos"] * 9), epochs=2
    )
    assert model.predict(["superb"]) == ["pos"]


class Ending(Callback):
    """Ends training after the second strength, or by Ctrl-C in it."""

    def __init__(self, interrupt):
        self._interrupt = interrupt

    def on_train_batch_end(self, batch, logs):
        if self._interrupt and len(self.history) == 1:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs):
        self.stop_training = epoch == 1


@pytest.mark.parametrize("interrupt", [False, True])
def test_what_ends_training_keeps_the_best_so_far(interrupt):
    extra = FitInput(callbacks=[Ending(interrupt)], keep_interrupted=True)
    model = fit(Corpus(TEXTS, LABELS), SETTINGS, extra)
    assert model.history.stopped == ("interrupted" if interrupt else "callback")
    assert model.history.best_epoch == (1 if interrupt else 2)
    assert model.predict(TEXTS[:6]) == LABELS[:6]


class InTheEnd(Callback):
    """Ctrl-C while it learns from all texts."""

    def on_step(self, name, done, total, unit):
        if "all texts" in name:
            raise KeyboardInterrupt


def test_ctrl_c_while_all_texts_are_learned_from_keeps_what_was_learned_without_those_held_out():
    model = fit(Corpus(TEXTS, LABELS), SETTINGS, FitInput(callbacks=[InTheEnd()], keep_interrupted=True))
    assert model.history.stopped == "interrupted"
    assert model.predict(TEXTS[:6]) == LABELS[:6]
    with pytest.raises(KeyboardInterrupt):
        fit(Corpus(TEXTS, LABELS), SETTINGS, FitInput(callbacks=[InTheEnd()]))

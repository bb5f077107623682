"""Two classifiers, one of which says how many epochs the other makes."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels.linear import Examples
from wordloom.loop.callback import Callback
from wordloom.models.output import Output
from wordloom.training.linear import LinearTrainer
from wordloom.training.linear_epochs import Follower, train_linear
from wordloom.training.linear_plan import LinearPlan, Validation, update_rule

N, ROWS = 120, 30


def task(callbacks=(), epochs=None, **options):
    rng = np.random.default_rng(3)
    targets = rng.integers(0, 3, N).astype(np.int32)
    rows = np.stack([rng.permutation(ROWS)[:4] for _ in range(N)]).astype(np.int32)
    ones = np.ones(N, dtype=np.float32)
    examples = Examples(rows.ravel(), np.arange(0, 4 * N + 1, 4), targets, ones, ones)
    plan = LinearPlan(
        Output(3), ROWS, 1, update_rule(None, 0.0, 0), callbacks=callbacks, epochs=epochs, **options
    )
    return examples, plan


def validation_with(losses):
    """Texts for validation that give these losses, one an epoch."""
    left = iter(losses)
    targets = np.zeros(1, np.int32)

    def score(layer):
        p = np.exp(-next(left))
        return np.log(np.array([[p, (1 - p) / 2, (1 - p) / 2]], dtype=np.float32))

    return Validation(score, Output(3), targets, np.ones(1))


def weights_after(epochs):
    examples, plan = task()
    trainer = LinearTrainer(examples, np.arange(N), plan, epochs)
    for epoch in range(epochs):
        trainer.run(trainer.order(epoch), epoch)
    return trainer.kept()[0]


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_kept_has_learned_from_all_documents_in_the_best_number_of_epochs(threads):
    examples, plan = task(threads=threads)
    validation = validation_with([0.9, 0.6, 0.7, 0.5, 0.55, 0.56])
    with Follower(threads) as follower:
        found = train_linear(examples, np.arange(100), validation, plan, True, follower)
        assert found.history.best_epoch == 4
        assert len(found.history) == 6
    np.testing.assert_array_equal(found.weights, weights_after(4))


@pytest.mark.parametrize("threads", [1, 2])
def test_two_trainings_after_each_other_do_not_disturb_each_other(threads):
    examples, plan = task(threads=threads)
    with Follower(threads) as follower:
        each = [
            train_linear(examples, np.arange(100), validation_with(losses), plan, True, follower)
            for losses in ([0.9, 0.6, 0.5, 0.4, 0.5, 0.5], [0.5, 0.6, 0.7])
        ]
    for found, epochs in zip(each, (4, 1), strict=True):
        np.testing.assert_array_equal(found.weights, weights_after(epochs))


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interruption_after_an_epoch_keeps_the_best_so_far(threads):
    class Interrupting(Callback):
        def on_epoch_end(self, epoch, logs):
            if epoch == 2:
                raise KeyboardInterrupt

    examples, plan = task([Interrupting()], threads=threads, keep_interrupted=True)
    with Follower(threads) as follower:
        found = train_linear(examples, np.arange(100), validation_with([0.9, 0.6, 0.7]), plan, True, follower)
    assert found.history.stopped == "interrupted"
    np.testing.assert_array_equal(found.weights, weights_after(2))


def test_an_error_of_a_callback_ends_both():
    class Failing(Callback):
        def on_epoch_end(self, epoch, logs):
            raise ValueError("no more")

    examples, plan = task([Failing()])
    with pytest.raises(ValueError, match="no more"), Follower(2) as follower:
        train_linear(examples, np.arange(100), validation_with([0.9]), plan, True, follower)

"""The loop of epochs: which epoch is the best, and when there are no more."""

from __future__ import annotations

import pytest

from wordloom.loop.callback import CallbackList
from wordloom.loop.epochs import Schedule, run_epochs


class Measured:
    """A training that measures these validation losses."""

    def __init__(self, losses):
        self.losses, self.kept, self.made = losses, [], 0

    def steps(self, epoch):
        return 1

    def run(self, epoch, callbacks):
        self.made = epoch + 1
        return {"loss": 1.0, "val_loss": self.losses[epoch]}

    def keep(self):
        self.kept.append(self.made)

    def settle(self, stopped):
        """Nothing else runs."""


CREEPING = [1.0, 0.9, 0.8995, 0.8985, 0.8984, 0.8983, 0.8982, 0.5]


@pytest.mark.parametrize(("least_gain", "kept", "made"), [(0.0, [*range(1, 9)], 8), (0.001, [1, 2, 4], 6)])
def test_training_ends_where_epochs_gain_next_to_nothing(least_gain, kept, made):
    """Gains too small for one epoch count together: the fourth is better than the second."""
    training = Measured(CREEPING)
    schedule = Schedule(len(CREEPING), patience=2, least_gain=least_gain)
    history = run_epochs(training, schedule, CallbackList([]))
    assert training.kept == kept
    assert history.best_epoch == kept[-1]
    assert len(history) == made

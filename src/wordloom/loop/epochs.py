"""The one loop of epochs: callbacks, early stopping, the best epoch, Ctrl-C, History.

What an epoch does is asked of a `Training`, so that networks, linear classifiers and vectors all use it. It
knows no weights, no batches and no progress bars.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from wordloom.errors import UsageError
from wordloom.loop.callback import CallbackList, Logs
from wordloom.loop.history import History


class Training(Protocol):
    """What is trained, one epoch (from 0) after the other."""

    def steps(self, epoch: int) -> int:
        """Make an epoch ready; how many steps it has."""

    def run(self, epoch: int, callbacks: CallbackList) -> Logs:
        """Train for an epoch, telling of its batches; what was measured, `loss` at least."""

    def keep(self) -> None:
        """What is learned now is the best so far."""

    def settle(self, stopped: str) -> None:
        """No epoch follows, for this reason of `History.stopped`: end what still runs."""


@dataclass(frozen=True)
class Schedule:
    """How many epochs, and when to stop before.

    Parameters
    ----------
    epochs : at most so many
    patience : epochs without a better validation loss before training stops, 0 counts as 1; None for never
    least_gain : share of the lowest validation loss by which a lower one must be below it to be better
    keeps_last : the newest epoch is kept, whatever its validation loss
    keep_interrupted : the first Ctrl-C ends training and keeps the best so far, a second one is a
        KeyboardInterrupt; else the first is one, since what is half trained is no result of work that
        compares several
    initial_epoch, initial_step : where training begins
    params : what else the callbacks are told at the beginning
    """

    epochs: int
    patience: int | None = None
    least_gain: float = 0.0
    keeps_last: bool = False
    keep_interrupted: bool = False
    initial_epoch: int = 0
    initial_step: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)

    def keeps(self, loss: float | None, lowest: float) -> bool:
        """Whether an epoch of this validation loss is kept, if the one that is kept had the loss `lowest`."""
        return loss is None or self.keeps_last or loss < lowest * (1 - self.least_gain)


def run_epochs(training: Training, schedule: Schedule, callbacks: CallbackList) -> History:
    """Train until all epochs are made or something stops it; what was measured, and which epoch was kept.

    The best epoch is that of the lowest validation loss, as far as `least_gain` tells them apart, or without
    validation the last one. Its number is 0 if none was finished.
    """
    history, first = History(), schedule.initial_epoch
    steps = training.steps(first) if first < schedule.epochs else 0
    callbacks.on_train_begin(_params(schedule, steps), history)
    try:
        _make_epochs(training, schedule, callbacks, history)
    except KeyboardInterrupt:
        history.stopped = "interrupted"
        if not schedule.keep_interrupted:
            raise
    finally:
        training.settle(history.stopped)
    callbacks.on_train_end(history.last)
    return history


def _params(schedule: Schedule, steps: int) -> dict[str, Any]:
    place = {"initial_epoch": schedule.initial_epoch, "initial_step": schedule.initial_step}
    return {"epochs": schedule.epochs, "steps": steps, **place, **schedule.params}


def _make_epochs(training: Training, schedule: Schedule, callbacks: CallbackList, history: History) -> None:
    lowest = math.inf
    for epoch in range(schedule.initial_epoch, schedule.epochs):
        began, steps = time.perf_counter(), training.steps(epoch)
        callbacks.on_epoch_begin(epoch, steps)
        logs = dict(training.run(epoch, callbacks))
        history.add(logs, time.perf_counter() - began)
        loss = logs.get("val_loss")
        if not history.best_epoch or schedule.keeps(loss, lowest):
            lowest = math.inf if loss is None else loss
            history.best_epoch = epoch + 1
            training.keep()
        callbacks.on_epoch_end(epoch, logs)
        if callbacks.stop_training:
            history.stopped = "callback"
            return
        if schedule.patience is not None and epoch + 1 - history.best_epoch >= max(schedule.patience, 1):
            history.stopped = "early"
            return


def refuse_divergence(logs: Logs, epoch: int, learning_rate: float) -> None:
    """UsageError if a figure of an epoch (from 0) is not finite."""
    for name, value in logs.items():
        if not math.isfinite(value):
            raise UsageError(
                f"Training diverged: {name} of epoch {epoch + 1} is {value}. Choose a lower learning_rate "
                f"than {learning_rate:g}, or smaller weights."
            )

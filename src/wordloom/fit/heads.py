"""The convex head on the task's texts: what every family that fits one does alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.task import Task
from wordloom.loop.callback import CallbackList, Logs
from wordloom.loop.epochs import Schedule, run_epochs
from wordloom.loop.history import History
from wordloom.models.output import Output
from wordloom.training.convex import Head, Points, fit_head


def fit_task_head(
    task: Task, features: NDArray[Any], validation: tuple[NDArray[Any], NDArray[np.int32]] | None
) -> tuple[Head, History]:
    """The head on the features (N, F) of all N texts; nothing is held out from them.

    validation : features (M, F) and class numbers (M,) of texts given for validation, which are only scored

    The history has one epoch: a convex problem is solved once.
    """
    training = _HeadTraining(task, features, validation)
    schedule = Schedule(1, params={"documents": len(features)})
    history = run_epochs(training, schedule, CallbackList(task.extra.callbacks))
    return training.head, history


class _HeadTraining:
    """The one epoch of a head; see `loop.epochs.Training`."""

    head: Head

    def __init__(
        self, task: Task, features: NDArray[Any], validation: tuple[NDArray[Any], NDArray[np.int32]] | None
    ) -> None:
        self._task, self._features, self._validation = task, features, validation

    def steps(self, epoch: int) -> int:
        return 1

    def run(self, epoch: int, callbacks: CallbackList) -> Logs:
        task, features = self._task, self._features
        points = Points(features.astype(np.float64), task.targets, task.weights, len(task.classes))
        self.head = fit_head(points, task.seed)
        loss, accuracy = _scores(self.head, features, task.targets, task.weights)
        logs = {"loss": loss, "accuracy": accuracy}
        callbacks.on_train_batch_end(0, logs)
        if self._validation is not None:
            loss, accuracy = _scores(self.head, *self._validation, np.ones(len(self._validation[1])))
            logs = logs | {"val_loss": loss, "val_accuracy": accuracy}
        return logs

    def keep(self) -> None:
        """There is one head."""

    def settle(self, stopped: str) -> None:
        """Nothing of it runs in another thread."""


def head_record(head: Head, texts: int) -> dict[str, Any]:
    """What a model's record keeps of its head."""
    return {
        "strength": head.strength,
        "cross_validation": None
        if head.held_out_loss is None
        else {"texts": texts, "accuracy": head.held_out_accuracy, "loss": head.held_out_loss},
    }


def _scores(
    head: Head, features: NDArray[Any], targets: NDArray[np.int32], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Mean log loss, weighted, and accuracy."""
    logits = head.logits(features)
    return Output.of_logits(logits.shape[1]).mean_scores(logits, targets, weights)

"""The convex head on the task's texts: what every family that fits one does alike."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.task import Task
from wordloom.models.output import Output
from wordloom.training.convex import Head, Points, fit_head
from wordloom.training.history import History


def fit_task_head(
    task: Task, features: NDArray[Any], validation: tuple[NDArray[Any], NDArray[np.int32]] | None
) -> tuple[Head, History]:
    """The head on the features (N, F) of all N texts; nothing is held out from them.

    validation : features (M, F) and class numbers (M,) of texts given for validation, which are only scored

    The history has one epoch: a convex problem is solved once.
    """
    began, n = time.perf_counter(), len(features)
    listener = task.extra.listener
    listener.started(1, n)
    head = fit_head(
        Points(features.astype(np.float64), task.targets, task.weights, len(task.classes)), task.seed
    )
    loss, accuracy = _scores(head, features, task.targets, task.weights)
    row = {"loss": loss, "accuracy": accuracy}
    listener.progressed(1, n, loss, accuracy)
    if validation is not None:
        loss, accuracy = _scores(head, *validation, np.ones(len(validation[1])))
        row |= {"val_loss": loss, "val_accuracy": accuracy}
    history = History(best_epoch=1)
    history.add(row, time.perf_counter() - began)
    listener.finished_epoch(1, row)
    listener.finished(history)
    return head, history


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

"""The epochs of a linear classifier: how many there are is chosen on documents that it does not learn from.

A second classifier with the same rule learns from all documents in so many epochs; it is the one that is
kept. It follows the first one in a thread of its own and makes an epoch as soon as it is known to be wanted.
So it ends where it should, without a copy of its weights after every epoch that was the best so far, and
while it catches up the next training may begin.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.linear import Examples
from wordloom.kernels.threads import thread_count
from wordloom.loop.callback import CallbackList, Logs
from wordloom.loop.epochs import Schedule, refuse_divergence, run_epochs
from wordloom.training.linear import LinearTrainer
from wordloom.training.linear_plan import LinearPlan, Trained, Validation

_LEAST_GAIN = 0.002
"""Of the validation loss: what an epoch brings less is not worth its time."""

Arrays = tuple[NDArray[np.float32], NDArray[np.float32]]

_TO_COME: Arrays = np.zeros((0, 0), np.float32), np.zeros(0, np.float32)
"""Weights and bias that the classifier that follows gives."""


class Follower:
    """A thread in which the classifiers that follow learn, one after the other; a context.

    When the context ends, all that they had to do is done, unless an error ended it. With one thread in all
    there is no other, and it is done when it is asked for.
    """

    def __init__(self, threads: int | None) -> None:
        self._thread = None if thread_count(threads) == 1 else ThreadPoolExecutor(1)
        self._tasks: list[Future[None]] = []

    @property
    def apart(self) -> bool:
        """Whether there is a thread for them."""
        return self._thread is not None

    def do(self, work: Callable[[], None]) -> None:
        """Have this done, after what was asked for before."""
        if self._thread is None:
            work()
        else:
            self._tasks.append(self._thread.submit(work))

    def __enter__(self) -> Follower:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None:
            for task in self._tasks:
                task.result()


def train_linear(
    examples: Examples,
    learned: NDArray[np.int64],
    validation: Validation | None,
    plan: LinearPlan,
    refit: bool,
    follower: Follower,
) -> Trained:
    """Train a linear classifier.

    Raises UsageError if training diverges.

    Parameters
    ----------
    examples : N documents
    learned : the documents to learn from while the number of epochs is chosen
    validation : what it is chosen on; None makes a fixed number of epochs
    refit : keep a classifier that learns from all N documents instead, in the same number of epochs; its
        weights and bias are there when the follower's context has ended
    """
    epochs = plan.most_epochs(len(learned), int(np.diff(examples.offsets)[learned].sum()))
    second = None
    if refit:
        everything = np.arange(len(examples.targets))
        second = _Second(lambda: LinearTrainer(examples, everything, plan, epochs), follower)
    try:
        first = LinearTrainer(examples, learned, plan, epochs)
        return _LinearTraining(first, second, validation, plan).trained(epochs)
    except BaseException:
        if second is not None:
            second.end()
        raise


class _Second:
    """The classifier that learns from all documents.

    The first epoch is always wanted. Every further one is, as soon as a later one was the best so far.
    """

    def __init__(self, make: Callable[[], LinearTrainer], follower: Follower) -> None:
        self._make, self._follower = make, follower
        self._trainer: LinearTrainer | None = None
        self._made, self._ended = 0, False
        if follower.apart:
            self.follow(1)

    def follow(self, epochs: int) -> None:
        """So many epochs are wanted now."""
        self._follower.do(lambda: self._catch_up(epochs))

    def end(self) -> None:
        """Learn no more than the documents at hand."""
        self._ended = True

    def give(self, trained: Trained) -> None:
        """Nothing more is wanted: these are to have the weights and bias."""
        self._follower.do(lambda: self._give(trained))

    def _catch_up(self, epochs: int) -> None:
        if self._trainer is None:
            self._trainer = self._make()
        while self._made < epochs and not self._ended:
            for chunk in self._trainer.chunks(self._made):
                if self._ended:
                    break
                self._trainer.run(chunk, self._made)
            self._made += 1

    def _give(self, trained: Trained) -> None:
        self._catch_up(0)
        assert self._trainer is not None
        trained.weights, trained.bias = self._trainer.kept()
        self._trainer = None


class _LinearTraining:
    """The epochs of one training: the first classifier says how many they are, the second one is kept."""

    def __init__(
        self,
        first: LinearTrainer,
        second: _Second | None,
        validation: Validation | None,
        plan: LinearPlan,
    ) -> None:
        self._first, self._second, self._validation, self._plan = first, second, validation, plan
        self._epochs = 0
        self._logits: NDArray[np.float32] | None = None
        self._best: NDArray[np.float32] | None = None
        self._kept: Arrays | None = None

    def trained(self, epochs: int) -> Trained:
        """Made so many epochs, or as many as validation says if the plan has no number of them."""
        plan, fixed, second = self._plan, self._plan.epochs is not None, self._second
        schedule = Schedule(
            epochs,
            None if fixed or self._validation is None else plan.patience,
            least_gain=_LEAST_GAIN,
            keeps_last=fixed,
            keep_interrupted=plan.keep_interrupted,
            params={"documents": self.steps(0), "target": plan.output.target},
        )
        history = run_epochs(self, schedule, CallbackList(plan.callbacks))
        own = self._kept or (self._first.kept() if second is None else _TO_COME)
        first = own if plan.keep_first and self._kept else None
        found = Trained(*own, self._best, history, first if second else None)
        if second is not None:
            second.give(found)
        return found

    def steps(self, epoch: int) -> int:
        return len(self._first)

    def run(self, epoch: int, callbacks: CallbackList) -> Logs:
        """An epoch of the first classifier; the second one makes its first epoch meanwhile."""
        if self._second is not None and not self._epochs:
            self._second.follow(1)
        loss, right, done = 0.0, 0.0, 0
        for chunk in self._first.chunks(epoch):
            own, correct = self._first.run(chunk, epoch)
            loss, right, done = loss + own, right + correct, done + len(chunk)
            if len(chunk):
                callbacks.on_train_batch_end(done - 1, {"loss": loss / done, "accuracy": right / done})
        logs = {"loss": loss / done, "accuracy": right / done}
        if self._validation is not None:
            measured, self._logits = self._validation.measured(self._first.layer)
            logs |= measured
        refuse_divergence(logs, epoch, self._plan.rule.rate)
        self._epochs = epoch + 1
        return logs

    def keep(self) -> None:
        self._best = self._logits
        if self._second is not None:
            self._second.follow(self._epochs)
        if self._second is None or self._plan.keep_first:
            self._kept = self._first.kept()

    def settle(self, stopped: str) -> None:
        """What was interrupted in its first epoch is kept as it is then."""
        if self._second is not None and stopped == "interrupted" and not self._epochs:
            self._second.end()

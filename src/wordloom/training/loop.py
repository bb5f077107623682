"""The one training loop: epochs, validation, early stopping, Ctrl-C, History.

It asks a network for a trainer and knows nothing of how that works, so every kind of network can use it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.kernels.pooled import Documents, Rule
from wordloom.models.network import Network
from wordloom.text.sequences import Ragged
from wordloom.training.history import History
from wordloom.training.word_dropout import drop_words

MOST_EPOCHS = 100
STEPS_WITHOUT_VALIDATION = 1000
_REPORTS_PER_EPOCH = 10


class Listener(Protocol):
    """What hears of the progress of training."""

    def started(self, epochs: int, documents: int) -> None: ...
    def progressed(self, epoch: int, documents: int, loss: float, accuracy: float) -> None: ...
    def finished_epoch(self, epoch: int, row: dict[str, float]) -> None: ...
    def finished(self, history: History) -> None: ...


class Trainable(Network, Protocol):
    """A network that gives a trainer of its weights."""

    @property
    def parameters(self) -> Any:
        """The weights, as `with_parameters` takes them."""

    def with_parameters(self, parameters: Any) -> Trainable:
        """The same network with other weights."""

    def trainer(self, documents: Documents, rule: Rule, epochs: int, threads: int | None) -> Any:
        """What trains the weights on arranged documents; see `kernels.pooled.Trainer`."""


class Silence:
    """A listener that says nothing."""

    def started(self, epochs: int, documents: int) -> None: ...
    def progressed(self, epoch: int, documents: int, loss: float, accuracy: float) -> None: ...
    def finished_epoch(self, epoch: int, row: dict[str, float]) -> None: ...
    def finished(self, history: History) -> None: ...


@dataclass(frozen=True)
class Examples:
    """Documents that a network has arranged, with their classes (N,) and their weights in the loss (N,)."""

    documents: Ragged
    targets: NDArray[np.int32]
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.targets)

    def as_documents(self, documents: Ragged | None = None) -> Documents:
        """As the kernels take them, with other ids if given."""
        chosen = documents or self.documents
        return Documents(chosen.ids, chosen.offsets, self.targets, self.weights)


@dataclass(frozen=True)
class Plan:
    """How to train: the rule of the steps, and when to stop.

    `epochs` None trains until validation says stop (at most MOST_EPOCHS), or without validation data for
    about STEPS_WITHOUT_VALIDATION steps. `patience` None never stops early. The word vectors stand still in
    the first `frozen_epochs` epochs. With `keep_interrupted` Ctrl-C ends training and keeps the best so
    far; else it is not held back, since a half-trained network is no result of work that compares several.
    """

    rule: Rule
    epochs: int | None
    patience: int | None
    word_dropout: float = 0.0
    frozen_epochs: float = 0.0
    threads: int | None = None
    listener: Listener = field(default_factory=Silence)
    keep_interrupted: bool = False

    def epochs_for(self, documents: int, validated: bool) -> int:
        """How many epochs to make at most."""
        if self.epochs is not None:
            return self.epochs
        if validated and self.patience is not None:
            return MOST_EPOCHS
        steps = math.ceil(documents / self.rule.batch_size)
        return min(max(math.ceil(STEPS_WITHOUT_VALIDATION / steps), 1), MOST_EPOCHS)


@np.errstate(over="ignore", invalid="ignore")  # training that diverges is reported once, in our words
def train(
    network: Trainable, training: Examples, validation: Examples | None, plan: Plan
) -> tuple[Any, History]:
    """Train a network; returns it with the best weights, and what was measured.

    The best weights are those with the lowest validation loss, or without validation data the last ones.
    One Ctrl-C ends training and keeps the best so far, if the plan says so; a second one is not held back.
    """
    epochs = plan.epochs_for(len(training), validation is not None)
    documents = training.as_documents()
    trainer = network.trainer(documents, plan.rule, epochs, plan.threads)
    history, best = History(), _Best(network.parameters)
    plan.listener.started(epochs, len(training))
    try:
        for epoch in range(epochs):
            began = time.perf_counter()
            row = _epoch(trainer, training, plan, epoch, network.shape.padded)
            current = trainer.parameters()
            if validation is not None:
                row |= _validate(network.with_parameters(current), validation, plan.threads)
            refuse_divergence(row, epoch + 1, plan.rule.learning_rate)
            history.add(row, time.perf_counter() - began)
            best.offer(current, row.get("val_loss"), epoch + 1)
            plan.listener.finished_epoch(epoch + 1, row)
            if plan.patience is not None and epoch + 1 - best.epoch >= max(plan.patience, 1):
                history.stopped = "early"
                break
    except KeyboardInterrupt:
        if not plan.keep_interrupted:
            raise
        history.stopped = "interrupted"
        if not best.epoch:
            best.parameters = trainer.parameters()
    history.best_epoch = best.epoch
    plan.listener.finished(history)
    return network.with_parameters(best.parameters), history


@dataclass
class _Best:
    """The best weights so far; without a validation loss the newest are the best."""

    parameters: Any
    loss: float = math.inf
    epoch: int = 0

    def offer(self, parameters: Any, loss: float | None, epoch: int) -> None:
        if loss is None or loss < self.loss or not self.epoch:
            self.parameters, self.loss, self.epoch = parameters, math.inf if loss is None else loss, epoch


def refuse_divergence(row: Mapping[str, float], epoch: int, learning_rate: float) -> None:
    """UsageError if a figure of an epoch is not finite."""
    for name, value in row.items():
        if not math.isfinite(value):
            raise UsageError(
                f"Training diverged: {name} of epoch {epoch} is {value}. Choose a lower learning_rate than "
                f"{learning_rate:g}, or smaller weights."
            )


def _epoch(trainer: Any, training: Examples, plan: Plan, epoch: int, padded: bool) -> dict[str, float]:
    n, seed = len(training), int(plan.rule.seed)
    order = np.random.default_rng([seed, 1, epoch]).permutation(n)
    if plan.word_dropout:
        dropped = drop_words(training.documents, plan.word_dropout, seed, epoch, padded)
        trainer.documents = training.as_documents(dropped)
    trainer.rule = plan.rule._replace(trains_embedding=epoch >= plan.frozen_epochs)
    batches = math.ceil(n / plan.rule.batch_size)
    stretch = math.ceil(batches / _REPORTS_PER_EPOCH) * plan.rule.batch_size
    loss, right = 0.0, 0
    for first in range(0, n, stretch):
        part_loss, part_right = trainer.run(order[first : first + stretch], epoch)
        loss, right = loss + part_loss, right + part_right
        done = min(first + stretch, n)
        plan.listener.progressed(epoch + 1, done, loss / done, right / done)
    return {"loss": loss / n, "accuracy": right / n}


def _validate(network: Trainable, validation: Examples, threads: int | None) -> dict[str, float]:
    logits = network.logits(validation.documents, threads)
    loss, accuracy = network.shape.output.mean_scores(logits, validation.targets, validation.weights)
    return {"val_loss": loss, "val_accuracy": accuracy}

"""Networks trained by the loop of epochs: an epoch's order and batches, word dropout, validation.

It asks a network for a trainer and knows nothing of how that works, so every kind of network can use it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.pooled import Documents, UpdateRule
from wordloom.loop.callback import Callback, CallbackList, Logs
from wordloom.loop.epochs import Schedule, refuse_divergence, run_epochs
from wordloom.loop.history import History
from wordloom.models.network import Network
from wordloom.text.sequences import Ragged
from wordloom.training.word_dropout import drop_words

MOST_EPOCHS = 100
STEPS_WITHOUT_VALIDATION = 1000
_REPORTS_PER_EPOCH = 10


class Trainable(Network, Protocol):
    """A network that gives a trainer of its weights."""

    @property
    def parameters(self) -> Any:
        """The weights, as `with_parameters` takes them."""

    def with_parameters(self, parameters: Any) -> Trainable:
        """The same network with other weights."""

    def trainer(self, documents: Documents, rule: UpdateRule, epochs: int, threads: int | None) -> Any:
        """What trains the weights on prepared documents; see `kernels.pooled.PooledTrainer`."""


@dataclass(frozen=True)
class LabeledDocuments:
    """Documents that a network has prepared, with their targets, as the output has them, and their weights in
    the loss (N,)."""

    documents: Ragged
    targets: NDArray[Any]
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.targets)

    def as_documents(self, documents: Ragged | None = None) -> Documents:
        """As the kernels take them, with other ids if given."""
        chosen = documents or self.documents
        if self.targets.ndim == 2:
            none = np.zeros(len(self), dtype=np.int32)
            return Documents(chosen.ids, chosen.offsets, none, self.weights, self.targets)
        return Documents(chosen.ids, chosen.offsets, self.targets, self.weights)


@dataclass(frozen=True)
class TrainingPlan:
    """How to train: the rule of the steps, and when to stop.

    `epochs` None trains until validation says stop (at most MOST_EPOCHS), or without validation data for
    about STEPS_WITHOUT_VALIDATION steps. `patience` None never stops early. The word vectors stand still in
    the first `frozen_epochs` epochs. `keep_interrupted` as in `loop.epochs.Schedule`.
    """

    rule: UpdateRule
    epochs: int | None
    patience: int | None
    word_dropout: float = 0.0
    frozen_epochs: float = 0.0
    threads: int | None = None
    callbacks: Sequence[Callback] = ()
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
    network: Trainable, training: LabeledDocuments, validation: LabeledDocuments | None, plan: TrainingPlan
) -> tuple[Any, History]:
    """Train a network; returns it with the best weights, and what was measured.

    The best weights are those with the lowest validation loss, or without validation data the last ones.
    """
    epochs = plan.epochs_for(len(training), validation is not None)
    trained = _NetworkTraining(network, training, validation, plan, epochs)
    schedule = Schedule(
        epochs,
        plan.patience,
        keep_interrupted=plan.keep_interrupted,
        params={"documents": len(training), "target": network.shape.output.target},
    )
    history = run_epochs(trained, schedule, CallbackList(plan.callbacks))
    return network.with_parameters(trained.best()), history


class _NetworkTraining:
    """The epochs of a network; see `loop.epochs.Training`."""

    def __init__(
        self,
        network: Trainable,
        training: LabeledDocuments,
        validation: LabeledDocuments | None,
        plan: TrainingPlan,
        epochs: int,
    ) -> None:
        self._network, self._training, self._validation, self._plan = network, training, validation, plan
        self._trainer = network.trainer(training.as_documents(), plan.rule, epochs, plan.threads)
        self._newest: Any = None
        self._best: Any = None

    def best(self) -> Any:
        """The weights of the best epoch; if none was finished, as they are."""
        return self._trainer.parameters() if self._best is None else self._best

    def steps(self, epoch: int) -> int:
        return math.ceil(len(self._training) / self._plan.rule.batch_size)

    def run(self, epoch: int, callbacks: CallbackList) -> Logs:
        logs = self._learn(epoch, callbacks)
        self._newest = self._trainer.parameters()
        if self._validation is not None:
            network = self._network.with_parameters(self._newest)
            logs |= _validate(network, self._validation, self._plan.threads)
        refuse_divergence(logs, epoch, self._plan.rule.learning_rate)
        return logs

    def keep(self) -> None:
        self._best = self._newest

    def settle(self, stopped: str) -> None:
        """Nothing of it runs in another thread."""

    def _learn(self, epoch: int, callbacks: CallbackList) -> dict[str, float]:
        plan, training, trainer = self._plan, self._training, self._trainer
        n, size, seed = len(training), plan.rule.batch_size, int(plan.rule.seed)
        order = np.random.default_rng([seed, 1, epoch]).permutation(n)
        if plan.word_dropout:
            padded = self._network.shape.padded
            dropped = drop_words(training.documents, plan.word_dropout, seed, epoch, padded)
            trainer.documents = training.as_documents(dropped)
        trainer.rule = plan.rule._replace(trains_embedding=epoch >= plan.frozen_epochs)
        chunk = math.ceil(self.steps(epoch) / _REPORTS_PER_EPOCH) * size
        loss, right, done = 0.0, 0.0, 0
        for first in range(0, n, chunk):
            part_loss, part_right = trainer.run(order[first : first + chunk], epoch)
            loss, right, done = loss + part_loss, right + part_right, min(first + chunk, n)
            callbacks.on_train_batch_end(
                math.ceil(done / size) - 1, {"loss": loss / done, "accuracy": right / done}
            )
            if callbacks.stop_training:
                break
        return {"loss": loss / done, "accuracy": right / done}


def _validate(network: Trainable, validation: LabeledDocuments, threads: int | None) -> dict[str, float]:
    logits = network.logits(validation.documents, threads)
    loss, accuracy = network.shape.output.mean_scores(logits, validation.targets, validation.weights)
    return {"val_loss": loss, "val_accuracy": accuracy}

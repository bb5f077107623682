"""How weights are found: by gradient steps over epochs, or as the solution of a convex problem.

What networks on word vectors have in common stands here too; what each of them is, in `pooled` and `keras`.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError, WordloomWarning
from wordloom.fit.inputs import FitInput, Fitted, Task, empty_texts
from wordloom.kernels.pooled import MEAN, UpdateRule
from wordloom.loop.callback import CallbackList, Logs
from wordloom.loop.epochs import Schedule, run_epochs
from wordloom.loop.history import History
from wordloom.models.network import Network
from wordloom.models.pooled import OPTIMIZERS, PooledNetwork
from wordloom.setting import AUTO, resolved
from wordloom.settings import DIMENSIONS, Settings, frozen_epochs
from wordloom.settings import OPTIMIZERS as LEARNING_RATES
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.training.convex import OutputLayer, Points, fit_output_layer
from wordloom.training.networks import LabeledDocuments, Trainable, TrainingPlan, train

_LONGEST = 500


@dataclass(frozen=True)
class EncodedTexts:
    """The training texts as a network takes them.

    Parameters
    ----------
    vocabulary : V of them
    ids : the N training texts as its ids
    """

    vocabulary: Vocabulary
    ids: Ragged


def train_network(task: Task, network: Trainable, encoded: EncodedTexts) -> Fitted:
    """Train a network on the task's texts, validating on those held out or given."""
    warn_of_random_vectors(task.settings)
    prepared = network.prepared(encoded.ids)
    rows, held_out = task.held_out()
    validation = _given_validation(task, network, encoded.vocabulary)
    if len(held_out):
        validation = _examples(prepared, task.targets, task.weights, held_out)
    training = _examples(prepared, task.targets, task.weights, rows)
    pooling = network.shape.pooled_by if isinstance(network, PooledNetwork) else MEAN
    plan = _plan(task.settings, task.seed, task.extra, pooling)
    network, history = train(network, training, validation, plan)
    return Fitted(
        encoded.vocabulary,
        network,
        history,
        trained_on=len(training),
        validated_on=len(validation) if validation is not None else 0,
        empty_texts=empty_texts(encoded.ids, encoded.vocabulary),
    )


def length_of_all(settings: Settings, ids: Ragged, fewest: int = 1) -> int:
    """The maxlen of networks that need one; UsageError for None.

    If it is left to the library, 95 % of the texts fit, and _LONGEST is the most, unless `fewest` is more.
    """
    if settings.maxlen == AUTO:
        return max(int(np.clip(np.quantile(ids.lengths, 0.95), 1, _LONGEST)), fewest)
    if settings.maxlen is None:
        raise UsageError(
            f"maxlen=None sets no limit, and {settings.architecture!r} cuts and pads all texts to one "
            "length; leave maxlen out, or give a number of words."
        )
    return int(settings.maxlen)


def _examples(
    prepared: Ragged, targets: NDArray[Any], weights: NDArray[np.float64], rows: NDArray[np.int64]
) -> LabeledDocuments:
    documents = prepared if len(rows) == len(prepared) else prepared.take(rows)
    return LabeledDocuments(documents, targets[rows], weights[rows])


def _given_validation(task: Task, network: Network, vocabulary: Vocabulary) -> LabeledDocuments | None:
    given = task.given_validation()
    if given is None:
        return None
    corpus, targets = given
    ids = network.prepared(vocabulary.encode(corpus.texts, task.tokenizer))
    return LabeledDocuments(ids, targets, np.ones(len(corpus)))


def _plan(settings: Settings, seed: int, extra: FitInput, pooling: int) -> TrainingPlan:
    rule = UpdateRule(
        pooling=pooling,
        optimizer=OPTIMIZERS[settings.optimizer],
        batch_size=int(settings.batch_size),
        learning_rate=float(resolved(settings.learning_rate, LEARNING_RATES[settings.optimizer])),
        dropout=float(resolved(settings.dropout, 0.0)),
        seed=np.uint64(seed),
        pull_back=float(settings.pull_back),
    )
    return TrainingPlan(
        rule,
        resolved(settings.epochs, None),
        settings.patience,
        settings.word_dropout,
        frozen_epochs(settings.trainable) or 0.0,
        settings.threads,
        extra.callbacks,
        extra.keep_interrupted,
    )


def warn_of_random_vectors(settings: Settings) -> None:
    """Warn of a network's word vectors that do not learn and were not given either."""
    if settings.vectors is None and frozen_epochs(settings.trainable) == math.inf:
        warnings.warn(
            "trainable=False without vectors: the word vectors stay as they are drawn, at random. Give "
            "pretrained ones (vectors, --vectors FILE), or let them learn.",
            WordloomWarning,
            stacklevel=2,
        )


def width_of_vectors(settings: Settings, table: int | None) -> int:
    """The width D of the word vectors; UsageError if `dimensions` is another one than a given table has."""
    if table is None:
        return resolved(settings.dimensions, DIMENSIONS)
    if settings.dimensions not in (AUTO, table):
        raise UsageError(
            f"dimensions={settings.dimensions} plays no part: the vectors given have {table} numbers each. "
            "Leave dimensions out, or give vectors of that width."
        )
    return table


def train_output_layer(task: Task, points: Points, validation: Points | None) -> tuple[OutputLayer, History]:
    """The output layer on the features of all N texts; nothing is held out from them.

    validation : texts given for validation, which are only scored

    The history has one epoch: a convex problem is solved once.
    """
    training = _OutputLayerTraining(task, points, validation)
    schedule = Schedule(1, params={"documents": len(points.targets), "target": task.output.target})
    history = run_epochs(training, schedule, CallbackList(task.extra.callbacks))
    return training.layer, history


class _OutputLayerTraining:
    """The one epoch of a convex output layer; see `loop.epochs.Training`."""

    layer: OutputLayer

    def __init__(self, task: Task, points: Points, validation: Points | None) -> None:
        self._task, self._points, self._validation = task, points, validation

    def steps(self, epoch: int) -> int:
        return 1

    def run(self, epoch: int, callbacks: CallbackList) -> Logs:
        task, points = self._task, self._points
        self.layer = fit_output_layer(points, task.seed)
        loss, accuracy = self._scores(points)
        logs = {"loss": loss, "accuracy": accuracy}
        callbacks.on_train_batch_end(0, logs)
        if self._validation is not None:
            loss, accuracy = self._scores(self._validation)
            logs = logs | {"val_loss": loss, "val_accuracy": accuracy}
        return logs

    def _scores(self, points: Points) -> tuple[float, float]:
        logits = self.layer.logits(points.features) + points.offsets
        return points.output.mean_scores(logits, points.targets, points.weights)

    def keep(self) -> None:
        """There is one layer."""

    def settle(self, stopped: str) -> None:
        """Nothing of it runs in another thread."""


def output_layer_record(layer: OutputLayer, texts: int) -> dict[str, Any]:
    """What a model's record keeps of its convex output layer."""
    return {
        "strength": layer.strength,
        "cross_validation": None
        if layer.held_out_loss is None
        else {"texts": texts, "accuracy": layer.held_out_accuracy, "loss": layer.held_out_loss},
    }

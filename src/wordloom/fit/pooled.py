"""Pooled networks: mean, max and flatten, trained by the one loop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.fit.task import Fitted, Task
from wordloom.fit.words import empty_texts, vocabulary_and_ids
from wordloom.kernels.pooled import Rule
from wordloom.models.pooled import OPTIMIZERS, POOLINGS, NetworkShape, PooledNetwork
from wordloom.settings import OPTIMIZERS as LEARNING_RATES
from wordloom.settings import Settings, frozen_epochs
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.training.loop import Examples, Listener, Plan, train
from wordloom.vectors.starting import StartingVectors, starting_vectors

_FLATTEN_LIMIT = 500


def fit_pooled(task: Task) -> Fitted:
    """Train embedding, pooling and dense layers on the task's texts."""
    settings = task.settings
    vocabulary, ids = vocabulary_and_ids(task)
    start = starting_vectors(settings.vectors, vocabulary, settings.unknown_vectors, task.seed)
    shape = _shape(settings, vocabulary, len(task.classes), ids, start)
    network = PooledNetwork.initial(shape, task.seed)
    if start is not None:
        network = network.with_parameters(network.parameters._replace(embedding=start.rows))
    arranged = network.arranged(ids)
    rows, held_out = task.held_out()
    validation = _given_validation(task, network, vocabulary)
    if len(held_out):
        validation = _examples(arranged, task.targets, task.weights, held_out)
    training = _examples(arranged, task.targets, task.weights, rows)
    network, history = train(network, training, validation, _plan(settings, task.seed, task.extra.listener))
    return Fitted(
        vocabulary,
        network,
        history,
        trained_on=len(training),
        validated_on=len(validation) if validation is not None else 0,
        empty_texts=empty_texts(ids, vocabulary),
        record={} if start is None else {"vectors": start.to_config()},
    )


def _shape(
    settings: Settings, vocabulary: Vocabulary, n_classes: int, ids: Ragged, start: StartingVectors | None
) -> NetworkShape:
    flatten = settings.architecture == "flatten"
    maxlen = settings.maxlen
    if flatten and maxlen is None:
        maxlen = int(np.clip(np.quantile(ids.lengths, 0.95), 1, _FLATTEN_LIMIT))
    if not settings.mask_padding and maxlen is None:
        raise UsageError("mask_padding=False pools over all positions, so it needs a maxlen.")
    return NetworkShape(
        architecture=settings.architecture,
        vocabulary_size=vocabulary.size,
        dimensions=settings.dimensions if start is None else start.rows.shape[1],
        hidden=settings.hidden,
        n_classes=n_classes,
        maxlen=maxlen,
        padded=flatten or not settings.mask_padding,
        padding=settings.padding,
        truncating=settings.truncating,
    )


def _examples(
    arranged: Ragged, targets: NDArray[np.int32], weights: NDArray[np.float64], rows: NDArray[np.int64]
) -> Examples:
    documents = arranged if len(rows) == len(arranged) else arranged.take(rows)
    return Examples(documents, targets[rows], weights[rows])


def _given_validation(task: Task, network: PooledNetwork, vocabulary: Vocabulary) -> Examples | None:
    given = task.given_validation()
    if given is None:
        return None
    corpus, targets = given
    ids = network.arranged(vocabulary.encode(corpus.texts, task.tokenizer))
    return Examples(ids, targets, np.ones(len(corpus)))


def _plan(settings: Settings, seed: int, listener: Listener) -> Plan:
    rate = settings.learning_rate
    rule = Rule(
        pooling=POOLINGS[settings.architecture],
        optimizer=OPTIMIZERS[settings.optimizer],
        batch_size=int(settings.batch_size),
        learning_rate=float(LEARNING_RATES[settings.optimizer] if rate is None else rate),
        dropout=float(settings.dropout),
        seed=np.uint64(seed),
        pull_back=float(settings.pull_back),
    )
    return Plan(
        rule,
        settings.epochs,
        settings.patience,
        settings.word_dropout,
        frozen_epochs(settings.trainable) or 0.0,
        settings.threads,
        listener,
    )

"""Pooled networks: mean, max and flatten, trained by the one loop."""

from __future__ import annotations

import math
from dataclasses import replace

from wordloom.architectures import ARCHITECTURES
from wordloom.errors import UsageError
from wordloom.fit.frozen import fit_frozen
from wordloom.fit.task import Fitted, Task
from wordloom.fit.trained import Words, trained, usual_longest
from wordloom.fit.unused import width_of_vectors
from wordloom.fit.words import vocabulary_and_ids
from wordloom.models.pooled import NetworkShape, PooledNetwork
from wordloom.settings import Settings, frozen_epochs, has_convex_head
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.starting import StartingVectors, starting_vectors
from wordloom.vectors.word_weights import word_weights


def fit_pooled(task: Task) -> Fitted:
    """Train embedding, pooling and dense layers on the task's texts, or an output layer on frozen vectors."""
    task = replace(task, settings=_resolved(task.settings))
    vocabulary, ids = vocabulary_and_ids(task)
    network, start = _starting_network(task, vocabulary, ids)
    fit_it = fit_frozen if task.settings.optimizer == "convex" else _fit_by_steps
    fitted = fit_it(task, network, vocabulary, ids)
    record = {**fitted.record, **({} if start is None else {"vectors": start.to_config()})}
    return replace(fitted, record=record, settings=task.settings)


def _resolved(settings: Settings) -> Settings:
    """The settings with a value in the place of every "auto"; UsageError for what does not go together."""
    frozen = settings.vectors is not None and frozen_epochs(settings.trainable) == math.inf
    plain = ARCHITECTURES[settings.architecture].convex_head and not settings.hidden
    optimizer, weights = settings.optimizer, settings.word_weights
    if optimizer == "auto":
        optimizer = "convex" if has_convex_head(settings) else "adam"
    if weights == "auto":
        weights = "sif" if optimizer == "convex" and settings.architecture == "mean" else "none"
    if optimizer == "convex" and not (frozen and plain):
        raise UsageError(
            "optimizer='convex' solves for the output layer over frozen word vectors: it needs vectors, "
            "trainable=False, the architecture mean or max, and no hidden layer."
        )
    if weights != "none" and not (frozen and settings.architecture == "mean"):
        raise UsageError(
            f"word_weights={weights!r} weighs the mean of frozen word vectors: it needs vectors, "
            "trainable=False and the architecture mean."
        )
    return replace(settings, optimizer=optimizer, word_weights=weights)


def _starting_network(
    task: Task, vocabulary: Vocabulary, ids: Ragged
) -> tuple[PooledNetwork, StartingVectors | None]:
    settings = task.settings
    start = starting_vectors(settings.vectors, vocabulary, settings.unknown_vectors, task.seed)
    network = PooledNetwork.initial(_shape(settings, vocabulary, len(task.classes), ids, start), task.seed)
    if start is None:
        return network, None
    network = network.with_parameters(network.parameters._replace(embedding=start.rows))
    return replace(network, word_weights=word_weights(settings.word_weights, vocabulary)), start


def _fit_by_steps(task: Task, given: PooledNetwork, vocabulary: Vocabulary, ids: Ragged) -> Fitted:
    """The network trained by the loop of epochs; weights of words count in it and stay as they are."""
    network = given.weighted
    fitted = trained(task, network, Words(vocabulary, ids))
    if given.word_weights is None:
        return fitted
    weights = fitted.network.parameters._replace(embedding=given.embedding)  # type: ignore[attr-defined]
    return replace(fitted, network=replace(given, parameters=weights))


def _shape(
    settings: Settings, vocabulary: Vocabulary, n_classes: int, ids: Ragged, start: StartingVectors | None
) -> NetworkShape:
    flatten = settings.architecture == "flatten"
    maxlen = settings.maxlen
    if flatten and maxlen is None:
        maxlen = usual_longest(ids)
    if not settings.mask_padding and maxlen is None:
        raise UsageError("mask_padding=False pools over all positions, so it needs a maxlen.")
    return NetworkShape(
        architecture=settings.architecture,
        vocabulary_size=vocabulary.size,
        dimensions=width_of_vectors(settings, None if start is None else start.rows.shape[1]),
        hidden=settings.hidden,
        n_classes=n_classes,
        maxlen=maxlen,
        padded=flatten or not settings.mask_padding,
        padding=settings.padding,
        truncating=settings.truncating,
    )

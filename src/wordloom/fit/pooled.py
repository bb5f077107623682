"""Pooled networks: mean, max, both and more, flatten; by gradient steps or under a convex output layer."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.architectures import ARCHITECTURES, with_ability
from wordloom.errors import UsageError
from wordloom.fit.inputs import Fitted, Task, empty_texts, vocabulary_and_ids
from wordloom.fit.solvers import (
    EncodedTexts,
    length_of_all,
    output_layer_record,
    train_network,
    train_output_layer,
    width_of_vectors,
)
from wordloom.models.output import Output
from wordloom.models.pooled import POOLED, NetworkShape, PooledNetwork
from wordloom.setting import resolved
from wordloom.settings import Settings, frozen_epochs, has_convex_output
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.training.convex import Points
from wordloom.vectors.initial_embedding import StartingVectors, starting_vectors, word_weights
from wordloom.vectors.learning.document_vectors import principal_axes

_EMPHASIS = 0.5
"""How much the axes in which the documents differ most count, as a power of the spread along them; chosen on
movie reviews, where 0 gives half a point less and standardized columns a little less still."""


def fit_pooled(task: Task) -> Fitted:
    """Train embedding, pooling and dense layers on the task's texts, or an output layer on frozen vectors."""
    task = replace(task, settings=_resolved(task.settings))
    vocabulary, ids = vocabulary_and_ids(task)
    network, start = _starting_network(task, vocabulary, ids)
    fit_it = fit_convex_output if task.settings.optimizer == "convex" else fit_by_steps
    fitted = fit_it(task, network, vocabulary, ids)
    record = {**fitted.record, **({} if start is None else {"vectors": start.to_config()})}
    return replace(fitted, record=record, settings=task.settings)


def _resolved(settings: Settings) -> Settings:
    """The settings with a value in the place of every "auto"; UsageError for what does not go together."""
    frozen = settings.vectors is not None and frozen_epochs(settings.trainable) == math.inf
    plain = ARCHITECTURES[settings.architecture].convex_output and not settings.hidden
    optimizer, weights = settings.optimizer, settings.word_weights
    if optimizer == "auto":
        optimizer = "convex" if has_convex_output(settings) else "adam"
    if weights == "auto":
        weights = "sif" if optimizer == "convex" and settings.architecture == "mean" else "none"
    if optimizer == "convex" and not (frozen and plain):
        raise UsageError(
            "optimizer='convex' solves for the output layer over frozen word vectors: it needs vectors, "
            f"trainable=False, an architecture such as {' or '.join(with_ability('convex_output'))}, and no "
            "hidden layer."
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
    network = PooledNetwork.initial(_shape(settings, vocabulary, task.output, ids, start), task.seed)
    if start is None:
        return network, None
    network = network.with_parameters(network.parameters._replace(embedding=start.rows))
    return replace(network, word_weights=word_weights(settings.word_weights, vocabulary)), start


def fit_by_steps(task: Task, given: PooledNetwork, vocabulary: Vocabulary, ids: Ragged) -> Fitted:
    """The network trained by the loop of epochs; weights of words count in it and stay as they are."""
    network = given.weighted
    fitted = train_network(task, network, EncodedTexts(vocabulary, ids))
    if given.word_weights is None:
        return fitted
    weights = fitted.network.parameters._replace(embedding=given.embedding)  # type: ignore[attr-defined]
    return replace(fitted, network=replace(given, parameters=weights))


def _shape(
    settings: Settings, vocabulary: Vocabulary, output: Output, ids: Ragged, start: StartingVectors | None
) -> NetworkShape:
    flatten = settings.architecture == "flatten"
    maxlen = length_of_all(settings, ids) if flatten else resolved(settings.maxlen, None)
    if not settings.mask_padding and maxlen is None:
        raise UsageError("mask_padding=False pools over all positions, so it needs a maxlen.")
    return NetworkShape(
        architecture=settings.architecture,
        vocabulary_size=vocabulary.size,
        dimensions=width_of_vectors(settings, None if start is None else start.rows.shape[1]),
        hidden=settings.hidden,
        n_classes=output.n_classes,
        target=output.target,
        maxlen=maxlen,
        padded=flatten or not settings.mask_padding,
        padding=settings.padding,
        truncating=settings.truncating,
        pooling=settings.pooling if settings.architecture == POOLED else "",
    )


def fit_convex_output(
    task: Task, network: PooledNetwork, vocabulary: Vocabulary, ids: Ragged, added: bool = False
) -> Fitted:
    """The network with an output layer that is solved for on its pooled vectors.

    Centering, principal axes and the solved layer are linear, so they all become the output layer of
    an ordinary pooled network. This is the usual choice for few labels.

    network : mean, max or several without a hidden layer; its word vectors stay as they are
    ids : the N texts of the task
    added : what is solved for is added to the output layer that the network has
    """
    threads = task.settings.threads
    prepared = network.prepared(ids)
    pooled = network.features(prepared, threads)
    known = pooled[ids.lengths > 0] if ids.lengths.any() else pooled
    center = known.mean(axis=0, dtype=np.float64)
    axes = principal_axes((known - center).astype(np.float32), _EMPHASIS).astype(np.float64)

    def points(of: Ragged, targets: NDArray[Any], weights: NDArray[np.float64]) -> Points:
        features = (network.features(of, threads) - center) @ axes
        offsets = network.logits(of, threads).astype(np.float64) if added else 0.0
        return Points(np.asarray(features), targets, weights, task.output, offsets)

    validation = None
    if (given := task.given_validation()) is not None:
        texts = network.prepared(vocabulary.encode(given[0].texts, task.tokenizer, threads))
        validation = points(texts, given[1], np.ones(len(given[1])))
    layer, history = train_output_layer(task, points(prepared, task.targets, task.weights), validation)
    output = layer.weights @ axes.T
    bias = layer.bias - output @ center
    if added:
        output, bias = output + network.parameters.output, bias + network.parameters.output_bias
    weights = network.parameters._replace(
        output=output.astype(np.float32), output_bias=bias.astype(np.float32)
    )
    return Fitted(
        vocabulary,
        network.with_parameters(weights),
        history,
        trained_on=len(ids),
        validated_on=0 if validation is None else len(validation.targets),
        empty_texts=empty_texts(ids, vocabulary),
        record={"head": output_layer_record(layer, len(ids))},
    )

"""A pooled network that learns on: from its own weights, with rows for new words and weights for new labels.

It takes time like the new texts alone.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.calibration import calibrated
from wordloom.fit.inputs import Base, Fitted, Task, grown_vocabulary
from wordloom.fit.pooled import fit_by_steps, fit_convex_output
from wordloom.kernels.pooled import Parameters
from wordloom.models.pooled import PooledNetwork
from wordloom.setting import AUTO, resolved
from wordloom.settings import OPTIMIZERS, frozen_epochs
from wordloom.targets import GRADED, MULTILABEL
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.coverage import rows_of_words
from wordloom.vectors.word_vectors import WordVectors

_SLOWER = 0.3
"""Of the learning rate of the training. Chosen on training texts of Banking77 and IMDB, for mean and for
several poolings, among 0.1, 0.3 and 1: all came out alike, the first in more epochs, the last less steady."""


def learned_on(task: Task, base: Base) -> Fitted:
    """The network after the task's texts.

    All weights learn by steps at a lower rate, until the texts held out say stop. An output layer that was
    solved for is solved for again, as what is added to it, regularized as cross-validation on the new texts
    says. Weights of labels that none of the texts has stay as they are, and their logits take no part in the
    loss, since all texts would speak against them. Word vectors that never learn have no use for new words,
    which stay unknown.
    """
    settings = task.settings
    frozen = frozen_epochs(settings.trainable) == math.inf
    vocabulary = grown_vocabulary(task, base.vocabulary, new_words=not frozen)
    ids = vocabulary.encode(task.corpus.texts, task.tokenizer, settings.threads)
    network = _with_new_labels(task, base, _grown(task, base, vocabulary), ids)
    rate = resolved(settings.learning_rate, OPTIMIZERS.get(settings.optimizer))
    slower = replace(settings, trainable=not frozen, learning_rate=AUTO if rate is None else _SLOWER * rate)
    present = _labels_inside(task)
    inside, narrow = _narrowed(replace(task, settings=slower), network, present)
    if settings.optimizer == "convex":
        fitted = fit_convex_output(inside, narrow, vocabulary, ids, added=True)
    else:
        fitted = fit_by_steps(inside, narrow, vocabulary, ids)
    learned = fitted.network
    assert isinstance(learned, PooledNetwork)
    fitted = calibrated(task, replace(fitted, network=_with_learned(network, narrow, learned, present)))
    return replace(fitted, thresholds=fitted.thresholds or base.thresholds_for(task.output))


def _labels_inside(task: Task) -> NDArray[np.int64]:
    """The numbers of the labels that texts have; all of them if these are given to validate on, and for
    grades, and if there are no two."""
    present = np.flatnonzero((task.output.aims(task.targets) > 0.5).any(axis=0))
    every = np.arange(task.output.n_classes)
    return every if task.output.target == GRADED or len(present) < 2 or task.extra.validation else present


def _narrowed(task: Task, network: PooledNetwork, labels: NDArray[np.int64]) -> tuple[Task, PooledNetwork]:
    """Task and network of these labels alone."""
    if len(labels) == task.output.n_classes:
        return task, network
    several = task.output.target == MULTILABEL
    targets = task.targets[:, labels] if several else np.searchsorted(labels, task.targets).astype(np.int32)
    inside = replace(task, classes=[task.classes[label] for label in labels.tolist()], targets=targets)
    shape, weights = replace(network.shape, n_classes=len(labels)), network.parameters
    output = inside.output.logits_of(weights.output[labels].T.astype(np.float64)).T.astype(np.float32)
    bias = inside.output.logits_of(weights.output_bias[labels].astype(np.float64)).astype(np.float32)
    narrow = weights._replace(output=np.ascontiguousarray(output), output_bias=bias)
    return inside, replace(network, shape=shape, parameters=narrow)


def _with_learned(
    network: PooledNetwork, narrow: PooledNetwork, learned: PooledNetwork, labels: NDArray[np.int64]
) -> PooledNetwork:
    """The network with what its part of these labels has learned."""
    if narrow is network:
        return learned
    output, after, before = narrow.shape.output, learned.parameters, narrow.parameters
    weights, bias = network.parameters.output.copy(), network.parameters.output_bias.copy()
    for of_all, new, old in (
        (weights, after.output, before.output),
        (bias[:, None], after.output_bias[:, None], before.output_bias[:, None]),
    ):
        moved = output.class_logits((new - old).T)
        of_all[labels] += (moved - moved.mean(axis=1, keepdims=True) * (output.n_logits == 1)).T
    return replace(network, parameters=after._replace(output=weights, output_bias=bias))


def _grown(task: Task, base: Base, vocabulary: Vocabulary) -> PooledNetwork:
    """The network with rows for new words and weights for new labels, which start as in training."""
    old = base.network
    assert isinstance(old, PooledNetwork)
    shape = replace(old.shape, vocabulary_size=vocabulary.size, n_classes=task.output.n_classes)
    initial, were = PooledNetwork.initial(shape, task.seed).parameters, old.parameters
    embedding, known = initial.embedding, len(were.embedding)
    embedding[:known] = were.embedding
    if task.settings.vectors is not None and len(embedding) > known:
        embedding[known:] = _rows_like(task, base, vocabulary)
    weights = []
    for new, was in ((initial.output, were.output), (initial.output_bias, were.output_bias)):
        widened = base.output.widened(was.T, task.output, base.places).T
        weights.append(np.where(np.isnan(widened), new, widened))
    return replace(
        old, shape=shape, parameters=Parameters(embedding, were.hidden, were.hidden_bias, *weights)
    )


def _rows_like(task: Task, base: Base, vocabulary: Vocabulary) -> NDArray[np.float32]:
    """Rows for the new words, as words get them that a table of pretrained vectors does not hold."""
    first = base.vocabulary.convention.index_from + 1
    embedding = base.network.embedding
    assert embedding is not None
    table, unknown = WordVectors(base.vocabulary.words, embedding[first:]), task.settings.unknown_vectors
    new = vocabulary.words[len(base.vocabulary.words) :]
    return rows_of_words(table, new, "nearest" if unknown == "subword" else unknown, task.seed)  # type: ignore[arg-type]


def _with_new_labels(task: Task, base: Base, network: PooledNetwork, ids: Ragged) -> PooledNetwork:
    """The network with weights for new labels, from the mean of the other texts to that of their own.

    Their logits are on average as high as those of known labels that a text has, and as low as those of known
    labels that it does not have, unless that took larger weights than known labels have (weight imprinting:
    H. Qi, M. Brown and D. Lowe, "Low-shot learning with imprinted weights", CVPR 2018). From random weights a
    new label is hardly learned in a few steps.
    """
    new = np.setdiff1d(np.arange(task.output.n_classes), base.places)
    if not len(new):
        return network
    rows, weights = task.held_out()[0], network.parameters
    inner = network.inner(network.prepared(ids).take(rows), task.settings.threads).astype(np.float64)
    having = task.output.aims(task.targets[rows]) > 0.5
    right = having[:, base.places]
    known = inner @ weights.output[base.places].T + weights.output_bias[base.places]
    high, low = (float(known[some].mean()) if some.any() else 0.0 for some in (right, ~right))
    longest = float(np.linalg.norm(weights.output[base.places], axis=1).max())
    output, bias = weights.output.copy(), weights.output_bias.copy()
    for label in new.tolist():
        own = having[:, label]
        if own.all() or not own.any():
            continue
        way = inner[own].mean(axis=0) - inner[~own].mean(axis=0)
        distance = max(float(np.linalg.norm(way)), 1e-12)
        slope = min((high - low) / distance, longest) / distance
        output[label] = slope * way
        bias[label] = low - slope * float(inner[~own].mean(axis=0) @ way)
    return network.with_parameters(weights._replace(output=output, output_bias=bias))

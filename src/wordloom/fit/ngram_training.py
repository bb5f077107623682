"""One classifier of the n-gram model, trained on the rows of one kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.inputs import Task
from wordloom.fit.max_size import ValidationRows
from wordloom.fit.ngram_batch import examples_of
from wordloom.fit.ngram_part import Classifier, NgramPart
from wordloom.kernels.linear import Layer
from wordloom.loop.callback import Callback
from wordloom.models.ngram import document_scales, weighted_sums
from wordloom.setting import AUTO, resolved
from wordloom.text.on_disk.stored_documents import MappedRagged
from wordloom.training.alike_rows import AlikeRows
from wordloom.training.batch import train_batch
from wordloom.training.linear_epochs import Follower, train_linear
from wordloom.training.linear_plan import LinearPlan, Trained, Validation, update_rule
from wordloom.training.sharded_loss import ShardedLoss

_RATE_OF_INDEPENDENT = 0.4
"""Where each logit has a target of its own, a step moves it by so much of the usual rate: on comments with 28
labels training was over after one epoch else."""
_SCORED = 40
"""So often, or oftener, the texts for validation are gone through."""
_MANY_RARE, _MANY_LOGITS = 2 / 3, 8
"""Looking for rows that are alike takes as long as some epochs: it is worth that where so many of the n-grams
stand in one text, as those of words do, or where steps move many logits."""


def alike_rows(task: Task, part: NgramPart, validation: ValidationRows | None) -> AlikeRows | None:
    """Which rows of the texts, and of those for validation, learn as one, as far as that is worth its while;
    None for none: where each learns for itself, since it is left out by itself or goes on from what it knows.
    """
    by_itself = resolved(task.settings.dropout, 0.0) > 0 or part.start is not None
    counts = part.counts.document_counts
    many = np.count_nonzero(counts == 1) >= _MANY_RARE * len(counts) or task.output.n_logits >= _MANY_LOGITS
    if by_itself or not many:
        return None
    parts = [part.rows]
    if validation is not None and not len(task.held_out()[1]):
        parts.append(validation.rows.words)
    return AlikeRows.among(parts, part.n_rows)


def train_classifier(
    task: Task,
    part: NgramPart,
    classifier: Classifier,
    validation: ValidationRows | None,
    callbacks: Sequence[Callback],
    by: ShardedLoss | Follower,
) -> Trained:
    """One classifier on the rows of one kind; validation, of rows of this kind, chooses its epochs.

    by : the loss of the texts, for the solution of a convex problem; for steps who learns from all texts
    """
    settings, shape = task.settings, part.shape
    rate = resolved(settings.learning_rate, classifier.rate)
    if settings.learning_rate == AUTO and shape.output.independent:
        rate *= _RATE_OF_INDEPENDENT
    rows = part.learning_rows
    examples = examples_of(task, part)._replace(rows=rows.ids, offsets=rows.offsets)
    learned, held_out = task.held_out()
    plan = LinearPlan(
        output=shape.output,
        rows=part.n_rows if part.alike is None else len(part.alike),
        min_documents=classifier.min_documents,
        rule=update_rule(rate, resolved(settings.dropout, 0.0), task.seed),
        weighting=classifier.weighting,
        growth=classifier.growth,
        epochs=resolved(settings.epochs, None),
        patience=settings.patience,
        threads=settings.threads,
        callbacks=callbacks,
        keep_first=settings.max_size is not None and len(held_out) > 0,
        keep_interrupted=task.extra.keep_interrupted,
        fetch=rows.fetcher() if isinstance(rows, MappedRagged) else None,
        start=part.start,
        before=part.before,
        alike=part.alike,
    )
    measured = None if validation is None else _scored(validation, part)
    if isinstance(by, ShardedLoss):
        return train_batch(examples, learned, measured, plan, by)
    return train_linear(examples, learned, measured, plan, len(held_out) > 0, by)


def _scored(validation: ValidationRows, part: NgramPart) -> Validation:
    rows, shape = validation.rows.words, part.shape
    scales = document_scales(rows.lengths, shape.mean_rows)
    if part.alike is not None:
        rows = part.alike.merged(rows)

    def score(layer: Layer) -> NDArray[np.float32]:
        return weighted_sums(rows, scales, layer.table, layer.bias, threads=1, times=_SCORED)

    return Validation(score, shape.output, validation.targets, validation.weights)

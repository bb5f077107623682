"""The classifiers of the n-gram model: each trained by itself, and all of them as one network.

Two learn from words and their n-grams, by naive Bayes' ratios and by inverse document frequency, one from
characters. How much each counts is chosen on the texts held out. What they learn from is counted elsewhere
(see `wordloom.fit.ngram`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.inputs import Task
from wordloom.fit.max_size import TrainedNgrams, ValidationRows
from wordloom.kernels.linear import Examples, Layer
from wordloom.loop.callback import Callback, CallbackList, Logs
from wordloom.models.ngram import NgramNetwork, NgramShape, document_scales, weighted_sums
from wordloom.text.ngrams import NgramCounts
from wordloom.text.on_disk.stored_documents import MappedRagged
from wordloom.text.sequences import Ragged
from wordloom.training.combination import best_shares
from wordloom.training.linear import LinearPlan, Trained, Validation, rule_of, train_linear

_RATE_OF_INDEPENDENT = 0.4
"""Where each logit has a target of its own, a step moves it by so much of the usual rate: on comments with 28
labels training was over after one epoch else."""
_SCORED = 40
"""So often, or oftener, the texts for validation are gone through."""


class Classifier(NamedTuple):
    """One of the classifiers that are trained.

    weighting : of `wordloom.training.linear.WEIGHTINGS`
    min_documents : texts that a row must stand in to be learned
    rate : learning rate, where the settings have none
    """

    weighting: str
    min_documents: int
    rate: float


@dataclass(frozen=True, eq=False)
class NgramPart:
    """N texts as rows of one kind: words and their n-grams, or characters and theirs.

    Parameters
    ----------
    counts : the n-grams
    rows : the texts
    shape : of the network on them
    classifiers : what is trained on them
    """

    counts: NgramCounts
    rows: Ragged
    shape: NgramShape
    classifiers: Sequence[Classifier]

    def network(self, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> NgramNetwork:
        """The network with these weights."""
        return NgramNetwork(self.shape, self.counts.pairs, weights, bias)

    def untrained(self) -> NgramNetwork:
        """The network with weights of 0."""
        sizes = self.shape.sizes()
        return self.network(*(np.zeros(sizes[name], np.float32) for name in ("weights", "bias")))


def train_parts(task: Task, parts: Sequence[NgramPart], validation: ValidationRows | None) -> TrainedNgrams:
    """All classifiers, each trained by itself, as one network, in so far as they help.

    What the first one of the words measured is the history. Whatever ends training, Ctrl-C or a callback,
    ends it for those that follow too, and what they had learned by then is left out.
    """
    found: list[list[Trained]] = []
    ended = False
    for part in parts:
        found.append([])
        own = None
        if validation is not None:
            own = validation.words() if part is parts[0] else validation.characters()
        for classifier in part.classifiers:
            if ended:
                break
            callbacks: Sequence[Callback] = task.extra.callbacks
            if found[0]:
                of = "words" if part is parts[0] else "characters"
                callbacks = [_AsSteps(f"training on {of} by {classifier.weighting}", callbacks)]
            trained = _train(task, part, classifier, own, callbacks)
            ended = trained.history.stopped in ("interrupted", "callback")
            if not ended or not found[0]:
                found[-1].append(trained)
            else:
                found[0][0].history.stopped = trained.history.stopped
    return _combined(parts, [trained for trained in found if trained], validation)


class _AsSteps(Callback):
    """Tells callbacks of a training as of steps: for them the first classifier's is the training."""

    def __init__(self, name: str, callbacks: Sequence[Callback]) -> None:
        self._name, self._told = name, CallbackList(callbacks)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self._told.on_step(self._name, epoch + 1, None, "epoch")
        self.stop_training = self._told.stop_training

    def on_train_end(self, logs: Logs) -> None:
        epochs = 0 if self.history is None else len(self.history)
        self._told.on_step(self._name, epochs, epochs, "epoch")


def _combined(
    parts: Sequence[NgramPart], trained: list[list[Trained]], validation: ValidationRows | None
) -> TrainedNgrams:
    """One network of classifiers on words and, if there are any, on characters."""
    each = [own for part in trained for own in part]
    shares, logits = np.full(len(each), 1 / len(each)), each[0].logits
    record: dict[str, Any] = {}
    if len(each) > 1:
        if validation is not None and logits is not None:
            known = [np.asarray(own.logits) for own in each]
            shares = best_shares(known, validation.targets, validation.weights, parts[0].shape.output)
            logits = np.einsum("m,mnk->nk", shares, np.stack(known)).astype(np.float32)
            record["validation"] = validation.scored(parts[0].shape, logits)
        record |= _record_of(parts, each, shares)
    own_shares = np.split(shares, np.cumsum([len(part) for part in trained])[:-1])
    combined = list(zip(parts, trained, own_shares, strict=False))
    kept = _network(combined, [[(own.weights, own.bias) for own in part] for part in trained])
    first = [[own.first for own in part if own.first is not None] for part in trained]
    unseen = _network(combined, first) if all(first) else None
    return TrainedNgrams(kept, unseen, logits, each[0].history, {"combination": record} if record else {})


def _record_of(
    parts: Sequence[NgramPart], each: list[Trained], shares: NDArray[np.float64]
) -> dict[str, Any]:
    """What was combined, and how much each counts."""
    names = [
        (of, classifier.weighting)
        for of, part in zip(("words", "characters"), parts, strict=False)
        for classifier in part.classifiers
    ]
    record: dict[str, Any] = {
        "classifiers": [
            {"of": of, "weighting": weighting, "epochs": own.history.best_epoch, "share": float(share)}
            for (of, weighting), own, share in zip(names, each, shares, strict=False)
        ]
    }
    if len(parts) > 1:
        counts = parts[1].counts
        record["characters"] = {"kept": list(counts.kept), "dropped": list(counts.dropped)}
    return record


def _network(
    parts: Sequence[tuple[NgramPart, list[Trained], NDArray[np.float64]]],
    arrays: Sequence[Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]],
) -> NgramNetwork:
    """The network whose logits are those of all classifiers times their shares, added."""
    networks = []
    for (part, _, shares), own in zip(parts, arrays, strict=True):
        weights, bias = (
            sum(np.float32(share) * each[i] for share, each in zip(shares, own, strict=True))
            for i in range(2)
        )
        networks.append(part.network(np.asarray(weights), np.asarray(bias)))
    if len(networks) == 1 or not parts[1][2].any():
        return networks[0]
    return networks[0].with_characters(networks[1])


def _train(
    task: Task,
    part: NgramPart,
    classifier: Classifier,
    validation: ValidationRows | None,
    callbacks: Sequence[Callback],
) -> Trained:
    settings, shape, rows = task.settings, part.shape, part.rows
    rate = classifier.rate if settings.learning_rate is None else settings.learning_rate
    if settings.learning_rate is None and shape.output.independent:
        rate *= _RATE_OF_INDEPENDENT
    scales = document_scales(rows.lengths, shape.mean_rows)
    examples = Examples(rows.ids, rows.offsets, task.targets, task.weights.astype(np.float32), scales)
    learnt, held_out = task.held_out()
    plan = LinearPlan(
        output=shape.output,
        rows=shape.n_words + shape.n_ngrams,
        min_documents=classifier.min_documents,
        rule=rule_of(rate, settings.dropout or 0.0, task.seed),
        weighting=classifier.weighting,
        epochs=settings.epochs,
        patience=settings.patience,
        threads=settings.threads,
        callbacks=callbacks,
        keep_first=settings.max_size is not None and len(held_out) > 0,
        keep_interrupted=task.extra.keep_interrupted,
        fetch=rows.fetcher() if isinstance(rows, MappedRagged) else None,
    )
    measured = None if validation is None else _scored(validation, shape)
    return train_linear(examples, learnt, measured, plan, refit=len(held_out) > 0)


def _scored(validation: ValidationRows, shape: NgramShape) -> Validation:
    rows = validation.rows.words
    scales = document_scales(rows.lengths, shape.mean_rows)

    def score(layer: Layer) -> NDArray[np.float32]:
        return weighted_sums(rows, scales, layer.table, layer.bias, threads=1, times=_SCORED)

    return Validation(score, shape.output, validation.targets, validation.weights)

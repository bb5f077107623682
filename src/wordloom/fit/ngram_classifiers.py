"""The classifiers of the n-gram model: each trained by itself, and all of them as one network.

Two learn from words and their n-grams, by naive Bayes' ratios and by inverse document frequency, one from
characters. How much each counts is chosen on the texts held out. What they learn from is counted elsewhere
(see `wordloom.fit.ngram`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.evaluation.calibration import best_scale
from wordloom.fit.calibration import FEWEST, shrunk_scale
from wordloom.fit.inputs import Task
from wordloom.fit.max_size import TrainedNgrams, ValidationRows
from wordloom.fit.ngram_batch import sharded_loss
from wordloom.fit.ngram_part import NgramPart
from wordloom.fit.ngram_squares import SquaresOnNgrams
from wordloom.fit.ngram_training import alike_rows, train_classifier
from wordloom.loop.callback import Callback, CallbackList, Logs
from wordloom.loop.epochs import Schedule, run_epochs
from wordloom.models.ngram import NgramNetwork, NgramRows, NgramShape
from wordloom.training.combination import best_shares
from wordloom.training.linear_epochs import Follower
from wordloom.training.linear_plan import Trained
from wordloom.training.sharded_loss import ShardedLoss

_LEAST_LOSS = 1e-6


_Arrays = tuple[NDArray[np.float32], NDArray[np.float32]]


def train_parts(
    task: Task, parts: Sequence[NgramPart], validation: ValidationRows | None, by_squares: bool = False
) -> TrainedNgrams:
    """All classifiers, each trained by itself, as one network, in so far as they help.

    by_squares : whether there is one more, by least squares

    What the first one of the words measured is the history. Whatever ends training, Ctrl-C or a callback,
    ends it for those that follow too, and what they had learned by then is left out.
    """
    squares = None
    with Follower(task.settings.threads) as follower:
        found, ended = _each_trained(task, parts, validation, follower)
        if by_squares and validation is not None and not ended:
            squares = _by_squares(task, parts, validation)
    return _combined(parts, found, validation, squares)


def _each_trained(
    task: Task, parts: Sequence[NgramPart], validation: ValidationRows | None, follower: Follower
) -> tuple[list[list[Trained]], bool]:
    """The classifiers of each part that has any, and whether something ended training before the last."""
    found: list[list[Trained]] = []
    for part, of in zip(parts, ("words", "characters"), strict=False):
        own = None
        if validation is not None:
            own = validation.words() if part is parts[0] else validation.characters()
        with sharded_loss(task, part) as loss:
            first = found[0][0] if found else None
            trained, ended = _trained_on(task, part, of, own, loss or follower, first)
        if trained:
            found.append(trained)
        if ended:
            return found, True
    return found, False


def _trained_on(
    task: Task,
    part: NgramPart,
    of: str,
    validation: ValidationRows | None,
    by: ShardedLoss | Follower,
    first: Trained | None,
) -> tuple[list[Trained], bool]:
    """The classifiers of one part until something ends training, and whether something did.

    first : the classifier that was trained before all others, for callbacks the training; None for none yet
    """
    found: list[Trained] = []
    if part.classifiers and isinstance(by, Follower):
        part = replace(part, alike=alike_rows(task, part, validation))
    for classifier in part.classifiers:
        callbacks: Sequence[Callback] = task.extra.callbacks
        if first is not None:
            callbacks = [_AsSteps(f"training on {of} by {classifier.weighting}", callbacks)]
        trained = train_classifier(task, part, classifier, validation, callbacks, by)
        ended = trained.history.stopped in ("interrupted", "callback")
        if ended and first is not None:
            first.history.stopped = trained.history.stopped
            return found, True
        found.append(trained)
        if ended:
            return found, True
        first = first or trained
    return found, False


def squares_alone(task: Task, parts: Sequence[NgramPart]) -> TrainedNgrams:
    """The classifier by least squares, and the logits (N, K) of each of its texts by a fit without it."""
    training = _SquaresTraining(task, parts)
    schedule = Schedule(1, params={"documents": len(task.corpus), "target": task.output.target})
    history = run_epochs(training, schedule, CallbackList(task.extra.callbacks))
    network = _joined(parts, training.squares.weights())
    left_out = training.squares.found.left_out.astype(np.float32)
    record, texts = training.squares.record(), len(task.corpus)
    if task.settings.calibrate and texts < FEWEST:
        scale = shrunk_scale(texts)
        network, left_out = network.scaled(scale), left_out * np.float32(scale)
        record["calibration"] = {"scale": scale, "texts": texts}
    return TrainedNgrams(network, None, left_out, history, record)


class _SquaresTraining:
    """The one epoch of least squares; see `loop.epochs.Training`."""

    squares: SquaresOnNgrams

    def __init__(self, task: Task, parts: Sequence[NgramPart]) -> None:
        self._task, self._parts = task, parts

    def steps(self, epoch: int) -> int:
        return 1

    def run(self, epoch: int, callbacks: CallbackList) -> Logs:
        task, parts = self._task, self._parts
        self.squares = SquaresOnNgrams(task, parts, np.arange(len(task.corpus)))
        rows = NgramRows(*(part.rows for part in parts))
        logits = _joined(parts, self.squares.weights()).logits(rows, task.settings.threads)
        loss, accuracy = parts[0].shape.output.mean_scores(logits, task.targets, task.weights)
        logs = {"loss": loss, "accuracy": accuracy}
        callbacks.on_train_batch_end(0, logs)
        return logs

    def keep(self) -> None:
        """There is one solution."""

    def settle(self, stopped: str) -> None:
        """Nothing of it runs in another thread."""


class _Squares(NamedTuple):
    """The classifier by least squares beside others.

    logits : of the documents for validation, (M, K)
    weights : for each part the weights and bias that are kept
    first : and those that have not learned from the documents for validation
    record : an entry for the model's record
    """

    logits: NDArray[np.float32]
    weights: Sequence[_Arrays]
    first: Sequence[_Arrays]
    record: dict[str, Any]


def _by_squares(task: Task, parts: Sequence[NgramPart], validation: ValidationRows) -> _Squares:
    learned, held_out = task.held_out()
    first = kept = SquaresOnNgrams(task, parts, learned)
    if len(held_out):
        kept = SquaresOnNgrams(task, parts, np.arange(len(task.corpus)))
    logits = _joined(parts, first.weights()).logits(validation.rows, task.settings.threads)
    return _Squares(logits, kept.weights(), first.weights(), kept.record())


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
    parts: Sequence[NgramPart],
    trained: list[list[Trained]],
    validation: ValidationRows | None,
    squares: _Squares | None,
) -> TrainedNgrams:
    """One network of classifiers on words and, if there are any, on characters."""
    each = [own for part in trained for own in part]
    known = [own.logits for own in each] + ([] if squares is None else [squares.logits])
    shares, logits = np.full(len(known), 1 / len(known)), known[0]
    record: dict[str, Any] = {}
    if len(known) > 1:
        if validation is not None and logits is not None:
            stacked = [np.asarray(own) for own in known]
            output = parts[0].shape.output
            shares = best_shares(stacked, validation.targets, validation.weights, output)
            logits = np.einsum("m,mnk->nk", shares, np.stack(stacked)).astype(np.float32)
            record["validation"] = validation.scored(parts[0].shape, logits)
            if squares is not None:
                record["over_least_squares"] = _gain(parts[0].shape, validation, logits, squares.logits)
        record |= _record_of(parts, each, shares)
    kept = [[(own.weights, own.bias) for own in part] for part in trained]
    first = [[own.first for own in part if own.first is not None] for part in trained]
    own_shares = [
        list(own) for own in np.split(shares[: len(each)], np.cumsum([len(own) for own in kept])[:-1])
    ]
    unseen = None
    if squares is not None:
        own_shares = [[*own, shares[-1]] for own in own_shares]
        kept = [[*own, arrays] for own, arrays in zip(kept, squares.weights, strict=True)]
        first = [[*own, arrays] for own, arrays in zip(first, squares.first, strict=True) if own]
    if len(first) == len(kept) and all(len(own) == len(has) for own, has in zip(first, kept, strict=True)):
        unseen = _network(parts, first, own_shares)
    network, history = _network(parts, kept, own_shares), each[0].history
    records = {"combination": record} if record else {}
    if squares is not None:
        records |= squares.record
    if each[0].strength is not None:
        records["batch"] = {"strengths": [own.strength for own in each]}
    return TrainedNgrams(network, unseen, logits, history, records)


def _gain(
    shape: NgramShape, validation: ValidationRows, mean: NDArray[np.float32], alone: NDArray[np.float32]
) -> dict[str, float]:
    """What the mean's log loss is as a share of that of least squares, and how much more of it is right.

    Of both at the scale that suits the held-out texts best, since calibration is still to come.
    """
    first, second = (
        validation.scored(shape, logits * np.float32(best_scale(logits, validation.targets)))
        for logits in (mean, alone)
    )
    return {
        "loss": first["val_loss"] / max(second["val_loss"], _LEAST_LOSS),
        "accuracy": first["val_accuracy"] - second["val_accuracy"],
        "texts": len(mean),
    }


def _record_of(
    parts: Sequence[NgramPart], each: list[Trained], shares: NDArray[np.float64]
) -> dict[str, Any]:
    """What was combined, and how much each counts."""
    names = [
        (of, classifier.weighting)
        for of, part in zip(("words", "characters"), parts, strict=False)
        for classifier in part.classifiers
    ]
    classifiers = [
        {"of": of, "weighting": weighting, "epochs": own.history.best_epoch, "share": float(share)}
        for (of, weighting), own, share in zip(names, each, shares, strict=False)
    ]
    if len(shares) > len(each):
        of = "words and characters" if len(parts) > 1 else "words"
        squares = {"of": of, "weighting": "least-squares", "epochs": 1, "share": float(shares[-1])}
        classifiers.append(squares)
    record: dict[str, Any] = {"classifiers": classifiers}
    if len(parts) > 1:
        counts = parts[1].counts
        record["characters"] = {"kept": list(counts.kept), "dropped": list(counts.dropped)}
    return record


def _network(
    parts: Sequence[NgramPart], arrays: Sequence[Sequence[_Arrays]], shares: Sequence[Sequence[float]]
) -> NgramNetwork:
    """The network whose logits are those of all classifiers of each part times their shares, added."""
    added = []
    for own, counted in zip(arrays, shares, strict=True):
        weights, bias = (
            sum(np.float32(share) * each[i] for share, each in zip(counted, own, strict=True))
            for i in range(2)
        )
        added.append((np.asarray(weights), np.asarray(bias)))
    if len(added) > 1 and not any(shares[1]):
        added = added[:1]
    return _joined(parts, added)


def _joined(parts: Sequence[NgramPart], arrays: Sequence[_Arrays]) -> NgramNetwork:
    """The network of weights and bias for each part."""
    networks = [part.network(*own) for part, own in zip(parts, arrays, strict=False)]
    return networks[0] if len(networks) == 1 else networks[0].with_characters(networks[1])

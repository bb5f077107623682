"""What is done to logits after training, on the texts held out for validation: scaled, so that probabilities
are as sure as they are right, and shifted, if answers shall be best for macro F1. For several labels the
thresholds of their probabilities are chosen there too."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import WordloomWarning
from wordloom.evaluation.calibration import best_scale, best_scale_and_shift
from wordloom.evaluation.offsets import best_offsets
from wordloom.evaluation.scores import class_f1
from wordloom.evaluation.thresholds import best_thresholds
from wordloom.fit.inputs import Fitted, Task
from wordloom.models.network import Network
from wordloom.models.output import Output
from wordloom.targets import MULTILABEL
from wordloom.text.known_words import without_own_words

FEWEST = 200
"""With fewer texts than this the scale is partly noise, and only a share of it counts, see `_scale_of`."""
_PRIOR_TEXTS = 24
"""A scale chosen on N texts is too large by about N / (N + this), found on training texts of six collections
with 8 to 128 labels: the fewer, the more they look alike by chance."""
FEWEST_OF_A_CLASS = 5
"""With fewer texts of a class held out, nothing is known of how far logits should be shifted for it."""
_MOST_LOGITS = 5_000_000
"""Of more than so many logits on the texts for validation, evenly chosen texts take part."""
_MOST_SQUARES = 40_000_000
"""Finding offsets takes time like the number of texts times the square of that of the classes."""


def shrunk_scale(texts: int) -> float:
    """What logits are multiplied by whose scale, and strength, were chosen on so few texts."""
    return texts / (texts + _PRIOR_TEXTS)


class HeldOutLogits(NamedTuple):
    """N texts that weights have not learned from: logits (N, K), targets, as the output has them, weights."""

    logits: NDArray[Any]
    targets: NDArray[Any]
    weights: NDArray[np.float64]


class Adjusted(NamedTuple):
    """A network with other logits, entries for the record, and above which probability each label is given.

    thresholds : C of them; empty for a single label, for grades, and for a half everywhere
    """

    network: Any
    record: dict[str, Any]
    thresholds: tuple[float, ...] = ()


def calibrated(task: Task, fitted: Fitted) -> Fitted:
    """What was fitted, adjusted (see `adjusted`) on the texts held out, or given, for validation.

    As it is if it was trained on them in the end, or if it is adjusted already, as the record says.
    """
    if "calibration" in fitted.record or "optimized" in fitted.record:
        return fitted
    texts, targets, weights = _validation(task, fitted)
    fewest = FEWEST if task.output.independent else 1
    if len(texts) < fewest and task.settings.optimize == "accuracy":
        return fitted
    network = fitted.network
    ids = fitted.vocabulary.encode(texts, fitted.tokenizer or task.tokenizer, task.settings.threads)
    if task.given_validation() is None:
        ids = without_own_words(ids, fitted.vocabulary)
    logits = network.logits(network.prepared(ids), task.settings.threads)
    found = adjusted(task, network, HeldOutLogits(logits, targets, weights))
    record = {**fitted.record, **found.record}
    return dataclasses.replace(fitted, network=found.network, record=record, thresholds=found.thresholds)


def adjusted(
    task: Task, network: Network, held_out: HeldOutLogits, by_weights: bool = False, scaled: bool = False
) -> Adjusted:
    """The network with its logits scaled and shifted, so that they are as sure as they are right.

    Unless the settings say otherwise, or the logits are `scaled` already. With FEWEST texts or more they are
    shifted too for several labels and for grades, and with `by_weights` where texts count unequally: n-grams
    have so many weights that they know the texts that they learned from by heart, and then hardly anything is
    left of how much each of these counted. After that answers are made better for the measure that the
    settings name: by other offsets (see `shifted_for`), or, for several labels, by thresholds.
    """
    record: dict[str, Any] = {}
    logits, targets, weights = held_out
    output = task.output
    enough = len(logits) >= FEWEST
    if task.settings.calibrate and not scaled and (enough or (len(logits) and not output.independent)):
        if output.independent or (enough and by_weights and _count_unequally(held_out, output)):
            scale, shift = best_scale_and_shift(logits, targets, weights, output)
            if output.target == MULTILABEL:
                shift[_rare(targets)] = 0.0
            record["calibration"] = {"scale": scale, "shift": shift.tolist(), "texts": len(logits)}
            network, logits = network.scaled(scale).shifted(shift), scale * logits + shift
        else:
            scale = _scale_of(held_out)
            record["calibration"] = {"scale": scale, "texts": len(logits)}
            network, logits = network.scaled(scale), logits * np.float32(scale)
    if output.target == MULTILABEL:
        thresholds, record["optimized"] = _thresholds(task, output.probabilities(logits), targets)
        return Adjusted(network, record, thresholds)
    if task.settings.optimize != "accuracy":
        network, record["optimized"] = shifted_for(task, network, logits, targets)
    return Adjusted(network, record)


def _scale_of(held_out: HeldOutLogits) -> float:
    """The best scale for these texts, or with fewer than FEWEST of them one that is nearer to 1: log losses
    are convex in the scale, so they are never above those without.

    On others of the training texts of nine collections, with 25 to 160 texts held out of 250 to 1,600, the
    log loss was 0.4 % lower than without a scale (mean vectors on four of them: 0.5 %), at most 3 % higher;
    with the whole scale it was 0.1 % lower, and up to 19 % higher.
    """
    logits, targets, weights = held_out
    return float(best_scale(logits, targets, weights) ** min(1.0, len(logits) / FEWEST))


def _count_unequally(held_out: HeldOutLogits, output: Output) -> bool:
    """Whether texts count unequally, and there are enough of every class to know what it is about."""
    fewest = np.bincount(held_out.targets, minlength=output.n_classes).min()
    return bool((held_out.weights != held_out.weights[0]).any() and fewest >= FEWEST_OF_A_CLASS)


def _rare(targets: NDArray[Any]) -> NDArray[np.bool_]:
    """bool (C,): the labels that fewer than FEWEST_OF_A_CLASS of the texts have, or do not have."""
    having = targets.sum(axis=0)
    return np.asarray(np.minimum(having, len(targets) - having) < FEWEST_OF_A_CLASS)


def _thresholds(
    task: Task, probabilities: NDArray[np.float64], targets: NDArray[Any]
) -> tuple[tuple[float, ...], dict[str, Any]]:
    """The thresholds that are best for the measure that the settings name, and an entry for the record."""
    measure, texts = task.settings.optimize, len(targets)
    record: dict[str, Any] = {"measure": measure, "texts": texts}
    if measure == "accuracy" or texts < FEWEST:
        return (), {**record, "thresholds": None}
    indicators = targets > 0.5
    found = best_thresholds(probabilities, indicators, measure, task.seed)
    return tuple(found.tolist()), {**record, "thresholds": found.tolist()}


def shifted_for(
    task: Task, network: Network, logits: NDArray[Any], targets: NDArray[np.int32]
) -> tuple[Any, dict[str, Any]]:
    """The network with its logits shifted for the measure that the settings name, and what is to be recorded.

    The offsets are chosen for the best macro F1 (see `best_offsets`) on N texts that the weights have not
    learned from. With fewer than FEWEST texts, or FEWEST_OF_A_CLASS of a class, there are none, with a
    warning. What the texts count in training plays no part.

    logits, targets : (N, K) and int (N,), of these texts
    """
    classes = len(task.classes)
    measure = task.settings.optimize
    rows = _spread(np.arange(len(targets)), max(_MOST_SQUARES // classes**2, 20 * classes))
    z, true = logits[rows], targets[rows]
    fewest = int(np.bincount(true, minlength=classes).min())
    if len(true) < FEWEST or fewest < FEWEST_OF_A_CLASS:
        _warn_of_too_few(measure, len(true), fewest)
        return network, {"measure": measure, "offsets": None, "texts": len(true)}
    output = network.shape.output
    offsets = best_offsets(z, true, task.seed)
    answers = [output.predicted(each) for each in (z, z + output.logits_of(offsets))]
    record = {
        "measure": measure,
        "offsets": offsets.tolist(),
        "texts": len(true),
        "accuracy": [float((predicted == true).mean()) for predicted in answers],
        "macro_f1": [float(class_f1(predicted, true, classes).mean()) for predicted in answers],
    }
    return network.shifted(output.logits_of(offsets)), record


def _warn_of_too_few(measure: str, texts: int, fewest: int) -> None:
    warnings.warn(
        f"optimize={measure!r} needs {FEWEST:,} texts held out for validation, {FEWEST_OF_A_CLASS} or more "
        f"of each label, and there are {texts:,}, {fewest:,} of the rarest; the likeliest label stays "
        "the answer. Hold out more (--validation-split), or give texts for validation (--validation).",
        WordloomWarning,
        stacklevel=3,
    )


def _validation(task: Task, fitted: Fitted) -> tuple[Sequence[str], NDArray[Any], NDArray[np.float64]]:
    """Texts that the weights have not seen, their targets, and how much each counts."""
    most = max(_MOST_LOGITS // len(task.classes), 1)
    given = task.given_validation()
    if given is not None:
        corpus, targets = given
        rows = _spread(np.arange(len(corpus)), most)
        return [corpus.texts[row] for row in rows], targets[rows], np.ones(len(rows))
    _, held_out = task.held_out()
    if fitted.trained_on + len(held_out) > len(task.corpus):
        held_out = held_out[:0]
    rows = _spread(held_out, most)
    return [task.corpus.texts[row] for row in rows], task.targets[rows], task.weights[rows]


def _spread(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return rows[:: -(-len(rows) // most)] if len(rows) > most else rows

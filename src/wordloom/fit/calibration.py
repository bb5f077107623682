"""What is done to logits after training, on the texts held out for validation: scaled, so that probabilities
are as sure as they are right, and shifted, if answers shall be best for macro F1."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import WordloomWarning
from wordloom.evaluation.calibration import best_scale
from wordloom.evaluation.offsets import best_offsets
from wordloom.evaluation.scores import class_f1
from wordloom.fit.inputs import Fitted, Task
from wordloom.models.network import Network

FEWEST = 200
"""With fewer texts than this the scale is mostly noise: on IMDB with 20 to 100 of them the log loss rose."""
FEWEST_OF_A_CLASS = 5
"""With fewer texts of a class held out, nothing is known of how far logits should be shifted for it."""
_MOST_LOGITS = 5_000_000
"""Of more than so many logits on the texts for validation, evenly chosen texts take part."""
_MOST_SQUARES = 40_000_000
"""Finding offsets takes time like the number of texts times the square of that of the classes."""


def calibrated(task: Task, fitted: Fitted) -> Fitted:
    """What was fitted, with its logits scaled (see `best_scale`), and the scale in the record.

    As it is if the settings say so, if fewer than FEWEST texts were held out, if it was trained on them in
    the end, or if it is calibrated already, with `calibration` in its record. Which label is the likeliest
    does not change, unless the settings ask for answers that are best for macro F1 (see `shifted_for`).
    """
    scales = task.settings.calibrate and "calibration" not in fitted.record
    shifts = task.settings.optimize != "accuracy" and "optimized" not in fitted.record
    if not scales and not shifts:
        return fitted
    texts, targets, weights = _validation(task, fitted)
    if len(texts) < FEWEST and not shifts:
        return fitted
    network = fitted.network
    tokenizer = fitted.tokenizer or task.tokenizer
    ids = fitted.vocabulary.encode(texts, tokenizer, task.settings.threads)
    logits = network.logits(network.prepared(ids), task.settings.threads)
    record = dict(fitted.record)
    if scales and len(texts) >= FEWEST:
        scale = best_scale(logits, targets, weights)
        record["calibration"] = {"scale": scale, "texts": len(texts)}
        network, logits = network.scaled(scale), logits * np.float32(scale)
    if shifts:
        network, record["optimized"] = shifted_for(task, network, logits, targets)
    return dataclasses.replace(fitted, network=network, record=record)


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


def _validation(task: Task, fitted: Fitted) -> tuple[Sequence[str], NDArray[np.int32], NDArray[np.float64]]:
    """Texts that the weights have not seen, their classes, and how much each counts."""
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

"""Probabilities as sure as they are right: logits scaled on the texts held out for validation."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.evaluation.calibration import best_scale
from wordloom.fit.inputs import Fitted, Task

FEWEST = 200
"""With fewer texts than this the scale is mostly noise: on IMDB with 20 to 100 of them the log loss rose."""
_MOST_LOGITS = 5_000_000
"""Of more than so many logits on the texts for validation, evenly chosen texts take part."""


def calibrated(task: Task, fitted: Fitted) -> Fitted:
    """What was fitted, with its logits scaled (see `best_scale`), and the scale in the record.

    As it is if the settings say so, if fewer than FEWEST texts were held out, if it was trained on them in
    the end, or if it is calibrated already, with `calibration` in its record. Which label is the likeliest
    does not change.
    """
    if not task.settings.calibrate or "calibration" in fitted.record:
        return fitted
    texts, targets, weights = _validation(task, fitted)
    if len(texts) < FEWEST:
        return fitted
    network = fitted.network
    tokenizer = fitted.tokenizer or task.tokenizer
    ids = fitted.vocabulary.encode(texts, tokenizer, task.settings.threads)
    logits = network.logits(network.arranged(ids), task.settings.threads)
    scale = best_scale(logits, targets, weights)
    record = {**fitted.record, "calibration": {"scale": scale, "texts": len(texts)}}
    return dataclasses.replace(fitted, network=network.scaled(scale), record=record)


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

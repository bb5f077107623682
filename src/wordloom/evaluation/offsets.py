"""Offsets: what is added to the logits of each class so that macro F1 is highest.

The likeliest class is the best answer for accuracy. Where classes are rare it is seldom one of them, and the
mean of the F1 of all classes is higher if their logits are raised.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.evaluation.scores import class_f1, f1_of
from wordloom.models.output import Output

_DRAWS = 10
_ROUNDS = 20
_SMALLEST_GAIN = 1e-9
_TOGETHER = 1e-6
"""Logits that are not further apart are not told apart: networks keep their offsets as float32."""


def best_offsets(logits: NDArray[Any], targets: NDArray[Any], seed: int = 0) -> NDArray[np.float64]:
    """float64 (C,), with mean 0: offsets of the class logits with a high macro F1 on N documents.

    The best offsets of a few hundred documents are partly chance, so they are found for random draws from
    the documents of each class, and their mean is taken; zeros where that does not raise the macro F1.

    Source: L. Breiman, "Bagging predictors", Machine Learning 1996 (the mean over draws).

    Parameters
    ----------
    logits : (N, K) of documents kept out of training
    targets : int (N,), the true classes
    seed : of the draws
    """
    z = Output.of_logits(logits.shape[1]).class_logits(logits)
    random = np.random.default_rng(seed)
    rows_of_classes = [rows for number in range(z.shape[1]) if len(rows := np.flatnonzero(targets == number))]
    offsets = np.zeros(z.shape[1])
    for _ in range(_DRAWS):
        sampled = np.concatenate([random.choice(rows, len(rows)) for rows in rows_of_classes])
        offsets += _ascended(z[sampled], targets[sampled]) / _DRAWS
    offsets -= offsets.mean()
    return offsets if _macro_f1(z + offsets, targets) > _macro_f1(z, targets) else np.zeros_like(offsets)


def _macro_f1(z: NDArray[np.float64], targets: NDArray[Any]) -> float:
    return float(class_f1(z.argmax(axis=1), targets, z.shape[1]).mean())


def _ascended(z: NDArray[np.float64], targets: NDArray[Any]) -> NDArray[np.float64]:
    """Offsets by coordinate ascent from 0.

    For one class after the other the offset with the highest macro F1 is found exactly, since it matters
    only where it changes a document's answer, until no class gains.
    """
    offsets, reached = np.zeros(z.shape[1]), _macro_f1(z, targets)
    for _ in range(_ROUNDS):
        before = reached
        for column in range(z.shape[1]):
            offset, found = _best_offset(z + offsets, targets, column)
            if found > reached + _SMALLEST_GAIN:
                offsets[column], reached = offsets[column] + offset, found
        if reached <= before + _SMALLEST_GAIN:
            break
    return np.asarray(offsets - offsets.mean())


def _best_offset(z: NDArray[np.float64], targets: NDArray[Any], column: int) -> tuple[float, float]:
    """What to add to one class's logit, and the macro F1 then.

    As the offset rises, the documents come to the class one after the other, each from the class that is the
    likeliest one of the others.
    """
    n, classes = z.shape
    others = z.copy()
    others[:, column] = -np.inf
    rival = others.argmax(axis=1)
    needed = others[np.arange(n), rival] - z[:, column]
    order = np.argsort(needed, kind="stable")
    needed, rival, true = needed[order], rival[order], targets[order]
    support = np.bincount(targets, minlength=classes)
    right = true == column
    own = f1_of(np.r_[0, np.cumsum(right)], np.full(n + 1, support[column]), np.arange(n + 1))
    of_others = float(class_f1(rival, true, classes).sum())
    totals = own + of_others + np.r_[0, np.cumsum(_changes(rival, true, support))]
    steps = np.r_[needed[0] - 1, (needed[1:] + needed[:-1]) / 2, needed[-1] + 1]
    totals[1:-1][np.diff(needed) <= _TOGETHER] = -np.inf
    best = np.flatnonzero(totals >= totals.max() - _SMALLEST_GAIN)
    place = best[np.abs(steps[best]).argmin()]
    return float(steps[place]), float(totals[place] / classes)


def _changes(rival: NDArray[np.int64], true: NDArray[Any], support: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 (N,): how the F1 of its class changes when a document leaves it, after those before it have."""
    group = np.argsort(rival, kind="stable")
    own, hit = rival[group], (true == rival)[group]
    guesses = np.bincount(rival, minlength=len(support))
    first = np.cumsum(guesses) - guesses
    hits_before = np.r_[0, np.cumsum(hit)]
    hits = np.bincount(own[hit], minlength=len(support))
    left = np.arange(len(own)) - first[own]
    lost = hits_before[:-1] - hits_before[first[own]]
    before = f1_of(hits[own] - lost, support[own], guesses[own] - left)
    after = f1_of(hits[own] - lost - hit, support[own], guesses[own] - left - 1)
    changes = np.empty(len(own))
    changes[group] = after - before
    return changes

"""Warnings that a model's own training texts raise: hardly a word in them, or nothing learned."""

from __future__ import annotations

import functools
import warnings

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import WordloomWarning
from wordloom.fit.inputs import Task
from wordloom.setting import AUTO
from wordloom.targets import MULTILABEL
from wordloom.text.known_words import known_words, warn_of_wordless_training
from wordloom.text.sequences import Ragged
from wordloom.text_model import TextModel

_LOOKED_AT = 1_000
_A_TRIAL = 250
"""Of fewer texts, epochs in a number that was asked for may well be too few to learn anything: a trial."""


def check_sanity(model: TextModel, task: Task, known: NDArray[np.int64] | None = None) -> None:
    """Warn of training texts that are hardly words, and of a model that has learned nothing from its texts.

    Of many training texts some are looked at, drawn at random: labels may follow a pattern.

    known : int64 (N,), how many words of each training text the model knows; None to count them again
    """
    rows = np.arange(len(task.corpus))
    if len(rows) > _LOOKED_AT:
        rows = np.sort(np.random.default_rng([task.seed, 9]).choice(rows, _LOOKED_AT, replace=False))
    encoded = functools.cache(lambda: _encoded(model, task, rows))
    few = known_words(encoded(), model.vocabulary) if known is None else known[rows]
    warn_of_wordless_training(task.corpus.name, few, model.vocabulary)
    if _is_a_trial(task) or _gained_macro_f1(model):
        return
    if task.output.independent:
        _check_loss(model, task, rows, encoded())
        return
    crossed = _right_in_cross_validation(model)
    if crossed is None and _is_sure_to_have_learned(model, task):
        return
    looked_at = rows if crossed is None else np.arange(len(task.corpus))
    targets, weights = task.targets[looked_at], task.weights[looked_at]
    of_class = np.bincount(targets, weights, minlength=len(task.classes))
    usual, total = of_class.max(), max(weights.sum(), 1e-300)
    if crossed is None:
        answers = model.network.probabilities(encoded(), task.settings.threads).argmax(axis=1)
        right, where = weights[answers == targets].sum() / total, f"on {len(looked_at):,} of its own"
    else:
        right, where = crossed, f"in cross-validation on its {len(looked_at):,}"
    if right <= usual / total * (1 + 1e-9):
        usual_label = task.classes[int(of_class.argmax())]
        warnings.warn(
            f"{task.corpus.name}: the model is no better than the answer {usual_label!r} to every text: "
            f"{where} training texts {right:.1%} are right, with that one answer {usual / total:.1%}. It has "
            "not learned to tell the labels apart; more labelled texts, more epochs or another architecture "
            "may help.",
            WordloomWarning,
            stacklevel=3,
        )


def _encoded(model: TextModel, task: Task, rows: NDArray[np.int64]) -> Ragged:
    texts = list(task.corpus.subset(rows.tolist()).texts)
    return model.vocabulary.encode(texts, model.tokenizer, task.settings.threads)


def _check_loss(model: TextModel, task: Task, rows: NDArray[np.int64], ids: Ragged) -> None:
    """Warn of a model of several labels, or of grades, that tells some of its own texts no better apart than
    what is the same for all."""
    output, targets, weights = task.output, task.targets[rows], task.weights[rows]
    network, threads = model.network, task.settings.threads
    loss, _ = output.mean_scores(network.logits(network.prepared(ids), threads), targets, weights)
    usual = np.clip(np.average(task.targets, axis=0, weights=task.weights), 1e-9, 1 - 1e-9)
    alike = np.repeat(np.log(usual / (1 - usual))[None], len(targets), axis=0)
    same, _ = output.mean_scores(alike, targets, weights)
    if loss >= same * (1 - 1e-9):
        what = "the frequency of each label" if output.target == MULTILABEL else "the mean grade"
        warnings.warn(
            f"{task.corpus.name}: the model says no more of a text than {what}: its log loss on "
            f"{len(rows):,} of its own training texts is {loss:.4f}, that of the same answer to every text "
            f"{same:.4f}. More labelled texts, more epochs or another architecture may help.",
            WordloomWarning,
            stacklevel=4,
        )


def _gained_macro_f1(model: TextModel) -> bool:
    """Whether answers were made better for macro F1, at the cost of accuracy: it can tell labels apart."""
    return any(model.record.get("optimized", {}).get("offsets") or ())


def _right_in_cross_validation(model: TextModel) -> float | None:
    """The share of training texts that models trained without them answered rightly, where that was asked."""
    found = model.record.get("head", {}).get("cross_validation")
    return None if found is None else float(found["accuracy"])


def _is_sure_to_have_learned(model: TextModel, task: Task) -> bool:
    """Whether the accuracy that training measured on the way was better already than the one answer."""
    history = model.history
    measured = history.history.get("accuracy") or [0.0]
    usual = np.bincount(task.targets).max() / len(task.targets)
    return bool(measured[max(history.best_epoch, 1) - 1] > usual + 1e-9)


def _is_a_trial(task: Task) -> bool:
    return task.settings.epochs != AUTO and len(task.corpus) < _A_TRIAL

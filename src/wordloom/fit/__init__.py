"""From labelled texts and settings to a trained TextModel.

Needs no scikit-learn; `TextClassifier` and the command line both stand on this. What is the same for every
architecture is done here; the rest is done by the module that the architecture's row names.
"""

from __future__ import annotations

import importlib
import platform
import secrets
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from wordloom import __version__
from wordloom.architectures import ARCHITECTURES, with_ability
from wordloom.corpus import Corpus
from wordloom.errors import UsageError
from wordloom.fit.architecture_choice import best_choice, by_architecture, by_target, choices
from wordloom.fit.calibration import calibrated
from wordloom.fit.inputs import FitInput, Fitted, Task, tokenizer_of
from wordloom.fit.sanity_checks import check_sanity
from wordloom.fit.targets import learned_targets, loss_weights, without_weightless
from wordloom.settings import RANDOM_STATES, Settings, is_random_state, to_config
from wordloom.targets import GRADED, SINGLE
from wordloom.text_model import TextModel

__all__ = ["FitInput", "fit", "seed_of", "tokenizer_of"]


def fit(corpus: Corpus, settings: Settings, extra: FitInput | None = None) -> TextModel:
    """Train a model on labelled texts; those of sample weight 0 are left out, as if they had not been given.

    Raises
    ------
    UsageError : settings that have no meaning
    DataError : no texts, one class only, no words, sample weights that do not fit
    """
    settings, extra, began = settings.checked(), extra or FitInput(), time.perf_counter()
    with extra.passes.closing():
        corpus, sample_weight = without_weightless(corpus, extra.sample_weight)
        classes, targets = learned_targets(corpus)
        weights = loss_weights(classes, targets, settings.class_weight, sample_weight)
        seed = seed_of(settings.random_state)
        tried = []
        found = choices(settings, corpus, extra)
        for choice in found:
            chosen = by_target(by_architecture(choice.settings), corpus.target)
            _refuse_streaming(corpus, chosen, extra)
            task = Task(corpus, chosen, classes, targets, weights, tokenizer_of(chosen), seed, extra)
            tried.append((task, calibrated(task, _fitter(chosen.architecture)(task))))
    best, why = best_choice(found, [fitted.record for _, fitted in tried], len(corpus))
    task, fitted = tried[best]
    record = {**_record(task, fitted), **why, "seconds": time.perf_counter() - began, **fitted.record}
    model = fitted.model(task, record)
    check_sanity(model, task, fitted.known_words)
    return model


def _refuse_streaming(corpus: Corpus, settings: Settings, extra: FitInput) -> None:
    """UsageError if the texts are streamed and something needs them in memory, or the other way round."""
    if not corpus.streamed:
        if extra.passes.executor is not None:
            raise UsageError(
                "An executor has texts counted that stay in their files, and these are in memory. Give what "
                "stream_corpus makes of the files, or leave the executor out."
            )
        return
    way_out = "Read the file whole for that: leave out --stream (read_corpus in the place of stream_corpus)."
    if not ARCHITECTURES[settings.architecture].streams:
        streaming = " and ".join(map(repr, with_ability("streams")))
        raise UsageError(
            f"The architecture {settings.architecture!r} needs its texts in memory; of texts that are "
            f"streamed from a file only {streaming} learns. {way_out}"
        )
    if extra.vocabulary_texts is not None:
        raise UsageError(f"vocabulary_texts does not go with texts that are streamed from a file. {way_out}")


def _fitter(architecture: str) -> Callable[[Task], Fitted]:
    """The function that fits an architecture: `fit_pooled` of `wordloom.fit.pooled`, for example."""
    row = ARCHITECTURES[architecture]
    found: Callable[[Task], Fitted] = getattr(
        importlib.import_module(f"wordloom.fit.{row.module}"), row.function
    )
    return found


def _record(task: Task, fitted: Fitted) -> dict[str, Any]:
    corpus = task.corpus
    return {
        "wordloom": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "seed": task.seed,
        "settings": to_config(fitted.settings or task.settings),
        "data": {
            "name": corpus.name,
            **({} if corpus.columns is None else {"columns": corpus.columns.to_config()}),
            "fingerprint": corpus.fingerprint(),
            "texts": len(corpus),
            "empty_texts": fitted.empty_texts,
            "trained_on": fitted.trained_on,
            "validated_on": fitted.validated_on,
            **({} if task.extra.validation is None else {"validation": task.extra.validation.name}),
            **_labels_of(corpus),
        },
    }


def _labels_of(corpus: Corpus) -> dict[str, Any]:
    """How many texts each label has; of grades how they are spread."""
    if corpus.target == GRADED:
        grades = corpus.grades
        return {"target": GRADED, "mean_grade": float(grades.mean()), "grade_deviation": float(grades.std())}
    counts = {str(label): count for label, count in corpus.counts().items()}
    return {"classes": counts, **({} if corpus.target == SINGLE else {"target": corpus.target})}


def seed_of(random_state: Any) -> int:
    """A seed from None (a new one), an integer, or NumPy's RandomState or Generator (drawn from it)."""
    if random_state is None:
        return secrets.randbits(31)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31 - 1))
    if isinstance(random_state, int | np.integer) and is_random_state(random_state):
        return int(random_state)
    raise UsageError(f"random_state must be {RANDOM_STATES}, not {random_state!r:.60}.")

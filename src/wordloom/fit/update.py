"""A model that learns on from further texts, which may have new labels."""

from __future__ import annotations

import importlib
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.architectures import ARCHITECTURES
from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fit.architecture_choice import by_target
from wordloom.fit.inputs import Base, FitInput, Fitted, Task
from wordloom.fit.targets import loss_weights, targets_among, without_weightless
from wordloom.labels import is_number, label_key
from wordloom.setting import AUTO
from wordloom.settings import Settings, to_config
from wordloom.targets import GRADED, SINGLE, labels_in
from wordloom.text_model import TextModel

_ONCE_NONE = {
    *("dimensions", "ngrams", "min_documents", "dropout", "maxlen", "filters", "strip_html"),
    *("keep_punctuation", "learning_rate", "epochs"),
}
"""Settings that the records of older models have as None where they were left to the library."""
CHANGEABLE = (
    *("learning_rate", "epochs", "patience", "validation_split", "validation_mode", "calibrate", "optimize"),
    *("threads", "random_state", "verbose"),
)
"""Settings of how it is learned; the others say what the model is and stay."""


def update(
    model: TextModel, texts: Sequence[str], labels: Sequence[Any], sample_weight: Any = None, **settings: Any
) -> TextModel:
    """The model after it has learned on from N labeled texts; the one given stays as it is.

    The texts that it was trained on are not needed. New words, n-grams and labels come in; grades keep their
    scale. It learns with the settings of its training, of which `settings` may replace those that say how
    (`CHANGEABLE`).

    Raises UsageError for a model that cannot learn on (n-grams without max_size do, and networks that pool)
    and for other settings, DataError for no texts and for labels of another kind.
    """
    corpus = Corpus(texts, labels, "texts", target=model.target)
    return learned_on(model, corpus, FitInput(sample_weight=sample_weight), **settings)


def learned_on(model: TextModel, corpus: Corpus, extra: FitInput | None = None, **settings: Any) -> TextModel:
    """The model after it has learned on from the texts of `corpus`; the model given stays as it is.

    settings : of `CHANGEABLE`, in the place of those of its training

    Raises
    ------
    UsageError : a model that cannot learn on, or other settings
    DataError : no texts, or labels of another kind than the model's
    """
    extra, began = extra or FitInput(), time.perf_counter()
    chosen = by_target(_settings(model, settings), model.target)
    module = ARCHITECTURES[chosen.architecture].update
    if not module:
        able = ", ".join(row.name for row in ARCHITECTURES.values() if row.update)
        raise UsageError(
            f"A model of the architecture {chosen.architecture!r} does not learn on; those of {able} do. "
            "Train it on all texts together."
        )
    if not len(corpus):
        raise DataError(f"{corpus.name}: there are no texts to learn from.")
    corpus.require(model.target, what="This model")
    corpus, sample_weight = without_weightless(corpus, extra.sample_weight)
    classes, places = _classes(model, corpus)
    _warn_of_new_alone(corpus, classes, places)
    targets = targets_among(corpus, classes, corpus.target)
    weights = loss_weights(classes, targets, chosen.class_weight, sample_weight)
    counts = _counts(model, classes)
    if chosen.class_weight is None and corpus.target == SINGLE:
        weights = weights * _stand_in(counts, targets)
    seed = int(model.record.get("seed", 0)) if chosen.random_state is None else int(chosen.random_state)
    task = Task(corpus, chosen, classes, targets, weights, model.tokenizer, seed, extra)
    output = model.network.shape.output
    base = Base(model.vocabulary, model.network, output, places, counts, model.thresholds)
    fitted: Fitted = importlib.import_module(f"wordloom.fit.{module}").learned_on(task, base)
    record = _record(model, task, fitted)
    record["updates"][-1]["seconds"] = time.perf_counter() - began
    return fitted.model(task, record)


def changed_since(model: TextModel, settings: Settings) -> dict[str, Any]:
    """The settings that are neither those of the model's training nor defaults: what was set since."""
    stored = model.record.get("settings") or {}
    now, usual = to_config(settings), to_config(Settings())
    return {
        name: getattr(settings, name)
        for name, value in now.items()
        if value not in (usual[name], stored.get(name, value))
    }


def _settings(model: TextModel, changed: Mapping[str, Any]) -> Settings:
    """The settings of the model's training, with those changed."""
    other = sorted(set(changed) - set(CHANGEABLE))
    if other:
        raise UsageError(
            "A model learns on with the settings of its training, which say what it is: leave out "
            f"{', '.join(other)}, or train a new model on all texts. What may change: "
            f"{', '.join(CHANGEABLE)}."
        )
    stored = model.record.get("settings")
    if not isinstance(stored, Mapping) or stored.get("architecture") not in ARCHITECTURES:
        raise UsageError(
            "The model does not say with which settings it was trained, as models of Keras and of other "
            "programs do not, so it cannot learn on. Train it with wordloom on all texts."
        )
    if stored.get("max_size") is not None:
        raise UsageError(
            "A model that was kept within a size (max_size) has neither counts nor rare n-grams to learn on "
            "with. Update the model trained without max_size, or train on all texts together."
        )
    known = {field.name for field in fields(Settings)} - {"random_state", "solver"}  # it learns on by steps
    values = {name: value for name, value in stored.items() if name in known}
    for name in _ONCE_NONE & values.keys():
        values[name] = AUTO if values[name] is None else values[name]
    if isinstance(values.get("class_weight"), list):
        values["class_weight"] = {label: weight for label, weight in values["class_weight"]}
    return replace(Settings(**values), **changed)


def _classes(model: TextModel, corpus: Corpus) -> tuple[list[Any], NDArray[np.int64]]:
    """All labels, and the numbers that those of the model have among them; of grades the scale stays."""
    known = list(model.labels)
    if corpus.target == GRADED:
        return known, np.arange(len(known))
    keys = set(map(label_key, known))
    new = [label for label in labels_in(corpus.labels) if label_key(label) not in keys]
    if isinstance(known[0], str):
        new = [str(label) for label in new]
    elif wrong := [label for label in new if not is_number(label)]:
        raise DataError(
            f"{corpus.name}: the model's labels are whole numbers ({known[0]!r}), and the label {wrong[0]!r} "
            "is none. Write it as one, or train a new model on all texts."
        )
    else:
        new = [int(label) for label in new]
    classes = sorted([*known, *new])
    number = {label: place for place, label in enumerate(classes)}
    return classes, np.array([number[label] for label in known], dtype=np.int64)


def _warn_of_new_alone(corpus: Corpus, classes: list[Any], places: NDArray[np.int64]) -> None:
    if corpus.target == GRADED or len(places) == len(classes):
        return
    known = {label_key(classes[place]) for place in places.tolist()}
    if not known & set(map(label_key, labels_in(corpus.labels))):
        warnings.warn(
            f"{corpus.name}: all labels are new to the model, so nothing tells it how their texts differ "
            "from those of the labels that it knows, and it will give the new ones too often. Add some texts "
            "with the old labels.",
            WordloomWarning,
            stacklevel=3,
        )


def _counts(model: TextModel, classes: list[Any]) -> NDArray[np.float64]:
    """float64 (C,): the texts of each class that the model has learned from; of grades equal parts."""
    data = model.record.get("data", {})
    if model.target == GRADED:
        return np.full(len(classes), float(data.get("texts", 0)) / len(classes))
    before = data.get("classes", {})
    return np.array([float(before.get(str(label), 0)) for label in classes])


def _stand_in(counts: NDArray[np.float64], targets: NDArray[Any]) -> NDArray[np.float64]:
    """float64 (N,): how many texts of its class each stands for, old and new, with a mean of 1.

    Else a label of which all texts are new would be thought to be as common as it is among these.
    """
    here = np.bincount(targets, minlength=len(counts))
    weights = ((counts + here) / np.maximum(here, 1))[targets]
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def _record(model: TextModel, task: Task, fitted: Fitted) -> dict[str, Any]:
    """The model's record, with what it has learned from since."""
    corpus, before = task.corpus, dict(model.record.get("data", {}))
    data = {name: before[name] + more for name, more in _sums(fitted, len(corpus)).items() if name in before}
    if corpus.target != GRADED and isinstance(before.get("classes"), Mapping):
        counts = {str(label): 0 for label in task.classes} | before["classes"]
        for label, count in corpus.counts().items():
            counts[str(label)] = counts.get(str(label), 0) + count
        data["classes"] = {str(label): counts[str(label)] for label in task.classes}
    entry = {
        "data": corpus.name,
        "fingerprint": corpus.fingerprint(),
        "texts": len(corpus),
        "validated_on": fitted.validated_on,
        "base": {"fingerprint": before.get("fingerprint"), "texts": before.get("texts")},
        "new_labels": [label for label in task.classes if label not in model.labels],
        "new_words": len(fitted.vocabulary.words) - len(model.vocabulary.words),
        "seed": task.seed,
        **fitted.record,
    }
    gone = ("scores", "optimized", "calibration", "source_fingerprint")
    kept = {name: value for name, value in model.record.items() if name not in gone}
    return {**kept, "data": {**before, **data}, "updates": [*model.record.get("updates", []), entry]}


def _sums(fitted: Fitted, texts: int) -> dict[str, int]:
    return {
        "texts": texts,
        "empty_texts": fitted.empty_texts,
        "trained_on": fitted.trained_on,
        "validated_on": fitted.validated_on,
    }

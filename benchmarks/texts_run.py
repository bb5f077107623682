"""One contender on one set of texts: every training and test of it, in a process of its own.

texts_run.py SET CONTENDER THREADS prints a line of JSON a run, with the standard errors of a fixed test part.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from wordloom import datasets
from wordloom.comparison import PEERS, Contender, known_settings
from wordloom.comparison.contender import TrainingTask
from wordloom.comparison.splits import Material, Split, material_of
from wordloom.corpus import Dataset
from wordloom.evaluation.scores import Scores, score
from wordloom.readers import read_corpus

FOLDS, REPEATS, FEW_TEXTS, SEEDS = 5, 3, 2_000, 3
MEASURES = ("accuracy", "macro_f1", "log_loss", "calibration_error")
_DRAWN = 200
_FILES = ("agnews", "airline", "banking77", "de_gnad", "sms", "sst5", "tw_emotion", "zh_waimai")
SETS = (*_FILES, "trec", "mr", "imdb")
AUTOTUNE_SECONDS = 60
OPTIONAL = {
    "fasttext-autotune": Contender(
        "fasttext-autotune",
        f"fastText: parameters looked for during {AUTOTUNE_SECONDS} s on a tenth of the training texts",
        "fasttext",
        {"autotune_seconds": AUTOTUNE_SECONDS},
        ("fasttext",),
        ("fasttext",),
    )
}
"""What is measured if it is asked for by name: it takes longer than all others together."""


def contender(name: str) -> Contender:
    """A peer, one of those that are optional, or our settings."""
    return {**known_settings(), **PEERS, **OPTIONAL}[name]


def dataset(name: str) -> Dataset:
    """A set of texts, from the folder that WORDLOOM_DATA names."""
    if name == "imdb":
        return datasets.load("imdb")
    folder = Path(os.environ.get("WORDLOOM_DATA", "."))
    if name in _FILES:
        return read_corpus(folder / "texts" / f"{name}.csv")
    return read_corpus(folder / name, encoding="latin-1")


def materials(data: Dataset) -> list[tuple[int, Material]]:
    """Seeds and splits: the fixed test part with some seeds, else folds, several times of few texts."""
    if data.test is not None:
        material = material_of(data, None, None, 0)
        return [(seed, material) for seed in range(SEEDS)]
    repeats = REPEATS if len(data.train) < FEW_TEXTS else 1
    return [(seed, material_of(data, FOLDS, None, seed)) for seed in range(repeats)]


class Trial:
    """A contender trained and tested on one split."""

    def __init__(self, who: Contender, material: Material, split: Split, seed: int, threads: int) -> None:
        self.who, self.n_classes = who, len(material.labels)
        texts = [material.texts[row] for row in split.train]
        self.task = TrainingTask(texts, material.targets[split.train], material.labels, seed, threads)
        self.tests = [material.texts[row] for row in split.test]
        self.targets, self.labels = material.targets[split.test], material.labels
        self.seconds: dict[str, float] = {}

    def measured(self) -> tuple[dict[str, Any], Any]:
        """Scores and seconds, and the probabilities (M, C).

        Classes are those that the contender predicts; a machine without probabilities gets them from
        `CalibratedClassifierCV`, which is trained and timed apart.
        """
        train = importlib.import_module(f"wordloom.comparison.contenders.{self.who.kind}").train
        model = self._timed("fit", lambda: train(self.task, **self.who.options))
        if self.who.is_ours:
            found = self._timed("predict", lambda: model.model.predict_proba(self.tests, self.task.threads))
            probabilities = self._columns(found, model.model.labels)
            return self._row(probabilities, probabilities.argmax(axis=1)), probabilities
        predicted = self._timed("predict", lambda: model.predict(self.tests))
        probabilities = self._probabilities(model)
        return self._row(probabilities, predicted), probabilities

    def _probabilities(self, model: Any) -> Any:
        if self.who.kind == "fasttext":
            return model.predict_proba(self.tests, self.n_classes)
        if hasattr(model.classifier, "predict_proba"):
            found = model.classifier.predict_proba(model.vectorizer.transform(self.tests))
            return self._columns(found, model.classifier.classes_)
        calibrated, vectorizer = self._timed("calibrated_fit", lambda: self._calibrated(model))
        found = self._timed(
            "calibrated_predict", lambda: calibrated.predict_proba(vectorizer.transform(self.tests))
        )
        return self._columns(found, calibrated.classes_)

    def _calibrated(self, model: Any) -> tuple[Any, Any]:
        from sklearn.base import clone
        from sklearn.calibration import CalibratedClassifierCV

        vectorizer, classifier = clone(model.vectorizer), CalibratedClassifierCV(clone(model.classifier))
        return classifier.fit(vectorizer.fit_transform(self.task.texts), self.task.targets), vectorizer

    def _columns(self, found: Any, classes: Any) -> Any:
        """A column for each class, also for one without training texts."""
        probabilities = np.zeros((len(found), self.n_classes))
        probabilities[:, np.asarray(classes, dtype=int)] = found
        return probabilities

    def _timed(self, name: str, work: Any) -> Any:
        began = time.perf_counter()
        result = work()
        self.seconds[name] = time.perf_counter() - began
        return result

    def _row(self, probabilities: Any, predicted: Any) -> dict[str, Any]:
        return {**measures(probabilities, predicted, self.targets, self.labels), **self.seconds}


def measures(probabilities: Any, predicted: Any, targets: Any, labels: Any) -> dict[str, float]:
    """Accuracy and macro F1 of what was predicted, log loss and calibration error of the probabilities."""
    sure: Scores = score(probabilities, targets, labels)
    chosen = score(np.eye(len(labels))[predicted], targets, labels)
    values = chosen.accuracy, chosen.macro_f1, sure.log_loss, sure.confidence.calibration_error()
    return dict(zip(MEASURES, values, strict=True))


def standard_errors(probabilities: Any, predicted: Any, targets: Any, labels: Any) -> dict[str, float]:
    """Of a fixed test part: the spread of the measures over draws of as many of its texts."""
    rng, rows = np.random.default_rng(0), []
    for _ in range(_DRAWN):
        drawn = rng.integers(0, len(targets), len(targets))
        rows.append(list(measures(probabilities[drawn], predicted[drawn], targets[drawn], labels).values()))
    return dict(zip(MEASURES, np.std(rows, axis=0, ddof=1).tolist(), strict=True))


def results(who: Contender, data: Dataset, threads: int) -> Iterator[dict[str, Any]]:
    """A row for each run, the first of a process that compiles not among them."""
    first = who.compiles
    for seed, material in materials(data):
        if seed and who.one_seed and data.test is not None:
            return
        for split in material.splits:
            if first:
                yield {"first": Trial(who, material, split, seed, threads).measured()[0]["fit"]}
                first = False
            trial = Trial(who, material, split, seed, threads)
            row, probabilities = trial.measured()
            if data.test is not None and seed == 0:
                predicted = probabilities.argmax(axis=1)
                row["errors"] = standard_errors(probabilities, predicted, trial.targets, trial.labels)
            yield {"seed": seed, "tested": len(split.test), "trained": len(split.train), **row}


def main(name: str, who: str, threads: int) -> None:
    warnings.simplefilter("ignore")
    chosen = dataclasses.replace(contender(who))
    for row in results(chosen, dataset(name), threads):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

"""A model that was trained before, a folder or a file of fastText's: loading it is its training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordloom.comparison.contender import TrainingTask
from wordloom.errors import DataError
from wordloom.labels import Label, label_key
from wordloom.text_model import TextModel


class SavedModel:
    """A text model, and the class of each of its labels among those of the texts; C if they lack it."""

    def __init__(self, model: TextModel, labels: Sequence[Label], threads: int | None) -> None:
        self.model, self.threads = model, threads
        numbers = {label_key(label): number for number, label in enumerate(labels)}
        self.classes = np.array([numbers.get(label_key(label), len(labels)) for label in model.labels])
        if (self.classes == len(labels)).all():
            raise DataError(f"no text has a label of the model, which has {list(model.labels)!r:.80}.")

    def predict(self, texts: Sequence[str]) -> NDArray[np.int32]:
        columns = self.model.predict_proba(texts, self.threads).argmax(axis=1)
        return np.asarray(self.classes[columns], dtype=np.int32)

    def save(self, folder: Path) -> None:
        self.model.save(folder / "model")


def train(task: TrainingTask, folder: str) -> SavedModel:
    """Load the model in the folder."""
    return SavedModel(TextModel.load(folder), task.labels, task.threads)

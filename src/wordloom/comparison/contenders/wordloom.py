"""Settings of ours, trained as `wordloom train` does."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.comparison.contender import TrainingTask
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.settings import from_names
from wordloom.text_model import TextModel


class TrainedModel:
    """A text model whose labels are the numbers of the classes."""

    def __init__(self, model: TextModel, threads: int | None) -> None:
        self.model, self.threads = model, threads

    def predict(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return np.array(self.model.predict(texts, self.threads), dtype=np.int32)

    def save(self, folder: Path) -> None:
        self.model.save(folder / "model")


def train(task: TrainingTask, **options: Any) -> TrainedModel:
    """Train with the settings `options`."""
    settings = dataclasses.replace(from_names(options), random_state=task.seed, threads=task.threads)
    corpus = Corpus(task.texts, task.targets.tolist(), name="training texts")
    return TrainedModel(fit(corpus, settings), task.threads)

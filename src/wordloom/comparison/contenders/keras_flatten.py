"""The tutorials' network in Keras: 10,000 words, the last 200 ids, 50-d embedding, flattened, 3 epochs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from wordloom.comparison.contender import TrainingTask
from wordloom.models.output import Output
from wordloom.text.tokenizer import FILTERS

_WORDS, _LENGTH, _DIMENSIONS, _EPOCHS, _BATCH = 10_000, 200, 50, 3, 32
_SPACES = str.maketrans({mark: " " for mark in FILTERS})


class TrainedKeras:
    """A Keras model with its word ids."""

    def __init__(self, model: Any, ids: Mapping[str, int]) -> None:
        self.model, self.ids = model, ids

    def predict(self, texts: Sequence[str]) -> NDArray[np.int32]:
        logits = self.model.predict(self.encode(map(_words, texts)), batch_size=256, verbose=0)
        return Output.of_logits(logits.shape[1]).predicted(logits).astype(np.int32)

    def encode(self, texts: Any) -> NDArray[np.int32]:
        rows = [[self.ids[word] for word in words if word in self.ids][-_LENGTH:] for words in texts]
        return np.asarray(keras.utils.pad_sequences(rows, _LENGTH))

    def save(self, folder: Path) -> None:
        self.model.save(folder / "model.keras")
        (folder / "words.txt").write_text("\n".join(self.ids), encoding="utf-8", errors="replace")


def _words(text: str) -> list[str]:
    return text.lower().translate(_SPACES).split()


def train(task: TrainingTask) -> TrainedKeras:
    """Words by Keras' old `Tokenizer` rules, which Keras 3 left out."""
    keras.utils.set_random_seed(task.seed % 2**32)
    tokens = [_words(text) for text in task.texts]
    counted = Counter(word for words in tokens for word in words)
    ids = {word: number for number, (word, _) in enumerate(counted.most_common(_WORDS - 1), 1)}
    binary = task.n_classes == 2
    model = keras.Sequential(
        [
            layers.Input((_LENGTH,)),
            layers.Embedding(_WORDS, _DIMENSIONS),
            layers.Flatten(),
            layers.Dense(1 if binary else task.n_classes),
        ]
    )
    losses = keras.losses
    loss = (losses.BinaryCrossentropy if binary else losses.SparseCategoricalCrossentropy)(from_logits=True)
    model.compile(optimizer="adam", loss=loss)
    trained = TrainedKeras(model, ids)
    model.fit(trained.encode(tokens), task.targets, epochs=_EPOCHS, batch_size=_BATCH, verbose=0)
    return trained

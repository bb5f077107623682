"""fastText's supervised mode, by its Python package. Writing the text file that it reads is timed with it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
from numpy.typing import NDArray

from wordloom.comparison.contender import TrainingTask
from wordloom.kernels.threads import thread_count
from wordloom.text.tokenizer import FILTERS

_PREFIX = "__label__"
# Version 0.9.3 gives each of the first ten threads a tenth of the words to start off; with fewer threads the
# other words start from what memory held, and training may end with "Encountered NaN".
_THREADS_AT_LEAST = 10
_HELD_OUT = 10
"""One text of so many is for choosing parameters."""
_SPACES = str.maketrans({mark: " " for mark in FILTERS + "\r"})


class TrainedFastText:
    """A model of fastText's."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def predict(self, texts: Sequence[str]) -> NDArray[np.int32]:
        # With a list, not text by text: for a single text version 0.9.3 fails on NumPy 2.
        labels, _ = self.model.predict([_line(text) for text in texts])
        return np.array([int(found[0][len(_PREFIX) :]) if found else 0 for found in labels], dtype=np.int32)

    def predict_proba(self, texts: Sequence[str], n_classes: int) -> NDArray[np.float64]:
        """(M, C), rows that sum to 1; a class that fastText does not name has next to nothing."""
        found = np.full((len(texts), n_classes), 1e-9)
        answers = zip(*self.model.predict([_line(text) for text in texts], k=n_classes), strict=True)
        for row, (labels, shares) in enumerate(answers):
            found[row, [int(label[len(_PREFIX) :]) for label in labels]] = shares
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def save(self, folder: Path) -> None:
        self.model.save_model(str(folder / "model.bin"))


def _line(text: str) -> str:
    """Lower case, punctuation to spaces: the words that Keras' rules give, in one line of UTF-8."""
    return text.lower().translate(_SPACES).encode("utf-8", "replace").decode("utf-8")


def train(task: TrainingTask, autotune_seconds: int | None = None, **options: Any) -> TrainedFastText:
    """The lines are shuffled: fastText takes them in the order of the file.

    autotune_seconds : have fastText look for its parameters so long, on a tenth of the texts, which it does
        not learn from; None to take those of `options`
    """
    order = np.random.default_rng(task.seed).permutation(len(task.texts))
    held_out = 0 if autotune_seconds is None else max(len(order) // _HELD_OUT, 1)
    with tempfile.TemporaryDirectory() as folder:
        file, validation = Path(folder) / "train.txt", Path(folder) / "valid.txt"
        _write(file, task, order[held_out:])
        if autotune_seconds is not None:
            _write(validation, task, order[:held_out])
            options |= {"autotuneValidationFile": str(validation), "autotuneDuration": autotune_seconds}
        threads = max(thread_count(task.threads), _THREADS_AT_LEAST)
        model = fasttext.train_supervised(
            str(file), thread=threads, seed=task.seed % 2**31, verbose=0, **options
        )
    return TrainedFastText(model)


def _write(file: Path, task: TrainingTask, rows: NDArray[np.int64]) -> None:
    """The texts of these rows with their classes, as fastText reads them."""
    with open(file, "w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(f"{_PREFIX}{task.targets[row]} {_line(task.texts[row])}\n")

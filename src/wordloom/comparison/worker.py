"""The process of one contender: trains and tests it on every split with every seed, and says how it went.

Started as `python -m wordloom.comparison.worker FOLDER`; see `job`. What the contender prints goes to
standard error, so that standard output holds the answers alone.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.comparison.contender import Task, Trained
from wordloom.comparison.job import PREDICTIONS, Job, read_material
from wordloom.comparison.peak_memory import peak_memory
from wordloom.comparison.splits import Split
from wordloom.errors import WordloomError, WordloomWarning

Say = Callable[[dict[str, Any]], None]


class Worker:
    """A job on its texts.

    Parameters
    ----------
    job, texts, targets, splits : as `job` reads them
    say : takes the answers
    """

    def __init__(
        self, job: Job, texts: list[str], targets: NDArray[np.int32], splits: list[Split], say: Say
    ) -> None:
        self.job, self.texts, self.targets, self.splits, self.say = job, texts, targets, splits, say
        self.train: Callable[..., Trained] = importlib.import_module(
            f"wordloom.comparison.contenders.{job.kind}"
        ).train

    def run(self) -> NDArray[np.int32]:
        """(S, M): the predicted classes for S seeds and the test texts of all splits, one after the other."""
        if self.job.warms_up:
            model, seconds = self._trained(self.splits[0], self.job.seeds[0])
            _, more = self._predicted(model, self.splits[0])
            self.say({"first": seconds + more})
            del model
        rows = []
        for seed in self.job.seeds:
            parts = []
            for number, split in enumerate(self.splits):
                model, training = self._trained(split, seed)
                predicted, predicting = self._predicted(model, split)
                right = float((predicted == self.targets[split.test]).mean())
                self.say({"run": [seed, number, right, training, predicting]})
                parts.append(predicted)
            rows.append(np.concatenate(parts))
        self.say({"peak": peak_memory()})
        self.say({"size": size_of(model)})
        return np.stack(rows)

    def _trained(self, split: Split, seed: int) -> tuple[Trained, float]:
        texts, targets = [self.texts[row] for row in split.train], self.targets[split.train]
        task = Task(texts, targets, self.job.n_classes, seed, self.job.threads)
        began = time.perf_counter()
        model = self.train(task, **self.job.options)
        return model, time.perf_counter() - began

    def _predicted(self, model: Trained, split: Split) -> tuple[NDArray[np.int32], float]:
        texts = [self.texts[row] for row in split.test]
        began = time.perf_counter()
        predicted = model.predict(texts)
        return predicted, time.perf_counter() - began


def size_of(model: Trained) -> int:
    """Bytes of the model on disk."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())


def main(folder: Path) -> int:
    """Do the job in the folder; the exit code."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", WordloomWarning)
        try:
            predictions = Worker(Job.read(folder), *read_material(folder), say).run()
        except (WordloomError, ImportError, ValueError, MemoryError) as error:
            say({"failed": f"{error or type(error).__name__}"})
            return 1
    np.save(folder / PREDICTIONS, predictions)
    say({"warnings": list(dict.fromkeys(str(warning.message) for warning in caught))})
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""The process of one contender: trains and tests it on every split with every seed, and says how it went.

Started as `python -m wordloom.comparison.contender_worker FOLDER`; a request is a `ContenderJob`, see
`worker_process`.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.comparison.contender import PREDICTIONS, ContenderJob, TrainedContender, TrainingTask
from wordloom.comparison.splits import Split, read_material
from wordloom.errors import WordloomWarning
from wordloom.memory import peak_memory
from wordloom.worker_process import Answer, serve


class ContenderWorker:
    """A job on its texts.

    Parameters
    ----------
    job : what to do
    texts, targets, splits : as `read_material` gives them
    answer : takes the answers
    """

    def __init__(
        self,
        job: ContenderJob,
        texts: list[str],
        targets: NDArray[np.int32],
        splits: list[Split],
        answer: Answer,
    ) -> None:
        self.job, self.texts, self.targets, self.splits, self.answer = job, texts, targets, splits, answer
        self.train: Callable[..., TrainedContender] = importlib.import_module(
            f"wordloom.comparison.contenders.{job.kind}"
        ).train

    def run(self) -> NDArray[np.int32]:
        """(S, M): the predicted classes for S seeds and the test texts of all splits, one after the other."""
        if self.job.warms_up:
            model, seconds = self._trained(self.splits[0], self.job.seeds[0])
            _, more = self._predicted(model, self.splits[0])
            self.answer({"first": seconds + more})
            del model
        rows = []
        for seed in self.job.seeds:
            parts = []
            for number, split in enumerate(self.splits):
                model, training = self._trained(split, seed)
                predicted, predicting = self._predicted(model, split)
                right = float((predicted == self.targets[split.test]).mean())
                self.answer({"run": [seed, number, right, training, predicting]})
                parts.append(predicted)
            rows.append(np.concatenate(parts))
        self.answer({"peak": peak_memory()})
        self.answer({"size": size_of(model)})
        return np.stack(rows)

    def _trained(self, split: Split, seed: int) -> tuple[TrainedContender, float]:
        texts, targets = [self.texts[row] for row in split.train], self.targets[split.train]
        task = TrainingTask(texts, targets, self.job.labels, seed, self.job.threads)
        began = time.perf_counter()
        model = self.train(task, **self.job.options)
        return model, time.perf_counter() - began

    def _predicted(self, model: TrainedContender, split: Split) -> tuple[NDArray[np.int32], float]:
        texts = [self.texts[row] for row in split.test]
        began = time.perf_counter()
        predicted = model.predict(texts)
        return predicted, time.perf_counter() - began


def size_of(model: TrainedContender) -> int:
    """Bytes of the model on disk."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())


def main(folder: Path) -> None:
    """Do the jobs asked for, on the texts in the folder."""

    def handle(request: dict[str, Any], answer: Answer) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", WordloomWarning)
            predictions = ContenderWorker(ContenderJob(**request), *read_material(folder), answer).run()
        np.save(folder / PREDICTIONS, predictions)
        answer({"warnings": list(dict.fromkeys(str(warning.message) for warning in caught))})

    serve(handle)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

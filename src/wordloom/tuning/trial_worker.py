"""The process that trains and scores: one for a whole search, so that a trial can be ended from outside.

Started as `python -m wordloom.tuning.trial_worker FOLDER` with the texts in the folder; see
`wordloom.worker_process`.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.comparison.splits import Split, read_material
from wordloom.corpus import Corpus
from wordloom.draws import held_out_rows
from wordloom.evaluation.scores import score
from wordloom.fit import fit
from wordloom.memory import peak_memory
from wordloom.settings import Settings, from_names
from wordloom.worker_process import serve


class TrialRunner:
    """The texts of a search, ready to be trained on."""

    def __init__(self, texts: list[str], targets: NDArray[np.int32], splits: list[Split]) -> None:
        self.texts, self.targets, self.splits = texts, targets, splits
        self.n_classes = int(targets.max()) + 1

    def tried(self, values: Mapping[str, Any], share: float) -> dict[str, Any]:
        """Train with settings of these values on a share of the training texts, and score.

        With several splits all of them are tried, if the share is 1.
        """
        settings = from_names(values)
        rows, seconds = [], 0.0
        for split in self.splits if share == 1 else self.splits[:1]:
            accuracy, macro_f1, log_loss, took = self._tried(split, settings, share)
            rows.append([accuracy, macro_f1, log_loss])
            seconds += took
        accuracy, macro_f1, log_loss = np.mean(rows, axis=0).tolist()
        measured = {"accuracy": accuracy, "macro_f1": macro_f1, "log_loss": log_loss}
        return {**measured, "seconds": seconds, "memory": peak_memory()}

    def _tried(self, split: Split, settings: Settings, share: float) -> tuple[float, float, float, float]:
        training = self._corpus(split.train)
        if share < 1:
            training = training.subset(held_out_rows(training.labels, share, 0))
        began = time.perf_counter()
        model = fit(training, settings)
        seconds = time.perf_counter() - began
        found = model.predict_proba([self.texts[row] for row in split.test], settings.threads)
        probabilities = np.zeros((len(found), self.n_classes))
        probabilities[:, [int(label) for label in model.labels]] = found
        scores = score(probabilities, self.targets[split.test], list(range(self.n_classes)))
        return scores.accuracy, scores.macro_f1, scores.log_loss, seconds

    def _corpus(self, rows: NDArray[np.int64]) -> Corpus:
        return Corpus([self.texts[row] for row in rows], self.targets[rows].tolist(), name="training texts")


def main(folder: Path) -> None:
    """Make the trials asked for, on the texts in the folder."""
    runner = TrialRunner(*read_material(folder))
    warnings.simplefilter("ignore")
    serve(lambda request, answer: answer(runner.tried(request["settings"], request["share"])))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""What a comparison found: for each contender its predictions, times, size and memory; who is better."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.comparison.contender import Contender
from wordloom.evaluation.comparisons import McNemar, mcnemar
from wordloom.evaluation.intervals import sample_deviation, wilson_interval
from wordloom.evaluation.scores import class_f1
from wordloom.labels import Label

_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Run:
    """One training and its test: wall seconds and the share of right answers."""

    seed: int
    split: int
    accuracy: float
    train_seconds: float
    predict_seconds: float


@dataclass(frozen=True, eq=False)
class ContenderResult:
    """What one contender reached.

    Parameters
    ----------
    contender : who
    predictions : int32 (S, M), the class predicted with each of S seeds for each of M test texts; C for a
        label of a saved model that the texts do not have
    targets : int32 (M,), the true classes
    n_classes : C
    runs : S times the number of splits
    first_seconds : of a training and test before those that are timed, in which code is compiled or loaded;
        None for contenders that compile nothing
    size : bytes of the last model on disk
    memory : bytes that its process used at most; None where the system does not say
    """

    contender: Contender
    predictions: NDArray[np.int32]
    targets: NDArray[np.int32]
    n_classes: int
    runs: tuple[Run, ...]
    first_seconds: float | None
    size: int
    memory: int | None

    @property
    def right(self) -> NDArray[np.bool_]:
        """(S, M): which predictions are right."""
        return np.asarray(self.predictions == self.targets)

    @property
    def accuracies(self) -> list[float]:
        """For each seed the share of all test texts that were right."""
        return [float(row.mean()) for row in self.right]

    @property
    def accuracy(self) -> float:
        """Mean over seeds."""
        return statistics.fmean(self.accuracies)

    @property
    def std(self) -> float | None:
        """Sample standard deviation over seeds, or with one seed over folds; None for a single run."""
        values = self.accuracies if len(self.accuracies) > 1 else [run.accuracy for run in self.runs]
        return sample_deviation(values)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy that comes from which texts are tested; see `wilson_interval`."""
        n = len(self.targets)
        return wilson_interval(round(self.accuracy * n), n)

    @property
    def macro_f1(self) -> float:
        """Mean over seeds of the mean F1 of the classes that occur among the test texts."""
        there = np.unique(self.targets)
        return statistics.fmean(
            float(class_f1(row, self.targets, self.n_classes + 1)[there].mean()) for row in self.predictions
        )

    @property
    def train_seconds(self) -> float:
        """Median of one training, from raw texts."""
        return statistics.median(run.train_seconds for run in self.runs)

    @property
    def predict_seconds(self) -> float:
        """Median of the prediction of one split's test texts, from raw texts."""
        return statistics.median(run.predict_seconds for run in self.runs)

    @property
    def seconds(self) -> float:
        """Median of a training and the prediction of its test texts together."""
        return statistics.median(run.train_seconds + run.predict_seconds for run in self.runs)

    @property
    def texts_per_second(self) -> float:
        """Raw texts predicted in a second, over all runs."""
        tested = len(self.targets) * len(self.predictions)
        return tested / max(sum(run.predict_seconds for run in self.runs), 1e-9)

    def to_config(self) -> dict[str, Any]:
        """As plain values; the keys are stable."""
        return {
            "name": self.contender.name,
            "about": self.contender.about,
            "ours": self.contender.is_ours,
            "versions": self.contender.versions,
            "options": dict(self.contender.options),
            "accuracy": self.accuracy,
            "std": self.std,
            "interval": list(self.interval),
            "accuracies": self.accuracies,
            "macro_f1": self.macro_f1,
            "train_seconds": self.train_seconds,
            "predict_seconds": self.predict_seconds,
            "seconds": self.seconds,
            "first_seconds": self.first_seconds,
            "texts_per_second": self.texts_per_second,
            "size": self.size,
            "memory": self.memory,
            "runs": [vars(run) for run in self.runs],
        }


@dataclass(frozen=True)
class Difference:
    """How far one entry is from another on the same texts.

    Parameters
    ----------
    points : accuracy minus the other's, means over seeds, as a share of 1
    interval : of `points`, 95 %: each text is a pair of answers, averaged over seeds
    test : McNemar's, on the first seed of both
    """

    points: float
    interval: tuple[float, float]
    test: McNemar

    def to_config(self) -> dict[str, Any]:
        """As plain values."""
        return {"points": self.points, "interval": list(self.interval), "p_value": self.test.p_value}


def difference(entry: ContenderResult, other: ContenderResult) -> Difference:
    """`entry` beside `other`, which were tested on the same texts."""
    pairs = entry.right.mean(axis=0) - other.right.mean(axis=0)
    middle = float(pairs.mean())
    half = _Z95 * float(pairs.std(ddof=1)) / math.sqrt(len(pairs)) if len(pairs) > 1 else math.inf
    return Difference(middle, (middle - half, middle + half), mcnemar(entry.right[0], other.right[0]))


@dataclass(frozen=True)
class Failure:
    """A contender that could not be run, and why."""

    contender: Contender
    reason: str


@dataclass(frozen=True, eq=False)
class Comparison:
    """All of it.

    Parameters
    ----------
    name : of the data
    how : what the tests were made on
    labels : the C labels
    seeds : the seeds of training
    imbalanced : whether a class is rare, so that macro F1 says more than accuracy
    entries : in the order in which they were asked for
    not_installed : contenders whose packages are not there
    failed : contenders that ended with an error
    machine : processor, cores and versions
    """

    name: str
    how: str
    labels: tuple[Label, ...]
    seeds: tuple[int, ...]
    imbalanced: bool
    entries: tuple[ContenderResult, ...]
    not_installed: tuple[Contender, ...] = ()
    failed: tuple[Failure, ...] = ()
    machine: str = ""

    @property
    def best(self) -> ContenderResult:
        """The entry with the highest accuracy, or macro F1 where classes are rare; the first of equals."""
        return max(self.entries, key=lambda entry: entry.macro_f1 if self.imbalanced else entry.accuracy)

    def against_best(self, entry: ContenderResult) -> Difference | None:
        """How far an entry is from the best; None for the best itself."""
        return None if entry is self.best else difference(entry, self.best)

    def to_config(self) -> dict[str, Any]:
        """As plain values; the keys are stable."""
        rows = []
        for entry in self.entries:
            beside = self.against_best(entry)
            rows.append({**entry.to_config(), "against_best": beside.to_config() if beside else None})
        return {
            "data": self.name,
            "tested": self.how,
            "labels": list(self.labels),
            "seeds": list(self.seeds),
            "imbalanced": self.imbalanced,
            "best": self.best.contender.name,
            "contenders": rows,
            "not_installed": [{"name": each.name, "install": each.install} for each in self.not_installed],
            "failed": [{"name": each.contender.name, "reason": each.reason} for each in self.failed],
            "machine": self.machine,
        }

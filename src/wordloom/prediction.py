"""Predictions: what the probabilities of a text say, by the kind of target and by thresholds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.labels import Label
from wordloom.setting import Range
from wordloom.targets import GRADED, MULTILABEL, SINGLE, label_thresholds

FIELDS = {
    SINGLE: ("label", "probability", "probabilities"),
    MULTILABEL: ("labels", "probability", "probabilities"),
    GRADED: ("grade",),
}
"""What an answer says, by the kind of target: the entries of JSON, and the outputs of a server."""
COLUMNS = {SINGLE: ("label", "probability"), MULTILABEL: ("labels", "probabilities"), GRADED: ("grade",)}
"""What a table says of an answer; its probabilities are those of the labels that a text has."""


def checked_threshold(threshold: float) -> float:
    """The threshold; UsageError for what is no probability."""
    is_number = isinstance(threshold, int | float | np.number) and not isinstance(threshold, bool)
    if not is_number or threshold not in Range(0, 1):
        raise UsageError(
            f"threshold must be a probability, a number {Range(0, 1)} (0.9 for 90 %), not {threshold!r:.60}."
        )
    return float(threshold)


@dataclass(frozen=True)
class Prediction:
    """The answer for one text.

    label : the likeliest one; None where its probability is below the threshold that was asked for, and of a
        model of grades
    probability : of the likeliest label; NaN of a model of grades
    probabilities : of every label; of several labels each by itself, so that they do not add up to 1
    labels : of a model of several labels those that the text has; else `label`, if there is one
    grade : of a model of grades; else None
    """

    label: Label | None
    probability: float
    probabilities: dict[Label, float]
    labels: tuple[Label, ...] = ()
    grade: float | None = None

    def fields(self, target: str, top: int | None = None) -> dict[str, Any]:
        """What FIELDS name, in plain values; probabilities of all labels, or of the `top` likeliest."""
        values = {
            "label": self.label,
            "labels": list(self.labels),
            "probability": self.probability,
            "probabilities": dict(self.top(top)) if top else self.probabilities,
            "grade": self.grade,
        }
        return {name: values[name] for name in FIELDS[target]}

    def columns(self, target: str) -> dict[str, Any]:
        """What COLUMNS name, in plain values."""
        known = self.fields(target) | {"probabilities": [probability for _, probability in self.given()]}
        return {name: known[name] for name in COLUMNS[target]}

    def given(self) -> list[tuple[Label, float]]:
        """The labels that the text has, with their probabilities, in the model's order."""
        return [(label, self.probabilities[label]) for label in self.labels]

    def top(self, k: int) -> list[tuple[Label, float]]:
        """The k likeliest labels with their probabilities, the likeliest first."""
        return sorted(self.probabilities.items(), key=lambda item: -item[1])[:k]


class Predictor(Protocol):
    """What answers: its labels, the kind of target, and thresholds; `TextModel` is one."""

    @property
    def labels(self) -> tuple[Any, ...]: ...
    @property
    def target(self) -> str: ...
    @property
    def thresholds(self) -> tuple[float, ...]: ...


@dataclass(frozen=True, eq=False)
class Decisions:
    """From probabilities (N, C) to what is said of N texts.

    Parameters
    ----------
    labels : the C labels; of grades the lowest and the highest
    target : of `wordloom.targets.TARGETS`
    lowest : from which probability on a label is given: a number, or one for each label (C,)
    """

    labels: tuple[Any, ...]
    target: str
    lowest: Any

    @staticmethod
    def of(model: Predictor, threshold: float | None) -> Decisions:
        """The answers of a model, with a threshold in the place of its own if one is given.

        Raises UsageError for what is no threshold, and for one of grades.
        """
        lowest: Any = 0.0
        if threshold is not None:
            if model.target == GRADED:
                raise UsageError("threshold goes with labels, and this is a model of grades; leave it out.")
            lowest = checked_threshold(threshold)
        elif model.target == MULTILABEL:
            lowest = label_thresholds(model.thresholds, len(model.labels))
        return Decisions(model.labels, model.target, lowest)

    def values(self, probabilities: NDArray[np.float64]) -> list[Any]:
        """Of each text a label or None, or a tuple of labels, or a grade; see `TextModel.predict`."""
        if self.target == GRADED:
            return list(self._grades(probabilities).tolist())
        if self.target == MULTILABEL:
            return [self._labels_of(row) for row in self.given(probabilities)]
        best, sure = probabilities.argmax(axis=1), probabilities.max(axis=1) >= self.lowest
        return [self.labels[i] if is_sure else None for i, is_sure in zip(best, sure, strict=True)]

    def prediction(self, probabilities: NDArray[np.float64]) -> Prediction:
        """The answer for one text, from its probabilities (C,)."""
        if self.target == GRADED:
            return Prediction(None, math.nan, {}, grade=float(self._grades(probabilities[None])[0]))
        best = int(probabilities.argmax())
        probability = float(probabilities[best])
        by_label = dict(zip(self.labels, probabilities.tolist(), strict=True))
        if self.target == MULTILABEL:
            return Prediction(
                self.labels[best], probability, by_label, self._labels_of(self.given(probabilities))
            )
        label = self.labels[best] if probability >= self.lowest else None
        return Prediction(label, probability, by_label, () if label is None else (label,))

    def given(self, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
        """bool (N, C), or (C,) of one text: which of several labels it is given."""
        return np.asarray(probabilities >= self.lowest)

    def _labels_of(self, inside: NDArray[np.bool_]) -> tuple[Label, ...]:
        return tuple(label for label, given in zip(self.labels, inside.tolist(), strict=True) if given)

    def _grades(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (N,): the grades, which are as far on the scale as its highest end is likely."""
        lowest, highest = self.labels
        return np.asarray(lowest + (highest - lowest) * probabilities[:, 1])

"""Listed: the answers to a source's texts as the explorer's list of texts filters and sorts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.evaluation.by_target import AnyAnswers, GradeAnswers, SetAnswers
from wordloom.evaluation.on_corpus import Answered
from wordloom.report import Subject

FAR = 0.25
"""The share of the scale from which on a predicted grade counts as an error."""


@dataclass(frozen=True, eq=False)
class Listed:
    """The answers to N texts.

    Parameters
    ----------
    wrong : bool (N,), whether the answer is another label, lacks a label or has one too many, or is a grade
        more than a quarter of the scale away
    sure : float64 (N,), the probability of the answer, of several labels of the least sure one; 1 of grades
    doubt : float64 (N,), rising from the worst error; above 0 what is no error
    """

    answers: AnyAnswers
    wrong: NDArray[np.bool_]
    sure: NDArray[np.float64]
    doubt: NDArray[np.float64]

    @staticmethod
    def of(subject: Subject) -> Listed:
        """The answers of a report's subject."""
        answers = subject.answers
        if isinstance(answers, GradeAnswers):
            low, high = subject.model.labels
            errors = np.abs(answers.errors)
            return Listed(answers, errors > FAR * (high - low), np.ones(len(errors)), -errors)
        if isinstance(answers, SetAnswers):
            p = np.asarray(answers.probabilities, dtype=np.float64)
            sure = np.maximum(p, 1 - p).min(axis=1)
            return Listed(
                answers, ~answers.right, sure, np.where(answers.right, sure, -answers.losses.sum(axis=1))
            )
        sure = np.asarray(answers.probabilities.max(axis=1), dtype=np.float64)
        return Listed(answers, ~answers.right, sure, np.where(answers.right, sure, answers.own - 2))

    def has(self, label: int) -> NDArray[np.bool_]:
        """bool (N,): the texts that have a label of the model; all where texts have grades."""
        if isinstance(self.answers, Answered):
            return np.asarray(self.answers.targets == label)
        return self._column(label, of_answers=False)

    def given(self, label: int) -> NDArray[np.bool_]:
        """bool (N,): the texts that the model gives a label; all where texts have grades."""
        if isinstance(self.answers, Answered):
            return np.asarray(self.answers.predicted == label)
        return self._column(label, of_answers=True)

    def _column(self, label: int, of_answers: bool) -> NDArray[np.bool_]:
        if not isinstance(self.answers, SetAnswers) or label >= len(self.answers.labels):
            return np.full(len(self.wrong), isinstance(self.answers, GradeAnswers))
        return np.asarray((self.answers.given if of_answers else self.answers.indicators)[:, label])

    def predicted(self, row: int) -> str:
        """The answer as the page shows it."""
        answers = self.answers
        if isinstance(answers, GradeAnswers):
            return f"{answers.predicted[row]:.4g}"
        if isinstance(answers, SetAnswers):
            return shown(tuple(answers.labels[i] for i in np.flatnonzero(answers.given[row]).tolist()))
        return str(answers.labels[int(answers.predicted[row])])


def shown(label: Any) -> str:
    """A label, several or a grade as the page shows it."""
    if isinstance(label, tuple):
        return ", ".join(map(str, label)) or "none"
    return f"{label:g}" if isinstance(label, float) else str(label)

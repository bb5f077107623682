"""A report on texts with a grade each."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.evaluation.baselines import ScoredBaseline
from wordloom.evaluation.by_target import GradeAnswers, baselines_on, by_length
from wordloom.evaluation.grade_scores import GradeScores
from wordloom.report import tables
from wordloom.report.kind import chart
from wordloom.report.subject import Subject
from wordloom.report.text_lists import TextLists, grade_lists

_GRADES, _RANGES = 12, 10
_NEAR = (0.05, 0.1, 0.25)
"""Shares of the scale within which a prediction is near."""
HIGHEST = 1
"""The column of the highest grade, for which words are explained."""


@dataclass(frozen=True, eq=False)
class OfGrades:
    """See `Kind`."""

    subject: Subject
    name = "grades"

    @functools.cached_property
    def answers(self) -> GradeAnswers:
        """What the model says of the texts."""
        answers = self.subject.answers
        assert isinstance(answers, GradeAnswers)
        return answers

    @functools.cached_property
    def scores(self) -> GradeScores:
        """Of these answers."""
        scores = self.subject.scores
        assert isinstance(scores, GradeScores)
        return scores

    @functools.cached_property
    def _groups(self) -> tuple[list[str], NDArray[np.int64]]:
        """Names of grades, or of ranges of many, and the number of each text's, int64 (N,)."""
        grades = self.answers.grades
        different = np.unique(grades)
        if len(different) <= _GRADES:
            return [f"{grade:g}" for grade in different], np.searchsorted(different, grades)
        edges = np.unique(np.quantile(grades, np.arange(1, _RANGES) / _RANGES))
        numbers = np.searchsorted(edges, grades, side="right")
        used, places = np.unique(numbers, return_inverse=True)
        inside = [grades[numbers == number] for number in used]
        return [self.shown(own.min()) + " to " + self.shown(own.max()) for own in inside], places

    @functools.cached_property
    def lists(self) -> TextLists:
        """Which texts stand in the page."""
        return grade_lists(self.answers, self._groups[1])

    @property
    def scale(self) -> tuple[float, float]:
        """The lowest and the highest grade, of the model and of the texts."""
        grades, (low, high) = self.answers.grades, self.subject.model.labels
        return min(float(grades.min()), low), max(float(grades.max()), high)

    @functools.cached_property
    def decimals(self) -> int:
        """How many digits of a grade say something."""
        low, high = self.scale
        return min(max(3 - math.ceil(math.log10(high - low)), 0), 9)

    def shown(self, value: float) -> str:
        """A grade or an error as the page writes it."""
        return f"{value:.{self.decimals}f}"

    def parts(self) -> dict[str, Any]:
        """What the template shows."""
        answers, subject = self.answers, self.subject
        errors, (low, high) = np.abs(answers.errors), self.scale
        near = [share * (high - low) for share in _NEAR]
        return {
            "chart": self._chart(),
            "scale": (f"{low:g}", f"{high:g}"),
            "shown": self.shown,
            "near": [(f"off by at most {limit:.3g}", float((errors <= limit).mean())) for limit in near],
            "far": (f"{near[-1]:.3g}", int((errors > near[-1]).sum())),
            "too_high": int((answers.errors > near[-1]).sum()),
            "too_low": int((answers.errors < -near[-1]).sum()),
            "grades": self._grade_rows(),
            "by_length": by_length(answers, subject.lengths),
            "words": self._words(),
        }

    def _chart(self) -> list[Any]:
        scores = self.scores
        rows = [("this model", scores.mae, scores.mae_interval)]
        for name, one in self._baselines():
            assert isinstance(one.scores, GradeScores)
            rows.append((name, one.scores.mae, one.scores.mae_interval))
        return chart([(name, self.shown(value), value, ends) for name, value, ends in rows], end=None)

    def _baselines(self) -> list[tuple[str, ScoredBaseline]]:
        """What simple methods reach on the same texts, each with its name in the page."""
        subject, corpus = self.subject, self.subject.corpus
        training, where = subject.training, ""
        if training is None:
            training, where = corpus, " of these texts"
        found = baselines_on(subject.model, training, corpus, subject.all_baselines)
        names = [f"the mean grade{where} for all", *(one.name for one in found[1:])]
        return [
            (name, one) for name, one in zip(names, found, strict=True) if isinstance(one, ScoredBaseline)
        ]

    def _grade_rows(self) -> list[dict[str, Any]]:
        """For each grade or range the texts, what is predicted on average, and how far that is off."""
        (names, places), answers = self._groups, self.answers
        rows = []
        for number, name in enumerate(names):
            inside = places == number
            errors = answers.errors[inside]
            rows.append(
                {
                    "name": name,
                    "texts": int(inside.sum()),
                    "predicted": float(answers.predicted[inside].mean()),
                    "bias": float(errors.mean()),
                    "error": float(np.abs(errors).mean()),
                }
            )
        return rows

    def _words(self) -> dict[str, Any]:
        found = tables.label_words(self.subject.model)
        for names, of in zip(
            ("words that lower the grade", "words that raise it"), found["labels"], strict=False
        ):
            of["label"] = names
        return found

    def head(self) -> dict[str, Any]:
        """Names of the grades or their ranges, the scale, and what is far from a grade."""
        low, high = self.scale
        far = _NEAR[-1] * (high - low)
        return {"groups": self._groups[0], "scale": [low, high], "far": far, "decimals": self.decimals}

    def entry(self, row: int) -> dict[str, Any]:
        """The grade, its group, and the prediction."""
        answers = self.answers
        return {
            "true": float(answers.grades[row]),
            "group": int(self._groups[1][row]),
            "guess": float(f"{answers.predicted[row]:.6g}"),
        }

    def explained(self, row: int) -> Sequence[int]:
        """The highest grade: words that raise the grade speak for it."""
        return [HIGHEST]

    def suspect(self, row: int) -> tuple[str, str]:
        """The grade, and the predicted one."""
        return f"{self.answers.grades[row]:g}", f"about {self.shown(self.answers.predicted[row])}"

"""A model's scores on labelled texts of every kind: a single label, several labels, or grades."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.errors import DataError, WordloomWarning
from wordloom.evaluation.grade_scores import GradeScores, score_grades
from wordloom.evaluation.multilabel_scores import MultilabelScores, score_multilabel
from wordloom.evaluation.on_corpus import Predictor, in_portions, probabilities_on, scores_on
from wordloom.evaluation.scores import Scores
from wordloom.labels import Label
from wordloom.repeats import seen_in
from wordloom.targets import GRADED, MULTILABEL, SINGLE, label_thresholds

AnyScores = Scores | MultilabelScores | GradeScores


class PredictorOfAny(Predictor, Protocol):
    """What is scored, with the kind of target; `TextModel` is one."""

    @property
    def target(self) -> str: ...
    @property
    def thresholds(self) -> tuple[float, ...]: ...
    def predict(self, texts: Sequence[str], threads: int | None = None) -> list[Any]: ...


def evaluated_on(
    model: PredictorOfAny,
    corpus: Corpus,
    training: Corpus | None = None,
    threads: int | None = None,
    unknown_labels: str = "error",
) -> tuple[AnyScores, AnyScores | None]:
    """As `scores_on`, of the kind that the model's target asks for.

    Raises UsageError for a corpus whose labels are of another kind than the model's.
    """
    corpus.require(model.target, what="This model")
    if model.target == SINGLE:
        return scores_on(model, corpus, training, threads, unknown_labels)
    if not len(corpus):
        raise DataError(f"{corpus.name}: there are no texts to score.")
    answers: _SetAnswers | _GradeAnswers
    if model.target == GRADED:
        predicted = np.array(in_portions(corpus, lambda texts: model.predict(texts, threads)))
        answers = _GradeAnswers(predicted, corpus.grades)
    else:
        answers = _set_answers(model, corpus, threads, unknown_labels)
    whole = answers.scores(np.ones(len(corpus), dtype=bool))
    seen = np.zeros(len(corpus), dtype=bool) if training is None else seen_in(corpus, training)
    return whole, answers.scores(~seen) if seen.any() and not seen.all() else None


@dataclass(frozen=True, eq=False)
class _GradeAnswers:
    """The grades of N texts, as a model predicts them and as they are."""

    predicted: NDArray[np.float64]
    grades: NDArray[np.float64]

    def scores(self, rows: NDArray[np.bool_]) -> GradeScores:
        middle = float(self.grades.min() + (self.grades.max() - self.grades.min()) / 2)
        return score_grades(self.predicted[rows], self.grades[rows], middle)


@dataclass(frozen=True, eq=False)
class _SetAnswers:
    """The probabilities (N, C) of N texts, which labels they have, and how many others each has (N,).

    counted : bool (N,), the texts that scores count
    """

    labels: tuple[Label, ...]
    thresholds: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    indicators: NDArray[np.bool_]
    unknown: NDArray[np.int64]
    counted: NDArray[np.bool_]

    def scores(self, rows: NDArray[np.bool_]) -> MultilabelScores:
        rows = rows & self.counted
        return score_multilabel(
            self.probabilities[rows], self.indicators[rows], self.labels, self.thresholds, self.unknown[rows]
        )


def _set_answers(
    model: PredictorOfAny, corpus: Corpus, threads: int | None, unknown_labels: str
) -> _SetAnswers:
    labels = tuple(model.labels)
    indicators, unknown = _known_and_unknown(corpus, labels, unknown_labels)
    counted = np.ones(len(corpus), dtype=bool) if unknown_labels != "skip" else unknown == 0
    thresholds = label_thresholds(model.thresholds, len(labels))
    probabilities = probabilities_on(model, corpus, threads)
    return _SetAnswers(labels, thresholds, probabilities, indicators, unknown, counted)


def _known_and_unknown(
    corpus: Corpus, labels: Sequence[Label], unknown_labels: str = "error"
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """bool (N, C), which of C labels each text has; and int64 (N,), how many that are none of them.

    Raises DataError for such a label unless `unknown_labels` says otherwise (see `scores_on`), with a warning
    that counts them.
    """
    if unknown_labels == "error":
        return corpus.indicators(labels), np.zeros(len(corpus), dtype=np.int64)
    corpus.require(MULTILABEL, what="A set of labels for each text")
    rows, flat, columns = corpus.label_places(labels)
    indicators = np.zeros((len(corpus), len(labels)), dtype=bool)
    indicators[rows[columns >= 0], columns[columns >= 0]] = True
    unknown = np.bincount(rows[columns < 0], minlength=len(corpus))
    if unknown.any():
        what = "Texts with them are left out" if unknown_labels == "skip" else "They count as missed"
        first = flat[int(np.argmax(columns < 0))]
        warnings.warn(
            f"{corpus.name}: the model does not have the label {first!r}, and others: {int(unknown.sum()):,} "
            f"labels of {int((unknown > 0).sum()):,} texts are none of its own. {what}.",
            WordloomWarning,
            stacklevel=4,
        )
    if unknown_labels == "skip" and (unknown > 0).all():
        raise DataError(f"{corpus.name}: every text has a label that the model does not have.")
    return indicators, unknown

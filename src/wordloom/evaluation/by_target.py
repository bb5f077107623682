"""A model's scores on labelled texts of every kind: a single label, several labels, or grades."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.errors import DataError, WordloomWarning
from wordloom.evaluation.baselines import (
    Baseline,
    ScoredBaseline,
    majority,
    majority_set,
    mean_grade,
    tfidf_logistic_regression,
    tfidf_one_vs_rest,
    tfidf_ridge,
)
from wordloom.evaluation.by_length import ErrorGroup, LengthGroup, accuracy_by_length, error_by_length
from wordloom.evaluation.calibration import Confidence
from wordloom.evaluation.grade_scores import GradeScores, score_grades
from wordloom.evaluation.multilabel_scores import MultilabelScores, score_multilabel, set_losses
from wordloom.evaluation.on_corpus import (
    Answered,
    ScoredModel,
    answered_on,
    check_unknown_labels,
    class_numbers,
    in_batches,
    probabilities_on,
)
from wordloom.evaluation.scores import Scores
from wordloom.evaluation.thresholds import reached
from wordloom.labels import Label, label_key
from wordloom.repeats import seen_in
from wordloom.targets import GRADED, MULTILABEL, SINGLE, label_thresholds

_NAMED = 12
AnyScores = Scores | MultilabelScores | GradeScores


class PredictorOfAny(ScoredModel, Protocol):
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
    answers = answers_of(model, corpus, threads, unknown_labels)
    return answers.scores(), None if training is None else answers.scores_without(seen_in(corpus, training))


def answers_of(
    model: PredictorOfAny, corpus: Corpus, threads: int | None = None, unknown_labels: str = "error"
) -> AnyAnswers:
    """What a model says of a corpus' texts, beside their labels; `evaluated_on` says what the errors are."""
    corpus.require(model.target, what="This model")
    if model.target == SINGLE:
        return answered_on(model, corpus, threads, unknown_labels)
    if not len(corpus):
        raise DataError(f"{corpus.name}: there are no texts to score.")
    if model.target == GRADED:
        predicted = in_batches(corpus, lambda texts: model.predict(texts, threads))
        return GradeAnswers(np.asarray(predicted, dtype=np.float64), corpus.grades)
    return _set_answers(model, corpus, threads, unknown_labels)


@dataclass(frozen=True, eq=False)
class GradeAnswers:
    """The grades of N texts, as a model predicts them and as they are; both float64 (N,)."""

    predicted: NDArray[np.float64]
    grades: NDArray[np.float64]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """bool (N,): the texts that scores count, which are all."""
        return np.ones(len(self.grades), dtype=bool)

    @property
    def errors(self) -> NDArray[np.float64]:
        """float64 (N,): how much higher than the grade each prediction is."""
        return self.predicted - self.grades

    @property
    def middle(self) -> float:
        """The grade from which on a text counts as a good one."""
        return float(self.grades.min() + (self.grades.max() - self.grades.min()) / 2)

    def scores(self) -> GradeScores:
        """Of all texts."""
        return score_grades(self.predicted, self.grades, self.middle)

    def scores_without(self, seen: NDArray[np.bool_]) -> GradeScores | None:
        """Of the texts that are not `seen`, bool (N,); None if none or all are."""
        if seen.all() or not seen.any():
            return None
        return score_grades(self.predicted[~seen], self.grades[~seen], self.middle)


@dataclass(frozen=True, eq=False)
class SetAnswers:
    """What a model of several labels says of N texts.

    Parameters
    ----------
    labels : the C labels of the model
    thresholds : float64 (C,), from which probability on each is given
    probabilities : float64 (N, C)
    indicators : bool (N, C), the labels that each text has
    unknown : int64 (N,), how many others it has, which the model does not
    counted : bool (N,), the texts that scores count
    """

    labels: tuple[Label, ...]
    thresholds: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    indicators: NDArray[np.bool_]
    unknown: NDArray[np.int64]
    counted: NDArray[np.bool_]

    @property
    def given(self) -> NDArray[np.bool_]:
        """bool (N, C): the labels that the model gives each text."""
        return reached(self.probabilities, self.thresholds)

    @property
    def right(self) -> NDArray[np.bool_]:
        """bool (N,): whether each text is given all of its labels, and no other."""
        return np.asarray((self.given == self.indicators).all(axis=1) & (self.unknown == 0))

    @property
    def decisions(self) -> Confidence:
        """Of the texts that count every label by itself: its probability, and whether the text has it."""
        rows = self.counted
        return Confidence(self.probabilities[rows].ravel(), self.indicators[rows].ravel())

    @property
    def losses(self) -> NDArray[np.float64]:
        """float64 (N, C): -ln(probability of what is true), in nats."""
        return set_losses(self.probabilities, self.indicators)

    def scores(self) -> MultilabelScores:
        """Of the texts that count."""
        return self._scores(self.counted)

    def scores_without(self, seen: NDArray[np.bool_]) -> MultilabelScores | None:
        """Of the texts that count and are not `seen`, bool (N,); None if none or all are."""
        rest = self.counted & ~seen
        if not (self.counted & seen).any() or not rest.any():
            return None
        return self._scores(rest)

    def _scores(self, rows: NDArray[np.bool_]) -> MultilabelScores:
        return score_multilabel(
            self.probabilities[rows], self.indicators[rows], self.labels, self.thresholds, self.unknown[rows]
        )


AnyAnswers = Answered | SetAnswers | GradeAnswers


@overload
def by_length(answers: GradeAnswers, lengths: NDArray[np.integer]) -> list[ErrorGroup]: ...
@overload
def by_length(answers: Answered | SetAnswers, lengths: NDArray[np.integer]) -> list[LengthGroup]: ...
def by_length(answers: AnyAnswers, lengths: NDArray[np.integer]) -> list[LengthGroup] | list[ErrorGroup]:
    """The accuracy of texts of similar length, or of grades their mean error.

    lengths : int (N,), the words of each text that was answered
    """
    if isinstance(answers, GradeAnswers):
        return error_by_length(lengths, answers.errors)
    return accuracy_by_length(lengths[answers.counted], answers.right[answers.counted])


def _set_answers(
    model: PredictorOfAny, corpus: Corpus, threads: int | None, unknown_labels: str
) -> SetAnswers:
    labels = tuple(model.labels)
    indicators, unknown = known_and_unknown(corpus, labels, unknown_labels)
    counted = np.ones(len(corpus), dtype=bool) if unknown_labels != "skip" else unknown == 0
    thresholds = label_thresholds(model.thresholds, len(labels))
    probabilities = probabilities_on(model, corpus, threads)
    return SetAnswers(labels, thresholds, probabilities, indicators, unknown, counted)


def known_and_unknown(
    corpus: Corpus, labels: Sequence[Label], unknown_labels: str = "error"
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """bool (N, C), which of C labels each text has; and int64 (N,), how many that are none of them.

    Raises DataError for such a label unless `unknown_labels` says otherwise (see `scores_on`), with a warning
    that counts them, and if no label is known.
    """
    check_unknown_labels(unknown_labels)
    if unknown_labels == "error":
        return corpus.indicators(labels), np.zeros(len(corpus), dtype=np.int64)
    corpus.require(MULTILABEL, what="A set of labels for each text")
    rows, flat, columns = corpus.label_places(labels)
    indicators = np.zeros((len(corpus), len(labels)), dtype=bool)
    indicators[rows[columns >= 0], columns[columns >= 0]] = True
    unknown = np.bincount(rows[columns < 0], minlength=len(corpus))
    if unknown.any():
        other = list(dict.fromkeys(label for label, column in zip(flat, columns, strict=True) if column < 0))
        if (columns < 0).all():
            named = ", ".join(map(repr, labels[:_NAMED])) + ", ..." * (len(labels) > _NAMED)
            raise DataError(
                f"{corpus.name}: the model has none of the labels of these texts, such as {other[0]!r}. It "
                f"has {named}. If another column holds the labels, name it: label=NAME (--label NAME)."
            )
        what = "Texts with them are left out" if unknown_labels == "skip" else "They count as missed"
        more = f" and {len(other) - 1:,} others" if len(other) > 1 else ""
        warnings.warn(
            f"{corpus.name}: the model does not have the label {other[0]!r}{more}, which "
            f"{int((unknown > 0).sum()):,} of {len(corpus):,} texts have. {what}.",
            WordloomWarning,
            stacklevel=4,
        )
    if unknown_labels == "skip" and (unknown > 0).all():
        raise DataError(f"{corpus.name}: every text has a label that the model does not have.")
    return indicators, unknown


def baselines_on(
    model: PredictorOfAny, train: Corpus, test: Corpus, everything: bool
) -> list[Baseline | ScoredBaseline]:
    """Simple methods on the same texts as a model; of each target the same two.

    everything : also the second, TF-IDF with a linear model, which takes longer than the model itself
    """
    if model.target == GRADED:
        mean = mean_grade(train.grades, test.grades)
        return [mean, tfidf_ridge(train, test)] if everything else [mean]
    if model.target == MULTILABEL:
        (train, _), (test, unknown) = (_known_part(corpus, model.labels) for corpus in (train, test))
        own, others = (corpus.indicators(model.labels) for corpus in (train, test))
        usual = majority_set(own, others, model.labels, unknown)
        if not everything:
            return [usual]
        return [usual, tfidf_one_vs_rest(train, test, model.labels, unknown=unknown)]
    train_numbers = class_numbers(train, model.labels)
    test_numbers = class_numbers(test, model.labels, unknown_labels="wrong")
    usual_label = majority(train_numbers, test_numbers, len(model.labels))
    return [usual_label, tfidf_logistic_regression(train, test)] if everything else [usual_label]


def _known_part(corpus: Corpus, labels: Sequence[Label]) -> tuple[Corpus, NDArray[np.int64]]:
    """The texts with those of their labels that are among C; and int64 (N,), how many others each has."""
    known = set(map(label_key, labels))
    kept = [tuple(label for label in own if label_key(label) in known) for own in corpus.labels]
    unknown = np.array([len(own) - len(few) for own, few in zip(corpus.labels, kept, strict=True)], np.int64)
    return (corpus.retargeted(kept, MULTILABEL) if unknown.any() else corpus), unknown

"""A report on texts with one label each."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.evaluation.baselines import Baseline, majority_of_counts, tfidf_logistic_regression
from wordloom.evaluation.by_target import by_length
from wordloom.evaluation.on_corpus import Answered, class_numbers
from wordloom.evaluation.scores import NO_CLASS, Scores
from wordloom.labels import label_key
from wordloom.report import tables
from wordloom.report.kind import LONGEST_LABEL, chart, cut, label_name, percent, probability, rounded
from wordloom.report.subject import Subject
from wordloom.report.text_lists import TextLists, label_lists

_SURE = (0.5, 0.8, 0.9)
_LIKELIEST = 4


@dataclass(frozen=True, eq=False)
class OfLabels:
    """See `Kind`."""

    subject: Subject
    name = "labels"

    @functools.cached_property
    def answers(self) -> Answered:
        """What the model says of the texts."""
        answers = self.subject.answers
        assert isinstance(answers, Answered)
        return answers

    @functools.cached_property
    def scores(self) -> Scores:
        """Of these answers."""
        scores = self.subject.scores
        assert isinstance(scores, Scores)
        return scores

    @functools.cached_property
    def lists(self) -> TextLists:
        """Which texts stand in the page."""
        return label_lists(self.answers)

    @functools.cached_property
    def _confusion(self) -> dict[str, Any]:
        return tables.confusion(self.scores)

    def parts(self) -> dict[str, Any]:
        """What the template shows."""
        confidence = self.scores.confidence
        return {
            "chart": self._chart(),
            "calibration_error": confidence.calibration_error(),
            "surest": [
                (
                    f"surest {percent(share, 0)}, {confidence.covered(share):,} texts",
                    confidence.accuracy_at(share),
                )
                for share in _SURE
            ],
            "mistakes": tables.mistakes(self.scores),
            "labels": tables.label_rows(self.scores),
            "confusion": self._confusion,
            "by_length": by_length(self.answers, self.subject.lengths),
            "words": tables.label_words(self.subject.model),
        }

    def _chart(self) -> list[Any]:
        scores = self.scores
        rows = [("this model", scores.accuracy, scores.accuracy_interval)]
        rows += [(name, one.accuracy, one.accuracy_interval) for name, one in self._baselines()]
        return chart([(name, percent(value), value, ends) for name, value, ends in rows], end=1.0)

    def _baselines(self) -> list[tuple[str, Baseline]]:
        """What simple methods reach on the same texts, each with its name in the page."""
        subject, answers, name = self.subject, self.answers, "one label for all"
        counts, targets = self._training_counts(), answers.targets[answers.counted]
        if counts is None:
            counts = np.bincount(targets[targets != NO_CLASS], minlength=len(answers.labels))
            name += ", the best one here"
        found = [(name, majority_of_counts(counts, targets))]
        if subject.all_baselines and subject.training is not None:
            learned = tfidf_logistic_regression(subject.training, subject.counted)
            found.append((learned.name, learned))
        return found

    def _training_counts(self) -> NDArray[np.int64] | None:
        """How many training texts each label has, int64 (C,), if the texts or the model's record say it."""
        labels, training = self.answers.labels, self.subject.training
        if training is not None:
            return np.bincount(class_numbers(training, labels), minlength=len(labels))
        recorded = self.subject.model.record.get("data", {}).get("classes")
        if not isinstance(recorded, Mapping):
            return None
        counts = [recorded.get(str(label), recorded.get(label_key(label))) for label in labels]
        return np.array(counts) if all(isinstance(count, int) for count in counts) else None

    def head(self) -> dict[str, Any]:
        """Labels, and the row and column of each in the confusion table."""
        labels = [cut(str(label), LONGEST_LABEL) for label in self.answers.labels]
        return {"labels": labels, "place": self._confusion["place"]}

    def entry(self, row: int) -> dict[str, Any]:
        """Both labels with their probabilities, and those of the likeliest."""
        answers = self.answers
        probabilities, true = answers.probabilities[row], int(answers.targets[row])
        likeliest = np.argsort(-probabilities, kind="stable")[:_LIKELIEST].tolist()
        entry = {
            "true": true,
            "guess": likeliest[0],
            "p": [[column, rounded(probabilities[column])] for column in likeliest],
            "own": rounded(probabilities[true]) if true >= 0 else None,
        }
        if true < 0:
            entry["label"] = cut(str(self.subject.corpus.labels[row]), LONGEST_LABEL)
        return entry

    def explained(self, row: int) -> Sequence[int]:
        """The predicted label."""
        return [int(self.answers.predicted[row])]

    def suspect(self, row: int) -> tuple[str, str]:
        """The given label, and the likeliest one with its probability."""
        answers, labels = self.answers, self.answers.labels
        given, guess = (label_name(labels[of[row]]) for of in (answers.targets, answers.predicted))
        return given, f"{guess} ({probability(float(answers.probabilities[row].max()))})"

"""A report on texts with several labels each."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wordloom.checks.doubts import SetDoubts
from wordloom.evaluation.baselines import ScoredBaseline
from wordloom.evaluation.by_target import SetAnswers, baselines_on, by_length
from wordloom.evaluation.multilabel_scores import MultilabelScores
from wordloom.labels import label_key
from wordloom.report import tables
from wordloom.report.kind import LONGEST_LABEL, chart, cut, label_name, percent, probability, rounded
from wordloom.report.subject import Subject
from wordloom.report.text_lists import EXTRA, MISSED, TextLists, set_lists

_LIKELIEST, _EXPLAINED, _MISTAKES = 4, 3, 5
_NAMES = {MISSED: "missed", EXTRA: "given too often"}


@dataclass(frozen=True, eq=False)
class OfSets:
    """See `Kind`."""

    subject: Subject
    name = "sets"

    @functools.cached_property
    def answers(self) -> SetAnswers:
        """What the model says of the texts."""
        answers = self.subject.answers
        assert isinstance(answers, SetAnswers)
        return answers

    @functools.cached_property
    def scores(self) -> MultilabelScores:
        """Of these answers."""
        scores = self.subject.scores
        assert isinstance(scores, MultilabelScores)
        return scores

    @functools.cached_property
    def lists(self) -> TextLists:
        """Which texts stand in the page."""
        return set_lists(self.answers)

    @functools.cached_property
    def _doubts(self) -> SetDoubts:
        return SetDoubts.of(self.answers.probabilities, self.answers.indicators)

    def parts(self) -> dict[str, Any]:
        """What the template shows."""
        scores = self.scores
        labels = tables.label_rows(scores)
        return {
            "chart": self._chart(),
            "calibration_error": self.answers.decisions.calibration_error(),
            "at_k": [
                (f"{at.k:,} likeliest label{'s' if at.k > 1 else ''}", at.precision, at.recall)
                for at in scores.at_k
            ],
            "missed": int((scores.support - scores.hits).sum()) + scores.unknown,
            "extra": int((scores.guesses - scores.hits).sum()),
            "mistakes": self._mistakes(),
            "labels": labels,
            "exchanged": tables.exchanged(self.answers),
            "by_length": by_length(self.answers, self.subject.lengths),
            "words": tables.label_words(self.subject.model),
        }

    def _chart(self) -> list[Any]:
        scores = self.scores
        rows = [("this model", scores.micro_f1, scores.micro_f1_interval)]
        for name, one in self._baselines():
            assert isinstance(one.scores, MultilabelScores)
            rows.append((name, one.scores.micro_f1, one.scores.micro_f1_interval))
        return chart([(name, percent(value), value, ends) for name, value, ends in rows], end=1.0)

    def _baselines(self) -> list[tuple[str, ScoredBaseline]]:
        """What simple methods reach on the same texts, each with its name in the page."""
        subject, test = self.subject, self.subject.counted
        training, where = subject.training, ""
        if training is None:
            training, where = test, ", the best one here"
        found = baselines_on(subject.model, training, test, subject.all_baselines)
        names = [f"one set of labels for all{where}", *(one.name for one in found[1:])]
        return [
            (name, one) for name, one in zip(names, found, strict=True) if isinstance(one, ScoredBaseline)
        ]

    def _mistakes(self) -> list[dict[str, Any]]:
        """The labels that are missed most, and those that are given most to texts without them."""
        scores = self.scores
        counts = {MISSED: scores.support - scores.hits, EXTRA: scores.guesses - scores.hits}
        found = [
            {"label": label_name(scores.labels[column]), "what": _NAMES[what], "count": count}
            | {"column": column, "cell": what}
            for what, column_counts in counts.items()
            for column, count in enumerate(column_counts.tolist())
            if count
        ]
        return sorted(found, key=lambda one: -one["count"])[:_MISTAKES]

    def head(self) -> dict[str, Any]:
        """Labels, and from which probability on each is given."""
        answers = self.answers
        labels = [cut(str(label), LONGEST_LABEL) for label in answers.labels]
        return {"labels": labels, "thresholds": [rounded(value) for value in answers.thresholds]}

    def entry(self, row: int) -> dict[str, Any]:
        """Both sets of labels, the probabilities of their labels and of the likeliest, and the log loss."""
        answers = self.answers
        p, has, given = answers.probabilities[row], answers.indicators[row], answers.given[row]
        shown = has | given
        shown[np.argsort(-p, kind="stable")[:_LIKELIEST]] = True
        columns = sorted(np.flatnonzero(shown).tolist(), key=lambda column: -p[column])
        return {
            "true": np.flatnonzero(has).tolist(),
            "guess": np.flatnonzero(given).tolist(),
            "p": [[column, rounded(p[column])] for column in columns],
            "loss": round(float(answers.losses[row].sum()), 4),
            "unknown": self._unknown(row),
        }

    def _unknown(self, row: int) -> list[str]:
        if not self.answers.unknown[row]:
            return []
        known = set(map(label_key, self.answers.labels))
        return [
            label_name(label) for label in self.subject.corpus.labels[row] if label_key(label) not in known
        ]

    def explained(self, row: int) -> Sequence[int]:
        """The labels that are wrong or missing, the most surprising first, and those that are right."""
        answers = self.answers
        has, given, losses = answers.indicators[row], answers.given[row], answers.losses[row]
        wrong = np.flatnonzero(has != given)
        right = np.flatnonzero(has & given)
        order = [*wrong[np.argsort(-losses[wrong], kind="stable")], *right]
        return [int(column) for column in order[:_EXPLAINED] or [answers.probabilities[row].argmax()]]

    def suspect(self, row: int) -> tuple[str, str]:
        """The labels that a text has, and those that should probably be taken away or added."""
        answers, doubts = self.answers, self._doubts
        columns = np.flatnonzero(doubts.doubtful[row])
        columns = columns[np.argsort(-doubts.surprise[row, columns], kind="stable")][:2]
        changes = [
            ("without " if answers.indicators[row, column] else "with ")
            + label_name(answers.labels[column])
            + f" ({probability(float(answers.probabilities[row, column]))})"
            for column in columns.tolist()
        ]
        own = ", ".join(map(label_name, self.subject.corpus.labels[row])) or "no label"
        return cut(own, 2 * LONGEST_LABEL), " and ".join(changes)

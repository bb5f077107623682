"""The pictures of a report: what each shows, as SVG inside the page, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wordloom.errors import DataError
from wordloom.evaluation.by_target import GradeAnswers, SetAnswers
from wordloom.evaluation.scores import Scores
from wordloom.plots import (
    grade_errors,
    inline_svg,
    length_accuracy,
    length_errors,
    predicted_grades,
    reliability,
)
from wordloom.plots.of_models import history_of, lengths_of, of_scores, word_map_of
from wordloom.report.subject import Subject
from wordloom.targets import GRADED, MULTILABEL, SINGLE


@dataclass(frozen=True)
class Figure:
    """A picture: its SVG, or why there is none; `says` is a line under it."""

    svg: str
    says: str
    missing: str = ""


Drawn = tuple[Callable[[Subject, Mapping[str, Any]], Any], str, str]
"""What draws a picture of a subject and of the parts of its page, what is read out in its place, and a line
under it."""
_LENGTHS: Drawn = (
    lambda subject, parts: lengths_of(subject.model, subject.corpus.texts),
    "Histogram of the lengths of the texts",
    "In words that the model reads.",
)
_COMMON: dict[str, Drawn] = {
    "history": (
        lambda subject, parts: history_of(subject.model),
        "What was measured after each epoch of training",
        "Validation texts are held out of training; the kept epoch is marked.",
    ),
    "words": (
        lambda subject, parts: word_map_of(subject.model),
        "Map of the most influential words",
        "The words that say most, on the plane that shows most of their vectors' differences: words used "
        "alike lie close together.",
    ),
}
DRAWN: dict[str, dict[str, Drawn]] = {
    SINGLE: {
        "reliability": (
            lambda subject, parts: of_scores("reliability", _scores(subject)),
            "Reliability diagram: share of right answers against the probability of the predicted label",
            "A point on the dashed line is as often right as it is sure. Below the line the model is too "
            "sure, above it not sure enough. The area of a point stands for the number of texts.",
        ),
        "coverage": (
            lambda subject, parts: of_scores("coverage", _scores(subject)),
            "Accuracy on the texts that the model is surest of, against their share",
            "What is right if only the surest texts are answered by the model and the rest is passed on.",
        ),
        "by_length": (
            lambda subject, parts: length_accuracy(parts["by_length"]),
            "Accuracy of texts of similar length",
            "Groups of about equal size by number of words, with 95 % intervals.",
        ),
        "lengths": _LENGTHS,
        **_COMMON,
    },
    MULTILABEL: {
        "reliability": (
            lambda subject, parts: _decisions(subject),
            "Reliability diagram: share of texts that have a label against its probability",
            "All labels of all texts, each by itself. A point on the dashed line is as often right as it is "
            "sure. The area of a point stands for the number of labels; nearly all are improbable.",
        ),
        "by_length": (
            lambda subject, parts: length_accuracy(parts["by_length"]),
            "Share of texts of similar length whose labels are all right",
            "Texts with all labels right and no other: groups of about equal size by number of words, with "
            "95 % intervals.",
        ),
        "lengths": _LENGTHS,
        **_COMMON,
    },
    GRADED: {
        "predicted": (
            lambda subject, parts: predicted_grades(*_grades(subject)),
            "Predicted grades against the grades of the texts",
            "On the dashed line prediction and grade are equal. A box holds the middle half of the texts of a"
            " grade, its lines nine tenths. Predictions lie nearer to the middle than grades do, the more so "
            "the less a text says.",
        ),
        "errors": (
            lambda subject, parts: grade_errors(np.subtract(*_grades(subject))),
            "Histogram of how much too high or too low predictions are",
            "Left of 0 predictions are too low, right of it too high.",
        ),
        "by_length": (
            lambda subject, parts: length_errors(parts["by_length"]),
            "Mean error of texts of similar length",
            "Groups of about equal size by number of words, with 95 % intervals.",
        ),
        "lengths": _LENGTHS,
        **_COMMON,
    },
}
"""The pictures of a report on texts of each target."""


def _scores(subject: Subject) -> Scores:
    assert isinstance(subject.scores, Scores)
    return subject.scores


def _decisions(subject: Subject) -> Any:
    assert isinstance(subject.answers, SetAnswers)
    decisions = subject.answers.decisions
    names = ("Probability of a label (%)", "Texts that have it (%)")
    rows = [vars(row) for row in decisions.reliability()]
    return reliability(rows, decisions.calibration_error(), axes_names=names)


def _grades(subject: Subject) -> tuple[Any, Any]:
    assert isinstance(subject.answers, GradeAnswers)
    return subject.answers.predicted, subject.answers.grades


def figures_of(subject: Subject, parts: Mapping[str, Any]) -> dict[str, Figure]:
    """All pictures by their names; what the model or the texts do not have says so in its place."""
    return {name: _figure(name, drawn, subject, parts) for name, drawn in DRAWN[subject.model.target].items()}


def _figure(name: str, drawn: Drawn, subject: Subject, parts: Mapping[str, Any]) -> Figure:
    draw, description, says = drawn
    try:
        picture = draw(subject, parts)
        return Figure(inline_svg(picture, f"figure-{name.replace('_', '-')}", description), says)
    except DataError as error:
        return Figure("", says, str(error))

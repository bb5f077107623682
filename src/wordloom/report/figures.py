"""The pictures of a report: what each shows, as SVG inside the page, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wordloom.errors import DataError
from wordloom.plots import inline_svg
from wordloom.plots.of_answers import picture_of_answers
from wordloom.plots.of_models import history_of, lengths_of, word_map_of
from wordloom.report.subject import Subject
from wordloom.targets import GRADED, MULTILABEL, SINGLE


@dataclass(frozen=True)
class Figure:
    """A picture: its SVG, or why there is none; `says` is a line under it."""

    svg: str
    says: str
    missing: str = ""


_COMMON: dict[str, tuple[str, str]] = {
    "lengths": ("Histogram of the lengths of the texts", "In words that the model reads."),
    "history": (
        "What was measured after each epoch of training",
        "Validation texts are held out of training; the kept epoch is marked.",
    ),
    "words": (
        "Map of the most influential words",
        "The words that say most, on the plane that shows most of their vectors' differences: words used "
        "alike lie close together.",
    ),
}
DRAWN: dict[str, dict[str, tuple[str, str]]] = {
    SINGLE: {
        "reliability": (
            "Reliability diagram: share of right answers against the probability of the predicted label",
            "A point on the dashed line is as often right as it is sure. Below the line the model is too "
            "sure, above it not sure enough. The area of a point stands for the number of texts.",
        ),
        "coverage": (
            "Accuracy on the texts that the model is surest of, against their share",
            "What is right if only the surest texts are answered by the model and the rest is passed on.",
        ),
        "by-length": (
            "Accuracy of texts of similar length",
            "Groups of about equal size by number of words, with 95 % intervals.",
        ),
        **_COMMON,
    },
    MULTILABEL: {
        "reliability": (
            "Reliability diagram: share of texts that have a label against its probability",
            "All labels of all texts, each by itself. A point on the dashed line is as often right as it is "
            "sure. The area of a point stands for the number of labels; nearly all are improbable.",
        ),
        "by-length": (
            "Share of texts of similar length whose labels are all right",
            "Texts with all labels right and no other: groups of about equal size by number of words, with "
            "95 % intervals.",
        ),
        **_COMMON,
    },
    GRADED: {
        "predicted": (
            "Predicted grades against the grades of the texts",
            "On the dashed line prediction and grade are equal. A box holds the middle half of the texts of a"
            " grade, its lines nine tenths. Predictions lie nearer to the middle than grades do, the more so "
            "the less a text says.",
        ),
        "errors": (
            "Histogram of how much too high or too low predictions are",
            "Left of 0 predictions are too low, right of it too high.",
        ),
        "by-length": (
            "Mean error of texts of similar length",
            "Groups of about equal size by number of words, with 95 % intervals.",
        ),
        **_COMMON,
    },
}
"""Target -> picture -> what is read out in its place, and a line under it."""


def figures_of(subject: Subject) -> dict[str, Figure]:
    """All pictures by their names; what the model or the texts do not have says so in its place."""
    return {kind: _figure(kind, subject, *said) for kind, said in DRAWN[subject.model.target].items()}


def _figure(kind: str, subject: Subject, description: str, says: str) -> Figure:
    try:
        return Figure(inline_svg(_drawn(kind, subject), f"figure-{kind}", description), says)
    except DataError as error:
        return Figure("", says, str(error))


def _drawn(kind: str, subject: Subject) -> Any:
    if kind == "history":
        return history_of(subject.model)
    if kind == "words":
        return word_map_of(subject.model)
    if kind == "lengths":
        return lengths_of(subject.model, subject.corpus.texts)
    return picture_of_answers(kind, subject.model.target, subject.answers, subject.lengths)

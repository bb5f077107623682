"""The pictures of a report: what each shows, as SVG inside the page, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wordloom.errors import DataError
from wordloom.plots import inline_svg, length_accuracy
from wordloom.plots.of_models import history_of, lengths_of, of_scores, word_map_of
from wordloom.report.subject import Subject


@dataclass(frozen=True)
class Figure:
    """A picture: its SVG, or why there is none; `says` is a line under it."""

    svg: str
    says: str
    missing: str = ""


_DRAWN: dict[str, tuple[Callable[[Subject], Any], str, str]] = {
    "reliability": (
        lambda subject: of_scores("reliability", subject.scores),
        "Reliability diagram: share of right answers against the probability of the predicted label",
        "A point on the dashed line is as often right as it is sure. Below the line the model is too sure, "
        "above it not sure enough. The area of a point stands for the number of texts.",
    ),
    "coverage": (
        lambda subject: of_scores("coverage", subject.scores),
        "Accuracy on the texts that the model is surest of, against their share",
        "What is right if only the surest texts are answered by the model and the rest is passed on.",
    ),
    "by_length": (
        lambda subject: length_accuracy(subject.by_length),
        "Accuracy of texts of similar length",
        "Groups of about equal size by number of words, with 95 % intervals.",
    ),
    "lengths": (
        lambda subject: lengths_of(subject.model, subject.corpus.texts),
        "Histogram of the lengths of the texts",
        "In words that the model reads.",
    ),
    "history": (
        lambda subject: history_of(subject.model),
        "Accuracy and loss after each epoch of training",
        "Validation texts are held out of training; the kept epoch is marked.",
    ),
    "words": (
        lambda subject: word_map_of(subject.model),
        "Map of the most influential words",
        "The words that say most, on the plane that shows most of their vectors' differences: words used "
        "alike lie close together.",
    ),
}


def figures_of(subject: Subject) -> dict[str, Figure]:
    """All pictures by their names; what the model or the texts do not have says so in its place."""
    return {name: _figure(name, subject) for name in _DRAWN}


def _figure(name: str, subject: Subject) -> Figure:
    draw, description, says = _DRAWN[name]
    try:
        return Figure(inline_svg(draw(subject), f"figure-{name.replace('_', '-')}", description), says)
    except DataError as error:
        return Figure("", says, str(error))

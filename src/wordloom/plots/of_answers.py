"""Pictures of what a model says of labelled texts: which there are depends on the target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from wordloom.errors import DataError, listed
from wordloom.evaluation.by_target import AnyAnswers, SetAnswers, by_length
from wordloom.evaluation.on_corpus import Answered
from wordloom.plots.accuracy_by_length import length_accuracy
from wordloom.plots.confusion import confusion_matrix
from wordloom.plots.grades import grade_errors, length_errors, predicted_grades
from wordloom.plots.reliability_curves import accuracy_coverage, reliability
from wordloom.target_names import GRADED, MULTILABEL, SINGLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DECISIONS = ("Probability of a label (%)", "Texts that have it (%)")
_DESCRIBED = {SINGLE: "one label for each text", MULTILABEL: "several labels", GRADED: "grades"}


def picture_of_answers(kind: str, target: str, answers: AnyAnswers, lengths: NDArray[Any]) -> Any:
    """The Axes of a kind of picture.

    answers : of a model of the target to N texts; lengths : int (N,), the words of each

    Raises DataError for a kind that there is not for the target.
    """
    if kind not in OF_ANSWERS[target]:
        raise DataError(
            f"There is no picture {kind!r} of a model of {_DESCRIBED[target]}. Of its answers there are: "
            f"{listed(OF_ANSWERS[target])}."
        )
    return OF_ANSWERS[target][kind](answers, lengths)


def _confusion(answers: Answered, lengths: NDArray[Any]) -> Any:
    scores = answers.scores()
    return confusion_matrix(scores.confusion, scores.labels)


def _reliability(answers: Answered, lengths: NDArray[Any]) -> Any:
    confidence = answers.scores().confidence
    return reliability([vars(row) for row in confidence.reliability()], confidence.calibration_error())


def _coverage(answers: Answered, lengths: NDArray[Any]) -> Any:
    return accuracy_coverage(*answers.scores().confidence.curve())


def _decisions(answers: SetAnswers, lengths: NDArray[Any]) -> Any:
    decisions = answers.decisions
    rows = [vars(row) for row in decisions.reliability()]
    return reliability(rows, decisions.calibration_error(), axes_names=_DECISIONS)


def _accuracy_by_length(answers: Answered | SetAnswers, lengths: NDArray[Any]) -> Any:
    return length_accuracy(by_length(answers, lengths))


OF_ANSWERS: Mapping[str, Mapping[str, Callable[[Any, NDArray[Any]], Any]]] = {
    SINGLE: {
        "confusion": _confusion,
        "reliability": _reliability,
        "coverage": _coverage,
        "by-length": _accuracy_by_length,
    },
    MULTILABEL: {"reliability": _decisions, "by-length": _accuracy_by_length},
    GRADED: {
        "predicted": lambda answers, lengths: predicted_grades(answers.predicted, answers.grades),
        "errors": lambda answers, lengths: grade_errors(answers.errors),
        "by-length": lambda answers, lengths: length_errors(by_length(answers, lengths)),
    },
}
"""Target -> kind -> what draws it."""

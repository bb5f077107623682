"""Lists of texts worth a look: errors, labels that are probably wrong, texts that the model is unsure of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.checks.doubts import GradeDoubts, SetDoubts
from wordloom.checks.suspects import label_scores
from wordloom.evaluation.by_target import GradeAnswers, SetAnswers
from wordloom.evaluation.on_corpus import Answered
from wordloom.evaluation.scores import NO_CLASS

_UNSURE = 100
# How many texts of each list are taken by turns: all lists have their first texts before any has its last.
_ERRORS_A_TURN, _SUSPECTS_A_TURN, _UNSURE_A_TURN, _CELL_A_TURN = 60, 40, 20, 4
_MOST_OF_A_CELL = 60
HIT, MISSED, EXTRA = 0, 1, 2
"""What a label is that a text has and is given, has and is not given, is given and does not have."""


@dataclass(frozen=True)
class TextLists:
    """Rows of the texts of each list, the clearest cases first.

    Parameters
    ----------
    errors : texts with other labels than the predicted ones, those that surprise the model most first; all
        graded texts, those farthest from their prediction first
    suspects : texts whose label, or grade, is probably wrong, or that lack a label
    unsure : the texts for whose answer the least speaks; none with grades
    cells : for each pair of classes (true, predicted) that occurs, its texts, right ones the least sure
        first; of several labels (label, HIT, MISSED or EXTRA); of grades (group, )
    """

    errors: list[int]
    suspects: list[int]
    unsure: list[int]
    cells: dict[tuple[int, ...], list[int]]

    def by_turns(self) -> Iterator[int]:
        """All rows of all lists, each once: a few of each list in turn, so that none is at the end."""
        turns = [
            (self.suspects, _SUSPECTS_A_TURN),
            (self.errors, _ERRORS_A_TURN),
            (self.unsure, _UNSURE_A_TURN),
            *((rows[:_MOST_OF_A_CELL], _CELL_A_TURN) for rows in self.cells.values()),
        ]
        waiting = [(iter(rows), number) for rows, number in turns]
        seen: set[int] = set()
        while waiting:
            left = []
            for rows, number in waiting:
                some = list(itertools.islice(rows, number))
                yield from (row for row in some if row not in seen)
                seen.update(some)
                if len(some) == number:
                    left.append((rows, number))
            waiting = left


def label_lists(answers: Answered) -> TextLists:
    """The lists of N texts with a label each; texts that do not count are in none of them."""
    wrong = np.flatnonzero(answers.counted & ~answers.right)
    errors = wrong[np.lexsort((answers.own[wrong], answers.targets[wrong] == NO_CLASS))]
    highest = answers.probabilities.max(axis=1)
    counted = np.flatnonzero(answers.counted)
    unsure = counted[np.argsort(highest[counted], kind="stable")][:_UNSURE]
    return TextLists(errors.tolist(), suspects(answers), unsure.tolist(), _cells(answers))


def suspects(answers: Answered) -> list[int]:
    """Rows whose label is probably wrong: the model disagrees, and is as sure of another label as it is of
    texts that have that label. Those for whose label the least speaks come first, as in `checks.suspects`.

    Source of the threshold: C. Northcutt, L. Jiang, I. Chuang, "Confident learning", JAIR 70 (2021).
    """
    known = answers.counted & (answers.targets != NO_CLASS)
    targets, classes = answers.targets[known], len(answers.labels)
    sums, counts = np.bincount(targets, answers.own[known], classes), np.bincount(targets, minlength=classes)
    usual = np.divide(sums, counts, out=np.ones(classes), where=counts > 0)
    predicted, highest = answers.predicted, answers.probabilities.max(axis=1)
    rows = np.flatnonzero(known & (predicted != answers.targets) & (highest >= usual[predicted]))
    scores = label_scores(answers.probabilities[rows], answers.targets[rows])
    return [int(row) for row in rows[np.argsort(scores, kind="stable")]]


def _cells(answers: Answered) -> dict[tuple[int, ...], list[int]]:
    counted = np.flatnonzero(answers.counted)
    order = counted[np.argsort(answers.own[counted], kind="stable")]
    pairs = zip(answers.targets[order].tolist(), answers.predicted[order].tolist(), strict=True)
    cells: dict[tuple[int, ...], list[int]] = {}
    for row, pair in zip(order.tolist(), pairs, strict=True):
        cells.setdefault(pair, []).append(row)
    return dict(sorted(cells.items()))


def set_lists(answers: SetAnswers) -> TextLists:
    """The lists of N texts with several labels each; texts that do not count are in none of them."""
    rows = np.flatnonzero(answers.counted)
    losses, given, has = answers.losses[rows], answers.given[rows], answers.indicators[rows]
    errors = rows[np.argsort(-losses.sum(axis=1), kind="stable")]
    ranked = SetDoubts.of(answers.probabilities, answers.indicators).ranked()
    near = np.abs(answers.probabilities[rows] - answers.thresholds).min(axis=1)
    cells: dict[tuple[int, ...], list[int]] = {}
    for what, inside in ((HIT, given & has), (MISSED, ~given & has), (EXTRA, given & ~has)):
        for label in np.flatnonzero(inside.any(axis=0)).tolist():
            own = np.flatnonzero(inside[:, label])
            cells[label, what] = rows[own[np.argsort(-losses[own, label], kind="stable")]].tolist()
    unsure = rows[np.argsort(near, kind="stable")][:_UNSURE]
    wrong = errors[~answers.right[errors]]
    suspect = ranked[answers.counted[ranked]]
    return TextLists(wrong.tolist(), suspect.tolist(), unsure.tolist(), dict(sorted(cells.items())))


def grade_lists(answers: GradeAnswers, groups: NDArray[np.int64]) -> TextLists:
    """The lists of N texts with a grade each; groups : int64 (N,), the group that each is shown in."""
    errors = np.argsort(-np.abs(answers.errors), kind="stable")
    ranked = GradeDoubts.of(answers.predicted, answers.grades).ranked()
    cells: dict[tuple[int, ...], list[int]] = {
        (group,): errors[groups[errors] == group].tolist() for group in np.unique(groups).tolist()
    }
    return TextLists(errors.tolist(), ranked.tolist(), [], cells)

"""Fault: one thing that is wrong with a text or its label, or may be; and the kinds there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wordloom.targets import GRADED, MULTILABEL, SINGLE

EMPTY, ONE_WORD, SCRIPT = "empty", "one-word", "script"
SIMILAR_LABEL, REPEATED, CONFLICTING = "similar-label", "repeated", "conflicting"
IN_TRAINING, WRONG_LABEL = "in-training", "wrong-label"
MISSING_LABEL, WRONG_GRADE = "missing-label", "wrong-grade"
KINDS: Mapping[str, str] = {
    WRONG_LABEL: "labels that are probably wrong",
    MISSING_LABEL: "labels that are probably missing",
    WRONG_GRADE: "grades that are probably wrong",
    CONFLICTING: "texts that stand under another label too",
    IN_TRAINING: "test texts that occur in training",
    REPEATED: "texts that repeat an earlier one",
    SIMILAR_LABEL: "labels that differ from another by case or spaces",
    EMPTY: "texts without a word",
    ONE_WORD: "texts of one word",
    SCRIPT: "texts in an unexpected script",
}
"""The kinds of faults in the order in which they are told, and what texts of each are."""
SUSPECT = (WRONG_LABEL, MISSING_LABEL, WRONG_GRADE)
"""Those that models say."""
_NOT_OF = {
    SINGLE: (MISSING_LABEL, WRONG_GRADE),
    MULTILABEL: (WRONG_GRADE,),
    GRADED: (WRONG_LABEL, MISSING_LABEL, SIMILAR_LABEL),
}


def kinds_of(target: str) -> tuple[str, ...]:
    """The kinds that there can be among texts with such a target."""
    return tuple(kind for kind in KINDS if kind not in _NOT_OF[target])


@dataclass(frozen=True)
class Fault:
    """What is wrong with one of N texts.

    Parameters
    ----------
    row : the number of the text
    kind : one of `KINDS`
    other : the number of the text that it is about: the one repeated, or the one under another label
    similarity : how alike the two are, from 0 to 1; None where they are equal but for blanks around them
    suggested : the label, the labels or the grade that may be meant; None for none
    detail : what else there is to say, as words
    """

    row: int
    kind: str
    other: int | None = None
    similarity: float | None = None
    suggested: Any = None
    detail: str = ""

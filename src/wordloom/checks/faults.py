"""Fault: one thing that is wrong with a text or its label, or may be; and the kinds there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wordloom.labels import Label

EMPTY, ONE_WORD, SCRIPT = "empty", "one-word", "script"
SIMILAR_LABEL, REPEATED, CONFLICTING = "similar-label", "repeated", "conflicting"
IN_TRAINING, WRONG_LABEL = "in-training", "wrong-label"
KINDS: Mapping[str, str] = {
    WRONG_LABEL: "labels that are probably wrong",
    CONFLICTING: "texts that stand under another label too",
    IN_TRAINING: "test texts that occur in training",
    REPEATED: "texts that repeat an earlier one",
    SIMILAR_LABEL: "labels that differ from another by case or spaces",
    EMPTY: "texts without a word",
    ONE_WORD: "texts of one word",
    SCRIPT: "texts in an unexpected script",
}
"""The kinds of faults in the order in which they are told, and what texts of each are."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one of N texts.

    Parameters
    ----------
    row : the number of the text
    kind : one of `KINDS`
    other : the number of the text that it is about: the one repeated, or the one under another label
    similarity : how alike the two are, from 0 to 1; None where they are equal but for blanks around them
    suggested : the label that may be meant; None for none
    detail : what else there is to say, as words
    """

    row: int
    kind: str
    other: int | None = None
    similarity: float | None = None
    suggested: Label | None = None
    detail: str = ""

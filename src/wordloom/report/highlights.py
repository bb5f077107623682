"""Which characters of a text speak for a label and which against it, as the page highlights them."""

from __future__ import annotations

from typing import NamedTuple

from wordloom.text_model import TextModel

LEVELS = 5


class Highlight(NamedTuple):
    """The characters from `start` to `end` of a text, and how much they say: -LEVELS to LEVELS, not 0.

    Above 0 they speak for the label.
    """

    start: int
    end: int
    level: int


def highlights_of(model: TextModel, text: str, column: int) -> tuple[Highlight, ...]:
    """The highlights of a text for the label of a column, in the order of the text."""
    return ()

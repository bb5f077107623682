"""What is said of pieces of a text: what they add to a logit, where they stand, which decide the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from wordloom.labels import Label
from wordloom.text.spans import Span

MOST_SHOWN = 10
"""Contributions that are shown of a text where not all are."""
_SMALLEST_SHOWN = 0.0005


class Contribution(NamedTuple):
    """What one part of a text adds to the logit.

    kind : "word", "unknown word" (outside the vocabulary), "n-gram", "characters" (an n-gram of characters
        inside words), or what is no part of the text: "start mark", "word boundary", "padding",
        "end of line"
    text : the word or n-gram as the model has it; `<` and `>` in n-grams of characters are boundaries
    spans : where it stands in the text, each time: `text[start:end]`, from its first word to its last. None
        for what is no part of the text, and for words that a tokenizer of one's own made and that are not
        found there; of a part that stands there more than a thousand times the first thousand
    value : what it adds; below 0 it speaks against the label
    times : how often the text has it
    """

    kind: str
    text: str
    spans: tuple[Span, ...]
    value: float
    times: int


def shown_of(contributions: Sequence[Contribution]) -> list[Contribution]:
    """The strongest contributions, which stand first, without what three digits write as zero."""
    return [part for part in contributions[:MOST_SHOWN] if abs(part.value) >= _SMALLEST_SHOWN]


@dataclass(frozen=True)
class WordEffect:
    """How much one word of a text speaks for a label.

    Parameters
    ----------
    word : as the model reads it
    effect : what it adds to the logit, with its share of the n-grams that it is part of, by characters; or,
        left out, what the log-odds lose
    known : whether the vocabulary has it
    span : where it stands in the text; None if it was not found there
    """

    word: str
    effect: float
    known: bool
    span: Span | None = field(default=None, compare=False)


class Highlight(NamedTuple):
    """A piece of the text and what it adds to the logit: for colors."""

    start: int
    end: int
    value: float


class Flip(NamedTuple):
    """Words without which a label is the answer, or is it no longer.

    words : each once; it is left out wherever it stands
    spans : all places in the text at which they stand, in order
    label : the answer without them; None for a label of several that is not given then
    probability : of the label that was explained, without them
    """

    words: tuple[str, ...]
    spans: tuple[Span, ...]
    label: Label | None
    probability: float

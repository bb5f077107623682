"""Which characters of a text speak for a label and which against it, as the page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.explain.attribution import LEAVE_ONE_OUT
from wordloom.explain.explainer import Explainer
from wordloom.explain.explanation import Explanation
from wordloom.text_model import TextModel

LEVELS = 5
_LONGEST = 100_000
"""Characters of a text that is explained: longer ones would be most of the work for a look at their ends."""
_WITHOUT_WORDS, _LONGEST_WITHOUT_WORDS = 40, 3_000
"""How many texts, of how many characters, are explained by leaving out one word after the other."""


class Mark(NamedTuple):
    """The characters from `start` to `end` of a text, and how much they say: -LEVELS to LEVELS, not 0.

    Above 0 they speak for the label that is explained.
    """

    start: int
    end: int
    level: int


def marks_of(
    model: TextModel, texts: Sequence[str], columns: NDArray[np.int64], first: int = 0
) -> Iterator[tuple[Mark, ...]]:
    """The marks of each of N texts for a label; none where explaining it would take long.

    columns : int64 (N,), the label's number in the model
    first : how many texts of the same page were asked for before
    """
    longest, explainer = _LONGEST, Explainer.of(model)
    if explainer.method == LEAVE_ONE_OUT:
        longest = _LONGEST_WITHOUT_WORDS
        texts = [text if row < _WITHOUT_WORDS else "" for row, text in enumerate(texts, first)]
    short = [text if len(text) <= longest else "" for text in texts]
    return map(marks_in, explainer.explained(short, model.encode(short), columns))


def marks_in(explanation: Explanation) -> tuple[Mark, ...]:
    """The marks of an explanation."""
    strongest = max((abs(piece.value) for piece in explanation.highlights), default=0.0)
    if not strongest:
        return ()
    levels = [round(LEVELS * piece.value / strongest) for piece in explanation.highlights]
    pieces = zip(explanation.highlights, levels, strict=True)
    return tuple(Mark(piece.start, piece.end, level) for piece, level in pieces if level)

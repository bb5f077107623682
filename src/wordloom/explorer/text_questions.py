"""Questions on a text: what the model says and why, what would change that, and which texts are like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom.checks.corrections import excerpt
from wordloom.errors import WordloomError
from wordloom.explorer.explored import Explored
from wordloom.explorer.listed import shown
from wordloom.report.highlights import marks_in
from wordloom.server.refusal import Refusal
from wordloom.target_names import GRADED

if TYPE_CHECKING:
    from wordloom.labels import Label

_LIKELIEST, _PARTS, _NEAREST = 12, 20, 5


@dataclass(frozen=True)
class TextQuestion:
    """text : that is typed; label : the place of the label that is spoken for; None for the likeliest"""

    text: str
    label: int | None = None

    async def answered(self, explored: Explored) -> Any:
        """Probabilities, the words that speak for and against the label, the strongest parts."""
        return await asked(explored, _said, self.text, _label(explored, self.label))


@dataclass(frozen=True)
class FlipQuestion:
    """text, label : as of `TextQuestion`"""

    text: str
    label: int | None = None

    async def answered(self, explored: Explored) -> Any:
        """The words without which the answer is another one."""
        return await asked(explored, _flip, self.text, _label(explored, self.label))


@dataclass(frozen=True)
class NearestQuestion:
    """text : whose nearest texts for training are asked for"""

    text: str

    async def answered(self, explored: Explored) -> Any:
        """The nearest texts with their labels; `working` while they are counted."""
        near = explored.nearest()
        if near is None:
            return {"working": True}
        return await asked(explored, _nearest, self.text, near)


@dataclass(frozen=True)
class RowQuestion:
    """row : the number of a text of the source, in digits"""

    row: str

    async def answered(self, explored: Explored) -> Any:
        """The whole text with its explanation."""
        corpus = explored.subject().corpus
        if not (
            self.row.isascii() and self.row.isdigit() and len(self.row) < 12 and int(self.row) < len(corpus)
        ):
            raise Refusal(404, f"There is no such text; there are {len(corpus):,}, counted from 0.")
        row = int(self.row)
        said = await asked(explored, _said, corpus.texts[row][: explored.limits.characters], None)
        return {**said, "row": row, "at": explored.subject().place(row), "given": shown(corpus.labels[row])}


def _label(explored: Explored, place: int | None) -> Label | None:
    if place is None:
        return None
    if not 0 <= place < len(explored.labels):
        raise Refusal(404, f"There is no label {place}; the model has {len(explored.labels):,}.")
    label: Label = explored.labels[place]
    return label


async def asked(explored: Explored, function: Any, *arguments: Any) -> Any:
    """What a function of the model says; what it cannot say is a Refusal (400)."""
    try:
        return await explored.worker.run(function, explored, *arguments)
    except WordloomError as error:
        raise Refusal(400, str(error)) from None


def _said(explored: Explored, text: str, label: Label | None) -> dict[str, Any]:
    model, longest = explored.model, explored.longest_explained
    row = explored.rows([text])[0]
    likeliest = np.argsort(-row, kind="stable")[:_LIKELIEST].tolist()
    found: dict[str, Any] = {"text": text, "labels": [[place, float(row[place])] for place in likeliest]}
    if model.target == GRADED:
        found = {"text": text, "labels": [], "grade": float(explored.decisions.prediction(row).grade or 0.0)}
    if len(text) > longest:
        return {**found, "marks": [], "parts": [], "method": "", "note": _too_long(text, longest)}
    made = model.explain(text, label)
    known = sum(word.known for word in made.words)
    return {
        **found,
        "label": explored.labels.index(made.label),
        "probability": made.probability,
        "method": made.method,
        "marks": [list(mark) for mark in marks_in(made)],
        "parts": [[part.text, part.kind, part.value, part.times] for part in made.contributions[:_PARTS]],
        "words": len(made.words),
        "known": known,
        "note": "" if known else "The model knows no word of this text.",
    }


def _too_long(text: str, longest: int) -> str:
    return (
        f"Texts of more than {longest:,} characters are predicted, not explained; this one has {len(text):,}."
    )


def _flip(explored: Explored, text: str, label: Label | None) -> dict[str, Any]:
    if len(text) > explored.longest_explained:
        raise Refusal(413, _too_long(text, explored.longest_explained))
    explanation = explored.model.explain(text, label)
    flip = explanation.flips()
    if flip is None:
        return {"words": None}
    return {
        "words": list(flip.words),
        "label": None if flip.label is None else str(flip.label),
        "explained": explored.labels.index(explanation.label),
        "probability": flip.probability,
    }


def _nearest(explored: Explored, text: str, near: Any) -> dict[str, Any]:
    train = explored.more.source.train  # type: ignore[union-attr]
    found = near.to([text], _NEAREST)
    rows = zip(found.rows[0].tolist(), found.similarities[0].tolist(), strict=True)
    return {
        "texts": [
            {
                "row": row,
                "at": explored.subject().place(row),
                "label": shown(train.labels[row]),
                "similarity": similarity,
                "text": excerpt(train.texts[row]),
            }
            for row, similarity in rows
            if row >= 0
        ]
    }

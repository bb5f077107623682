"""Points of words: where each lies on the plane of a table, and which label it leans to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom.errors import DataError
from wordloom.influential_words import words_of_labels
from wordloom.vectors import project

if TYPE_CHECKING:
    from wordloom.text_model import TextModel
    from wordloom.vectors import WordVectors

MOST_POINTS = 50_000
_MOST_LEANINGS = 200_000


def word_points(model: TextModel, vectors: WordVectors) -> dict[str, Any]:
    """The first words of a table as columns: `words`, `x`, `y` (from -1 to 1), `label`, `evidence`.

    `label` is the place of the label that a word speaks for most, or -1; `evidence` how much, as
    `words_of_labels` measures it, of the most there is. Raises DataError for vectors of one dimension.
    """
    if vectors.dimensions < 2:
        raise DataError("The word vectors have one dimension; a map needs two.")
    words = [
        word for word in vectors.words[: MOST_POINTS + len(vectors.special)] if word not in vectors.special
    ]
    words = words[:MOST_POINTS]
    points = project(vectors.subset(words).vectors)
    places = points / max(float(np.abs(points).max(initial=0.0)), 1e-12)
    leanings = _leanings(model)
    own = [leanings.get(word, (-1, 0.0)) for word in words]
    return {
        "words": words,
        "x": places[:, 0].round(5).tolist(),
        "y": places[:, 1].round(5).tolist(),
        "label": [label for label, _ in own],
        "evidence": [round(evidence, 4) for _, evidence in own],
        "of": len(vectors),
    }


def _leanings(model: TextModel) -> dict[str, tuple[int, float]]:
    """Word -> the place of the label that it speaks for most, and how much of the most, 0 to 1."""
    each = max(_MOST_LEANINGS // len(model.labels), 100)
    found: dict[str, tuple[int, float]] = {}
    for place, words in enumerate(words_of_labels(model, each, MOST_POINTS, ("word",)).values()):
        for one in words:
            if one.evidence > found.get(one.word, (-1, 0.0))[1]:
                found[one.word] = place, one.evidence
    most = max((evidence for _, evidence in found.values()), default=1.0)
    return {word: (place, evidence / most) for word, (place, evidence) in found.items()}

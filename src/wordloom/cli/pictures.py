"""Pictures of a model: what each kind needs, and the drawing of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom import plots
from wordloom.cli.failures import writing_to
from wordloom.errors import DataError, UsageError
from wordloom.evaluation.on_corpus import score_on
from wordloom.telling_words import telling_words
from wordloom.vectors import project

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.evaluation.scores import Scores
    from wordloom.text_model import TextModel

NEED_TEXTS = ("confusion", "reliability", "coverage", "lengths")
_WORDS = 100


def write_picture(
    kind: str, file: Path, model: TextModel, corpus: Corpus | None, noun: str = "texts"
) -> Path:
    """Draw a picture of the kind and write it; `noun` is what the texts are called.

    Raises UsageError for a kind that needs texts without them, and for a name that ends in no form of
    picture; DataError where there is nothing to draw or the file cannot be written.
    """
    if kind == "history":
        picture: Any = _history(model)
    elif kind == "words":
        picture = _words(model)
    elif corpus is None:
        raise UsageError(f"The picture {kind!r} needs texts: --data SOURCE.")
    elif kind == "lengths":
        picture = plots.length_histogram(
            model.encode(corpus.texts).lengths, model.network.shape.maxlen, noun=noun
        )
    else:
        picture = _of_scores(kind, score_on(model, corpus))
    with writing_to(file):
        return plots.save(picture, file)


def _history(model: TextModel) -> Any:
    if not len(model.history):
        raise DataError("The model has no training history: training was interrupted in its first epoch.")
    return plots.history(model.history.history)


def _of_scores(kind: str, scores: Scores) -> Any:
    if kind == "reliability":
        confidence = scores.confidence
        return plots.reliability(
            [vars(row) for row in confidence.reliability()], confidence.calibration_error()
        )
    if kind == "coverage":
        return plots.accuracy_coverage(*scores.confidence.curve())
    return plots.confusion_matrix(scores.confusion, scores.labels)


def _words(model: TextModel) -> Any:
    """The most telling words on the plane of their vectors, two classes as two colours."""
    vectors = model.vectors()
    if vectors.dimensions < 2:
        raise DataError("The model's word vectors have one dimension; a map needs two.")
    found = telling_words(model, _WORDS)
    points = project(vectors.subset(found.words).vectors)
    if found.leaning is None:
        return plots.word_map(found.words, points)
    first, second = model.labels
    # Log-odds of a single word are far beyond those of a text; only their order and sign mean something.
    leaning = found.leaning / max(float(np.abs(found.leaning).max()), 1e-12)
    return plots.word_map(found.words, points, leaning, (str(first), str(second)))

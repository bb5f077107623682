"""Pictures of a model: what each kind needs, and the drawing of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom import plots
from wordloom.cli.failures import writing_to
from wordloom.errors import DataError, UsageError
from wordloom.evaluation.on_corpus import score_on
from wordloom.telling_words import telling_words
from wordloom.vectors import nearest_words, project

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.evaluation.scores import Scores
    from wordloom.text_model import TextModel
    from wordloom.vectors import WordVectors

NEED_TEXTS = ("confusion", "reliability", "coverage", "lengths")
_WORDS, _NEAREST = 100, 15


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


def write_word_map(vectors: WordVectors, words: Sequence[str], file: Path) -> Path:
    """Draw a table's `words` and the words nearest to each, or without any its first words, and write it.

    Raises DataError for a word that is not in the table, and as `write_picture` does.
    """
    shown = [word for word in vectors.words[: _WORDS + len(vectors.special)] if word not in vectors.special]
    if words:
        each = max(1, min(_NEAREST, _WORDS // len(words) - 1))
        near = [found.word for nearest in nearest_words(vectors, words, each) for found in nearest]
        shown = list(dict.fromkeys([*words, *near]))
    with writing_to(file):
        return plots.save(_map(vectors, shown[: max(_WORDS, len(words))]), file)


def _map(vectors: WordVectors, words: Sequence[str], *leaning: Any) -> Any:
    """Words on the plane of their vectors."""
    if vectors.dimensions < 2:
        raise DataError("The word vectors have one dimension; a map needs two.")
    return plots.word_map(words, project(vectors.subset(words).vectors), *leaning)


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
    vectors, found = model.vectors(), telling_words(model, _WORDS)
    if found.leaning is None:
        return _map(vectors, found.words)
    first, second = model.labels
    # Log-odds of a single word are far beyond those of a text; only their order and sign mean something.
    leaning = found.leaning / max(float(np.abs(found.leaning).max()), 1e-12)
    return _map(vectors, found.words, leaning, (str(first), str(second)))

"""Pictures of a model: what of it each picture shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom.errors import DataError
from wordloom.influential_words import influential_words
from wordloom.plots.curves import history, loss_curve
from wordloom.plots.lengths import length_histogram
from wordloom.plots.word_maps import word_map
from wordloom.targets import GRADED, MULTILABEL
from wordloom.vectors import project, variance_shares

if TYPE_CHECKING:
    from wordloom.text_model import TextModel
    from wordloom.vectors import WordVectors

MAPPED_WORDS = 100


def history_of(model: TextModel) -> Any:
    """Two Axes: accuracy and loss of each epoch; of a model of grades the Axes of the loss.

    Raises DataError for a model without a finished epoch.
    """
    measured = model.history
    if not len(measured):
        raise DataError("The model has no training history: training was interrupted in its first epoch.")
    if model.target == GRADED:
        return loss_curve(measured.history, kept=measured.best_epoch)
    axes = history(measured)
    if model.target == MULTILABEL:
        axes[0].set_ylabel("Accuracy of each label (%)")
        axes[1].set_ylabel("Loss (nats per label)")
    return axes


def lengths_of(model: TextModel, texts: Sequence[str], noun: str = "texts") -> Any:
    """The Axes of the lengths of texts, in the words that the model reads, and where it cuts them.

    A start mark is no word, though it counts for `maxlen`, and neither are the characters of words.
    """
    ids, marks = model.encode(texts), int(model.vocabulary.convention.start is not None)
    lengths = ids.where(ids.ids < model.vocabulary.first_character).lengths - marks
    maxlen = model.network.shape.maxlen
    return length_histogram(lengths, maxlen and max(maxlen - marks, 1), noun=noun)


def word_map_of(model: TextModel) -> Any:
    """The most influential words on the plane of their vectors, two classes as two colors.

    Raises DataError for a model without word vectors.
    """
    vectors, found = model.vectors(), influential_words(model, MAPPED_WORDS)
    if found.leaning is None:
        return map_of_vectors(vectors, found.words)
    first, second = model.labels
    # Log-odds of a single word are far beyond those of a text; only their order and sign mean something.
    leaning = found.leaning / max(float(np.abs(found.leaning).max()), 1e-12)
    return map_of_vectors(vectors, found.words, leaning, (str(first), str(second)))


def map_of_vectors(
    vectors: WordVectors, words: Sequence[str], leaning: Any = None, classes: tuple[str, str] | None = None
) -> Any:
    """Words on the plane of their vectors; `leaning` and `classes` as `word_map` takes them."""
    if vectors.dimensions < 2:
        raise DataError("The word vectors have one dimension; a map needs two.")
    rows = vectors.subset(words).vectors
    points = project(rows)
    return word_map(words, points, leaning, classes, shares=variance_shares(rows, points))

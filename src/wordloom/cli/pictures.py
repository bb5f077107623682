"""Pictures of a model: what each kind needs, and the drawing of it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom import plots
from wordloom.cli.reading import warn_if_trained_on
from wordloom.cli.writing import writing_to
from wordloom.errors import DataError, UsageError
from wordloom.evaluation.on_corpus import class_numbers, score_on
from wordloom.influential_words import influential_words
from wordloom.vectors import nearest_words, project, variance_shares

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.evaluation.scores import Scores
    from wordloom.text_model import TextModel
    from wordloom.vectors import WordVectors

NEED_TEXTS = ("confusion", "reliability", "coverage", "lengths")
_WORDS, _NEAREST = 100, 15


@dataclass(frozen=True)
class Pictures:
    """The pictures of a model and of labelled texts, if there are any; `noun` is what these are called."""

    model: TextModel
    corpus: Corpus | None
    noun: str = "texts"

    def draw(self, kind: str) -> Any:
        """The Axes of a kind.

        Raises UsageError for a kind that needs texts without them, DataError where the model has nothing to
        draw.
        """
        if kind == "history":
            return _history(self.model)
        if kind == "words":
            return _words(self.model)
        if self.corpus is None:
            raise UsageError(f"The picture {kind!r} needs texts: --data SOURCE.")
        if kind == "lengths":
            return self._lengths()
        return _of_scores(kind, self.scores)

    def _lengths(self) -> Any:
        """In words: a start mark is none, though it counts for `maxlen`."""
        assert self.corpus is not None
        marks = int(self.model.vocabulary.convention.start is not None)
        lengths = self.model.encode(self.corpus.texts).lengths - marks
        maxlen = self.model.network.shape.maxlen
        return plots.length_histogram(lengths, maxlen and max(maxlen - marks, 1), noun=self.noun)

    @functools.cached_property
    def scores(self) -> Scores:
        """Of the model on the texts; warns if it was trained on them."""
        assert self.corpus is not None
        warn_if_trained_on(self.model, self.corpus)
        return score_on(self.model, self.corpus)

    def write(self, kind: str, file: Path) -> Path:
        """Draw a picture and write it. Raises DataError for a file that cannot be written."""
        return _written(self.draw(kind), file)

    def write_all(self, files: Mapping[str, Path]) -> tuple[list[Path], dict[str, str]]:
        """Write the pictures of kind -> file; also why kinds were left out, those that the model lacks.

        Raises DataError if all are, and for texts that the model cannot be scored on.
        """
        if self.corpus is not None:
            class_numbers(self.corpus, self.model.labels)  # wrong texts are no reason to leave pictures out
        written, left_out = [], {}
        for kind, file in files.items():
            try:
                picture = self.draw(kind)
            except DataError as error:
                left_out[kind] = str(error)
            else:
                written.append(_written(picture, file))
        if not written:
            raise DataError("There is no picture to draw. " + " ".join(left_out.values()))
        return written, left_out


def _written(picture: Any, file: Path) -> Path:
    with writing_to(file):
        return plots.save(picture, file)


def write_word_map(vectors: WordVectors, words: Sequence[str], file: Path) -> Path:
    """Draw a table's `words` and the words nearest to each, or without any its first words, and write it.

    Raises DataError for a word that is not in the table and for a file that cannot be written.
    """
    shown = [word for word in vectors.words[: _WORDS + len(vectors.special)] if word not in vectors.special]
    if words:
        each = max(1, min(_NEAREST, _WORDS // len(words) - 1))
        near = [found.word for nearest in nearest_words(vectors, words, each) for found in nearest]
        shown = list(dict.fromkeys([*words, *near]))
    return _written(_map(vectors, shown[: max(_WORDS, len(words))]), file)


def _map(
    vectors: WordVectors, words: Sequence[str], leaning: Any = None, classes: tuple[str, str] | None = None
) -> Any:
    """Words on the plane of their vectors."""
    if vectors.dimensions < 2:
        raise DataError("The word vectors have one dimension; a map needs two.")
    rows = vectors.subset(words).vectors
    points = project(rows)
    return plots.word_map(words, points, leaning, classes, shares=variance_shares(rows, points))


def _history(model: TextModel) -> Any:
    if not len(model.history):
        raise DataError("The model has no training history: training was interrupted in its first epoch.")
    return plots.history(model.history)


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
    """The most influential words on the plane of their vectors, two classes as two colors."""
    vectors, found = model.vectors(), influential_words(model, _WORDS)
    if found.leaning is None:
        return _map(vectors, found.words)
    first, second = model.labels
    # Log-odds of a single word are far beyond those of a text; only their order and sign mean something.
    leaning = found.leaning / max(float(np.abs(found.leaning).max()), 1e-12)
    return _map(vectors, found.words, leaning, (str(first), str(second)))

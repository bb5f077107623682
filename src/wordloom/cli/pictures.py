"""Pictures of a model: what each kind needs, and the drawing of it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wordloom import plots
from wordloom.cli.parts import warn_if_trained_on
from wordloom.cli.writing import writing_to
from wordloom.errors import DataError, UsageError
from wordloom.evaluation.by_target import AnyAnswers, answers_of
from wordloom.plots.of_answers import OF_ANSWERS, picture_of_answers
from wordloom.plots.of_models import MAPPED_WORDS, history_of, lengths_of, map_of_vectors, word_map_of
from wordloom.text.counting import count_words
from wordloom.vectors import nearest_words

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.text_model import TextModel
    from wordloom.vectors import WordVectors

OF_MODELS = ("history", "words")
"""The kinds that need no texts."""
_NEAREST = 15


def kinds_of(model: TextModel, with_texts: bool) -> set[str]:
    """The kinds that there can be of a model, alone or with texts."""
    return {*OF_MODELS, *(("lengths", *OF_ANSWERS[model.target]) if with_texts else ())}


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
            return history_of(self.model)
        if kind == "words":
            return word_map_of(self.model)
        if self.corpus is None:
            raise UsageError(f"The picture {kind!r} needs texts: --data SOURCE.")
        if kind == "lengths":
            return lengths_of(self.model, self.corpus.texts, self.noun)
        return picture_of_answers(kind, self.model.target, self.answers, self.lengths)

    @functools.cached_property
    def answers(self) -> AnyAnswers:
        """What the model says of the texts; warns if it was trained on them."""
        assert self.corpus is not None
        warn_if_trained_on(self.model, self.corpus)
        return answers_of(self.model, self.corpus)

    @functools.cached_property
    def lengths(self) -> NDArray[np.int64]:
        """int64 (N,): the words of each text, known or not."""
        assert self.corpus is not None
        return np.asarray(count_words(self.corpus.texts, self.model.tokenizer)[1].lengths)

    def write(self, kind: str, file: Path) -> Path:
        """Draw a picture and write it. Raises DataError for a file that cannot be written."""
        return _written(self.draw(kind), file)

    def write_all(self, files: Mapping[str, Path]) -> tuple[list[Path], dict[str, str]]:
        """Write the pictures of kind -> file; also why kinds were left out, those that the model lacks.

        Raises DataError if all are, and for texts that the model cannot be scored on.
        """
        if self.corpus is not None:
            _ = self.answers  # wrong texts are no reason to leave pictures out
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
    shown = [
        word for word in vectors.words[: MAPPED_WORDS + len(vectors.special)] if word not in vectors.special
    ]
    if words:
        each = max(1, min(_NEAREST, MAPPED_WORDS // len(words) - 1))
        near = [found.word for nearest in nearest_words(vectors, words, each) for found in nearest]
        shown = list(dict.fromkeys([*words, *near]))
    return _written(map_of_vectors(vectors, shown[: max(MAPPED_WORDS, len(words))]), file)

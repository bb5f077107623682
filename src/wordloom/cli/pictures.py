"""Pictures of a model: what each kind needs, and the drawing of it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wordloom import plots
from wordloom.cli.parts import warn_if_trained_on
from wordloom.cli.writing import writing_to
from wordloom.errors import DataError, UsageError
from wordloom.evaluation.on_corpus import class_numbers, score_on
from wordloom.plots.of_models import (
    MAPPED_WORDS,
    history_of,
    lengths_of,
    map_of_vectors,
    of_scores,
    word_map_of,
)
from wordloom.target_names import MULTILABEL, SINGLE
from wordloom.vectors import nearest_words

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.evaluation.scores import Scores
    from wordloom.text_model import TextModel
    from wordloom.vectors import WordVectors

NEED_TEXTS = ("confusion", "reliability", "coverage", "lengths")
_NEAREST = 15


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
        return of_scores(kind, self.scores)

    @functools.cached_property
    def scores(self) -> Scores:
        """Of the model on the texts; warns if it was trained on them."""
        assert self.corpus is not None
        _refuse_other_targets(self.model)
        warn_if_trained_on(self.model, self.corpus)
        return score_on(self.model, self.corpus)

    def write(self, kind: str, file: Path) -> Path:
        """Draw a picture and write it. Raises DataError for a file that cannot be written."""
        return _written(self.draw(kind), file)

    def write_all(self, files: Mapping[str, Path]) -> tuple[list[Path], dict[str, str]]:
        """Write the pictures of kind -> file; also why kinds were left out, those that the model lacks.

        Raises DataError if all are, and for texts that the model cannot be scored on.
        """
        if self.corpus is not None and self.model.target == SINGLE:
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


def _refuse_other_targets(model: TextModel) -> None:
    """DataError for a model of several labels or of grades, of whose answers there is no picture."""
    if model.target != SINGLE:
        what = "several labels" if model.target == MULTILABEL else "grades"
        raise DataError(
            "Pictures of answers (confusion, reliability, coverage) are of models with one label for each "
            f"text, and this is a model of {what}; 'wordloom report' draws how right it is."
        )


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

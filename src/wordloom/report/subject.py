"""What a report is on, and what is measured of it: everything that the page's parts are made from."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.errors import MissingExtraError, UsageError
from wordloom.evaluation.baselines import Baseline, majority_of_counts, tfidf_logistic_regression
from wordloom.evaluation.by_length import LengthGroup, accuracy_by_length
from wordloom.evaluation.on_corpus import Answered, answered_on, class_numbers, was_trained_on
from wordloom.evaluation.scores import NO_CLASS, Scores
from wordloom.labels import label_key
from wordloom.repeats import seen_in
from wordloom.targets import SINGLE
from wordloom.text.counting import WordCounts, count_words
from wordloom.text.known_words import KnownShare, known_share
from wordloom.text_model import TextModel

_PURPOSE, _EXTRA = "Writing a report", "report"


def check_extra() -> None:
    """MissingExtraError if a package that reports need is not installed; to be asked before long work."""
    for package in ("jinja2", "matplotlib"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(_PURPOSE, package, _EXTRA)


@dataclass(frozen=True, eq=False)
class Subject:
    """A model and the labelled texts that it is judged by.

    Parameters
    ----------
    model, corpus : these; the texts are in memory
    name : what the model is called
    training : the texts that it was trained on, where they are known
    unknown_labels : what texts with a label that the model lacks are, as in `score_on`
    all_baselines : also TF-IDF with logistic regression, which needs `training`
    """

    model: TextModel
    corpus: Corpus
    name: str
    training: Corpus | None = None
    unknown_labels: str = "wrong"
    all_baselines: bool = False

    def __post_init__(self) -> None:
        if self.model.target != SINGLE:
            raise UsageError(
                f"{self.name}: a report is on models that give each text one label; this one was trained "
                f"with target={self.model.target!r}. wordloom evaluate scores it."
            )
        self.corpus.require(SINGLE, what="A report")
        if self.corpus.streamed:
            raise UsageError(
                f"{self.corpus.name}: a report shows texts, so it needs them in memory, not streamed."
            )
        if self.all_baselines and self.training is None:
            raise UsageError(
                "The baseline TF-IDF with logistic regression learns from the texts that the model was "
                "trained on: name them with --trained-on (training)."
            )

    @property
    def source(self) -> str:
        """What the texts are called, without the folders of this machine: the page goes to others."""
        return os.path.basename(self.corpus.name)

    def place(self, row: int) -> str:
        """Where a text comes from, without the folder that the source lies in."""
        return self.corpus.place(row).removeprefix(self.corpus.name.removesuffix(self.source))

    @functools.cached_property
    def answers(self) -> Answered:
        """The model's answers to the texts."""
        return answered_on(self.model, self.corpus, unknown_labels=self.unknown_labels)

    @functools.cached_property
    def scores(self) -> Scores:
        """What `wordloom evaluate` says of them."""
        return self.answers.scores()

    @functools.cached_property
    def unseen(self) -> Scores | None:
        """The scores without the texts that occur in training; None if none do, or if it is not known."""
        if self.training is None:
            return None
        return self.answers.scores_without(seen_in(self.corpus, self.training))

    @functools.cached_property
    def trained_on_them(self) -> bool:
        """Whether the model was trained on these very texts."""
        return was_trained_on(self.model.record, self.corpus)

    @functools.cached_property
    def baselines(self) -> list[tuple[str, Baseline]]:
        """What simple methods reach on the same texts, each with its name in the page."""
        answers, counts, name = self.answers, self._training_counts(), "one label for all"
        targets = answers.targets[answers.counted]
        if counts is None:
            counts = np.bincount(targets[targets != NO_CLASS], minlength=len(answers.labels))
            name += ", the best one here"
        found = [(name, majority_of_counts(counts, targets))]
        if self.all_baselines and self.training is not None:
            counted = self.corpus
            if not answers.counted.all():
                counted = self.corpus.subset(np.flatnonzero(answers.counted).tolist())
            learned = tfidf_logistic_regression(self.training, counted)
            found.append((learned.name, learned))
        return found

    def _training_counts(self) -> NDArray[np.int64] | None:
        """How many training texts each label has, int64 (C,), if the texts or the model's record say it."""
        labels = self.model.labels
        if self.training is not None:
            return np.bincount(class_numbers(self.training, labels), minlength=len(labels))
        recorded = self.model.record.get("data", {}).get("classes")
        if not isinstance(recorded, Mapping):
            return None
        counts = [recorded.get(str(label), recorded.get(label_key(label))) for label in labels]
        return np.array(counts) if all(isinstance(count, int) for count in counts) else None

    @functools.cached_property
    def _counted(self) -> tuple[WordCounts, NDArray[np.int64]]:
        counted, ranks = count_words(self.corpus.texts, self.model.tokenizer)
        return counted, np.asarray(ranks.lengths)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """int64 (N,): the words of each text, known or not."""
        return self._counted[1]

    @functools.cached_property
    def known(self) -> KnownShare:
        """How many of the texts' words the model knows."""
        return known_share(self._counted[0], self.model.vocabulary)

    @functools.cached_property
    def by_length(self) -> list[LengthGroup]:
        """Right answers by length, of the texts that count."""
        answers = self.answers
        right = answers.predicted == answers.targets
        return accuracy_by_length(self.lengths[answers.counted], right[answers.counted])

"""What a report is on, and what is measured of it: everything that the page's parts are made from."""

from __future__ import annotations

import functools
import importlib.util
import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.errors import MissingExtraError, UsageError
from wordloom.evaluation.by_target import AnyAnswers, AnyScores, answers_of
from wordloom.evaluation.on_corpus import was_trained_on
from wordloom.repeats import seen_in
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
        self.corpus.require(self.model.target, what=f"A report on {self.name}")
        if self.corpus.streamed:
            raise UsageError(
                f"{self.corpus.name}: a report shows texts, so it needs them in memory, not streamed."
            )
        if self.all_baselines and self.training is None:
            raise UsageError(
                "The baseline TF-IDF with a linear model learns from the texts that the model was trained "
                "on: name them with --trained-on (training)."
            )

    @property
    def source(self) -> str:
        """What the texts are called, without the folders of this machine: the page goes to others."""
        return os.path.basename(self.corpus.name)

    def place(self, row: int) -> str:
        """Where a text comes from, without the folder that the source lies in."""
        return self.corpus.place(row).removeprefix(self.corpus.name.removesuffix(self.source))

    @functools.cached_property
    def answers(self) -> AnyAnswers:
        """The model's answers to the texts."""
        return answers_of(self.model, self.corpus, unknown_labels=self.unknown_labels)

    @functools.cached_property
    def scores(self) -> AnyScores:
        """What `wordloom evaluate` says of them."""
        return self.answers.scores()

    @functools.cached_property
    def unseen(self) -> AnyScores | None:
        """The scores without the texts that occur in training; None if none do, or if it is not known."""
        if self.training is None:
            return None
        return self.answers.scores_without(seen_in(self.corpus, self.training))

    @functools.cached_property
    def trained_on_them(self) -> bool:
        """Whether the model was trained on these very texts."""
        return was_trained_on(self.model.record, self.corpus)

    @property
    def counted(self) -> Corpus:
        """The texts that scores count."""
        counted = self.answers.counted
        return self.corpus if counted.all() else self.corpus.subset(np.flatnonzero(counted).tolist())

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

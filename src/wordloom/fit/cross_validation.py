"""Cross-validation: what models say of labelled texts that they have not learned from.

The texts are cut into folds, and each fold is answered by a model fitted on the others. So every text of a
corpus has honest probabilities, for finding wrong labels among them or for scores without texts kept out.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.draws import stratified_folds
from wordloom.errors import UsageError, WordloomWarning
from wordloom.evaluation.on_corpus import class_numbers, in_batches, probabilities_on
from wordloom.fit import FitInput, fit, seed_of
from wordloom.fit.targets import learned_targets, without_weightless
from wordloom.labels import label_key
from wordloom.loop.callback import CallbackList
from wordloom.models.output import Output
from wordloom.settings import Settings
from wordloom.targets import GRADED
from wordloom.text_model import TextModel

FOLDS = 5
_STEP = "training on the other folds"


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What `out_of_fold` gives for N texts with C labels.

    Parameters
    ----------
    classes : the C labels, sorted; of grades the lowest and the highest
    targets : int32 (N,), the place of each text's own label among them; of several labels and of grades as
        `wordloom.models.output` has them
    probabilities : float64 (N, C), from a model that has not learned from the text; each row adds up to 1,
        but for several labels. Of grades, how near the text is to each end of the scale
    fold : int64 (N,), the fold of each text; those of a fold are answered by one model
    """

    classes: tuple[Any, ...]
    targets: NDArray[Any]
    probabilities: NDArray[np.float64]
    fold: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold of N texts, and what the model fitted on the others says of its M texts.

    Parameters
    ----------
    number : of the fold, from 0
    rows : int64 (M,), the numbers of its texts
    probabilities : float64 (M, C)
    model : fitted on the other folds; None where these have one label, set of labels or grade alone
    """

    number: int
    rows: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    model: TextModel | None


def out_of_fold(
    corpus: Corpus,
    settings: Settings,
    folds: int = FOLDS,
    extra: FitInput | None = None,
    groups: NDArray[np.int64] | None = None,
) -> OutOfFold:
    """The probabilities of every label for every text, each from a model fitted on the other folds.

    Folds are stratified by label and drawn by the settings' `random_state`; of fewer texts than `folds`
    each is a fold of its own. A label that only the texts of one fold have is unknown to that fold's model
    and has the probability 0 there, so it does for the only text of a label. Where the other folds have one
    label alone, it has the probability 1; so have the labels of one set, and one grade is the answer.

    groups : int (N,), texts of equal numbers stay in one fold, so that no model has learned from a copy of
        a text that it is asked about; None for no such texts

    Of `extra`, sample weights are those of all N texts. Its callbacks are told of each fold as of a step, and
    of nothing inside it. Ctrl-C ends everything: there are no probabilities for some of the texts alone.

    Raises UsageError for fewer than two folds, and whatever `fit` raises of the texts and settings. Warns of
    labels as `fit` does, once.
    """
    cut = Folds.of(corpus, settings, folds, extra, groups)
    probabilities = np.zeros((len(corpus), len(cut.classes)))
    for fold in cut:
        probabilities[fold.rows] = fold.probabilities
    return OutOfFold(cut.classes, cut.targets, probabilities, cut.fold)


@dataclass(frozen=True, eq=False)
class Folds:
    """N texts cut into folds; going through it fits the model of each.

    Parameters
    ----------
    corpus, settings, extra : what the models are fitted on, the settings with a seed
    classes, targets : as in `OutOfFold`
    fold : int64 (N,), the fold of each text
    """

    corpus: Corpus
    settings: Settings
    extra: FitInput
    classes: tuple[Any, ...]
    targets: NDArray[Any]
    fold: NDArray[np.int64]

    @staticmethod
    def of(
        corpus: Corpus,
        settings: Settings,
        folds: int = FOLDS,
        extra: FitInput | None = None,
        groups: NDArray[np.int64] | None = None,
    ) -> Folds:
        """The folds of a corpus; see `out_of_fold`."""
        if not isinstance(folds, int) or isinstance(folds, bool) or folds < 2:
            raise UsageError(f"The number of folds must be a whole number from 2 on, not {folds!r:.60}.")
        settings, extra = settings.checked(), extra or FitInput()
        without_weightless(corpus, extra.sample_weight)  # refuses weights that are none
        classes, targets = learned_targets(corpus)
        seed = seed_of(settings.random_state)
        _, first, group = np.unique(
            np.arange(len(corpus)) if groups is None else groups, return_index=True, return_inverse=True
        )
        rng = np.random.default_rng([seed, 12])
        strata = targets[first] if targets.ndim == 1 else [corpus.labels[row] for row in first.tolist()]
        fold = stratified_folds(strata, min(folds, len(first)), rng)[group]
        return Folds(corpus, replace(settings, random_state=seed), extra, tuple(classes), targets, fold)

    def __len__(self) -> int:
        return int(self.fold.max()) + 1

    def __iter__(self) -> Iterator[Fold]:
        told = CallbackList(self.extra.callbacks)
        for number in range(len(self)):
            told.on_step(_STEP, number, len(self), "fold")
            yield self._fold(number)
        told.on_step(_STEP, len(self), len(self), "fold")

    def _fold(self, number: int) -> Fold:
        """Fit the model of a fold and ask it about the fold's texts."""
        inside = self.fold == number
        learned, held_out = (self.corpus.subset(np.flatnonzero(rows).tolist()) for rows in (~inside, inside))
        found, rows = np.zeros((len(held_out), len(self.classes))), np.flatnonzero(inside)
        if len(set(learned.labels)) == 1:
            found[:] = self._aims()[np.flatnonzero(~inside)[0]]
            return Fold(number, rows, found, None)
        with warnings.catch_warnings():
            # They would be of a part of the texts: that a label has one text only, where it has two.
            warnings.simplefilter("ignore", WordloomWarning)
            model = fit(learned, self._settings(learned), self._extra(~inside))
            found[:] = self.answers(model, held_out)
        return Fold(number, rows, found, model)

    def _aims(self) -> NDArray[np.float64]:
        """(N, C): the probabilities that the texts' own labels would have."""
        targets = self.targets[:, 0] if self._graded else self.targets
        return Output(len(self.classes), self.corpus.target).aims(targets)

    def answers(self, model: TextModel, texts: Corpus) -> NDArray[np.float64]:
        """float64 (M, C): what a fold's model says of texts; it may lack labels, and ends of the scale."""
        threads, found = self.settings.threads, np.zeros((len(texts), len(self.classes)))
        if self._graded:
            low, high = self.classes
            grades = in_batches(texts, lambda some: model.predict(some, threads))
            found[:, 1] = (grades - low) / (high - low)
            found[:, 0] = 1 - found[:, 1]
            return found
        labels = list(model.labels)
        columns = class_numbers(Corpus([""] * len(labels), labels), self.classes)
        found[:, columns] = probabilities_on(model, texts, threads)
        return found

    @property
    def _graded(self) -> bool:
        return self.corpus.target == GRADED

    def _settings(self, learned: Corpus) -> Settings:
        """The settings without weights of labels that the texts to learn from do not have."""
        given = self.settings.class_weight
        if not isinstance(given, Mapping):
            return self.settings
        keys = set(map(label_key, learned.classes))
        return replace(self.settings, class_weight={k: v for k, v in given.items() if label_key(k) in keys})

    def _extra(self, learned: NDArray[np.bool_]) -> FitInput:
        weight = self.extra.sample_weight
        if weight is not None:
            weight = np.asarray(weight)[learned]
        return replace(self.extra, sample_weight=weight, callbacks=(), keep_interrupted=False)

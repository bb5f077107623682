"""Cross-validation: what models say of labelled texts that they have not learned from.

The texts are cut into folds, and each fold is answered by a model fitted on the others. So every text of a
corpus has honest probabilities, for finding wrong labels among them or for scores without texts kept out.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.draws import stratified_folds
from wordloom.errors import UsageError, WordloomWarning
from wordloom.evaluation.on_corpus import class_numbers, probabilities_on
from wordloom.fit import FitInput, fit, seed_of
from wordloom.fit.targets import class_targets, without_weightless
from wordloom.labels import Label, label_key
from wordloom.loop.callback import CallbackList
from wordloom.settings import Settings

FOLDS = 5
_STEP = "training on the other folds"


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What `out_of_fold` gives for N texts with C labels.

    Parameters
    ----------
    classes : the C labels, sorted
    targets : int32 (N,), the place of each text's own label among them
    probabilities : float64 (N, C), from a model that has not learned from the text; each row adds up to 1
    fold : int64 (N,), the fold of each text; those of a fold are answered by one model
    """

    classes: tuple[Label, ...]
    targets: NDArray[np.int32]
    probabilities: NDArray[np.float64]
    fold: NDArray[np.int64]


def out_of_fold(
    corpus: Corpus, settings: Settings, folds: int = FOLDS, extra: FitInput | None = None
) -> OutOfFold:
    """The probabilities of every label for every text, each from a model fitted on the other folds.

    Folds are stratified by label and drawn by the settings' `random_state`; of fewer texts than `folds`
    each is a fold of its own. A label that only the texts of one fold have is unknown to that fold's model
    and has the probability 0 there, so it does for the only text of a label. Where the other folds have one
    label alone, it has the probability 1.

    Of `extra`, sample weights are those of all N texts. Its callbacks are told of each fold as of a step, and
    of nothing inside it. Ctrl-C ends everything: there are no probabilities for some of the texts alone.

    Raises UsageError for fewer than two folds, and whatever `fit` raises of the texts and settings. Warns of
    labels as `fit` does, once.
    """
    if not isinstance(folds, int) or isinstance(folds, bool) or folds < 2:
        raise UsageError(f"The number of folds must be a whole number from 2 on, not {folds!r:.60}.")
    settings, extra = settings.checked(), extra or FitInput()
    without_weightless(corpus, extra.sample_weight)  # refuses weights that are none
    classes, targets = class_targets(corpus)
    seed = seed_of(settings.random_state)
    fold = stratified_folds(targets, min(folds, len(corpus)), np.random.default_rng([seed, 12]))
    work = _Folds(corpus, replace(settings, random_state=seed), extra, tuple(classes))
    probabilities = np.zeros((len(corpus), len(classes)))
    told, n_folds = CallbackList(extra.callbacks), int(fold.max()) + 1
    for number in range(n_folds):
        told.on_step(_STEP, number, n_folds, "fold")
        inside = fold == number
        probabilities[inside] = work.answers(inside)
    told.on_step(_STEP, n_folds, n_folds, "fold")
    return OutOfFold(tuple(classes), targets, probabilities, fold)


@dataclass(frozen=True, eq=False)
class _Folds:
    """What a model for each fold is fitted on."""

    corpus: Corpus
    settings: Settings
    extra: FitInput
    classes: tuple[Label, ...]

    def answers(self, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        """float64 (M, C): the probabilities of the M texts inside a fold."""
        learned, held_out = (self.corpus.subset(np.flatnonzero(rows).tolist()) for rows in (~inside, inside))
        found = np.zeros((len(held_out), len(self.classes)))
        known = learned.classes
        columns = class_numbers(Corpus([""] * len(known), known), self.classes)
        if len(known) == 1:
            found[:, columns] = 1.0
            return found
        with warnings.catch_warnings():
            # They would be of a part of the texts: that a label has one text only, where it has two.
            warnings.simplefilter("ignore", WordloomWarning)
            model = fit(learned, self._settings(known), self._extra(~inside))
            found[:, columns] = probabilities_on(model, held_out, self.settings.threads)
        return found

    def _settings(self, known: list[Label]) -> Settings:
        """The settings without weights of labels that the texts to learn from do not have."""
        given = self.settings.class_weight
        if not isinstance(given, Mapping):
            return self.settings
        keys = set(map(label_key, known))
        return replace(self.settings, class_weight={k: v for k, v in given.items() if label_key(k) in keys})

    def _extra(self, learned: NDArray[np.bool_]) -> FitInput:
        weight = self.extra.sample_weight
        if weight is not None:
            weight = np.asarray(weight)[learned]
        return replace(self.extra, sample_weight=weight, callbacks=(), keep_interrupted=False)

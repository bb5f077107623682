"""Suspects: texts whose label is probably wrong, ranked by models that have not learned from them.

The texts are answered in cross-validation. A text is suspect where its own label is not the likeliest one.
Suspects are ranked by the probability of their own label over the square root of how undecided the answer is
(the entropy of the probabilities). The lowest comes first: what is unlikely although the models are unsure.

Cross-validation goes in two rounds, and the probabilities of both count half. In the second round each text
counts in training as much as the first one leaves of its label, so that wrong labels teach less. Copies of a
text stay in one fold.

Ranking by out-of-fold probabilities is that of Northcutt, Jiang and Chuang, "Confident Learning", JAIR 2021;
the score lies between their self-confidence and confidence-weighted entropy.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.errors import WordloomWarning
from wordloom.evaluation.on_corpus import probabilities_on
from wordloom.evaluation.scores import NO_CLASS
from wordloom.fit import FitInput
from wordloom.fit.cross_validation import Fold, Folds
from wordloom.labels import Label, places_among
from wordloom.loop.callback import Callback
from wordloom.settings import Settings
from wordloom.text_model import TextModel

ROUNDS, FOLDS = 2, 3
_LEAST_WEIGHT = 1e-3
_SMALLEST = 1e-12


ROUNDS, FOLDS = 2, 3
_SEEDS_APART = 1_000_003
_LEAST_WEIGHT = 1e-3
_SMALLEST = 1e-12


@dataclass(frozen=True, eq=False)
class Answers:
    """What models say of the labels of N texts that they have not learned from.

    Parameters
    ----------
    classes : the C labels
    targets : int32 (N,), the place of each text's own label among them; NO_CLASS where it is not there
    probabilities : float64 (N, C)
    models : of the last round of cross-validation
    model_of : int64 (N,), which of them has not learned from each text; -1 for none
    """

    classes: tuple[Label, ...]
    targets: NDArray[np.int32]
    probabilities: NDArray[np.float64]
    models: tuple[TextModel, ...]
    model_of: NDArray[np.int64]

    @property
    def given(self) -> NDArray[np.float64]:
        """float64 (N,), the probability of each text's own label; 0 for one that is not among the C."""
        return _of_own(self.probabilities, self.targets)

    @property
    def suggested(self) -> NDArray[np.int64]:
        """int64 (N,), the place of the likeliest of the other labels."""
        others = self.probabilities.copy()
        known = np.flatnonzero(self.targets != NO_CLASS)
        others[known, self.targets[known]] = -1
        return np.asarray(others.argmax(axis=1))

    def ranked(self) -> NDArray[np.int64]:
        """The suspect texts, the one whose label is most probably wrong first."""
        order = np.argsort(label_scores(self.probabilities, self.targets), kind="stable")
        suspect = self.probabilities.max(axis=1) > self.given
        return np.asarray(order[suspect[order]])


def label_scores(probabilities: NDArray[np.float64], targets: NDArray[np.int32]) -> NDArray[np.float64]:
    """float64 (N,): how much speaks for each text's own label; the lowest is most probably wrong.

    probabilities, targets : (N, C) and int (N,), of models that have not learned from the texts
    """
    entropy = -(probabilities * np.log(np.clip(probabilities, _SMALLEST, 1.0))).sum(axis=1)
    own = np.maximum(_of_own(probabilities, targets), _SMALLEST)
    return np.asarray(own / np.sqrt(np.maximum(entropy, _SMALLEST)))


def answers_on(train: Corpus, test: Corpus | None, groups: NDArray[np.int64], plan: CrossPlan) -> Answers:
    """What cross-validation says of the labels of N texts for training, and its models of M for testing.

    The answers for the texts for testing are the means of those of all models, none of which has learned
    from them. They come after the others.

    groups : int (N,), equal numbers for copies of a text
    plan : how

    Raises what `fit` raises of the texts and settings.
    """
    found: list[NDArray[np.float64]] = []
    of_test: list[NDArray[np.float64]] = []
    weights: NDArray[np.float64] | None = None
    for number in range(ROUNDS):
        cut = _folds(train, groups, plan, number, weights)
        probabilities = np.zeros((len(train), len(cut.classes)))
        folds = []
        for fold in cut:
            folds.append(fold)
            probabilities[fold.rows] = fold.probabilities
            if test is not None and fold.model is not None:
                of_test.append(_on_test(cut, fold.model, test))
        found.append(probabilities)
        own = _of_own(probabilities, cut.targets)
        weights = np.maximum(own / probabilities.max(axis=1), _LEAST_WEIGHT)
    own_answers = _answers(cut, np.mean(found, axis=0), folds)
    return own_answers if test is None else _with_test(own_answers, test, of_test)


@dataclass(frozen=True, eq=False)
class CrossPlan:
    """How labels are cross-validated.

    Parameters
    ----------
    settings : of the models, with a whole number as `random_state`
    callbacks : told of each fold as of a step
    """

    settings: Settings
    callbacks: Sequence[Callback] = ()


def _folds(
    train: Corpus,
    groups: NDArray[np.int64],
    plan: CrossPlan,
    number: int,
    weights: NDArray[np.float64] | None,
) -> Folds:
    """The folds of a round, others than those of the round before."""
    seed = (int(plan.settings.random_state) + number * _SEEDS_APART) % 2**31
    settings = replace(plan.settings, random_state=seed)
    extra = FitInput(sample_weight=weights, callbacks=plan.callbacks)
    with warnings.catch_warnings():
        if number:  # the same texts and labels: the same warnings
            warnings.simplefilter("ignore", WordloomWarning)
        return Folds.of(train, settings, FOLDS, extra, groups)


def _on_test(cut: Folds, model: TextModel, test: Corpus) -> NDArray[np.float64]:
    found = np.zeros((len(test), len(cut.classes)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WordloomWarning)
        found[:, cut.columns(model)] = probabilities_on(model, test, cut.settings.threads)
    return found


def _answers(cut: Folds, probabilities: NDArray[np.float64], folds: Sequence[Fold]) -> Answers:
    models: list[TextModel] = []
    model_of = np.full(len(probabilities), -1, dtype=np.int64)
    for fold in folds:
        if fold.model is not None:
            model_of[fold.rows] = len(models)
            models.append(fold.model)
    return Answers(cut.classes, cut.targets, probabilities, tuple(models), model_of)


def _with_test(answers: Answers, test: Corpus, found: Sequence[NDArray[np.float64]]) -> Answers:
    """The answers with those for texts for testing; a label that training does not have is unlikely there."""
    places = places_among(answers.classes, test.labels)
    targets = np.array([places[label] for label in test.labels], dtype=np.int32)
    shape = (len(test), len(answers.classes))
    mean = np.mean(found, axis=0) if found else np.zeros(shape)
    return Answers(
        answers.classes,
        np.concatenate([answers.targets, targets]),
        np.concatenate([answers.probabilities, mean]),
        answers.models,
        np.concatenate([answers.model_of, np.full(len(test), 0 if found else -1)]),
    )


def _of_own(probabilities: NDArray[np.float64], targets: NDArray[np.int32]) -> NDArray[np.float64]:
    own = probabilities[np.arange(len(targets)), np.maximum(targets, 0)]
    return np.where(targets == NO_CLASS, 0.0, own)

"""Suspects: texts whose label is probably wrong, ranked by models that have not learned from them.

The texts are answered in cross-validation. A text is suspect where its own label is not the likeliest one.
Suspects are ranked by the probability of their own label over the square root of how undecided the answer is
(the entropy of the probabilities). The lowest comes first: what is unlikely although the models are unsure.

Cross-validation goes in two rounds, and the probabilities of both count half. In the second round each text
counts in training as much as the first one leaves of its label, so that wrong labels teach less. Copies of a
text stay in one fold.

Ranking by out-of-fold probabilities is that of Northcutt, Jiang and Chuang, "Confident Learning", JAIR 2021;
the score lies between their self-confidence and confidence-weighted entropy. Where texts have several labels,
or grades, `doubts` says which are suspect.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.checks.doubts import GradeDoubts, SetDoubts
from wordloom.corpus import Corpus
from wordloom.errors import WordloomWarning
from wordloom.evaluation.scores import NO_CLASS
from wordloom.fit import FitInput
from wordloom.fit.cross_validation import Fold, Folds
from wordloom.loop.callback import Callback
from wordloom.settings import Settings
from wordloom.targets import GRADED, MULTILABEL, SINGLE
from wordloom.text_model import TextModel

ROUNDS, FOLDS = 2, 3
_SEEDS_APART = 1_000_003
_LEAST_WEIGHT = 1e-3
_SMALLEST = 1e-12


@dataclass(frozen=True, eq=False)
class Answers:
    """What models say of the labels of N texts that they have not learned from.

    Parameters
    ----------
    classes : the C labels; of grades the lowest and the highest
    targets : int32 (N,), the place of each text's own label among them; NO_CLASS where it is not there. Of
        several labels bool (N, C), of grades float64 (N,)
    probabilities : float64 (N, C), as `out_of_fold` has them
    models : of the last round of cross-validation
    model_of : int64 (N,), which of them has not learned from each text; -1 for none
    target : of `wordloom.targets.TARGETS`
    """

    classes: tuple[Any, ...]
    targets: NDArray[Any]
    probabilities: NDArray[np.float64]
    models: tuple[TextModel, ...]
    model_of: NDArray[np.int64]
    target: str = SINGLE

    @property
    def given(self) -> NDArray[np.float64]:
        """float64 (N,), the probability of each text's own label; 0 for one that is not among the C."""
        return _of_own(self.probabilities, self.targets)

    @cached_property
    def suggested(self) -> NDArray[np.int64]:
        """int64 (N,), the place of the likeliest of the other labels."""
        others = self.probabilities.copy()
        known = np.flatnonzero(self.targets != NO_CLASS)
        others[known, self.targets[known]] = -1
        return np.asarray(others.argmax(axis=1))

    @property
    def grades(self) -> NDArray[np.float64]:
        """float64 (N,), the predicted grades."""
        low, high = self.classes
        return np.asarray(low + (high - low) * self.probabilities[:, 1])

    @cached_property
    def set_doubts(self) -> SetDoubts:
        """What speaks against each of several labels."""
        return SetDoubts.of(self.probabilities, self.targets)

    @cached_property
    def grade_doubts(self) -> GradeDoubts:
        """How far grades are from the predicted ones."""
        return GradeDoubts.of(self.grades, self.targets)

    def ranked(self) -> NDArray[np.int64]:
        """The suspect texts, the one whose label is most probably wrong first."""
        if self.target == MULTILABEL:
            return self.set_doubts.ranked()
        if self.target == GRADED:
            return self.grade_doubts.ranked()
        order = np.argsort(label_scores(self.probabilities, self.targets), kind="stable")
        suspect = self.probabilities.max(axis=1) > self.given
        return np.asarray(order[suspect[order]])

    def weights(self) -> NDArray[np.float64]:
        """float64 (N,): what is left of each text's label, from 0 to 1, for the next round."""
        if self.target == MULTILABEL:
            return self.set_doubts.weights()
        if self.target == GRADED:
            return self.grade_doubts.weights()
        return np.asarray(self.given / self.probabilities.max(axis=1))


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
        probabilities, folds = np.zeros((len(train), len(cut.classes))), []
        for fold in cut:
            folds.append(fold)
            probabilities[fold.rows] = fold.probabilities
            if test is not None and fold.model is not None:
                of_test.append(_on_test(cut, fold.model, test))
        found.append(probabilities)
        weights = np.maximum(_answers(cut, probabilities, ()).weights(), _LEAST_WEIGHT)
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WordloomWarning)
        return cut.answers(model, test)


def _answers(cut: Folds, probabilities: NDArray[np.float64], folds: Sequence[Fold]) -> Answers:
    models: list[TextModel] = []
    model_of = np.full(len(probabilities), -1, dtype=np.int64)
    for fold in folds:
        if fold.model is not None:
            model_of[fold.rows] = len(models)
            models.append(fold.model)
    targets = _own_targets(cut.corpus, cut.classes)
    return Answers(cut.classes, targets, probabilities, tuple(models), model_of, cut.corpus.target)


def _own_targets(corpus: Corpus, classes: Sequence[Any]) -> NDArray[Any]:
    """The targets of N texts as `Answers` has them."""
    if corpus.target == GRADED:
        return corpus.grades
    rows, _, columns = corpus.label_places(classes)
    if corpus.target == SINGLE:
        return columns.astype(np.int32)
    found = np.zeros((len(corpus), len(classes)), dtype=bool)
    found[rows[columns >= 0], columns[columns >= 0]] = True
    return found


def _with_test(answers: Answers, test: Corpus, found: Sequence[NDArray[np.float64]]) -> Answers:
    """The answers with those for texts for testing; a label that training does not have is unlikely there."""
    shape = (len(test), len(answers.classes))
    mean = np.mean(found, axis=0) if found else np.zeros(shape)
    return Answers(
        answers.classes,
        np.concatenate([answers.targets, _own_targets(test, answers.classes)]),
        np.concatenate([answers.probabilities, mean]),
        answers.models,
        np.concatenate([answers.model_of, np.full(len(test), 0 if found else -1)]),
        answers.target,
    )


def _of_own(probabilities: NDArray[np.float64], targets: NDArray[np.int32]) -> NDArray[np.float64]:
    own = probabilities[np.arange(len(targets)), np.maximum(targets, 0)]
    return np.where(targets == NO_CLASS, 0.0, own)

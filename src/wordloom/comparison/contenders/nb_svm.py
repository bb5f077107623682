"""NB-SVM: n-grams that occur, times naive-Bayes log-count ratios, into linear SVMs, one a class.

Source: S. Wang, C. D. Manning, "Baselines and bigrams: simple, good sentiment and topic classification",
ACL 2012: presence of n-grams, alpha = 1, weights shrunk towards their mean by beta = 0.25.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC

from wordloom.comparison.contender import TrainingTask
from wordloom.comparison.contenders.scikit_learn import TrainedPipeline, trained
from wordloom.models.output import Output

_ALPHA, _BETA = 1.0, 0.25
_WORDS = r"(?u)\b\w+\b|[!?]"  # words of one letter and the two informative marks too


class NaiveBayesSVM(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier on features of presence, sparse (N, F).

    For each class against the rest: w is what a linear SVM learns on the features times the ratio r, and
    the decision takes r * ((1 - beta) * mean |w| + beta * w), and the bias is shrunk alike towards the
    log-ratio of the classes.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def fit(self, features: Any, targets: NDArray[np.int32]) -> NaiveBayesSVM:
        self.classes_ = np.unique(targets)
        chosen = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        found = [self._one_against_rest(features, targets == label) for label in chosen]
        self.weights = np.stack([weights for weights, _ in found])
        self.bias = np.array([bias for _, bias in found])
        return self

    def _one_against_rest(self, features: Any, inside: NDArray[np.bool_]) -> tuple[NDArray[Any], float]:
        here, there = (_ALPHA + np.asarray(features[rows].sum(axis=0)).ravel() for rows in (inside, ~inside))
        ratio = np.log((here / here.sum()) / (there / there.sum()))
        machine = LinearSVC(random_state=self.seed)
        machine.fit(features.multiply(ratio).tocsr(), inside)
        weights = machine.coef_.ravel()
        magnitude, prior = np.abs(weights).mean(), np.log(inside.sum() / (~inside).sum())
        shrunk = (1 - _BETA) * magnitude + _BETA * weights
        bias = (1 - _BETA) * magnitude * prior + _BETA * machine.intercept_[0]
        return ratio * shrunk, float(bias)

    def decision_function(self, features: Any) -> NDArray[np.float64]:
        """(N,) for two classes, positive for the second; else (N, C)."""
        decisions = self._decisions(features)
        return decisions[:, 0] if decisions.shape[1] == 1 else decisions

    def predict(self, features: Any) -> NDArray[np.int32]:
        decisions = self._decisions(features)
        return np.asarray(self.classes_[Output.of_logits(decisions.shape[1]).predicted(decisions)])

    def _decisions(self, features: Any) -> NDArray[np.float64]:
        return np.asarray(features @ self.weights.T + self.bias)


def train(task: TrainingTask) -> TrainedPipeline:
    """1- to 3-grams, all of them."""
    vectorizer = CountVectorizer(ngram_range=(1, 3), binary=True, token_pattern=_WORDS, dtype=np.float64)
    return trained(task, vectorizer, NaiveBayesSVM(task.seed % 2**32))

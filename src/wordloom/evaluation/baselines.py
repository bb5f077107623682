"""Baselines: what a score has to beat to mean something."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.evaluation.intervals import wilson_interval
from wordloom.evaluation.scores import NO_CLASS, class_f1
from wordloom.labels import label_key


@dataclass(frozen=True)
class Baseline:
    """The accuracy and macro F1 of a simple method on the test documents.

    Parameters
    ----------
    name : of the method
    accuracy : share of the test documents that it gets right
    accuracy_interval : its 95 % interval, see `wilson_interval`
    macro_f1 : mean of the F1 of all classes, as `Scores.macro_f1`
    seconds : wall time of learning and predicting together
    """

    name: str
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    seconds: float

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return asdict(self) | {"accuracy_interval": list(self.accuracy_interval)}


def majority(train_targets: NDArray[Any], test_targets: NDArray[Any], n_classes: int) -> Baseline:
    """Always predict the most frequent class of the training documents (of equal ones the first).

    train_targets : int (N,); test_targets : int (M,); classes are 0 to n_classes - 1

    Raises DataError if either is empty or holds a number that is no class.
    """
    began = time.perf_counter()
    train = _checked_targets(train_targets, n_classes, "training")
    test = _checked_targets(test_targets, n_classes, "test")
    guess = int(np.bincount(train, minlength=n_classes).argmax())
    return _baseline("majority", np.full(len(test), guess), test, n_classes, began)


def tfidf_logistic_regression(train: Corpus, test: Corpus) -> Baseline:
    """TF-IDF of words, then logistic regression, both from scikit-learn with their defaults.

    `TfidfVectorizer()`: lower case, words of two or more letters or digits, no stop words, all words
    kept, smoothed idf, rows of length 1. `LogisticRegression(max_iter=1000)`: L2 penalty with C = 1,
    lbfgs, multinomial for more than two classes; only `max_iter` is not the default, 100, which does
    not always converge. Nothing in it is random. A test document with a label that training does not
    have counts as wrong.

    Raises DataError if either corpus is empty, training has one class only, or no text has a word.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    for corpus, role in ((train, "training"), (test, "test")):
        if not len(corpus):
            raise DataError(f"{corpus.name}: no {role} texts; the TF-IDF baseline needs at least one.")
    if len(train.classes) < 2:
        raise DataError(
            f"{train.name}: all training texts have the label {train.classes[0]!r}; the TF-IDF baseline "
            "needs at least two classes."
        )
    began = time.perf_counter()
    # Class numbers, not labels: an array of strings would lose NULs at their ends.
    numbers = {label_key(label): number for number, label in enumerate(train.classes)}
    vectorizer, model = TfidfVectorizer(), LogisticRegression(max_iter=1000)
    try:
        features = vectorizer.fit_transform(train.texts)
    except ValueError as error:
        raise DataError(
            f"{train.name}: the TF-IDF baseline needs words of two or more letters, and no training "
            "text has one."
        ) from error
    model.fit(features, np.array([numbers[label_key(label)] for label in train.labels]))
    predicted = model.predict(vectorizer.transform(test.texts))
    true = np.array([numbers.get(label_key(label), NO_CLASS) for label in test.labels])
    return _baseline("TF-IDF + logistic regression", predicted, true, len(train.classes), began)


def _checked_targets(targets: NDArray[Any], n_classes: int, role: str) -> NDArray[Any]:
    checked = np.asarray(targets)
    if checked.ndim != 1 or not len(checked):
        raise DataError(f"the {role} targets have the shape {checked.shape}; (N,) expected, N > 0.")
    if checked.dtype.kind not in "iu" or checked.min() < 0 or checked.max() >= n_classes:
        raise DataError(f"the {role} targets must be class numbers, integers from 0 to {n_classes - 1}.")
    return checked


def _baseline(
    name: str, predicted: NDArray[Any], true: NDArray[Any], n_classes: int, began: float
) -> Baseline:
    n, right = len(true), int((predicted == true).sum())
    macro_f1 = float(class_f1(predicted, true, n_classes).mean())
    return Baseline(name, right / n, wilson_interval(right, n), macro_f1, time.perf_counter() - began)

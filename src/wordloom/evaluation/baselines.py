"""Baselines: what a score has to beat to mean something."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.evaluation.grade_scores import GradeScores, score_grades
from wordloom.evaluation.intervals import wilson_interval
from wordloom.evaluation.multilabel_scores import MultilabelScores, score_multilabel
from wordloom.evaluation.scores import NO_CLASS, class_f1
from wordloom.evaluation.thresholds import best_thresholds
from wordloom.labels import Label, label_key
from wordloom.targets import HALF


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

    train_targets : int (N,); test_targets : int (M,); classes are 0 to n_classes - 1, and test documents may
        be of NO_CLASS, which no answer fits

    Raises DataError if either is empty or holds a number that is no class.
    """
    train = _checked_targets(train_targets, n_classes, "training", 0)
    return majority_of_counts(np.bincount(train, minlength=n_classes), test_targets)


def majority_of_counts(train_counts: NDArray[Any], test_targets: NDArray[Any]) -> Baseline:
    """As `majority`, from how many training documents each of C classes has, int (C,); test documents may be
    of NO_CLASS, which no answer fits."""
    began, n_classes = time.perf_counter(), len(train_counts)
    test = _checked_targets(test_targets, n_classes, "test", NO_CLASS)
    guess = int(np.argmax(train_counts))
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
    from sklearn.linear_model import LogisticRegression

    _check_texts(train, test)
    if len(train.classes) < 2:
        raise DataError(
            f"{train.name}: all training texts have the label {train.classes[0]!r}; the TF-IDF baseline "
            "needs at least two classes."
        )
    began = time.perf_counter()
    # Class numbers, not labels: an array of strings would lose NULs at their ends.
    numbers = {label_key(label): number for number, label in enumerate(train.classes)}
    model = LogisticRegression(max_iter=1000)
    features, test_features = _tfidf(train, test)
    model.fit(features, np.array([numbers[label_key(label)] for label in train.labels]))
    predicted = model.predict(test_features)
    true = np.array([numbers.get(label_key(label), NO_CLASS) for label in test.labels])
    return _baseline("TF-IDF + logistic regression", predicted, true, len(train.classes), began)


@dataclass(frozen=True)
class ScoredBaseline:
    """The scores of a simple method on test documents with several labels each, or with a grade each.

    Parameters
    ----------
    name : of the method
    scores : of its answers
    seconds : wall time of learning and predicting together
    """

    name: str
    scores: MultilabelScores | GradeScores
    seconds: float

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {"name": self.name, "seconds": self.seconds, **self.scores.to_config()}


def majority_set(
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
    labels: Sequence[Label],
    unknown: NDArray[Any] | None = None,
) -> ScoredBaseline:
    """Always give the set of labels that most training documents have (of equally frequent ones the first).

    Its probabilities are the shares of training documents that have each label.

    train : bool (N, C); test : bool (M, C); labels : the C labels; unknown : as in `score_multilabel`
    """
    began = time.perf_counter()
    sets, first, counts = np.unique(train, axis=0, return_index=True, return_counts=True)
    usual = sets[min(range(len(sets)), key=lambda i: (-counts[i], first[i]))]
    # never reached where the label is not given, always where it is
    thresholds = np.where(usual, 0.0, 2.0)
    shares = np.tile(train.mean(axis=0), (len(test), 1))
    scores = score_multilabel(shares, test, labels, thresholds, unknown)
    return ScoredBaseline("most frequent set", scores, time.perf_counter() - began)


def tfidf_one_vs_rest(
    train: Corpus,
    test: Corpus,
    labels: Sequence[Label],
    metric: str = "micro-f1",
    unknown: NDArray[Any] | None = None,
) -> ScoredBaseline:
    """TF-IDF as in `tfidf_logistic_regression`, then for each label a logistic regression of its own.

    Thresholds are those with the best value of the metric (see `best_thresholds`) on a fifth of the training
    documents, which a first fit is without. A label that all training documents have is always given, and
    one that none has never. DataError as in `tfidf_logistic_regression`, and for a label that is not among
    `labels`. `unknown` is that of `score_multilabel`.
    """
    _check_texts(train, test)
    began = time.perf_counter()
    rest, part = train.split(0.2)
    thresholds: NDArray[np.float64] = np.full(len(labels), HALF)
    if len(part) and len(rest):
        thresholds = best_thresholds(_one_vs_rest(rest, part, labels), part.indicators(labels), metric)
    probabilities = _one_vs_rest(train, test, labels)
    scores = score_multilabel(probabilities, test.indicators(labels), labels, thresholds, unknown)
    return ScoredBaseline("TF-IDF + one-vs-rest logistic regression", scores, time.perf_counter() - began)


def _one_vs_rest(train: Corpus, test: Corpus, labels: Sequence[Label]) -> NDArray[np.float64]:
    """(M, C): the probability of each label."""
    from sklearn.linear_model import LogisticRegression

    features, test_features = _tfidf(train, test)
    columns = []
    for own in train.indicators(labels).T:
        if own.all() or not own.any():
            columns.append(np.full(len(test), float(own[0])))
        else:
            model = LogisticRegression(max_iter=1000).fit(features, own)
            columns.append(model.predict_proba(test_features)[:, 1])
    return np.stack(columns, axis=1)


def mean_grade(train: NDArray[Any], test: NDArray[Any], cut: float | None = None) -> ScoredBaseline:
    """Always predict the mean grade of the training documents.

    train, test : the grades, (N,) and (M,); cut : as in `score_grades`
    """
    began = time.perf_counter()
    predicted = np.full(len(test), np.mean(train))
    return ScoredBaseline("mean grade", score_grades(predicted, test, cut), time.perf_counter() - began)


def tfidf_ridge(train: Corpus, test: Corpus, cut: float | None = None) -> ScoredBaseline:
    """TF-IDF as in `tfidf_logistic_regression`, then scikit-learn's `Ridge()`, with an L2 penalty of 1.

    cut : as in `score_grades`. DataError if either corpus is empty or no training text has a word.
    """
    from sklearn.linear_model import Ridge

    _check_texts(train, test)
    began = time.perf_counter()
    features, test_features = _tfidf(train, test)
    predicted = Ridge().fit(features, train.grades).predict(test_features)
    scores = score_grades(predicted, test.grades, cut)
    return ScoredBaseline("TF-IDF + ridge regression", scores, time.perf_counter() - began)


def _check_texts(train: Corpus, test: Corpus) -> None:
    for corpus, role in ((train, "training"), (test, "test")):
        if not len(corpus):
            raise DataError(f"{corpus.name}: no {role} texts; the TF-IDF baseline needs at least one.")


def _tfidf(train: Corpus, test: Corpus) -> tuple[Any, Any]:
    """Sparse (N, V) and (M, V), by `TfidfVectorizer()` of the training texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer()
    try:
        features = vectorizer.fit_transform(train.texts)
    except ValueError as error:
        raise DataError(
            f"{train.name}: the TF-IDF baseline needs words of two or more letters, and no training "
            "text has one."
        ) from error
    return features, vectorizer.transform(test.texts)


def _checked_targets(targets: NDArray[Any], n_classes: int, role: str, lowest: int) -> NDArray[Any]:
    checked = np.asarray(targets)
    if checked.ndim != 1 or not len(checked):
        raise DataError(f"the {role} targets have the shape {checked.shape}; (N,) expected, N > 0.")
    if checked.dtype.kind not in "iu" or checked.min() < lowest or checked.max() >= n_classes:
        raise DataError(f"the {role} targets must be class numbers, integers from 0 to {n_classes - 1}.")
    return checked


def _baseline(
    name: str, predicted: NDArray[Any], true: NDArray[Any], n_classes: int, began: float
) -> Baseline:
    n, right = len(true), int((predicted == true).sum())
    macro_f1 = float(class_f1(predicted, true, n_classes).mean())
    return Baseline(name, right / n, wilson_interval(right, n), macro_f1, time.perf_counter() - began)

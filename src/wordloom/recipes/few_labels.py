"""Few labels: vectors learned from all training reviews without labels, then a classifier on some labels.

The classifier is scikit-learn's logistic regression on the documents' vectors; how strongly it is regularised
is chosen by cross-validation on the labelled reviews alone. Test reviews are used for the score only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.vectors.learning import LearningSettings, learn_document_vectors

_STRENGTHS = np.logspace(-5, 1, 13)
_FOLDS = 5


@dataclass(frozen=True)
class EncodedReviews:
    """Training and test reviews as vectors, float32 (N, D), with their labels, and the time of learning."""

    train: NDArray[np.float32]
    test: NDArray[np.float32]
    train_labels: NDArray[Any]
    test_labels: NDArray[Any]
    seconds: float


def encoded_reviews(
    train: Corpus, test: Corpus, settings: LearningSettings, threads: int | None = None
) -> EncodedReviews:
    """Learn document vectors from the training texts, and encode both corpora with them."""
    began = time.perf_counter()
    vectors = learn_document_vectors(list(train.texts), settings, threads=threads)
    encoded = vectors.encode(train.texts, threads)
    seconds = time.perf_counter() - began
    return EncodedReviews(
        encoded,
        vectors.encode(test.texts, threads),
        np.asarray(train.labels),
        np.asarray(test.labels),
        seconds,
    )


def accuracy_with(reviews: EncodedReviews, rows: NDArray[np.int64]) -> tuple[float, float]:
    """Test accuracy of a classifier fitted on the labels of `rows` alone, and the seconds of that fit."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    began = time.perf_counter()
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    head = GridSearchCV(
        LogisticRegression(max_iter=2000), {"C": _STRENGTHS}, cv=folds, scoring="neg_log_loss"
    )
    head.fit(reviews.train[rows], reviews.train_labels[rows])
    seconds = time.perf_counter() - began
    return float((head.predict(reviews.test) == reviews.test_labels).mean()), seconds

"""TF-IDF of words and word pairs with a linear SVM, both with scikit-learn's defaults."""

from __future__ import annotations

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from wordloom.comparison.contender import Task
from wordloom.comparison.contenders.scikit_learn import TrainedPipeline, trained


def train(task: Task) -> TrainedPipeline:
    """`TfidfVectorizer(ngram_range=(1, 2))` and `LinearSVC()`."""
    return trained(task, TfidfVectorizer(ngram_range=(1, 2)), LinearSVC(random_state=task.seed % 2**32))

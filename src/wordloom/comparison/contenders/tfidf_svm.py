"""TF-IDF of words and word pairs with a linear SVM, both from scikit-learn."""

from __future__ import annotations

from sklearn.svm import LinearSVC

from wordloom.comparison.contender import TrainingTask
from wordloom.comparison.contenders.scikit_learn import TrainedPipeline, trained, word_pairs


def train(task: TrainingTask) -> TrainedPipeline:
    """`TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)` and `LinearSVC()`."""
    return trained(task, word_pairs(), LinearSVC(random_state=task.seed % 2**32))

"""TF-IDF of words with logistic regression, both with scikit-learn's defaults."""

from __future__ import annotations

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from wordloom.comparison.contender import TrainingTask
from wordloom.comparison.contenders.scikit_learn import TrainedPipeline, trained


def train(task: TrainingTask) -> TrainedPipeline:
    """Only `max_iter` is not the default: 100 steps do not always converge."""
    return trained(task, TfidfVectorizer(), LogisticRegression(max_iter=1000))

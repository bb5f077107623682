"""TF-IDF of words and word pairs with complement naive Bayes, both from scikit-learn.

Source: J. Rennie et al., "Tackling the poor assumptions of naive Bayes text classifiers", ICML 2003.
"""

from __future__ import annotations

from sklearn.naive_bayes import ComplementNB

from wordloom.comparison.contender import TrainingTask
from wordloom.comparison.contenders.scikit_learn import TrainedPipeline, trained, word_pairs


def train(task: TrainingTask) -> TrainedPipeline:
    """`ComplementNB()` with scikit-learn's defaults."""
    return trained(task, word_pairs(), ComplementNB())

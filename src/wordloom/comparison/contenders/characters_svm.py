"""TF-IDF of words, word pairs and characters inside words with a linear SVM, all from scikit-learn."""

from __future__ import annotations

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

from wordloom.comparison.contender import TrainingTask
from wordloom.comparison.contenders.scikit_learn import TrainedPipeline, trained, word_pairs


def words_and_characters() -> FeatureUnion:
    """TF-IDF of words and word pairs beside that of 2 to 5 characters inside words."""
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return FeatureUnion([("words", word_pairs()), ("characters", characters)])


def train(task: TrainingTask) -> TrainedPipeline:
    """`words_and_characters()` and `LinearSVC()`."""
    return trained(task, words_and_characters(), LinearSVC(random_state=task.seed % 2**32))

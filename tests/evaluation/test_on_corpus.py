"""Scores of a model on labelled texts: labels matched as text, unknown ones named."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.evaluation.on_corpus import class_numbers, score_on


class AlwaysFirst:
    """Gives the first label the probability 0.9."""

    def __init__(self, labels):
        self.labels = tuple(labels)

    def predict_proba(self, texts, threads=None):
        rest = 0.1 / (len(self.labels) - 1)
        return np.array([[0.9, *[rest] * (len(self.labels) - 1)]] * len(texts))


def test_scores_by_hand():
    scores = score_on(AlwaysFirst(["neg", "pos"]), Corpus(["a", "", "c"], ["neg", "pos", "neg"]))
    assert scores.confusion.tolist() == [[2, 0], [1, 0]]
    assert scores.accuracy == pytest.approx(2 / 3)
    assert scores.log_loss == pytest.approx(-(2 * np.log(0.9) + np.log(0.1)) / 3)


@pytest.mark.parametrize(
    ("of_texts", "of_model"), [(["1", "0"], [0, 1]), ([1, 0], ["0", "1"]), ([1, 0], [0, 1])]
)
def test_labels_are_compared_as_text(of_texts, of_model):
    numbers = class_numbers(Corpus(["a", "b"], of_texts), of_model)
    assert numbers.tolist() == [1, 0]
    assert numbers.dtype == np.int32


def test_unknown_label_is_named_with_row_and_a_near_one():
    corpus = Corpus(["a", "b", "c"], ["pos", "Neg", "pos"], name="reviews.csv")
    with pytest.raises(DataError, match=r"reviews.csv, row 1: .*'Neg' \(1 of 3 .*mean 'neg'\?.*'neg', 'pos'"):
        class_numbers(corpus, ["neg", "pos"])


def test_far_away_label_gets_no_guess_and_a_short_list():
    with pytest.raises(DataError) as caught:
        class_numbers(Corpus(["a"], [99]), [f"class {i}" for i in range(50)])
    assert "Did you mean" not in str(caught.value)
    assert "(50 in all)" in str(caught.value)
    assert "class 20" not in str(caught.value)


def test_no_texts_is_an_error():
    with pytest.raises(DataError, match="no texts to score"):
        score_on(AlwaysFirst(["a", "b"]), Corpus([], []))

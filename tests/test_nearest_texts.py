"""Nearest texts: by the cosine of TF-IDF, for texts of one's own and for others."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.explain import nearest_texts
from wordloom.explain.nearest_texts import NearestTexts
from wordloom.text.tokenizer import Tokenizer

TEXTS = [
    "a good film",
    "a good book",
    "bad food in a bad place",
    "",
    "the good film about a book",
    "good film",
]


def cosines_by_hand(texts: list[str], queries: list[str]) -> np.ndarray:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), binary=True, token_pattern=r"\S+")
    known = vectorizer.fit_transform(texts)
    return (vectorizer.transform(queries) @ known.T).toarray()


def test_similarities_are_cosines_of_tf_idf():
    queries = ["a good film about food", "nothing known", "book a"]
    found = NearestTexts.of(TEXTS, Tokenizer()).to(queries, 6)
    expected = cosines_by_hand(TEXTS, queries)
    for row, similarities, own in zip(found.rows, found.similarities, expected, strict=True):
        for number, value in zip(row, similarities, strict=True):
            assert value == pytest.approx(own[number] if number >= 0 else 0, abs=1e-6)
        assert np.count_nonzero(row >= 0) == np.count_nonzero(own)


def test_the_nearest_comes_first_and_a_text_is_not_its_own_neighbor():
    found = NearestTexts.of(TEXTS, Tokenizer()).to_own(np.array([0, 3]), 2)
    assert found.rows[0].tolist() == [5, 1]
    assert found.rows[1].tolist() == [-1, -1]
    assert (np.diff(found.similarities[0]) <= 0).all()


def test_neighbors_are_chosen_among_the_texts_that_are_asked_for():
    among = np.array([False, True, True, True, True, False])
    found = NearestTexts.of(TEXTS, Tokenizer()).to_own(np.array([0]), 2, among)
    assert found.rows.tolist() == [[1, 4]]


def test_many_queries_go_in_batches_with_the_same_result(monkeypatch):
    near = NearestTexts.of(TEXTS, Tokenizer())
    whole = near.to_own(np.arange(6), 3)
    monkeypatch.setattr(nearest_texts, "_CELLS_AT_ONCE", 7)
    parts = near.to_own(np.arange(6), 3)
    np.testing.assert_array_equal(parts.rows, whole.rows)
    np.testing.assert_array_equal(parts.similarities, whole.similarities)


def test_there_may_be_no_texts_and_no_words():
    assert NearestTexts.of([], Tokenizer()).to(["a"], 3).rows.tolist() == [[-1, -1, -1]]
    assert NearestTexts.of(["", "!"], Tokenizer()).to(["a"], 1).rows.tolist() == [[-1]]

"""Streamed predictions: those of all texts at once, in order, a bounded number at a time."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom import text_model
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.settings import Settings

TEXTS = ["good film", "", "bad", "a long bad plot " * 20, "gut ☃", "good good", "xyzzy"]


@pytest.fixture(scope="module")
def model():
    corpus = Corpus(["good film", "bad plot"] * 8, ["yes", "no"] * 8)
    return fit(corpus, Settings(dimensions=4, epochs=5, random_state=0, threads=1))


@pytest.mark.parametrize(("texts", "characters"), [(2, 10**6), (100, 15), (3, 1), (100, 10**6)])
def test_same_answers_in_the_same_order(model, monkeypatch, texts, characters):
    monkeypatch.setattr(text_model, "_STREAMED_TEXTS", texts)
    monkeypatch.setattr(text_model, "_STREAMED_CHARACTERS", characters)
    answers = list(model.predict_stream(iter(TEXTS)))
    streamed = [[answer.probabilities[label] for label in model.labels] for answer in answers]
    np.testing.assert_allclose(streamed, model.predict_proba(TEXTS), rtol=1e-6)


@pytest.mark.parametrize(("texts", "characters", "taken"), [(2, 10**6, 2), (100, 10, 3), (100, 10**6, 7)])
def test_no_more_texts_are_taken_than_needed(model, monkeypatch, texts, characters, taken):
    monkeypatch.setattr(text_model, "_STREAMED_TEXTS", texts)
    monkeypatch.setattr(text_model, "_STREAMED_CHARACTERS", characters)
    seen = []
    next(model.predict_stream(seen.append(text) or text for text in TEXTS))
    assert len(seen) == taken


def test_no_texts_no_answers(model):
    assert list(model.predict_stream([])) == []

"""Explanations of several labels a text, each with a logit of its own, and of grades."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.fit import fit
from wordloom.influential_words import words_of_labels
from wordloom.settings import Settings

TEXTS = ["good plot", "bad plot", "good music", "bad music and plot", "nothing at all"]
SETS = [("fine", "plot"), ("plot",), ("fine", "music"), ("music", "plot"), ()]
GRADES = [4.5, 1.0, 5.0, 1.5, 3.0]
ARCHITECTURES = {
    "ngram": {"architecture": "ngram", "characters": 2},
    "documents": {"architecture": "documents", "dimensions": 4, "epochs": 2},
    "mean": {"dimensions": 4, "epochs": 30, "learning_rate": 0.05},
    "mean, hidden": {"dimensions": 4, "hidden": 8, "epochs": 60, "learning_rate": 0.05},
}


@pytest.fixture(scope="module", params=ARCHITECTURES)
def model(request):
    corpus = Corpus(TEXTS * 6, SETS * 6)
    return fit(corpus, Settings(**ARCHITECTURES[request.param], random_state=0))


@pytest.fixture(scope="module")
def graded():
    settings = Settings(architecture="ngram", characters=0, random_state=0)
    return fit(Corpus(TEXTS * 6, GRADES * 6, target="graded"), settings)


def log_odds(p):
    return np.log(p) - np.log1p(-p)


@pytest.mark.slow
def test_each_of_several_labels_is_explained_by_its_own_log_odds(model):
    for text in (*TEXTS, "a good, bad plot", ""):
        probabilities = model.predict_proba([text])[0]
        for label, probability in zip(model.labels, probabilities, strict=True):
            explained = model.explain(text, label)
            assert explained.probability == pytest.approx(probability, abs=1e-9)
            assert explained.logit == pytest.approx(log_odds(probability), abs=1e-5)
            total = explained.bias + sum(part.value for part in explained.contributions)
            assert total == pytest.approx(explained.logit, abs=1e-9)
        assert model.explain(text).label == model.labels[int(probabilities.argmax())]


@pytest.mark.slow
def test_words_without_which_one_of_several_labels_is_given_no_longer(model):
    text, label = "bad music and plot", "music"
    flip = model.explain(text, label).flips()
    if label not in model.predict([text])[0] or flip is None:
        pytest.skip("the model has not learned to give it")
    assert flip.label is None
    kept = [word for word in text.split() if word not in flip.words]
    assert label not in model.predict([" ".join(kept)])[0]


def test_words_of_each_of_several_labels(model):
    found = words_of_labels(model, 3)
    assert set(found) == {"fine", "music", "plot"}
    for label, word in (("music", "music"), ("plot", "plot"), ("fine", "good")):
        assert word in {part for one in found[label] for part in one.word.split()}


def test_grades_are_explained_for_the_highest_one_or_the_lowest(graded):
    (grade,) = graded.predict(["good plot"])
    explained = graded.explain("good plot")
    lowest, highest = graded.labels
    assert (lowest, highest, explained.label) == (1.0, 5.0, 5.0)
    assert lowest + (highest - lowest) * explained.probability == pytest.approx(grade, abs=1e-6)
    assert explained.logit == pytest.approx(log_odds(explained.probability), abs=1e-5)
    words = {word.word: word.effect for word in explained.words}
    assert words["good"] > 0
    against = graded.explain("good plot", 1.0)
    assert against.logit == pytest.approx(-explained.logit, abs=1e-12)
    assert next(iter(graded.explain_stream(["good plot"]))).label == 5.0
    with pytest.raises(DataError, match=r"The model has no label 4.5; it has 1.0, 5.0"):
        graded.explain("good plot", 4.5)


def test_words_of_the_ends_of_a_scale(graded):
    found = words_of_labels(graded, 3)
    assert "good" in {word for one in found[5.0] for word in one.word.split()}
    assert "bad" in {word for one in found[1.0] for word in one.word.split()}

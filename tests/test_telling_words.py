"""The most telling words of a model trained on texts in which two words decide."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import UsageError
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.telling_words import telling_words

SETTINGS = Settings(dimensions=4, epochs=60, batch_size=8, random_state=0, threads=1)


def trained(classes: dict[str, str]):
    fillers = ["film", "plot", "scene", "actor", "long"]
    rng = np.random.default_rng(0)
    labels = [label for label in classes for _ in range(30)]
    texts = [" ".join([*rng.permutation(fillers)[:3], classes[label]]) for label in labels]
    return fit(Corpus(texts, labels), SETTINGS)


def test_deciding_words_come_first_and_lean_to_their_class():
    found = telling_words(trained({"bad": "awful", "good": "superb"}), 4)
    assert set(found.words[:2]) == {"awful", "superb"}
    leaning = dict(zip(found.words, found.leaning, strict=True))
    assert leaning["awful"] < 0 < leaning["superb"]
    assert len(found.words) == 4


def test_three_classes_have_no_leaning():
    found = telling_words(trained({"bad": "awful", "fair": "decent", "good": "superb"}), 3)
    assert set(found.words) == {"awful", "decent", "superb"}
    assert found.leaning is None


def test_only_frequent_words_are_considered():
    model = trained({"bad": "awful", "good": "superb"})
    assert set(telling_words(model, 100, among=3).words) == set(model.vocabulary.words[:3])


def test_no_words_wanted_is_an_error():
    with pytest.raises(UsageError, match="1 or more"):
        telling_words(trained({"bad": "awful", "good": "superb"}), 0)

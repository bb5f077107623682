"""What a fit says of its own training texts: hardly a word in them, or nothing learned from them."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import WordloomWarning
from wordloom.fit import fit
from wordloom.settings import Settings

WORDS = ["the", "film", "story", "cast", "plot", "was", "a", "with", "scene", "music"]


def settings(**changes):
    return Settings(**({"random_state": 0, "dimensions": 4, "epochs": 3} | changes))


def runs_of(signs, n=120, seed=0):
    """Texts without a space: hardly any of them comes twice."""
    rng = random.Random(seed)
    return ["".join(rng.choices(signs[i % 2], k=8)) for i in range(n)]


def told(texts, labels, **changes):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = fit(Corpus(texts, labels, name="reviews"), settings(**changes))
    return model, [str(warning.message) for warning in caught]


OTHERS = [("好美妙棒", "坏差糟烂"), ("😀😁🤣🥰", "😢😭😡👎"), ("ลนมว", "กขคง")]
NETWORK, NGRAM = {}, {"architecture": "ngram", "dimensions": "auto"}


@pytest.mark.slow
@pytest.mark.parametrize("signs", OTHERS)
@pytest.mark.parametrize("changes", [{**NETWORK, "epochs": 40, "learning_rate": 0.05}, NGRAM])
def test_texts_in_scripts_without_spaces_and_of_emoji_are_learned(signs, changes):
    texts, labels = runs_of(signs), [i % 2 for i in range(120)]
    model, messages = told(texts, labels, **{"epochs": "auto", **changes})
    assert messages == []
    assert model.predict(runs_of(signs, seed=1)) == labels


@pytest.mark.slow
@pytest.mark.parametrize("signs", OTHERS)
@pytest.mark.parametrize("changes", [NETWORK, NGRAM])
def test_texts_without_spaces_are_warned_of_if_they_are_not_split(signs, changes):
    texts = runs_of(signs)
    model, messages = told(texts, [i % 2 for i in range(120)], split_characters=False, **changes)
    assert any("120 of 120 training texts looked at hold a single known word or none" in m for m in messages)
    with pytest.warns(WordloomWarning, match="no word, or a single one, of 120 of 120 texts"):
        model.predict(runs_of(signs, seed=1))
    with pytest.warns(WordloomWarning, match="no word, or a single one") as caught:
        list(model.predict_stream(runs_of(signs, n=20_000, seed=1)))
    assert len(caught) == 1  # once, however many texts follow


def test_one_word_that_comes_again_is_no_reason_to_warn():
    _, messages = told(["good", "bad"] * 60, [1, 0] * 60, epochs=40, learning_rate=0.05)
    assert messages == []


def test_a_few_words_that_a_model_knows_are_no_reason_to_warn():
    model, messages = told(
        ["good fine film", "bad poor film"] * 30, [1, 0] * 30, epochs=20, learning_rate=0.05
    )
    assert messages == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.predict(["good", "fine zzz", "bad yyy", "film"])[0] == 1
    with pytest.warns(WordloomWarning, match="knows no word of 'zzz'"):
        model.predict(["zzz"])


@pytest.mark.parametrize(
    ("characters", "basis"), [(3, "goes by the characters of words"), (0, "has next to nothing to go by")]
)
def test_a_misspelled_word_is_told_by_its_characters_where_the_model_has_some(characters, basis):
    texts = ["good fine film", "bad poor film"] * 30
    model, _ = told(texts, [1, 0] * 30, **NGRAM, characters=characters, epochs=5)
    with pytest.warns(WordloomWarning, match=f"knows no word of 'goood'; its answer {basis}"):
        model.predict(["goood"])
    with pytest.warns(
        WordloomWarning, match="of 2 of 2 texts .* answers go by the" if characters else "to go by"
    ):
        model.predict(["goood", "poooor"])
    with pytest.warns(WordloomWarning, match="its answer has next to nothing to go by"):
        model.predict(["\u2603"])


def test_a_model_that_is_no_better_than_the_commonest_label_says_so():
    rng = random.Random(0)
    texts = [" ".join(rng.choices(WORDS, k=6)) for _ in range(400)]
    labels = ["rare" if i % 4 == 0 else "common" for i in range(400)]
    _, messages = told(texts, labels, architecture="mean", epochs=1)
    assert any(
        "reviews: the model is no better than the answer 'common' to every text" in m for m in messages
    )
    assert any("75.0%" in m for m in messages)


def test_a_model_that_has_learned_does_not_say_so():
    rng = random.Random(0)
    texts = [" ".join([*rng.choices(WORDS, k=6), "great" if i % 4 == 0 else "dull"]) for i in range(200)]
    _, messages = told(texts, np.arange(200) % 4 == 0, architecture="mean", epochs=60, learning_rate=0.05)
    assert messages == []


def test_weights_decide_what_the_commonest_label_is():
    """With balanced weights a model may give up the commonest label for the others; that is no fault."""
    rng = random.Random(0)
    texts = [" ".join([*rng.choices(WORDS, k=6), rng.choice(["x", "y"])]) for i in range(300)]
    labels = [int("x" in text.split() and rng.random() < 0.3) for text in texts]
    model, messages = told(
        texts, labels, architecture="mean", class_weight="balanced", epochs=60, learning_rate=0.05
    )
    right = np.mean(np.array(model.predict(texts)) == labels)
    assert right < 1 - np.mean(labels)  # by plain counting worse than the commonest label
    assert messages == []


@pytest.mark.slow
def test_a_model_that_cross_validation_finds_no_better_than_one_answer_says_so():
    rng = random.Random(2)
    rare = [f"w{i}" for i in range(900)]
    texts = [" ".join(rng.choices(rare, k=4)) for _ in range(400)]
    model, messages = told(
        texts,
        ["a" if i % 2 else "b" for i in range(400)],
        architecture="documents",
        epochs="auto",
        dimensions="auto",
    )
    crossed = model.record["head"]["cross_validation"]["accuracy"]
    assert crossed <= 0.5
    said = (
        f"in cross-validation on its 400 training texts {crossed:.1%} are right, with that one answer 50.0%"
    )
    assert any(said in message for message in messages)

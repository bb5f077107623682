"""Leaving one word out: its effect is what the log-odds lose without it, recomputed text by text."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.explain import leave_one_out
from wordloom.fit import fit
from wordloom.settings import Settings

TEXTS = [
    "the film was good",
    "the end was bad",
    "dull dull story",
    "good cast good end",
    "bad film",
    "so dull",
]
TWO = [1, 0, 0, 1, 0, 0]
THREE = ["pos", "neg", "meh", "pos", "neg", "meh"]
CASES = {
    "mean": {},
    "mean, unknown id": {"ids": "plain-unknown"},
    "mean, imdb ids": {"ids": "imdb"},
    "mean over padding": {"mask_padding": False, "maxlen": 4},
    "mean, cut": {"maxlen": 3, "truncating": "post"},
    "mean, most frequent skipped": {"ids": "imdb", "skip_top": 5},
    "max, hidden": {"architecture": "max", "hidden": 4},
    "pooled": {"architecture": "pooled"},
    "flatten": {"architecture": "flatten"},
    "flatten, cut, imdb ids": {"architecture": "flatten", "maxlen": 3, "ids": "imdb"},
    "flatten, cut at the end": {
        "architecture": "flatten",
        "maxlen": 3,
        "truncating": "post",
        "padding": "post",
    },
    "lstm, cut": {"architecture": "lstm", "units": 4, "maxlen": 4},
    "cnn, imdb ids": {"architecture": "cnn", "units": 4, "kernel_size": 2, "ids": "imdb"},
}
LSTM, CNN = "lstm, cut", "cnn, imdb ids"  # Keras compiles for seconds: a number of classes each
OF_THREE = ("max, hidden", "pooled", CNN)
"""Of three classes the output alone differs: these are one of each kind."""

SAMPLES = [
    "the film was good",
    "good zebra good bad",
    "zebra quux",
    "so the dull film was a bad good end",
    "bad",
    "",
]


def model(labels=TWO, **changes):
    settings = {"dimensions": 6, "epochs": 40, "learning_rate": 0.03, "random_state": 0}
    return fit(Corpus(TEXTS, labels), Settings(**(settings | changes)))


def effects_of(model, text, label=None):
    """The words of a text with their effects."""
    return list(model.explain(text, label, "leave-one-out").words)


def log_odds(model, words, column):
    p = model.predict_proba([" ".join(words)])[0, column]
    return np.log(p) - np.log1p(-p)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("labels", "case"),
    [
        *(pytest.param(TWO, case, id=f"two classes-{name}") for name, case in CASES.items() if name != CNN),
        *(
            pytest.param(
                *(THREE, case),
                id=f"three classes-{name}",
                marks=() if name in OF_THREE else pytest.mark.exhaustive,
            )
            for name, case in CASES.items()
            if name != LSTM
        ),
    ],
)
def test_effects_equal_recomputed_deletions(case, labels):
    made = model(labels, **case)
    for text in SAMPLES:
        words = made.tokenizer.tokenize(text)
        likeliest = int(made.predict_proba([text])[0].argmax())
        for column, label in [(likeliest, None), *enumerate(made.labels)]:
            effects = effects_of(made, text, label)
            assert [effect.word for effect in effects] == words  # every word, in its order, repeated ones too
            whole = log_odds(made, words, column)
            expected = [whole - log_odds(made, words[:i] + words[i + 1 :], column) for i in range(len(words))]
            np.testing.assert_allclose([effect.effect for effect in effects], expected, atol=1e-4)


def test_a_word_less_lets_another_one_in_where_the_text_is_cut():
    made = model(architecture="flatten", maxlen=2, hidden=0)
    effects = {effect.word: effect.effect for effect in effects_of(made, "bad so good")}
    assert effects["bad"] == pytest.approx(0, abs=1e-5)  # it was cut off already
    expected = log_odds(made, ["so", "good"], 1) - log_odds(made, ["bad", "good"], 1)
    assert effects["so"] == pytest.approx(expected, abs=1e-5)


def test_influential_words_speak_for_their_label():
    made = model()
    for_good = {effect.word: effect.effect for effect in effects_of(made, "the film was good", 1)}
    assert for_good["good"] == max(for_good.values()) > 0
    against = {effect.word: effect.effect for effect in effects_of(made, "the film was good", 0)}
    assert against["good"] == pytest.approx(-for_good["good"], abs=1e-6)


def test_words_outside_the_vocabulary_are_marked():
    effects = effects_of(model(), "good zebra")
    assert [(effect.word, effect.known) for effect in effects] == [("good", True), ("zebra", False)]
    assert effects[1].effect == 0  # the plain convention leaves it out
    with_unknown = effects_of(model(ids="plain-unknown"), "good zebra")
    assert not with_unknown[1].known
    assert with_unknown[1].effect != 0  # it took a share of the mean
    skipped = effects_of(model(skip_top=1), "good bad")
    assert [effect.known for effect in skipped] == [False, True]


def test_words_may_hold_any_character():
    made = fit(
        Corpus(["good\x1fbad film", "other end"] * 3, [1, 0] * 3),
        Settings(dimensions=4, epochs=20, learning_rate=0.05, random_state=0),
    )
    effects = effects_of(made, "good\x1fbad film \ud800")
    assert [(effect.word, effect.known) for effect in effects] == [
        ("good\x1fbad", True),
        ("film", True),
        ("\ud800", False),
    ]
    assert effects[0].effect > 0


def test_an_own_tokenizer_is_used():
    made = fit(
        Corpus(["good|film", "bad|film"] * 3, [1, 0] * 3),
        Settings(dimensions=4, epochs=40, learning_rate=0.05, random_state=0, tokenizer=split_at_bars),
    )
    assert [effect.word for effect in effects_of(made, "bad|good film")] == ["bad", "good film"]


def split_at_bars(text):
    return text.split("|")


def test_sure_answers_are_explained_too():
    made = model(epochs=300, learning_rate=1.0)
    text = "good " * 3 + "cast"
    p = made.predict_proba([text])[0, 1]
    assert p > 1 - 1e-12
    cast = effects_of(made, text, 1)[-1]
    assert cast.effect != 0


def test_pieces_of_a_long_text_do_not_show(monkeypatch):
    made = model()
    text = " ".join(np.random.default_rng(0).choice(["good", "bad", "film", "zebra"], 60))
    whole = effects_of(made, text)
    monkeypatch.setattr(leave_one_out, "_IDS_TOGETHER", 100)
    for one, other in zip(effects_of(made, text), whole, strict=True):
        assert one.effect == pytest.approx(other.effect, abs=1e-5)


def test_long_texts_are_explained_and_endless_ones_refused():
    made = model()
    assert len(effects_of(made, "good bad film " * 700)) == 2100
    with pytest.raises(DataError, match=r"The text has 20,001 words; .* at most 20,000"):
        effects_of(made, "good " * 20_001)


def test_nothing_to_explain():
    assert effects_of(model(), "") == []
    assert effects_of(model(), " ... ") == []


@pytest.mark.parametrize("text", [None, 5, ["good"]])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(DataError, match="row 0"):
        effects_of(model(), text)


def test_an_unknown_label_is_refused():
    with pytest.raises(DataError, match="The model has no label 'good'; it has 0, 1"):
        effects_of(model(), "good", "good")

"""N-grams of characters inside words, besides words and their n-grams, in the default classifier."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import UsageError
from wordloom.fit import FitInput, fit
from wordloom.loop.callback import Callback
from wordloom.readers import stream_corpus
from wordloom.settings import Settings
from wordloom.text_model import TextModel

STEMS = {"cook": ("bak", "roast", "boil", "fry"), "move": ("walk", "jump", "climb", "crawl")}
ENDINGS = ("", "er", "ers", "ing", "ed", "able", "y")


pytestmark = pytest.mark.usefixtures("compiled_kernels")


def settings(**changes):
    return Settings(**({"architecture": "ngram", "random_state": 5, "epochs": 6} | changes))


def stems(n=300, seed=0, endings=ENDINGS):
    """Texts whose label is told by the stems of words; with other endings the words are never seen before."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(n):
        label = str(rng.choice(list(STEMS)))
        words = [rng.choice(STEMS[label]) + rng.choice(endings) for _ in range(3)]
        texts.append(" ".join(["so", *words, f"filler{rng.integers(50)}"]))
        labels.append(label)
    return Corpus(texts, labels, name="stems")


def accuracy(model, corpus):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # texts without a known word
        answers = model.predict(corpus.texts)
    return np.mean([a == b for a, b in zip(answers, corpus.labels, strict=True)])


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_words_never_seen_are_told_by_their_characters(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    new = stems(100, seed=1, endings=("ish", "ette", "dom"))
    assert accuracy(fit(stems(), settings()), new) > 0.95
    assert accuracy(fit(stems(), settings(characters=0)), new) < 0.7


def test_a_boundary_is_a_character_and_no_ngram_reaches_over_it():
    texts = ["at ten", "a tten"] * 40
    model = fit(Corpus(texts, ["x", "y"] * 40, name="boundaries"), settings(ngrams=1))
    assert model.predict(["at ten", "a tten"]) == ["x", "y"]
    boundary, a, t = (model.vocabulary.first_character + n for n in (1, 2, 5))
    ids = model.vocabulary.spelled(["at"], model.tokenizer).documents()
    assert ids[0].tolist() == [boundary, a, t, boundary, boundary - 1]


def characters_behind_the_first(network):
    """The rows of the characters of all n-grams, but the first and the last ones."""
    firsts = network.pairs[network.pairs[:, 0] >= network.shape.n_words, 0] - network.shape.n_words
    pairs = network.pairs
    return {*pairs[firsts, 1].tolist(), *pairs[(pairs == 0).all(axis=1), 0].tolist()}


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@pytest.mark.parametrize("limit", [{}, {"min_count": 3}, {"max_ngrams": 200}])
def test_ngrams_of_characters_lie_inside_words(monkeypatch, kernels, limit):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there is room for few n-grams
        network = fit(stems(), settings(**limit)).network.characters
    behind = characters_behind_the_first(network)
    assert behind
    assert 0 not in behind


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_the_same_bytes_for_any_number_of_threads(tmp_path, monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    texts, weights, answers = stems(seed=1).texts, set(), set()
    for threads in (1, 2, 4):
        model = fit(stems(), settings(threads=threads))
        model.save(tmp_path / str(threads))
        weights.add((tmp_path / str(threads) / "weights.safetensors").read_bytes())
        answers.add(model.predict_proba(texts, threads).tobytes())
    assert len(weights) == len(answers) == 1


def test_saved_and_loaded_as_it_was(tmp_path):
    model = fit(stems(), settings())
    model.save(tmp_path / "m")
    back = TextModel.load(tmp_path / "m")
    assert (
        back.predict_proba(stems(seed=1).texts).tobytes()
        == model.predict_proba(stems(seed=1).texts).tobytes()
    )
    assert back.network.shape == model.network.shape
    assert back.record == model.record
    assert "characters" in back.network.described


def test_without_characters_the_folder_is_as_earlier_versions_read_it(tmp_path):
    import json

    fit(stems(), settings(characters=0)).save(tmp_path / "m")
    config = json.loads((tmp_path / "m" / "config.json").read_text(encoding="utf-8"))
    assert config["format"] == 1
    assert "characters" not in config["network"]


@pytest.mark.parametrize("limit", [{}, {"num_words": 20}, {"min_count": 3}])
def test_streamed_texts_give_the_same_model(tmp_path, limit):
    """Also where rare words have no id: their characters count all the same."""
    corpus = stems()
    lines = [
        "text,label",
        *(f"{text},{label}" for text, label in zip(corpus.texts, corpus.labels, strict=True)),
    ]
    (tmp_path / "stems.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    streamed = fit(stream_corpus(tmp_path / "stems.csv").train, settings(**limit))
    whole = fit(corpus, settings(**limit))
    assert streamed.network.characters is not None
    for name, array in whole.network.arrays().items():
        assert array.tobytes() == streamed.network.arrays()[name].tobytes(), name


@pytest.mark.parametrize("limit", [12_000, 16_000, 40_000])
def test_a_small_model_keeps_the_best_words_and_characters(tmp_path, limit):
    model = fit(stems(), settings(max_size=limit))
    model.save(tmp_path / "m")
    assert sum(file.stat().st_size for file in (tmp_path / "m").iterdir()) <= limit
    back = TextModel.load(tmp_path / "m")
    texts = [*stems(seed=1).texts, "\u00e9t\u00e9 zzz"]
    assert back.predict_proba(texts).tobytes() == model.predict_proba(texts).tobytes()
    assert accuracy(back, stems(seed=1)) > 0.9


def test_leaving_a_word_out_leaves_its_characters_out():
    model = fit(stems(), settings())
    words = ["so", "bakish", "walker", "cooks"]
    text = " ".join(words)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        effects = model.explain(text, "cook", method="leave-one-out").words
        odds = [
            np.log(p[0] / p[1])
            for p in model.predict_proba([" ".join(words[:i] + words[i + 1 :]) for i in range(4)])
        ]
        whole = np.log(np.divide(*model.predict_proba([text])[0]))
    unknown = [effect.known for effect in effects]
    assert unknown[1] is False
    assert effects[1].effect > 0.1  # its characters speak for it
    # the start mark and the words around stay neighbors where a word is left out, as in a text without it
    np.testing.assert_allclose([effect.effect for effect in effects], whole - np.array(odds), atol=1e-5)


def test_the_record_says_what_was_combined():
    model = fit(stems(1000), settings())
    combined = model.record["combination"]
    shares = [each["share"] for each in combined["classifiers"]]
    assert sum(shares) == pytest.approx(1)
    assert {each["of"] for each in combined["classifiers"]} == {"words", "characters"}
    assert 0 <= combined["validation"]["val_accuracy"] <= 1


def test_characters_and_a_limit_of_words_exclude_each_other():
    assert fit(stems(), settings(maxlen=4)).network.characters is None
    with pytest.raises(UsageError, match=r"characters=3 reads texts whole.*maxlen=4"):
        fit(stems(), settings(maxlen=4, characters=3))


def test_the_longest_is_a_setting():
    model = fit(stems(), settings(characters=3))
    assert model.network.characters.shape.longest == 3
    assert model.network.characters.finder.lengths.max() == 3


def test_ctrl_c_leaves_what_the_words_have_learned():
    class Impatient(Callback):
        def on_epoch_end(self, epoch, logs):
            raise KeyboardInterrupt

    model = fit(stems(), settings(), FitInput(callbacks=[Impatient()], keep_interrupted=True))
    assert model.history.stopped == "interrupted"
    assert model.network.characters is None
    assert model.vocabulary.alphabet is None


def test_corner_texts_with_characters():
    texts = [
        "",
        "a",
        "a a a",
        "\u00e9t\u00e9 caf\u00e9 \u4f60\u597d",
        "!!!",
        "bad " * 3000,
        "\ud83d\ude00",
    ] * 5
    model = fit(Corpus(texts, ["a", "a", "a", "b", "b", "b", "b"] * 5, name="corners"), settings())
    probabilities = model.predict_proba([*texts[:7], "never seen", "\U0010ffff"])
    assert np.isfinite(probabilities).all()


def test_damaged_characters_are_named(tmp_path):

    from wordloom.errors import DataError
    from wordloom.storage import StoredModel
    from wordloom.storage import load as load_folder
    from wordloom.storage import save as save_folder

    fit(stems(), settings()).save(tmp_path / "m")
    stored = load_folder(tmp_path / "m")
    broken = dict(stored.arrays) | {"characters": stored.arrays["characters"][::-1].copy()}
    save_folder(StoredModel(stored.config, stored.words, broken, 3), tmp_path / "broken")
    with pytest.raises(DataError, match="'characters' are not code points that rise"):
        TextModel.load(tmp_path / "broken")
    fewer = dict(stored.arrays) | {"characters": stored.arrays["characters"][:-1].copy()}
    save_folder(StoredModel(stored.config, stored.words, fewer, 3), tmp_path / "fewer")
    with pytest.raises(DataError, match="do not fit"):
        TextModel.load(tmp_path / "fewer")

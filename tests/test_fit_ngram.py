"""fit with the architecture ngram: what is learned and recorded, corner texts, reproducibility, a score."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from products import product
from wordloom.corpus import Corpus
from wordloom.errors import DataError, WordloomWarning
from wordloom.fit import FitInput, fit
from wordloom.fit.ngram_part import NgramPart
from wordloom.loop.callback import Callback
from wordloom.models.ngram import NgramShape
from wordloom.settings import Settings
from wordloom.text.ngrams import NgramSelection, count_ngrams
from wordloom.text.sequences import Ragged
from wordloom.text_model import TextModel

needs_data = pytest.mark.skipif("WORDLOOM_DATA" not in os.environ, reason="WORDLOOM_DATA names no real data")


def settings(**changes):
    return Settings(**({"architecture": "ngram", "characters": 0, "random_state": 3} | changes))


def negations(n, seed=0):
    """Texts whose label only pairs of words tell: "not good" and "bad" against "good" and "not bad"."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(n):
        negated, good = rng.integers(0, 2, 2)
        fillers = [f"word{i}" for i in rng.integers(0, 50, rng.integers(2, 8))]
        said = ["not"] * negated + ["good" if good else "bad"]
        other = ["not so"] * (1 - negated)  # "not" alone tells nothing
        at = rng.integers(0, len(fillers) + 1)
        texts.append(" ".join([*other, *fillers[:at], *said, *fillers[at:]]))
        labels.append("pos" if good != negated else "neg")
    return Corpus(texts, labels, name="negations")


def topics(n, n_classes=5, seed=0):
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, n_classes, n)
    texts = [f"about topic{c} and word{rng.integers(0, 20)}" for c in classes]
    return Corpus(texts, [f"t{c:04}" for c in classes], name="topics")


def accuracy(model, corpus):
    return np.mean([a == b for a, b in zip(model.predict(corpus.texts), corpus.labels, strict=True)])


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_it_learns_what_only_pairs_of_words_tell(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    options = {"min_documents": 2, "dropout": 0.2}
    model = fit(negations(1000), settings(**options))
    assert accuracy(model, negations(200, seed=1)) > 0.97
    words_only = fit(negations(1000), settings(ngrams=1, **options))
    assert accuracy(words_only, negations(200, seed=1)) < 0.8


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_many_classes(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    model = fit(topics(400), settings())
    assert accuracy(model, topics(100, seed=1)) == 1.0
    assert model.network.weights.shape[1] == 5
    np.testing.assert_allclose(model.predict_proba(["about topic1", ""]).sum(axis=1), 1)


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_same_seed_same_bits_at_any_number_of_threads(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    corpus = negations(300)
    models = [fit(corpus, settings(threads=threads, epochs=4)) for threads in (1, 2, 4)]
    for model in models[1:]:
        assert model.network.weights.tobytes() == models[0].network.weights.tobytes()
        assert model.history.history == models[0].history.history
    other = fit(corpus, settings(random_state=4, epochs=4))
    assert other.network.weights.tobytes() != models[0].network.weights.tobytes()


def saved(model, folder):
    """Every file of the model's folder, without what tells of times and threads."""
    model.save(folder)
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    config = json.loads(files.pop("config.json"))
    del config["sha256"], config["record"]["seconds"], config["training"]["seconds"]
    del config["record"]["settings"]["threads"]
    return files | {"config.json": json.dumps(config)}


@product(
    lambda kernels, options: kernels == "compiled" or options == "as they are",
    kernels=["plain", "compiled"],
    options={"as they are": {}, "small": {"max_size": 12_000}, "balanced": {"class_weight": "balanced"}},
)
def test_same_seed_same_files_at_any_number_of_threads(monkeypatch, tmp_path, kernels, options):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    corpus = negations(2100 if kernels == "compiled" else 500)  # the plain ones take long
    folders = [
        saved(fit(corpus, settings(threads=threads, epochs=3, **options)), tmp_path / str(threads))
        for threads in (1, 2, 4)
    ]
    assert set(folders[0]) >= {"config.json", "vocabulary.txt", "weights.safetensors"}
    assert folders[0] == folders[1] == folders[2]


def test_saved_and_loaded(tmp_path):
    corpus = negations(200)
    model = fit(corpus, settings())
    model.save(tmp_path / "m")
    again = TextModel.load(tmp_path / "m")
    assert again.predict_proba(corpus.texts).tobytes() == model.predict_proba(corpus.texts).tobytes()
    assert [p.label for p in again.predict_stream(corpus.texts)] == model.predict(corpus.texts)


def test_an_explanation_sees_pairs_of_words():
    model = fit(negations(600), settings())
    effects = {effect.word: effect.effect for effect in model.explain("not good", "neg").words}
    assert effects["not"] > 0, "without it, good is left"
    unknown = model.explain("good unheardof").words[1]
    assert not unknown.known


def test_it_has_no_word_vectors():
    with pytest.raises(DataError, match="no word vectors"):
        fit(negations(100), settings(epochs=1)).vectors()


def test_all_texts_are_learned_from_and_the_record_says_how():
    corpus = negations(400)
    model = fit(corpus, settings())
    assert model.record["data"]["trained_on"] == 400
    assert model.record["data"]["validated_on"] == 40
    assert model.record["settings"]["keep_punctuation"] is True
    assert model.record["settings"]["ids"] == "plain-start"
    assert model.record["settings"]["min_documents"] == 1
    assert model.record["ngrams"]["kept"][0] == len(model.vocabulary.words)
    losses = model.history.history["val_loss"]
    assert model.history.best_epoch == 1 + losses.index(min(losses))


def test_few_texts_get_shorter_ngrams_and_short_ones_no_dropout():
    made = fit(negations(200), settings(epochs=1)).record["settings"]
    assert (made["ngrams"], made["min_documents"], made["dropout"]) == (2, 1, 0.0)
    long = [("word " * 60) + text for text in negations(200).texts]
    made = fit(Corpus(long, negations(200).labels, name="long"), settings(epochs=1)).record["settings"]
    assert (made["ngrams"], made["min_documents"], made["dropout"]) == (2, 1, 0.5)
    long = [("word " * 6000) + text for text in negations(200).texts]
    made = fit(Corpus(long, negations(200).labels, name="many"), settings(epochs=1)).record["settings"]
    assert (made["ngrams"], made["min_documents"], made["dropout"]) == (4, 2, 0.5)
    asked = {"ngrams": 4, "min_documents": 3, "dropout": 0.25}
    made = fit(negations(200), settings(epochs=1, **asked)).record["settings"]
    assert {name: made[name] for name in asked} == asked


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_the_word_that_a_text_begins_with_is_told_apart(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    rng = np.random.default_rng(0)
    texts, labels = [], []
    for _ in range(400):
        first, *others = rng.permutation(["who", "where", "film", "actor", "plays"])
        texts.append(" ".join([first, "the", *others]))
        labels.append(first)
    corpus = Corpus(texts[:300], labels[:300], name="beginnings")
    rest = Corpus(texts[300:], labels[300:], name="rest")
    options = {"ngrams": 2, "min_documents": 1}
    assert accuracy(fit(corpus, settings(**options)), rest) == 1.0
    everywhere = Corpus([f"so {text}" for text in corpus.texts], corpus.labels, name="so")
    elsewhere = Corpus([f"so {text}" for text in rest.texts], rest.labels, name="so")
    unmarked = fit(everywhere, settings(ngrams=1))
    assert accuracy(unmarked, elsewhere) < 0.5


def test_what_every_text_holds_tells_nothing():
    corpus = negations(300)
    model = fit(Corpus([f"{text} always" for text in corpus.texts], corpus.labels, name="always"), settings())
    weights = model.network.weights[:, 0]
    start, always = 0, 1 + model.vocabulary.words.index("always")
    assert weights[[start, always]].tolist() == [0, 0]
    shares = np.bincount([label == "pos" for label in corpus.labels]) / 300
    np.testing.assert_allclose(model.predict_proba([""])[0], shares, atol=0.1)


def test_epochs_given_are_made():
    history = fit(negations(300), settings(epochs=3)).history
    assert (len(history), history.best_epoch) == (3, 3)
    history = fit(negations(300), settings(validation_split=0.0)).history
    assert "val_loss" not in history.history


def test_given_texts_for_validation_are_not_learned_from():
    extra = FitInput(validation=negations(100, seed=2))
    model = fit(negations(300), settings(), extra)
    assert model.record["data"]["trained_on"] == 300
    assert model.record["data"]["validated_on"] == 100
    assert len(model.history.history["val_loss"]) == len(model.history)


def test_calibrated_on_held_out_texts():
    model = fit(negations(3000), settings())
    assert model.record["calibration"]["texts"] == 300
    raw = fit(negations(3000), settings(calibrate=False))
    scale = model.record["calibration"]["scale"]
    np.testing.assert_allclose(model.network.weights, raw.network.weights * np.float32(scale), rtol=1e-6)


def test_texts_held_out_have_the_rows_that_a_model_of_the_others_knows():
    rng = np.random.default_rng(2)
    lists = [rng.integers(1, 40, rng.integers(1, 9)).tolist() for _ in range(60)]
    held_out, learned = np.arange(0, 60, 5), np.setdiff1d(np.arange(60), np.arange(0, 60, 5))
    selection = NgramSelection(2, 2, 10_000)

    def counted(documents):
        ids = Ragged.from_lists([lists[i] for i in documents])
        words = np.bincount(np.concatenate([np.unique(own) for own in ids]), minlength=40)[1:]
        return words, *count_ngrams(ids, words, 1, selection)

    words, counts, rows = counted(range(60))
    names = [*range(39), *map(tuple, counts.pairs)]
    shape = NgramShape("ngram", 39, len(counts.pairs), longest=2, n_classes=2, first_word=1, mean_rows=8.0)
    part = NgramPart(counts, rows, shape, [], selection, words)
    of_others = counted(learned)
    known = {*np.flatnonzero(of_others[0]), *map(tuple, of_others[1].pairs)}
    whole = [{names[row] for row in own} for own in rows.take(held_out)]
    found = [{names[row] for row in own} for own in part.held_out(held_out)]
    assert found == [own & known for own in whole]
    assert found != whole


def test_a_weight_of_two_is_like_a_text_that_stands_twice():
    """In the ratios exactly; the order of the steps differs."""
    corpus = topics(300, 2)
    twice = Corpus([*corpus.texts, *corpus.texts], [*corpus.labels, *corpus.labels], name="twice")
    options = {"validation_split": 0.0, "epochs": 4, "dropout": 0.0}
    weighted = fit(corpus, settings(**options), FitInput(sample_weight=np.full(300, 2.0)))
    doubled = fit(twice, settings(**options))
    a, b = (model.predict_proba(["topic0", "topic1"]) for model in (weighted, doubled))
    np.testing.assert_allclose(a, b, atol=0.05)


def test_weights_of_classes_shift_the_answers():
    rng = np.random.default_rng(0)
    corpus = Corpus([f"word{i}" for i in rng.integers(0, 5, 400)], ["a"] * 40 + ["b"] * 360, name="noise")
    words = [f"word{i}" for i in range(5)]
    plain = fit(corpus, settings()).predict_proba(words)[:, 0].mean()
    balanced = fit(corpus, settings(class_weight="balanced")).predict_proba(words)[:, 0].mean()
    assert plain == pytest.approx(0.1, abs=0.05)
    assert balanced == pytest.approx(0.5, abs=0.12)


def test_ctrl_c_keeps_the_best_so_far():
    class Impatient(Callback):
        def on_epoch_end(self, epoch, logs):
            if epoch == 1:
                raise KeyboardInterrupt

    model = fit(negations(300), settings(), FitInput(callbacks=[Impatient()], keep_interrupted=True))
    assert model.history.stopped == "interrupted"
    assert model.history.best_epoch == 2
    assert model.network.weights.any()


def test_corner_texts():
    texts = ["", "good", "good good good", "\u00e9t\u00e9 caf\u00e9 \u4f60\u597d", "!!!", "bad " * 3000] * 5
    labels = ["a", "a", "a", "b", "b", "b"] * 5
    model = fit(Corpus(texts, labels, name="corners"), settings())
    probabilities = model.predict_proba([*texts[:6], "never seen"])
    assert np.isfinite(probabilities).all()
    assert model.predict(["good", "bad", texts[3]]) == ["a", "b", "b"]


def test_too_many_ngrams_are_said():
    with pytest.warns(WordloomWarning, match="room for 30 n-grams.*of 2 words"):
        model = fit(negations(200), settings(max_ngrams=30, epochs=1))
    assert len(model.network.pairs) == 30
    assert sum(model.record["ngrams"]["dropped"]) > 0


def test_very_many_classes_stay_within_memory(monkeypatch):
    from wordloom.fit import ngram

    monkeypatch.setattr(ngram, "_MOST_WEIGHTS", 40_000)
    with pytest.warns(WordloomWarning, match="room for"):
        model = fit(topics(2000, n_classes=200), settings(epochs=2))
    assert model.network.weights.size <= 40_000


@needs_data
def test_imdb(tmp_path):
    from wordloom.readers import read_corpus

    data = read_corpus("imdb")
    model = fit(data.train, settings())
    assert accuracy(model, data.test) > 0.921
    model.save(tmp_path / "m")
    assert sum(file.stat().st_size for file in (tmp_path / "m").iterdir()) < 40e6

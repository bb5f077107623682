"""An n-gram model within a number of bytes: it fits, loads as it was, and says what was left out."""

from __future__ import annotations

import numpy as np
import pytest

from products import product
from wordloom import storage
from wordloom.corpus import Corpus
from wordloom.errors import UsageError, WordloomWarning
from wordloom.evaluation.calibration import best_scale
from wordloom.fit import FitInput, fit
from wordloom.settings import Settings
from wordloom.text_model import TextModel


def corpus(n=600, classes=2, seed=0):
    """Texts of an informative word, an informative pair and much that is neither."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    texts = []
    for label in labels:
        fillers = [f"filler{i}" for i in rng.integers(0, 300, 12)]
        said = label if rng.random() < 0.9 else rng.integers(0, classes)
        texts.append(" ".join([*fillers[:6], f"topic{said}", "of", f"part{said}", *fillers[6:]]))
    return Corpus(texts, [f"t{label}" for label in labels], name="topics")


def settings(**changes):
    """Of words alone: small models with characters stand in test_fit_characters."""
    return Settings(**({"architecture": "ngram", "random_state": 3, "epochs": 4, "characters": 0} | changes))


def bytes_of(folder):
    return sum(file.stat().st_size for file in folder.iterdir())


def accuracy(model, texts):
    return np.mean([a == b for a, b in zip(model.predict(texts.texts), texts.labels, strict=True)])


@product(
    lambda limit, classes: (limit == "30000") == (classes == "4"),
    limit=[12_000, 30_000, 60_000],
    classes=[2, 4],
)
def test_it_fits_and_loads_as_it_was(tmp_path, limit, classes):
    texts = corpus(classes=classes)
    model = fit(texts, settings(max_size=limit))
    model.save(tmp_path / "m")
    assert bytes_of(tmp_path / "m") <= limit
    back = TextModel.load(tmp_path / "m")
    assert back.predict_proba(texts.texts).tobytes() == model.predict_proba(texts.texts).tobytes()
    assert back.network.weights.tobytes() == model.network.weights.tobytes()
    assert back.record == model.record
    assert storage.load(tmp_path / "m").format == 2
    back.save(tmp_path / "again")
    for file in (tmp_path / "m").iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()


def test_little_is_lost_and_the_record_says_what():
    whole, small = (fit(corpus(), settings(max_size=limit)) for limit in (None, 14_000))
    other = corpus(seed=1)
    assert accuracy(small, other) > accuracy(whole, other) - 0.03
    size = small.record["size"]
    assert size["limit"] == 14_000
    assert size["left_out"] == [
        "weights beyond 8 bits",
        "counts of words",
        "least influential words and n-grams",
    ]
    assert size["words"] == [len(small.vocabulary.words), len(whole.vocabulary.words)]
    assert size["ngrams"] == [len(small.network.pairs), len(whole.network.pairs)]
    assert {"topic0", "topic1", "part0", "part1"} <= set(small.vocabulary.words)
    assert not small.vocabulary.counts.any()
    assert small.record["settings"]["max_size"] == 14_000


def test_a_model_that_fits_stays_as_it_is(tmp_path):
    whole, limited = (fit(corpus(), settings(max_size=limit)) for limit in (None, 10**7))
    assert limited.network.weights.tobytes() == whole.network.weights.tobytes()
    assert limited.vocabulary.counts.tolist() == whole.vocabulary.counts.tolist()
    assert limited.record["size"] == {"limit": 10**7, "left_out": []}
    limited.save(tmp_path / "m")
    assert storage.load(tmp_path / "m").format == 1


def test_a_larger_limit_keeps_more():
    kept = [
        len(fit(corpus(), settings(max_size=limit)).network.weights) for limit in (12_000, 16_000, 40_000)
    ]
    assert kept[0] < kept[1] < kept[2]


def test_the_least_size_is_said():
    with pytest.raises(UsageError, match=r"max_size is 5,000 bytes, .* at least \d+,\d+: .*--max-size"):
        fit(corpus(), settings(max_size=5_000))
    with pytest.raises(UsageError, match="max_size must be a whole number from 1"):
        fit(corpus(), settings(max_size=0))


@pytest.mark.parametrize("architecture", ["mean", "flatten", "documents", "lstm"])
def test_other_architectures_say_what_makes_them_small(architecture):
    with pytest.raises(
        UsageError,
        match=r"max_size=.* has no effect with the architecture .*; it is for ngram.*num_words.*dimensions",
    ):
        fit(corpus(50), settings(architecture=architecture, max_size=10**6))


def test_auto_takes_the_architecture_that_can():
    model = fit(corpus(100), settings(architecture="auto", max_size=10**6, characters="auto"))
    assert model.record["choice"] == {"architecture": "ngram", "why": "max_size goes with it"}


def test_unknown_words_need_an_id():
    with pytest.raises(UsageError, match=r"max_size makes words unknown.*plain-start"):
        fit(corpus(50), settings(ids="plain", max_size=10**6))


@pytest.mark.parametrize("ids", ["plain-unknown", "plain-start", "imdb"])
def test_skipped_words_stay_skipped(ids):
    texts = corpus()
    whole, small = (fit(texts, settings(ids=ids, skip_top=6, max_size=limit)) for limit in (None, 14_000))
    skipped = whole.vocabulary.words[: 2 if ids == "imdb" else 6]
    assert list(small.vocabulary.words[: len(skipped)]) == skipped
    first = small.network.prepared(small.encode([" ".join(skipped)]))
    assert len(first.words.ids) == 0


def test_calibrated_on_texts_that_neither_weights_nor_rows_have_seen():
    texts = corpus(2500)
    model = fit(texts, settings(max_size=18_000))
    raw = fit(texts, settings(max_size=18_001, calibrate=False))  # in config.json false is longer than true
    scale = model.record["calibration"]["scale"]
    np.testing.assert_allclose(model.network.weights, raw.network.weights * np.float32(scale), rtol=1e-5)
    found = model.record["size"]["validation"]
    assert 0.8 < found["val_accuracy"] < 1
    other = corpus(2500, seed=1)
    targets = np.array([label == "t1" for label in other.labels], dtype=np.int64)
    best = best_scale(raw.network.logits(raw.network.prepared(raw.encode(other.texts))), targets)
    assert scale == pytest.approx(best, rel=0.35)


def test_given_texts_for_validation_judge_what_is_left():
    model = fit(corpus(), settings(max_size=16_000), FitInput(validation=corpus(300, seed=2)))
    assert model.record["size"]["validation"]["val_accuracy"] == accuracy(model, corpus(300, seed=2))
    assert model.record["calibration"]["texts"] == 300


def test_without_validation():
    model = fit(corpus(), settings(max_size=16_000, validation_split=0.0))
    assert "validation" not in model.record["size"]
    assert "calibration" not in model.record


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_same_bytes_at_any_number_of_threads(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    models = [fit(corpus(), settings(max_size=15_000, threads=threads)) for threads in (1, 2, 4)]
    arrays = [{n: a.tobytes() for n, a in model.network.arrays().items()} for model in models]
    assert arrays[0] == arrays[1] == arrays[2]
    assert models[0].vocabulary.words == models[2].vocabulary.words


def test_a_folder_that_outgrows_its_limit_is_warned_about(tmp_path):
    model = fit(corpus(), settings(max_size=15_000)).with_record(notes="long " * 5_000)
    with pytest.warns(WordloomWarning, match="more than max_size, 15,000"):
        model.save(tmp_path / "m")

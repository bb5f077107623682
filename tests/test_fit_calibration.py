"""Calibration in a fit: when it happens, what it changes, and what it leaves as it is."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.evaluation.calibration import LOWEST_FACTOR, best_scale
from wordloom.fit import FitInput, fit
from wordloom.fit.calibration import FEWEST
from wordloom.settings import Settings
from wordloom.text_model import TextModel
from wordloom.training.validation import validation_rows

SETTINGS = Settings(
    architecture="mean", dimensions=3, epochs=12, learning_rate=0.1, random_state=1, threads=1
)


def noisy(n: int, seed: int = 0, classes: int = 2) -> Corpus:
    """A word tells the label in 8 of 10 texts; the network is surer than that of the others."""
    rng = random.Random(seed)
    truth = [i % classes for i in range(n)]
    told = [label if rng.random() < 0.8 else rng.randrange(classes) for label in truth]
    texts = [f"sign{label} {rng.randrange(300)} {rng.randrange(300)}" for label in told]
    return Corpus(texts, [f"c{label}" for label in truth], name="noisy")


def changed(**values: object) -> Settings:
    return dataclasses.replace(SETTINGS, **values)


def loss_on(model: TextModel, corpus: Corpus) -> float:
    columns = [model.labels.index(label) for label in corpus.labels]
    return float(-np.log(model.predict_proba(corpus.texts)[np.arange(len(columns)), columns]).mean())


@pytest.fixture(autouse=True)
def plain_kernels(monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 3])
def test_labels_stay_and_the_log_loss_on_the_texts_held_out_falls(classes):
    corpus, other = noisy(2200, classes=classes), noisy(1000, 1, classes)
    settings = changed(patience=None, validation_split=0.2)
    plain = fit(corpus, changed(calibrate=False, patience=None, validation_split=0.2))
    scaled = fit(corpus, settings)
    assert "calibration" not in plain.record
    assert scaled.record["calibration"]["texts"] in (440, 441)
    scale = scaled.record["calibration"]["scale"]
    assert LOWEST_FACTOR < scale != 1
    assert scaled.predict(other.texts) == plain.predict(other.texts)
    held_out = corpus.subset(validation_rows(corpus.labels, 0.2, "stratified", 1)[1])
    assert loss_on(scaled, held_out) <= loss_on(plain, held_out) + 1e-4
    np.testing.assert_allclose(
        scaled.network.logits(scaled.network.prepared(scaled.encode(other.texts))),
        scale * plain.network.logits(plain.network.prepared(plain.encode(other.texts))),
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize(
    "settings",
    [Settings(characters=0, validation_split=0.2, random_state=1), changed(epochs=4, validation_split=0.2)],
    ids=["ngram", "mean"],
)
def test_words_that_stand_in_one_text_only_make_nothing_surer(settings):
    rng, corpora = np.random.default_rng(1), []
    for part in ("training", "new"):
        classes = rng.integers(0, 2, 1200)
        said = np.where(rng.random(1200) < 0.8, classes, 1 - classes)
        own = [" ".join(f"{part}{i}x{j}" for j in range(9)) for i in range(1200)]
        texts = [f"{own[i]} {('dull', 'great')[said[i]]} film" for i in range(1200)]
        corpora.append(Corpus(texts, [("neg", "pos")[each] for each in classes], name=part))
    model, new = fit(corpora[0], settings), corpora[1]
    right = [one == label for one, label in zip(model.predict(new.texts), new.labels, strict=True)]
    assert model.predict_proba(new.texts).max(axis=1).mean() == pytest.approx(np.mean(right), abs=0.05)


def test_given_validation_texts_are_used():
    model = fit(noisy(400), SETTINGS, FitInput(validation=noisy(FEWEST, 2)))
    assert model.record["calibration"]["texts"] == FEWEST


@pytest.mark.parametrize("values", [{"validation_split": 0.0}, {"calibrate": False}])
def test_without_texts_held_out_or_if_it_is_off_nothing_is_scaled(values):
    assert "calibration" not in fit(noisy(2200), changed(epochs=1, **values)).record


def test_a_scale_found_on_few_texts_counts_for_less():
    """On the same texts, half as many as are enough: the square root of what is best for them."""
    settings, few = changed(patience=None), noisy(FEWEST // 2, 2)
    plain = fit(noisy(400), dataclasses.replace(settings, calibrate=False), FitInput(validation=few))
    model = fit(noisy(400), settings, FitInput(validation=few))
    logits = plain.network.logits(plain.network.prepared(plain.encode(few.texts)))
    best = best_scale(logits, np.array([plain.labels.index(label) for label in few.labels]))
    assert best != 1
    assert model.record["calibration"] == {"scale": pytest.approx(best**0.5), "texts": FEWEST // 2}
    assert loss_on(model, few) < loss_on(plain, few)


def test_the_scale_is_saved_with_the_weights(tmp_path):
    model = fit(noisy(2200), SETTINGS)
    model.save(tmp_path / "m")
    again = TextModel.load(tmp_path / "m")
    texts = ["sign0 1", "sign1 2", "", "unknown"]
    assert (again.predict_proba(texts) == model.predict_proba(texts)).all()
    assert again.record["calibration"] == model.record["calibration"]

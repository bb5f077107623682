"""A tiny data set is learned to the last text; what the loss and accuracy of an epoch mean."""

from __future__ import annotations

import numpy as np
import pytest

from products import product
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.settings import Settings

NETWORKS = {
    "mean": {"architecture": "mean"},
    "mean, hidden": {"architecture": "mean", "hidden": 8},
    "mean over padding": {"architecture": "mean", "mask_padding": False, "maxlen": 5},
    "max": {"architecture": "max"},
    "max, hidden": {"architecture": "max", "hidden": 8},
    "mean + max + min": {"architecture": "pooled"},
    "mean + min, hidden": {"architecture": "pooled", "pooling": "mean+min", "hidden": 8},
    "flatten": {"architecture": "flatten"},
    "flatten, hidden": {"architecture": "flatten", "hidden": 8, "maxlen": 4},
    "flatten, post": {"architecture": "flatten", "padding": "post", "truncating": "post", "maxlen": 4},
}
every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)

TEXTS = [
    "a good film",
    "good good good",
    "caf\u00e9 good",
    "film with a bad end",
    "bad",
    "so bad it hurts",
    "dull",
    "a dull dull story",
    "\u00e9t\u00e9 dull \U0001f600",
]
THREE = ["pos", "pos", "pos", "neg", "neg", "neg", "meh", "meh", "meh"]
TWO = [1, 1, 1, 0, 0, 0, 0, 0, 0]


def settings(**changes):
    base = {"dimensions": 8, "epochs": 120, "learning_rate": 0.03, "batch_size": 3, "random_state": 0}
    return Settings(**(base | changes))


@pytest.mark.slow
@product(
    lambda kernels, optimizer, labels, network: (
        (kernels == "plain") == (optimizer == "adam") == (labels == "two classes")
    ),
    kernels=["plain", "compiled"],
    optimizer=["adam", "rmsprop"],
    labels={"two classes": TWO, "three classes": THREE},
    network=NETWORKS,
)
def test_a_tiny_set_is_learned_to_the_last_text(monkeypatch, network, labels, optimizer, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    model = fit(Corpus(TEXTS, labels), settings(optimizer=optimizer, **network))
    assert model.predict(TEXTS) == labels
    assert model.history.history["accuracy"][-1] == 1
    assert model.history.history["loss"][-1] < 0.2
    assert len(model.history) == 120


@pytest.mark.slow
@every_network
def test_a_tiny_set_is_learned_with_dropout_too(network):
    model = fit(Corpus(TEXTS, THREE), settings(dropout=0.2, word_dropout=0.1, **network))
    assert model.predict(TEXTS) == THREE


def test_sgd_with_keras_rate_learns_too():
    model = fit(Corpus(TEXTS, TWO), settings(optimizer="sgd", learning_rate=0.5, epochs=300))
    assert model.predict(TEXTS) == TWO


@every_network
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_a_batch_larger_than_the_data_is_all_of_it(monkeypatch, network, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    corpus = Corpus(TEXTS, TWO)
    huge, whole = (
        fit(corpus, settings(batch_size=size, epochs=4, **network)) for size in (10**7, len(TEXTS))
    )
    for name, array in huge.network.arrays().items():
        np.testing.assert_array_equal(array, whole.network.arrays()[name])


def test_flatten_tells_the_order_of_words_and_mean_does_not():
    texts = ["good not bad", "bad not good"] * 4
    labels = [1, 0] * 4
    flat = fit(Corpus(texts, labels), settings(architecture="flatten"))
    assert flat.predict(texts) == labels
    mean = fit(Corpus(texts, labels), settings())
    assert np.ptp(mean.predict_proba(texts)[:, 1]) < 1e-6


def test_the_learning_rate_of_the_optimizer_is_keras_unless_another_is_given():
    corpus = Corpus(TEXTS, TWO)
    for optimizer, rate in (("adam", 0.001), ("rmsprop", 0.001), ("sgd", 0.01)):
        default = fit(corpus, settings(optimizer=optimizer, learning_rate="auto", epochs=3))
        explicit = fit(corpus, settings(optimizer=optimizer, learning_rate=rate, epochs=3))
        np.testing.assert_array_equal(
            default.network.parameters.embedding, explicit.network.parameters.embedding
        )


def test_the_loss_of_an_epoch_is_the_mean_before_each_step():
    corpus = Corpus(TEXTS, TWO)
    model = fit(corpus, settings(epochs=1, batch_size=100))  # one step: the loss is that of the first weights
    untrained = fit(corpus, settings(epochs=1, learning_rate=0.0))
    probabilities = untrained.predict_proba(TEXTS)
    expected = -np.log(probabilities[np.arange(len(TEXTS)), TWO]).mean()
    assert model.history.history["loss"] == [pytest.approx(expected, abs=1e-6)]
    right = (probabilities.argmax(axis=1) == TWO).mean()
    assert model.history.history["accuracy"] == [pytest.approx(right)]


def test_only_words_of_the_texts_move_and_padding_only_where_it_is_used():
    corpus = Corpus([*TEXTS, "rare"], [*TWO, 0])
    weights = np.ones(10)
    weights[-1] = 0
    moved = {}
    for name, network in (("masked", {}), ("padded", {"mask_padding": False, "maxlen": 9})):
        trained, untrained = (
            fit(corpus, settings(epochs=2, learning_rate=rate, **network)).network.parameters.embedding
            for rate in (0.01, 0.0)
        )
        moved[name] = (trained != untrained).any(axis=1)
    assert not moved["masked"][0]
    assert moved["padded"][0]
    assert moved["masked"][1:].all()

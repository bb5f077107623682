"""The same seed and data give the same bytes of weights, for any number of threads; another seed others."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.kernels import pooled_compiled
from wordloom.settings import Settings

NETWORKS = {
    "mean": {"architecture": "mean"},
    "mean, hidden": {"architecture": "mean", "hidden": 5},
    "mean over padding": {"architecture": "mean", "mask_padding": False, "maxlen": 6},
    "max": {"architecture": "max"},
    "max, hidden, rmsprop": {"architecture": "max", "hidden": 4, "optimizer": "rmsprop"},
    "mean + max + min": {"architecture": "pooled"},
    "flatten": {"architecture": "flatten", "maxlen": 6},
    "flatten, hidden, sgd": {"architecture": "flatten", "maxlen": 7, "hidden": 3, "optimizer": "sgd"},
}
every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
every_kernel = pytest.mark.parametrize("kernels", ["plain", "compiled"])


def corpus(classes=2, n=230):
    """Texts of 0 to 11 words; enough of them that some are held out."""
    rng = np.random.default_rng(7)
    words = [f"w{i}" for i in range(40)]
    texts = [" ".join(rng.choice(words, rng.integers(0, 12))) for _ in range(n)]
    labels = [(len(text) + text.count("w1")) % classes for text in texts]
    return Corpus(texts, labels, name="small")


def fitted(corpus, network, **changes):
    settings = {
        "dimensions": 7,
        "epochs": 4,
        "learning_rate": 0.02,
        "batch_size": 16,
        "dropout": 0.3,
        "word_dropout": 0.2,
        "validation_split": 0.15,
        "random_state": 5,
    }
    return fit(corpus, Settings(**(settings | network | changes)))


def bytes_of(model):
    return {name: array.tobytes() for name, array in model.network.arrays().items()}


def saved_hash(model, folder):
    model.save(folder)
    return hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()


@pytest.mark.slow
@every_kernel
@every_network
@pytest.mark.parametrize("classes", [2, 3])
def test_threads_do_not_change_a_bit(monkeypatch, tmp_path, kernels, network, classes):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    one, two, four = (fitted(corpus(classes), network, threads=threads) for threads in (1, 2, 4))
    assert one.record["data"]["validated_on"] >= 20
    for other in (two, four):
        assert bytes_of(other) == bytes_of(one)
        assert other.history.history == one.history.history  # the validation loss picks the epoch kept
        assert other.vocabulary.words == one.vocabulary.words
    hashes = {saved_hash(model, tmp_path / str(i)) for i, model in enumerate((one, two, four))}
    assert len(hashes) == 1


@every_network
def test_threads_that_come_and_go_do_not_change_a_bit(monkeypatch, network):
    """The trainer measures whether a second thread pays, so their number may change meanwhile."""
    monkeypatch.setenv("WORDLOOM_KERNELS", "compiled")
    small = corpus(3)
    one = fitted(small, network, threads=1)
    turns = itertools.cycle([1, 2, 2, 1, 1])
    monkeypatch.setattr(pooled_compiled.ThreadTuner, "threads", lambda tuner: next(turns))
    other = fitted(small, network, threads=2)
    assert bytes_of(other) == bytes_of(one)
    assert other.history.history == one.history.history


@pytest.mark.slow
@every_kernel
@every_network
def test_another_seed_gives_other_weights(monkeypatch, kernels, network):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    small = corpus()
    one, again, other = (fitted(small, network, random_state=seed) for seed in (5, 5, 6))
    assert bytes_of(one) == bytes_of(again)
    assert (one.network.parameters.embedding != other.network.parameters.embedding).mean() > 0.9


@pytest.mark.slow
@every_network
def test_both_kernels_learn_the_same_up_to_rounding(monkeypatch, network):
    results = []
    for kernels in ("plain", "compiled"):
        monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
        results.append(fitted(corpus(), network, validation_split=0))
    np.testing.assert_allclose(
        results[0].history.history["loss"], results[1].history.history["loss"], rtol=1e-3
    )
    for name, array in results[0].network.arrays().items():
        np.testing.assert_allclose(array, results[1].network.arrays()[name], atol=2e-3)


@every_kernel
def test_threads_do_not_change_predictions(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    small = corpus(3)
    model = fitted(small, NETWORKS["mean, hidden"])
    one, two, four = (model.predict_proba(small.texts, threads) for threads in (1, 2, 4))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, four)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"word_dropout": 0.0},
        {"dropout": 0.0},
        {"batch_size": 15},
        {"learning_rate": 0.03},
        {"validation_split": 0.3},
        {"optimizer": "rmsprop"},
    ],
)
def test_each_of_these_settings_changes_the_weights(changes):
    small, network = corpus(), NETWORKS["mean, hidden"]
    one, other = fitted(small, network), fitted(small, network, **changes)
    assert (one.network.parameters.embedding != other.network.parameters.embedding).any()


SCRIPT = """
import hashlib, numpy as np
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.settings import Settings
texts = [f"w{i % 7} w{i % 11} x{i % 3}" for i in range(220)]
model = fit(Corpus(texts, [f"label {i % 3}" for i in range(220)]),
            Settings(dimensions=5, hidden=3, dropout=0.2, epochs=3, random_state=1))
digest = hashlib.sha256()
for array in model.network.arrays().values():
    digest.update(array.tobytes())
print(digest.hexdigest(), model.vocabulary.words, model.labels)
"""


@pytest.mark.slow
def test_another_process_with_other_hashes_gives_the_same_bits():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1

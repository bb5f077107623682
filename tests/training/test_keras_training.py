"""Networks that are trained through Keras obey the loop as pooled ones do."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from wordloom import WordVectors
from wordloom.corpus import Corpus
from wordloom.errors import UsageError, WordloomWarning
from wordloom.fit import FitInput, fit
from wordloom.kernels import threads
from wordloom.loop.callback import Callback
from wordloom.models.keras.batches import batches_by_length, padded_lengths
from wordloom.settings import Settings, without_unused
from wordloom.text_model import TextModel
from wordloom.training.validation import validation_rows

pytestmark = pytest.mark.usefixtures("keras")

NETWORKS = {
    "lstm": {"architecture": "lstm"},
    "two lstms over padding": {"architecture": "lstm", "layers": 2, "mask_padding": False, "maxlen": 4},
    "gru, hidden": {"architecture": "gru", "hidden": 4},
    "bilstm, post": {"architecture": "bilstm", "layers": 2, "padding": "post", "truncating": "post"},
    "cnn": {"architecture": "cnn"},
    "two convolutions": {"architecture": "cnn", "layers": 2, "padding": "post"},
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
    "",
]
THREE = ["pos", "pos", "pos", "neg", "neg", "neg", "meh", "meh", "meh", "meh"]
TWO = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]


def settings(**changes):
    base = {
        "architecture": "lstm",
        "dimensions": 8,
        "units": 6,
        "kernel_size": 2,
        "epochs": 60,
        "batch_size": 3,
    }
    chosen = Settings(**(base | {"learning_rate": 0.03, "random_state": 0} | changes))
    return without_unused(chosen, keep=changes)


def noise(n=140):
    """Texts of 0 to 11 words whose labels have nothing to do with them."""
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice([f"w{i}" for i in range(40)], rng.integers(0, 12))) for _ in range(n)]
    return Corpus(texts, rng.integers(0, 2, n).tolist())


def bytes_of(model):
    return {name: array.tobytes() for name, array in model.network.arrays().items()}


@pytest.mark.parametrize(
    ("network", "labels"),
    [
        pytest.param(NETWORKS[name], labels, id=f"{name}-{len(set(labels))} classes", marks=marks)
        for names, labels, marks in (
            (("two lstms over padding", "cnn"), TWO, ()),
            (("gru, hidden",), THREE, ()),
            (("lstm", "bilstm, post", "gru, hidden", "two convolutions"), TWO, pytest.mark.exhaustive),
            (("two convolutions",), THREE, pytest.mark.exhaustive),
        )
        for name in names
    ],
)
def test_a_tiny_set_is_learned_to_the_last_text(network, labels):
    model = fit(Corpus(TEXTS, labels), settings(**network))
    assert model.predict(TEXTS) == labels
    assert model.history.history["accuracy"][-1] == 1
    assert model.history.history["loss"][-1] < 0.2
    assert model.record["backend"] in ("jax", "tensorflow", "torch")


def test_recurrent_networks_tell_the_order_of_words():
    texts, labels = ["good not bad", "bad not good"] * 4, [1, 0] * 4
    assert fit(Corpus(texts, labels), settings()).predict(texts) == labels


@pytest.mark.parametrize(
    "network",
    [pytest.param(NETWORKS["gru, hidden"], marks=pytest.mark.exhaustive), NETWORKS["cnn"]],
    ids=["gru, hidden", "cnn"],
)
def test_the_seed_decides_every_bit(network):
    corpus = noise()
    changes = {"dropout": 0.3, "word_dropout": 0.2, "epochs": 2, "batch_size": 16, "validation_split": 0.2}
    one, again, other = (fit(corpus, settings(random_state=seed, **changes, **network)) for seed in (5, 5, 6))
    assert one.record["data"]["validated_on"] >= 20
    assert bytes_of(one) == bytes_of(again)
    assert one.history.history == again.history.history
    assert bytes_of(one)["embedding"] != bytes_of(other)["embedding"]


def test_the_loss_of_an_epoch_is_the_mean_before_each_step():
    corpus, weights = Corpus(TEXTS, THREE), np.linspace(0.1, 2, len(TEXTS))
    one_step = settings(architecture="cnn", epochs=1, batch_size=100)
    model = fit(corpus, one_step, FitInput(sample_weight=weights))
    untrained = fit(corpus, settings(architecture="cnn", epochs=1, learning_rate=0.0))
    probabilities = untrained.predict_proba(TEXTS)
    targets = [untrained.labels.index(label) for label in THREE]
    expected = -(weights * np.log(probabilities[np.arange(len(TEXTS)), targets])).mean()
    assert model.history.history["loss"] == [pytest.approx(expected, abs=1e-5)]
    right = (probabilities.argmax(axis=1) == targets).mean()
    assert model.history.history["accuracy"] == [pytest.approx(right)]


def test_texts_without_weight_are_not_learned():
    weights = [0.0 if label == "meh" else 1.0 for label in THREE]
    with pytest.warns(WordloomWarning, match="'meh' has the sample_weight 0"):
        model = fit(Corpus(TEXTS, THREE), settings(architecture="cnn"), FitInput(sample_weight=weights))
    assert "meh" not in model.predict(TEXTS)
    weighted = settings(architecture="cnn", class_weight={1: 100.0, 0: 1e-3}, epochs=3)
    balanced = fit(Corpus(TEXTS, TWO), weighted)
    assert balanced.predict(TEXTS) == [1] * len(TEXTS)


def test_early_stopping_keeps_the_weights_of_the_best_epoch():
    corpus = noise()
    changes = {"architecture": "cnn", "patience": 2, "batch_size": 16, "calibrate": False}
    chosen = settings(epochs="auto", validation_split=0.2, **changes)
    model = fit(corpus, chosen)
    losses = model.history.history["val_loss"]
    assert model.history.stopped == "early"
    assert model.history.best_epoch == 1 + int(np.argmin(losses)) == len(losses) - 2
    _, held_out = validation_rows(corpus.labels, 0.2, "stratified", 0)
    probabilities = model.predict_proba([corpus.texts[i] for i in held_out])
    chosen = probabilities[np.arange(len(held_out)), [corpus.labels[i] for i in held_out]]
    assert -np.log(chosen).mean() == pytest.approx(min(losses), abs=1e-5)


class Interrupting(Callback):
    def __init__(self, epoch, batch):
        self.at, self.told = (epoch, batch), []

    def on_epoch_begin(self, epoch, logs):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs):
        self.told.append((self.epoch, batch))
        if (self.epoch, batch) == self.at:
            raise KeyboardInterrupt


def test_ctrl_c_keeps_what_was_learned_until_then(tmp_path):
    corpus, callback = noise(), Interrupting(1, 4)
    changes = {"architecture": "cnn", "validation_split": 0, "batch_size": 14}
    chosen = settings(epochs=50, **changes)
    model = fit(corpus, chosen, FitInput(callbacks=[callback], keep_interrupted=True))
    assert callback.told[-1] == (1, 4)
    assert model.history.stopped == "interrupted"
    assert model.history.best_epoch == 1
    whole = fit(corpus, settings(epochs=1, **changes))
    assert bytes_of(model) == bytes_of(whole)
    first = fit(corpus, chosen, FitInput(callbacks=[Interrupting(0, 4)], keep_interrupted=True))
    assert len(first.history) == 0
    assert bytes_of(first) != bytes_of(whole)
    first.save(tmp_path / "model")
    assert bytes_of(TextModel.load(tmp_path / "model")) == bytes_of(first)


def test_divergence_is_said_once_in_our_words():
    with pytest.raises(UsageError, match=r"Training diverged: .* Choose a lower learning_rate than 1000"):
        fit(noise(), settings(optimizer="sgd", learning_rate=1000.0, architecture="cnn", epochs=20))


def test_vectors_that_stand_still_and_vectors_that_are_set_free():
    table = WordVectors(["good", "bad", "dull"], np.eye(3, 5), name="table")
    corpus = Corpus(TEXTS, THREE)
    for trainable, free in (
        (False, False),
        ("after 2 epochs", False),
        ("after 1 epochs", True),
        (True, True),
    ):
        changes = {"vectors": table, "dimensions": "auto", "trainable": trainable, "architecture": "cnn"}
        model = fit(corpus, settings(epochs=2, **changes))
        assert (model.vectors()["good"] != table["good"]).any() == free
        assert model.record["vectors"]["words_known"] == 3
    assert model.network.shape.dimensions == 5


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"pull_back": 1.0},
            "pull_back=1.0 has no effect with the architecture 'lstm'; it is for mean, max, pooled, flatten",
        ),
        ({"optimizer": "convex"}, "optimizer='convex' is not for the architecture 'lstm'"),
        (
            {"word_weights": "sif"},
            "word_weights='sif' has no effect with the architecture 'lstm'; it is for mean",
        ),
        (
            {"architecture": "cnn", "maxlen": 3, "kernel_size": 3, "layers": 2},
            r"maxlen=3 is too short: 2 convolution\(s\) of kernel_size=3 need 5 words",
        ),
    ],
)
def test_settings_without_meaning_are_refused(changes, says):
    with pytest.raises(UsageError, match=says):
        fit(Corpus(TEXTS, TWO), settings(**changes))


def test_a_short_text_and_a_window_that_is_longer():
    model = fit(Corpus(TEXTS, TWO), settings(architecture="cnn", kernel_size=9, epochs=2))
    assert model.network.shape.maxlen == 9
    assert np.isfinite(model.predict_proba(["", "good", "good " * 50])).all()


def test_padding_that_adds_no_window_is_left_out():
    """A cnn takes the largest of all windows: more padding than a window is long changes nothing."""
    model = fit(Corpus(TEXTS, THREE), settings(architecture="cnn", maxlen=40, epochs=3))
    network, ids = model.network, model.encode(TEXTS)
    prepared = network.prepared(ids)
    assert prepared.lengths.tolist() == [n + 2 for n in ids.lengths]
    whole = network._forward(ids.padded(40))
    np.testing.assert_allclose(network.logits(prepared), whole, atol=1e-6)


def test_one_thread_and_two_give_the_same_bits(monkeypatch):
    """On JAX a batch is always cut in two, here of odd size too."""
    changes = {"dropout": 0.3, "epochs": 2, "batch_size": 15, "validation_split": 0}
    two = fit(noise(), settings(**changes))
    monkeypatch.setattr(threads, "thread_count", lambda wanted: 1)
    monkeypatch.delitem(sys.modules, "wordloom.models.keras.steps.jax", raising=False)
    one = fit(noise(), settings(**changes))
    assert bytes_of(one) == bytes_of(two)
    monkeypatch.delitem(sys.modules, "wordloom.models.keras.steps.jax", raising=False)


def test_lengths_of_batches():
    lengths = np.array([5, 1, 3, 1, 9])
    groups = [rows.tolist() for rows in batches_by_length(lengths, 2)]
    assert groups == [[1, 3], [2, 0], [4]]
    many = np.random.default_rng(0).integers(0, 500, 10_000)
    few = padded_lengths(many, n_batches=10_000 // 32)
    assert len(few) == 12
    assert few[-1] == many.max()
    assert np.ptp(np.bincount(np.searchsorted(few, many))) < 100
    assert padded_lengths(many, n_batches=20).tolist() == [many.max()]
    assert padded_lengths(np.full(100, 7), n_batches=1000).tolist() == [7]
    assert padded_lengths(np.zeros(3, dtype=np.int64), n_batches=1).tolist() == [1]

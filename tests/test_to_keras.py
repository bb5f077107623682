"""To Keras and back: the same probabilities, files that plain Keras reads, and errors that name the layer."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

import wordloom
from wordloom.corpus import Corpus
from wordloom.errors import UsageError
from wordloom.fit import fit
from wordloom.models.keras.conversion import as_keras_network
from wordloom.settings import Settings, without_unused
from wordloom.text_model import TextModel

pytestmark = pytest.mark.usefixtures("weights_not_drawn")

TEXTS = [
    "a good film",
    "good good good",
    "caf\u00e9 good",
    "film with a bad end",
    "bad",
    "so bad it hurts",
    "a dull dull story",
    "zebra a",
]
TWO = [1, 1, 1, 0, 0, 0, 0, 0]
THREE = ["pos", "pos", "pos", "neg", "neg", "neg", "meh", "meh"]
NETWORKS = {
    "mean": {"architecture": "mean"},
    "mean over padding, hidden": {"architecture": "mean", "mask_padding": False, "maxlen": 6, "hidden": 3},
    "max": {"architecture": "max", "hidden": 3},
    "max over padding": {"architecture": "max", "mask_padding": False, "maxlen": 6},
    "flatten": {"architecture": "flatten", "padding": "post"},
    "lstm": {"architecture": "lstm"},
    "lstm over padding": {"architecture": "lstm", "mask_padding": False, "maxlen": 6},
    "two grus": {"architecture": "gru", "layers": 2, "hidden": 3, "dropout": 0.2},
    "bilstm": {"architecture": "bilstm", "layers": 2, "padding": "post"},
    "cnn": {"architecture": "cnn", "maxlen": 9, "hidden": 3},
}


SECOND_OF_A_KIND = {"two grus", "bilstm", "max over padding", "lstm over padding"}
"""Keras compiles each for seconds; what is in them is in the others too, but for every case."""


def cases(names, *labels):
    """A case of each of these networks; there is a second layer in the bilstm too."""
    return [
        pytest.param(
            NETWORKS[name],
            *labels,
            id="-".join([name, *(f"{len(set(each))} classes" for each in labels)]),
            marks=[pytest.mark.exhaustive] if name in SECOND_OF_A_KIND else [],
        )
        for name in names
    ]


every_network = pytest.mark.parametrize("network", cases(NETWORKS))


_trained = {}


def trained(network, labels=TWO, **changes):
    """A model that nothing changes, fitted once for all tests that want it: Keras compiles for seconds."""
    key = json.dumps([network, labels, changes], sort_keys=True)
    if key not in _trained:
        _trained[key] = fitted(network, labels, **changes)
    return _trained[key]


def fitted(network, labels, **changes):
    base = {
        "dimensions": 6,
        "units": 4,
        "kernel_size": 2,
        "epochs": 2,
        "learning_rate": 0.03,
        "random_state": 0,
    }
    return fit(Corpus(TEXTS, labels), without_unused(Settings(**(base | network | changes))))


def with_zeros(model):
    """The same network of Keras' layers with zeros for weights."""
    zeros = {name: np.zeros_like(array) for name, array in model.network.arrays().items()}
    return dataclasses.replace(model, network=model.network.with_parameters(zeros))


def padded(model, texts=TEXTS):
    shape = model.network.shape
    ids = model.encode(texts)
    return ids.padded(shape.maxlen or int(ids.lengths.max()), shape.padding, shape.truncating)


def answers(keras, model, ids):
    """(N, C): the probabilities of a Keras model."""
    found = keras.ops.convert_to_numpy(model(ids))
    return np.concatenate([1 - found, found], axis=1) if found.shape[1] == 1 else found


@pytest.mark.parametrize(
    ("network", "labels"),
    [
        *cases(NETWORKS, TWO),
        # of three classes the output alone differs
        *cases(("mean", "mean over padding, hidden", "flatten", "cnn"), THREE),
    ],
)
def test_both_apis_give_our_probabilities(keras, network, labels):
    model = trained(network, labels)
    expected = model.predict_proba(TEXTS)
    for api in ("sequential", "functional"):
        theirs = model.to_keras(api)
        assert isinstance(theirs, keras.Sequential) == (api == "sequential")
        np.testing.assert_allclose(answers(keras, theirs, padded(model)), expected, atol=1e-5)
        lines = []
        theirs.summary(print_fn=lines.append)
        assert "embedding" in "".join(lines)


SEVERAL = [["a"], ["a", "b"], ["a"], [], ["b"], ["b"], ["b"], []]
GRADES = [4.0, 5.0, 4.5, 1.0, 1.5, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("network", ["mean over padding, hidden", "max", "flatten"])
def test_several_labels_and_grades_have_a_sigmoid_each(keras, network, tmp_path):
    for labels, target in ((SEVERAL, "multilabel"), (GRADES, "graded")):
        base = {"dimensions": 6, "epochs": 2, "learning_rate": 0.03, "random_state": 0, "maxlen": 6}
        given = Settings(**(base | NETWORKS[network]))
        model = fit(Corpus(TEXTS, labels, target=target), given)
        theirs = model.to_keras()
        found = keras.ops.convert_to_numpy(theirs(padded(model)))
        if target == "graded":
            np.testing.assert_allclose(1 + 4 * found[:, 0], model.predict(TEXTS), atol=1e-5)
        else:
            np.testing.assert_allclose(found, model.predict_proba(TEXTS), atol=1e-5)
        theirs.save_weights(tmp_path / "model.weights.h5")
        again = model.with_keras_weights(tmp_path / "model.weights.h5")
        assert (again.target, again.predict(TEXTS)) == (target, model.predict(TEXTS))


@every_network
def test_there_and_back_through_files(keras, tmp_path, network):
    model = trained(network)
    expected = model.predict_proba(TEXTS)
    theirs = model.to_keras()
    theirs.save(tmp_path / "model.keras")
    theirs.save_weights(tmp_path / "model.weights.h5")
    back = wordloom.from_keras(
        tmp_path / "model.keras",
        model.vocabulary,
        maxlen=padded(model).shape[1],
        padding=model.network.shape.padding,
    )
    np.testing.assert_allclose(back.predict_proba(TEXTS), expected, atol=1e-5)
    assert back.network.kind == model.network.kind
    other = with_zeros(model) if model.network.kind == "keras" else trained(network, random_state=1)
    assert np.abs(other.predict_proba(TEXTS) - expected).max() > 1e-3
    other = other.with_keras_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(other.predict_proba(TEXTS), expected, atol=1e-5)
    assert other.network.shape == model.network.shape
    back.save(tmp_path / "folder")
    loaded = TextModel.load(tmp_path / "folder")
    np.testing.assert_array_equal(loaded.predict_proba(TEXTS), back.predict_proba(TEXTS))
    np.testing.assert_array_equal(loaded.vectors()["good"], model.vectors()["good"])


@pytest.mark.parametrize("network", ["lstm", pytest.param("bilstm", marks=pytest.mark.exhaustive), "cnn"])
def test_who_makes_the_model_anew_begins_with_weights_that_keras_draws(keras, network):
    config = json.dumps(trained(NETWORKS[network]).to_keras().get_config())
    named = re.findall(r'"(\w+)_initializer": {[^{}]*"class_name": "(\w+)"', config)
    drawn = {"embeddings": "RandomUniform", "kernel": "GlorotUniform", "recurrent": "Orthogonal"}
    assert {(name, made) for name, made in named if name != "bias"} <= set(drawn.items())
    assert len(named) > 3


PLAIN = """
import sys
import numpy as np
import keras
found = []
for name in ("mean over padding, hidden", "lstm"):
    ids = np.load(f"{name}.npy")
    for api in ("sequential", "functional"):
        model = keras.saving.load_model(f"{name}-{api}.keras")
        found.append(keras.ops.convert_to_numpy(model(ids)))
        model.set_weights([np.zeros_like(w) for w in model.get_weights()])
        model.load_weights(f"{name}-{api}.weights.h5")
        found.append(keras.ops.convert_to_numpy(model(ids)))
np.save("found.npy", np.stack(found))
assert not [name for name in sys.modules if name.startswith("wordloom")]
"""


def test_plain_keras_loads_the_files_where_wordloom_is_not(keras, tmp_path):
    expected = []
    for name in ("mean over padding, hidden", "lstm"):
        model = trained(NETWORKS[name])
        np.save(tmp_path / f"{name}.npy", padded(model))
        for api in ("sequential", "functional"):
            theirs = model.to_keras(api)
            theirs.save(tmp_path / f"{name}-{api}.keras")
            theirs.save_weights(tmp_path / f"{name}-{api}.weights.h5")
            expected += [model.predict_proba(TEXTS)[:, 1]] * 2
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["KERAS_BACKEND"] = keras.backend.backend()
    subprocess.run([sys.executable, "-c", PLAIN], check=True, env=environment, cwd=tmp_path)
    np.testing.assert_allclose(np.load(tmp_path / "found.npy")[:, :, 0], expected, atol=1e-5)


def test_a_model_from_keras_learns_on_in_keras(keras):
    theirs = trained(NETWORKS["mean"]).to_keras()
    theirs.compile("adam", "binary_crossentropy")
    ids = padded(trained(NETWORKS["mean"]))
    losses = theirs.fit(ids, np.array(TWO, dtype=np.float32), epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_logits_are_scaled_in_the_last_layer():
    model = trained(NETWORKS["lstm"])
    prepared = model.network.prepared(model.encode(TEXTS))
    twice = model.network.scaled(2.0)
    np.testing.assert_allclose(twice.logits(prepared), 2 * model.network.logits(prepared), rtol=1e-5)


def test_what_has_no_form_in_keras_is_said():
    model = trained(NETWORKS["mean"])
    with pytest.raises(UsageError, match="api must be one of sequential, functional, not 'subclass'"):
        model.to_keras("subclass")

    class Other:
        shape = model.network.shape

    with pytest.raises(UsageError, match="has no form in Keras: it is not made of an embedding and layers"):
        as_keras_network(Other())
    with pytest.raises(UsageError, match=r"several poolings side by side are no sequence of layers.*--onnx"):
        trained({"architecture": "pooled"}).to_keras()

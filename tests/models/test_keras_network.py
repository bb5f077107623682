"""KerasNetwork: first values, preparing, and what does not fit; none of it needs Keras."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.models.keras.layer_network import KerasNetwork
from wordloom.models.keras.shape import KerasShape
from wordloom.text.sequences import Ragged

DOCUMENTS = Ragged.from_lists([[], [1], [1, 2], [1, 2, 3, 4], [4, 4]])
OUTPUT = {"kind": "Dense", "units": 1}


def shape(*layers, **changes):
    usual = {
        "vocabulary_size": 50,
        "dimensions": 6,
        "n_classes": 2,
        "maxlen": 4,
        "padded": False,
        "masked": True,
    }
    return KerasShape("keras", layers=(*layers, OUTPUT), **(usual | changes))


LSTM = {"kind": "LSTM", "units": 5}
CNN = {"kind": "Conv1D", "filters": 3, "kernel_size": 2}
BOTH = {"kind": "Bidirectional", "layer": "GRU", "config": {"units": 4}}


def test_names_and_sizes_of_weights():
    assert shape(LSTM).sizes() == {
        "embedding": (50, 6),
        "layer_1.kernel": (6, 20),
        "layer_1.recurrent_kernel": (5, 20),
        "layer_1.bias": (20,),
        "layer_2.kernel": (5, 1),
        "layer_2.bias": (1,),
    }
    names = list(shape(BOTH).sizes())
    assert names[1:4] == [
        "layer_1.forward.kernel",
        "layer_1.forward.recurrent_kernel",
        "layer_1.forward.bias",
    ]
    assert shape(BOTH).sizes()["layer_1.backward.bias"] == (2, 12)
    assert shape(BOTH).sizes()["layer_2.kernel"] == (8, 1)


def test_first_values_are_keras():
    made = KerasNetwork.initial(shape(LSTM, vocabulary_size=3000), 4).parameters
    assert 0.049 < np.abs(made["embedding"]).max() <= 0.05
    limit = (6 / 26) ** 0.5
    assert 0.9 * limit < np.abs(made["layer_1.kernel"]).max() <= limit
    recurrent = made["layer_1.recurrent_kernel"]
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(5), atol=1e-6)
    assert made["layer_1.bias"].tolist() == [0] * 5 + [1] * 5 + [0] * 10
    assert not made["layer_2.bias"].any()
    window = KerasNetwork.initial(
        shape({**CNN, "filters": 400}, {"kind": "GlobalMaxPooling1D"}, padded=True), 0
    ).parameters["layer_1.kernel"]
    assert 0.95 < np.abs(window).max() / (6 / (2 * 6 + 2 * 400)) ** 0.5 <= 1
    assert {array.dtype for array in made.values()} == {np.dtype(np.float32)}


def test_first_values_come_from_the_seed():
    one, again, other = (KerasNetwork.initial(shape(BOTH), seed).parameters for seed in (1, 1, 2))
    for name, array in one.items():
        np.testing.assert_array_equal(array, again[name])
    assert (one["layer_1.forward.kernel"] != other["layer_1.forward.kernel"]).all()
    assert (one["layer_1.forward.kernel"] != one["layer_1.backward.kernel"]).all()


def test_an_lstm_by_hand():
    """One unit, all weights 1, no bias: from the states h, c = 0 and the words' numbers 1 and -2."""
    made = KerasNetwork.initial(shape({**LSTM, "units": 1, "use_bias": False}, dimensions=1), 0)
    parameters = {name: np.ones_like(array) for name, array in made.parameters.items()}
    parameters["embedding"][:3] = [[9], [1], [-2]]
    parameters["layer_2.bias"][:] = 0.5
    made = made.with_parameters(parameters)

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    c = sigmoid(1) * np.tanh(1)
    h = sigmoid(1) * np.tanh(c)
    z = h - 2
    c = sigmoid(z) * c + sigmoid(z) * np.tanh(z)
    h = sigmoid(z) * np.tanh(c)
    documents = Ragged.from_lists([[1, 2], []])
    np.testing.assert_allclose(made.logits(made.prepared(documents))[:, 0], [h + 0.5, 0.5], atol=1e-6)


def test_preparing():
    masked = KerasNetwork.initial(shape(LSTM, maxlen=3), 0).prepared(DOCUMENTS)
    assert [row.tolist() for row in masked] == [[], [1], [1, 2], [2, 3, 4], [4, 4]]
    whole = KerasNetwork.initial(shape(LSTM, maxlen=None), 0).prepared(DOCUMENTS)
    np.testing.assert_array_equal(whole.ids, DOCUMENTS.ids)
    padded = KerasNetwork.initial(shape(LSTM, maxlen=3, padded=True, masked=False, padding="post"), 0)
    rows = [row.tolist() for row in padded.prepared(DOCUMENTS)]
    assert rows == [[0, 0, 0], [1, 0, 0], [1, 2, 0], [2, 3, 4], [4, 4, 0]]
    some = padded.prepared(DOCUMENTS.take(np.arange(2, 5)))  # whose ids do not begin at 0
    assert [row.tolist() for row in some] == rows[2:]


def test_windows_need_no_more_padding_than_they_reach():
    cnn = shape(CNN, {"kind": "GlobalMaxPooling1D"}, maxlen=9, padded=True, masked=False)
    assert cnn.reach == 2
    assert [len(row) for row in KerasNetwork.initial(cnn, 0).prepared(DOCUMENTS)] == [2, 3, 4, 6, 4]
    for other in (
        shape({**CNN, "padding": "same"}, {"kind": "GlobalMaxPooling1D"}, padded=True),
        shape({**CNN, "strides": 2}, {"kind": "GlobalMaxPooling1D"}, padded=True),
        shape(CNN, {"kind": "GlobalAveragePooling1D"}, padded=True),
        shape(CNN, {"kind": "Flatten"}, padded=True),
        shape(LSTM, padded=True),
    ):
        assert other.reach is None


@pytest.mark.blas
def test_an_answer_does_not_depend_on_the_other_documents_nor_on_threads():
    for layers, changes in (
        ([LSTM], {}),
        ([CNN, {"kind": "GlobalMaxPooling1D"}], {"padded": True, "masked": False}),
    ):
        made = KerasNetwork.initial(shape(*layers, maxlen=40, **changes), 0)
        rng = np.random.default_rng(0)
        many = Ragged.from_lists([rng.integers(1, 50, n).tolist() for n in rng.integers(0, 60, 600)])
        together = made.logits(made.prepared(many))
        np.testing.assert_array_equal(together, made.logits(made.prepared(many), threads=2))
        for row in (0, 300, 599):
            alone = made.logits(made.prepared(many.take([row])))
            np.testing.assert_allclose(alone[0], together[row], atol=1e-5)
        assert made.probabilities(Ragged.from_lists([])).shape == (0, 2)


def test_it_does_not_need_keras(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    made = KerasNetwork.initial(shape(BOTH), 0)
    assert np.isfinite(made.probabilities(DOCUMENTS)).all()
    assert made.described == "keras on 6-d word vectors (Bidirectional, Dense), texts cut to 4 words"


def config_of(made):
    return {item.name: getattr(made.shape, item.name) for item in dataclasses.fields(made.shape)}


@pytest.mark.parametrize("damage", ["missing", "shape"])
def test_arrays_that_do_not_fit_are_named(damage):
    made = KerasNetwork.initial(shape(LSTM), 0)
    arrays = made.arrays()
    if damage == "missing":
        del arrays["layer_1.bias"]
    else:
        arrays["layer_1.bias"] = np.zeros(7, np.float32)
    with pytest.raises(DataError, match=r"weights 'layer_1.bias' should have the shape \(20,\), found"):
        KerasNetwork.from_config(config_of(made), arrays)


@pytest.mark.parametrize("ids", [[3, 50], [-1]])
def test_ids_outside_the_embedding(ids):
    made = KerasNetwork.initial(shape(LSTM), 0)
    with pytest.raises(DataError, match=r"document 1 has the id (50|-1), outside the embedding's 50 rows"):
        made.prepared(Ragged.from_lists([[1], ids]))

"""Each layer in NumPy gives what the Keras layer of its name gives, masked or not."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.models.keras.layer_network import KerasNetwork
from wordloom.models.keras.model import keras_model
from wordloom.models.keras.shape import KerasShape
from wordloom.models.layers import LAYERS, Dense, layer_from_config, layer_to_config
from wordloom.models.layers.activations import ACTIVATIONS
from wordloom.models.output import Output
from wordloom.text.sequences import Ragged

LENGTH, WIDTH = 6, 3
READING = {
    "Flatten": [{"kind": "Flatten"}],
    "mean": [{"kind": "GlobalAveragePooling1D"}],
    "max": [{"kind": "GlobalMaxPooling1D"}],
    "LSTM": [{"kind": "LSTM", "units": 4}],
    "LSTM, sequences": [
        {"kind": "LSTM", "units": 4, "return_sequences": True},
        {"kind": "GlobalMaxPooling1D"},
    ],
    "LSTM, zeros for padding": [
        {"kind": "LSTM", "units": 2, "return_sequences": True, "zero_output_for_mask": True},
        {"kind": "Flatten"},
    ],
    "LSTM backwards, relu, no bias": [
        {"kind": "LSTM", "units": 4, "go_backwards": True, "activation": "relu", "use_bias": False}
    ],
    "LSTM backwards, sequences": [
        {"kind": "LSTM", "units": 3, "go_backwards": True, "return_sequences": True},
        {"kind": "Flatten"},
    ],
    "GRU": [{"kind": "GRU", "units": 4}],
    "GRU of Keras 1": [
        {"kind": "GRU", "units": 4, "reset_after": False, "recurrent_activation": "hard_sigmoid"}
    ],
    "GRU without bias": [{"kind": "GRU", "units": 4, "use_bias": False}],
    "SimpleRNN": [{"kind": "SimpleRNN", "units": 4}],
    "two LSTMs": [
        {"kind": "LSTM", "units": 4, "return_sequences": True},
        {"kind": "SpatialDropout1D", "rate": 0.5},
        {"kind": "LSTM", "units": 2},
    ],
    "both ways": [{"kind": "Bidirectional", "layer": "LSTM", "config": {"units": 3}}],
    "both ways, sequences": [
        {"kind": "Bidirectional", "layer": "GRU", "config": {"units": 3, "return_sequences": True}},
        {"kind": "GlobalAveragePooling1D"},
    ],
    "both ways, flattened": [
        {"kind": "Bidirectional", "layer": "LSTM", "config": {"units": 3, "return_sequences": True}},
        {"kind": "Flatten"},
    ],
    **{
        f"both ways, {mode}": [
            {"kind": "Bidirectional", "layer": "SimpleRNN", "config": {"units": 3}, "merge_mode": mode}
        ]
        for mode in ("sum", "mul", "ave")
    },
    "Conv1D": [
        {"kind": "Conv1D", "filters": 4, "kernel_size": 3, "activation": "relu"},
        {"kind": "GlobalMaxPooling1D"},
    ],
    "Conv1D same": [
        {"kind": "Conv1D", "filters": 4, "kernel_size": 4, "padding": "same", "strides": 2},
        {"kind": "Flatten"},
    ],
    "Conv1D causal": [
        {"kind": "Conv1D", "filters": 2, "kernel_size": 2, "padding": "causal", "dilation_rate": 2},
        {"kind": "Flatten"},
    ],
    "Conv1D without bias": [
        {"kind": "Conv1D", "filters": 2, "kernel_size": 2, "use_bias": False},
        {"kind": "GlobalAveragePooling1D"},
    ],
    "pools": [
        {"kind": "MaxPooling1D", "pool_size": 2, "strides": 1},
        {"kind": "AveragePooling1D", "pool_size": 3, "strides": 2, "padding": "same"},
        {"kind": "MaxPooling1D", "pool_size": 2, "strides": 2, "padding": "same"},
        {"kind": "Flatten"},
    ],
    "Dense on a sequence": [
        {"kind": "Dense", "units": 4, "activation": "tanh"},
        {"kind": "GlobalAveragePooling1D"},
    ],
    **{
        name: [{"kind": "Flatten"}, {"kind": "Dense", "units": 5}, {"kind": "Activation", "activation": name}]
        for name in ACTIVATIONS
    },
}
MASKED_FIRST = set(READING) - set(ACTIVATIONS) - {"mean", "LSTM", "GRU", "Conv1D"}
"""What is tried unmasked too only with the exhaustive tests: the mask changes none of its arithmetic."""

DOCUMENTS = Ragged.from_lists([[1, 2, 3, 4, 5, 6], [4, 4], [6], [1, 0, 3], [5, 4, 3, 2, 1]])


def network(layers, masked, n_classes=2, seed=0):
    layers = [*layers, layer_to_config(Dense(1 if n_classes == 2 else n_classes))]
    shape = KerasShape("keras", 7, WIDTH, n_classes, LENGTH, True, masked, tuple(layers))
    rng = np.random.default_rng(seed)
    return KerasNetwork(
        shape, {name: rng.normal(size=size).astype(np.float32) for name, size in shape.sizes().items()}
    )


@pytest.mark.parametrize(
    ("layers", "masked"),
    [  # activations come after Flatten, which ends the mask
        pytest.param(
            *(layers, masked),
            id=f"{'masked' if masked else 'unmasked'}-{name}",
            marks=pytest.mark.exhaustive if not masked and name in MASKED_FIRST else (),
        )
        for name, layers in READING.items()
        for masked in ([False] if name in ACTIVATIONS else [False, True])
    ],
)
@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
def test_numpy_gives_what_keras_gives(keras, weights_not_drawn, layers, masked):
    made = network(layers, masked)
    matrix = np.concatenate([DOCUMENTS.padded(LENGTH, side) for side in ("pre", "post")])
    expected = keras.ops.convert_to_numpy(keras_model(made.shape, made.parameters)(matrix))
    found = Output(2).probabilities(made._forward(matrix))[:, 1:]
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("layers", [READING["LSTM"], READING["mean"], READING["both ways"], READING["GRU"]])
def test_masked_networks_do_not_see_on_which_side_padding_stands(layers):
    made = network(layers, masked=True)
    pre, post = (made._forward(DOCUMENTS.padded(LENGTH, side)) for side in ("pre", "post"))
    np.testing.assert_allclose(pre, post, atol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("layers", READING.values(), ids=READING)
def test_layers_are_plain_values(layers, n_classes):
    made = network(layers, masked=False, n_classes=n_classes)
    for config in made.shape.layers:
        assert layer_from_config(layer_to_config(layer_from_config(config))) == layer_from_config(config)
    config = {name: getattr(made.shape, name) for name in made.shape.__dataclass_fields__}
    back = KerasNetwork.from_config(config | {"layers": list(made.shape.layers)}, made.arrays())
    np.testing.assert_array_equal(back.probabilities(DOCUMENTS), made.probabilities(DOCUMENTS))
    assert back.shape == made.shape


def test_every_layer_is_tried():
    tried = {config["kind"] for layers in READING.values() for config in layers}
    assert set(LAYERS) - tried == {"Dropout"}


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ([{"kind": "Nothing"}], "the layer 'Nothing' is not known; there are Flatten"),
        ([{"kind": "Flatten"}, {"kind": "LSTM", "units": 2}], "LSTM takes a sequence, and gets a vector"),
        ([{"kind": "Conv1D", "filters": 2, "kernel_size": 7}], "a window of 7 positions does not fit into 6"),
        ([{"kind": "Flatten"}, {"kind": "GlobalMaxPooling1D"}], "GlobalMaxPooling1D takes a sequence"),
    ],
)
def test_layers_that_do_not_fit_are_named(layers, says):
    with pytest.raises(DataError, match=says):
        network(layers, masked=False)

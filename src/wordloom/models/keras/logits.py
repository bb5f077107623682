"""The last layers of a Keras model, which give probabilities, as one linear layer that gives logits."""

from __future__ import annotations

import dataclasses

import numpy as np

from wordloom.errors import DataError
from wordloom.models.keras.layer_network import KerasNetwork
from wordloom.models.keras.model_reader import ReadModel, Weights
from wordloom.models.keras.shape import EMBEDDING, KerasShape
from wordloom.models.layers import Activation, Dense, Dropout, KerasLayer, layer_to_config


@dataclasses.dataclass(frozen=True)
class Sides:
    """How documents become as long as a model takes them: L or None, "pre" or "post"."""

    maxlen: int | None
    padding: str = "pre"
    truncating: str = "pre"


def network_of(read: ReadModel, sides: Sides) -> KerasNetwork:
    """A network that gives the probabilities of the Keras model.

    Raises DataError for a model that does not end in a Dense layer with sigmoid, softmax or logits, and
    where padding is not masked and no length is known.
    """
    layers = list(read.layers)
    activation = "linear"
    if layers and isinstance(layers[-1][0], Activation):
        activation = layers.pop()[0].for_keras()["activation"]
    while layers and isinstance(layers[-1][0], Dropout):
        layers.pop()
    if not layers or not isinstance(layers[-1][0], Dense):
        raise DataError("The Keras model must end in a Dense layer that gives a number for each class.")
    last, weights = layers[-1]
    assert isinstance(last, Dense)
    activation = last.activation if activation == "linear" else activation
    n_classes, output = _output(last, weights, activation)
    layers[-1] = output
    padded = not (read.masked and _sees_the_mask([layer for layer, _ in layers]))
    maxlen = sides.maxlen if sides.maxlen is not None else read.length
    if padded and maxlen is None:
        raise DataError(
            "The Keras model takes texts of any length and does not mask padding, so its answer depends on "
            "how long texts are padded. Say maxlen=..., the length it was trained with."
        )
    if read.length is not None and maxlen != read.length:
        raise DataError(f"The Keras model takes texts of {read.length} ids, not of maxlen={maxlen}.")
    shape = KerasShape(
        architecture="keras",
        vocabulary_size=len(read.embedding),
        dimensions=read.embedding.shape[1],
        n_classes=n_classes,
        maxlen=maxlen,
        padded=padded,
        masked=read.masked,
        layers=tuple(layer_to_config(layer) for layer, _ in layers),
        padding=sides.padding,
        truncating=sides.truncating,
    )
    arrays = [read.embedding, *(array for _, weights in layers for array in weights)]
    sizes = shape.sizes()
    return KerasNetwork.from_config(
        dataclasses.asdict(shape), {EMBEDDING: read.embedding, **dict(zip(sizes, arrays, strict=True))}
    )


def _output(layer: Dense, weights: Weights, activation: str) -> tuple[int, tuple[KerasLayer, Weights]]:
    """C, and the last layer as one that gives K logits."""
    linear = dataclasses.replace(layer, activation="linear")
    if layer.units == 1 and activation in ("sigmoid", "linear"):
        return 2, (linear, weights)
    if layer.units > 1 and activation in ("softmax", "linear"):
        if layer.units > 2:
            return layer.units, (linear, weights)
        # of two logits only the difference counts
        return 2, (dataclasses.replace(linear, units=1), [np.diff(array, axis=-1) for array in weights])
    raise DataError(
        f"The Keras model ends in {layer.units} unit(s) with {activation!r}; what can be read is one unit "
        "with sigmoid, or one for each class with softmax (or without either, as logits)."
    )


def _sees_the_mask(layers: list[KerasLayer]) -> bool:
    """Whether padding makes no difference: the mask reaches the layer that turns a sequence into a vector."""
    for layer in layers:
        if type(layer).__name__ in ("LSTM", "GRU", "SimpleRNN", "Bidirectional"):
            config = layer.for_keras() if not hasattr(layer, "config") else layer.config
            if not config.get("return_sequences", False):
                return True
        elif type(layer).__name__ == "GlobalAveragePooling1D":
            return True
        elif not isinstance(layer, Dense | Dropout | Activation):
            return False
    return False

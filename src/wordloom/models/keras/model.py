"""A network as a Keras model of standard layers: what `TextModel.to_keras` gives, and what training uses."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.models.keras.backend import keras_module
from wordloom.models.keras.shape import EMBEDDING, KerasShape
from wordloom.models.layers import GRU, LSTM, Bidirectional, Conv1D, Dense, Dropout, KerasLayer, SimpleRNN

APIS = ("sequential", "functional")
_WEIGHTS, _MODEL = ".weights.h5", ".keras"
_USUAL = {"embeddings": "uniform", "kernel": "glorot_uniform", "recurrent": "orthogonal"}


@dataclass(frozen=True)
class Making:
    """What else a Keras model is made with, besides the shape of a network.

    activation : of the last layer
    seed : of the random draws of its dropout layers
    """

    activation: str
    seed: int = 0


def _zeros(*weights: str) -> dict[str, str]:
    """Arguments of a layer that has weights of these names; to draw them takes JAX longer than all else."""
    return {f"{name}_initializer": "zeros" for name in weights}


def keras_model(
    shape: KerasShape,
    parameters: Mapping[str, NDArray[np.float32]],
    api: str = "sequential",
    name: str | None = None,
) -> Any:
    """A network as a Keras model that takes ids int32 (N, L) and gives probabilities.

    The output is (N, 1) for two classes, the probability of the second one, else (N, C). Raises UsageError
    for an unknown `api`, MissingExtraError without Keras.
    """
    if api not in APIS:
        raise UsageError(f"api must be one of {', '.join(APIS)}, not {api!r}.")
    keras = keras_module("Making a Keras model")
    making = Making(shape.output.activation)
    model = built(keras, shape, api, making, name or f"wordloom_{shape.architecture}")
    _name_initializers(keras, model.layers)
    set_weights(model, parameters)
    return model


def save_keras_model(model: Any, path: str | os.PathLike[str]) -> str:
    """Write a Keras model; the file appears whole or not at all. Returns what is in it, in words.

    Raises UsageError for a name that ends neither in .keras nor in .weights.h5.
    """
    file = Path(path)
    if not file.name.endswith((_WEIGHTS, _MODEL)):
        raise UsageError(
            f"{file}: the name of a Keras model ends in {_MODEL}, that of its weights alone in {_WEIGHTS}."
        )
    weights_only = file.name.endswith(_WEIGHTS)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".wordloom-") as folder:
        written = Path(folder) / file.name
        (model.save_weights if weights_only else model.save)(written)
        os.replace(written, file)
    return "the weights of a Keras model" if weights_only else "a Keras model"


def built(keras: Any, shape: KerasShape, api: str, making: Making, name: str | None = None) -> Any:
    """A Keras model of a shape, all weights zero; `set_weights` gives it those of a network."""
    start = keras.layers.Input((shape.input_length,), dtype="int32", name="ids")
    layers = [
        keras.layers.Embedding(
            shape.vocabulary_size,
            shape.dimensions,
            mask_zero=shape.masked,
            name=EMBEDDING,
            **_zeros("embeddings"),
        )
    ]
    names = _names(shape.chain[:-1])
    for number, (layer, layer_name) in enumerate(zip(shape.chain[:-1], names, strict=True)):
        layers.append(_keras_layer(keras, layer, making, number, layer_name))
    arguments = {**shape.chain[-1].for_keras(), "activation": making.activation, "name": "output"}
    layers.append(keras.layers.Dense(**arguments, **_zeros("kernel")))
    if api == "sequential":
        return keras.Sequential([start, *layers], name=name)
    values = start
    for layer in layers:
        values = layer(values)
    return keras.Model(start, values, name=name)


def _name_initializers(keras: Any, layers: Sequence[Any]) -> None:
    """Have layers name Keras' own initializers, so that nobody who makes the model anew begins with zeros."""
    for layer in layers:
        inside = [getattr(layer, name, None) for name in ("cell", "layer", "forward_layer", "backward_layer")]
        _name_initializers(keras, [each for each in inside if each is not None])
        for weights, usual in _USUAL.items():
            if f"{weights}_initializer" in vars(layer):
                setattr(layer, f"{weights}_initializer", keras.initializers.get(usual))


def _names(layers: Sequence[KerasLayer]) -> list[str]:
    """Readable names: the kind, numbered where it comes again."""
    names: list[str] = []
    for layer in layers:
        kind = type(layer).__name__.lower()
        before = sum(name.split("_")[0] == kind for name in names)
        names.append(f"{kind}_{before + 1}" if before else kind)
    return names


def _keras_layer(keras: Any, layer: KerasLayer, making: Making, number: int, name: str | None = None) -> Any:
    made, arguments = getattr(keras.layers, type(layer).__name__), layer.for_keras()
    if isinstance(layer, Bidirectional):
        return made(_keras_layer(keras, layer.forth, making, number), **arguments, name=name)
    if isinstance(layer, Dropout):
        arguments["seed"] = (making.seed + number) % 2**31
    if isinstance(layer, LSTM | GRU | SimpleRNN):
        arguments |= _zeros("kernel", "recurrent")
    if isinstance(layer, Dense | Conv1D):
        arguments |= _zeros("kernel")
    return made(**arguments, name=name)


def weight_variables(model: Any) -> list[Any]:
    """The variables that hold weights, in the order of `KerasShape.sizes` (no states of random draws)."""
    return [variable for layer in model.layers for variable in layer.weights]


def set_weights(model: Any, parameters: Mapping[str, NDArray[np.float32]]) -> None:
    """Put named weights into a model of their shape."""
    for variable, array in zip(weight_variables(model), parameters.values(), strict=True):
        variable.assign(array)

"""Pooled networks as networks of Keras' layers, and back where the layers are those of a pooled one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.kernels.pooled import Parameters
from wordloom.models.keras.layer_network import KerasNetwork, weights_of
from wordloom.models.keras.shape import EMBEDDING, KerasShape
from wordloom.models.layers import (
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    KerasLayer,
    layer_to_config,
)
from wordloom.models.network import Network
from wordloom.models.pooled import NetworkShape, PooledNetwork
from wordloom.text.conventions import PADDING_ID

_POOLING_LAYERS: dict[str, type[KerasLayer]] = {
    "mean": GlobalAveragePooling1D,
    "max": GlobalMaxPooling1D,
    "flatten": Flatten,
}


def as_keras_network(network: Network) -> KerasNetwork:
    """A network in Keras' layers; UsageError for kinds that are not made of an embedding and layers.

    Keras' mean leaves padding out by a mask. Its largest number does not, so the row of padding there gets
    the smallest number of each column, which never wins against a word. What words count in the mean is
    multiplied into their vectors.
    """
    if isinstance(network, KerasNetwork):
        return network
    if not isinstance(network, PooledNetwork):
        raise UsageError(
            f"A model of the architecture {network.shape.architecture!r} has no form in Keras: it is not "
            "made of an embedding and layers. mean, max, flatten, lstm, gru, bilstm and cnn have one."
        )
    shape, weights = network.shape, network.weighted.parameters
    if len(shape.poolings) > 1:
        raise UsageError(
            f"A model of the architecture {shape.architecture!r} has no form in Keras: several poolings side "
            "by side are no sequence of layers, and none takes the smallest number. mean and max have one; "
            "--onnx writes the network for ONNX runtimes."
        )
    layers = [_POOLING_LAYERS[shape.architecture](), *([Dense(shape.hidden, "relu")] if shape.hidden else [])]
    layers.append(Dense(shape.n_logits))
    embedding = weights.embedding
    if shape.architecture == "max" and not shape.padded:
        embedding = embedding.copy()
        embedding[PADDING_ID] = embedding[PADDING_ID + 1 :].min(axis=0)
    arrays = [embedding, *((weights.hidden.T, weights.hidden_bias) if shape.hidden else ())]
    arrays += [weights.output.T, weights.output_bias]
    keras_shape = KerasShape(
        architecture=shape.architecture,
        vocabulary_size=shape.vocabulary_size,
        dimensions=shape.dimensions,
        n_classes=shape.n_classes,
        target=shape.target,
        maxlen=shape.maxlen,
        padded=shape.padded,
        masked=shape.architecture == "mean" and not shape.padded,
        layers=tuple(layer_to_config(layer) for layer in layers),
        padding=shape.padding,
        truncating=shape.truncating,
    )
    return KerasNetwork(keras_shape, dict(zip(keras_shape.sizes(), arrays, strict=True)))


def as_pooled(network: KerasNetwork) -> PooledNetwork | None:
    """The same network as a pooled one, which is faster; None if its layers are others."""
    shape = network.shape
    layers = [(prefix, layer) for prefix, layer, _ in shape.forms() if not isinstance(layer, Dropout)]
    architecture = next((name for name, made in _POOLING_LAYERS.items() if type(layers[0][1]) is made), None)
    dense = [layer for _, layer in layers[1:]]
    if architecture is None or len(dense) > 2 or not all(isinstance(layer, Dense) for layer in dense):
        return None
    if len(dense) == 2 and dense[0].for_keras()["activation"] != "relu":
        return None
    padded = not (architecture == "mean" and shape.masked)
    if padded and shape.maxlen is None:
        return None
    pooled = NetworkShape(
        architecture=architecture,
        vocabulary_size=shape.vocabulary_size,
        dimensions=shape.dimensions,
        hidden=dense[0].for_keras()["units"] if len(dense) == 2 else 0,
        n_classes=shape.n_classes,
        target=shape.target,
        maxlen=shape.maxlen,
        padded=padded,
        padding=shape.padding,
        truncating=shape.truncating,
    )
    return pooled_with(pooled, network)


def pooled_with(shape: NetworkShape, network: KerasNetwork) -> PooledNetwork:
    """A pooled network of a shape with the weights of its form in Keras."""
    rows = []
    for prefix, layer, _ in network.shape.forms():
        if isinstance(layer, Dense):
            weights = weights_of(network.parameters, prefix)
            rows.append((weights["kernel"].T, _bias(weights)))
    if len(rows) == 1:
        rows.insert(0, (np.zeros((0, shape.n_features), np.float32), np.zeros(0, np.float32)))
    arrays = [network.parameters[EMBEDDING], *rows[0], *rows[1]]
    return PooledNetwork(shape, Parameters(*(np.ascontiguousarray(array) for array in arrays)))


def _bias(weights: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    return weights.get("bias", np.zeros(weights["kernel"].shape[1], dtype=np.float32))

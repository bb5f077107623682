"""The layers that a sequence network may be made of: Keras' names, plain values, forward passes in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from wordloom.errors import DataError
from wordloom.models.layers.convolution import Conv1D
from wordloom.models.layers.dense import Activation, Dense, Dropout, SpatialDropout1D
from wordloom.models.layers.layer import Flow, Form, KerasLayer, Weights
from wordloom.models.layers.pooling import (
    AveragePooling1D,
    Flatten,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    MaxPooling1D,
)
from wordloom.models.layers.recurrent import GRU, LSTM, RECURRENT, Bidirectional, SimpleRNN
from wordloom.plain_values import from_plain

LAYERS: dict[str, Any] = {
    found.__name__: found
    for found in (
        Flatten,
        GlobalAveragePooling1D,
        GlobalMaxPooling1D,
        MaxPooling1D,
        AveragePooling1D,
        Conv1D,
        LSTM,
        GRU,
        SimpleRNN,
        Bidirectional,
        Dense,
        Activation,
        Dropout,
        SpatialDropout1D,
    )
}

__all__ = [
    "GRU",
    "LAYERS",
    "LSTM",
    "RECURRENT",
    "Activation",
    "AveragePooling1D",
    "Bidirectional",
    "Conv1D",
    "Dense",
    "Dropout",
    "Flatten",
    "Flow",
    "Form",
    "GlobalAveragePooling1D",
    "GlobalMaxPooling1D",
    "KerasLayer",
    "MaxPooling1D",
    "SimpleRNN",
    "SpatialDropout1D",
    "Weights",
    "layer_from_config",
    "layer_to_config",
]


def layer_to_config(layer: KerasLayer) -> dict[str, Any]:
    """A layer as plain values: its name as `kind`, and its fields."""
    return {"kind": type(layer).__name__, **asdict(layer)}  # type: ignore[call-overload]


def layer_from_config(config: Mapping[str, Any]) -> KerasLayer:
    """The inverse of `layer_to_config`; DataError for a layer that is not known."""
    fields = dict(config)
    kind = fields.pop("kind", None)
    if not isinstance(kind, str) or kind not in LAYERS:
        raise DataError(f"the layer {kind!r:.60} is not known; there are {', '.join(LAYERS)}.")
    found: KerasLayer = from_plain(LAYERS[kind], fields, kind)
    return found

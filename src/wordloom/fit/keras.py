"""Sequence networks: LSTM, GRU, both ways, and convolution, trained through Keras by the one loop."""

from __future__ import annotations

import dataclasses
from typing import Any

from wordloom.errors import UsageError
from wordloom.fit.inputs import Fitted, Task, vocabulary_and_ids
from wordloom.fit.solvers import EncodedTexts, length_of_all, train_network, width_of_vectors
from wordloom.models.keras.backend import keras_module
from wordloom.models.keras.layer_network import KerasNetwork
from wordloom.models.keras.shape import KerasShape
from wordloom.models.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    GlobalMaxPooling1D,
    KerasLayer,
    layer_to_config,
)
from wordloom.models.output import Output
from wordloom.setting import resolved
from wordloom.settings import Settings
from wordloom.text.sequences import Ragged
from wordloom.vectors.initial_embedding import starting_vectors


def fit_keras(task: Task) -> Fitted:
    """Train embedding, recurrent or convolutional layers and dense layers on the task's texts.

    Raises MissingExtraError without Keras.
    """
    settings = _resolved(task.settings)
    task = dataclasses.replace(task, settings=settings)
    keras = keras_module(f"Training the architecture {settings.architecture!r}")
    vocabulary, ids = vocabulary_and_ids(task)
    start = starting_vectors(settings.vectors, vocabulary, settings.unknown_vectors, task.seed)
    shape = KerasShape(
        architecture=settings.architecture,
        vocabulary_size=vocabulary.size,
        dimensions=width_of_vectors(settings, None if start is None else start.rows.shape[1]),
        n_classes=len(task.classes),
        maxlen=_maxlen(settings, ids),
        padded=settings.architecture == "cnn" or not settings.mask_padding,
        masked=settings.architecture != "cnn" and settings.mask_padding,
        layers=tuple(layer_to_config(layer) for layer in _layers(settings, len(task.classes))),
        padding=settings.padding,
        truncating=settings.truncating,
    )
    network = KerasNetwork.initial(shape, task.seed)
    if start is not None:
        network = network.with_embedding(start.rows)
    fitted = train_network(task, network, EncodedTexts(vocabulary, ids))
    record = {"keras": keras.__version__, "backend": keras.backend.backend()}
    if start is not None:
        record["vectors"] = start.to_config()
    return dataclasses.replace(fitted, record=record, settings=settings)


def _resolved(settings: Settings) -> Settings:
    """The settings with a value in the place of every "auto"; UsageError for the optimizer "convex"."""
    if settings.optimizer == "convex":
        raise UsageError(
            f"optimizer='convex' is not for the architecture {settings.architecture!r}; leave it out."
        )
    optimizer = "adam" if settings.optimizer == "auto" else settings.optimizer
    return dataclasses.replace(settings, optimizer=optimizer, word_weights="none")


def _layers(settings: Settings, n_classes: int) -> list[KerasLayer]:
    """The layers behind the embedding, the last of them a linear one that gives the K logits."""
    layers: list[KerasLayer] = _reading_layers(settings)
    if settings.hidden:
        layers.append(Dense(settings.hidden, "relu"))
    if dropout := resolved(settings.dropout, 0.0):
        layers.append(Dropout(dropout))
    return [*layers, Dense(Output(n_classes).n_logits)]


def _reading_layers(settings: Settings) -> list[KerasLayer]:
    """The layers that go over the words and end in one vector a document."""
    units, below = settings.units, settings.layers - 1
    if settings.architecture == "cnn":
        convolutions = [Conv1D(units, settings.kernel_size, "relu") for _ in range(settings.layers)]
        return [*convolutions, GlobalMaxPooling1D()]
    name = "GRU" if settings.architecture == "gru" else "LSTM"
    configs: list[dict[str, Any]] = [
        {"units": units, "return_sequences": number < below} for number in range(settings.layers)
    ]
    if settings.architecture == "bilstm":
        return [Bidirectional(name, config) for config in configs]
    return [{"GRU": GRU, "LSTM": LSTM}[name](**config) for config in configs]


def _maxlen(settings: Settings, ids: Ragged) -> int:
    """The length of all texts; UsageError if the windows of a cnn do not fit into it."""
    needed = settings.layers * (settings.kernel_size - 1) + 1 if settings.architecture == "cnn" else 1
    maxlen = length_of_all(settings, ids, needed)
    if maxlen < needed:
        raise UsageError(
            f"maxlen={maxlen} is too short: {settings.layers} convolution(s) of kernel_size="
            f"{settings.kernel_size} need {needed} words or more."
        )
    return maxlen

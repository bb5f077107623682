"""A trained Keras model as a network: Embedding, then layers that are known here, then a Dense layer."""

from __future__ import annotations

import dataclasses
import itertools
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.models.keras.backend import keras_module
from wordloom.models.layers import LAYERS, RECURRENT, Bidirectional, KerasLayer
from wordloom.models.layers.activations import ACTIVATIONS

_WITHOUT_EFFECT = ("InputLayer", "GaussianNoise", "GaussianDropout", "ActivityRegularization")
_SAME_AS = {"ReLU": "relu", "Softmax": "softmax", "ELU": "elu"}
# Options of a layer that would change what it computes; only these values are known here.
_USUAL = {
    "return_state": (False, None),
    "stateful": (False, None),
    "keepdims": (False, None),
    "data_format": ("channels_last", None),
    "groups": (1, None),
    "lora_rank": (None,),
    "max_value": (None,),
    "negative_slope": (0, 0.0, None),
    "threshold": (0, 0.0, None),
    "axis": (-1, None),
    "alpha": (1, 1.0, None),
}
Weights = list[NDArray[np.float32]]


@dataclasses.dataclass(frozen=True)
class ReadModel:
    """What stands in a Keras model.

    Parameters
    ----------
    embedding : float32 (V, D)
    masked : whether padding is masked
    layers : the layers behind the embedding, each with its weights in Keras' order
    length : L, the length that the model's input has; None for any
    """

    embedding: NDArray[np.float32]
    masked: bool
    layers: list[tuple[KerasLayer, Weights]]
    length: int | None


def loaded_model(path: str | os.PathLike[str], safe_mode: bool = True) -> Any:
    """The Keras model of a .keras or .h5 file.

    Raises DataError for a file that is missing, damaged or holds weights only, and for one that carries a
    Lambda, which is code, unless `safe_mode` is False.
    """
    keras = keras_module("Reading a Keras model")
    file, name = Path(path), os.fspath(path)
    if not file.is_file():
        raise DataError(f"There is no file {name}.")
    _refuse_weights_only(file)
    if safe_mode:
        _refuse_lambda(file)
    try:
        return keras.saving.load_model(name, compile=False, safe_mode=safe_mode)
    except Exception as error:  # what a damaged file makes Keras raise is of any kind
        reason = " ".join(str(error).split())
        raise DataError(
            f"{name} cannot be read as a Keras model: {reason:.300} If the file was cut off, copy it again; "
            "if it has layers of your own, load it with Keras and hand over the model."
        ) from error


def _refuse_weights_only(file: Path) -> None:
    if file.suffix not in (".h5", ".hdf5"):
        return
    import h5py

    try:
        with h5py.File(file) as content:
            whole = "model_config" in content.attrs
    except OSError as error:
        raise DataError(f"{file} is damaged, or is no HDF5 file: {error}. Copy it again.") from error
    if not whole:
        raise DataError(
            f"{file} holds weights without a model. Load them into a TextModel of the same form with "
            "with_keras_weights, or build the Keras model, call its load_weights, and hand over the model."
        )


def _refuse_lambda(file: Path) -> None:
    """DataError for a file whose description names a Lambda layer, before anything of it is run."""
    import json
    import zipfile
    import zlib

    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                text = archive.read("config.json").decode()
        else:
            import h5py

            with h5py.File(file) as content:
                stored = content.attrs["model_config"]
                text = stored.decode() if isinstance(stored, bytes) else str(stored)
        found = _names_lambda(json.loads(text))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, zlib.error, RecursionError) as error:
        raise DataError(f"{file} is damaged, or is no Keras model: {error}. Copy it again.") from error
    if found:
        raise DataError(
            f"{file} carries a Lambda layer, which is code that would run here, so it is refused. If you "
            "trust the file, say so: from_keras(..., safe_mode=False)."
        )


def _names_lambda(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get("class_name") in ("Lambda", "__lambda__") or any(map(_names_lambda, value.values()))
    return isinstance(value, list) and any(map(_names_lambda, value))


def read_model(model: Any) -> ReadModel:
    """What a Keras model is made of.

    Raises DataError for a model that is not one chain of layers from an Embedding to a Dense layer, and for
    a layer or an option that is not known here.
    """
    if not getattr(model, "layers", None):
        raise DataError(f"A Keras model expected, found {model!r:.80}.")
    if not model.built:
        raise DataError("The Keras model has no weights yet: call it on some ids, or give it an Input layer.")
    _refuse_branches(model)
    layers = [layer for layer in model.layers if type(layer).__name__ not in _WITHOUT_EFFECT]
    if not layers or type(layers[0]).__name__ != "Embedding":
        found = f"{type(layers[0]).__name__} {layers[0].name!r}" if layers else "no layer"
        raise DataError(f"The Keras model must begin with an Embedding of word ids; it begins with {found}.")
    rows = np.array(layers[0].weights[0].numpy(), dtype=np.float32)
    chain = [
        (_layer(layer), [np.array(weight.numpy(), dtype=np.float32) for weight in layer.weights])
        for layer in layers[1:]
    ]
    length = model.input_shape[1] if len(model.input_shape) == 2 else None
    return ReadModel(rows, bool(layers[0].mask_zero), chain, length)


def _refuse_branches(model: Any) -> None:
    """DataError for anything but one chain of layers."""
    if type(model).__name__ == "Sequential":
        return
    for before, layer in itertools.pairwise(model.layers):
        if not _follows(layer, before):
            raise DataError(
                f"The layer {layer.name!r} does not take what {before.name!r} gives, and that alone: only "
                f"one chain of layers can be read, without functions in between. {_supported()}"
            )
    last = model.layers[-1]
    if len(last._inbound_nodes) == 1 and (len(model.outputs) > 1 or model.outputs[0] is not last.output):
        raise DataError(f"The output of the Keras model is not that of its last layer, {last.name!r}.")


def _follows(layer: Any, before: Any) -> bool:
    """Whether a layer takes the output of the one before, with at most the embedding's mask beside it."""
    if len(layer._inbound_nodes) != 1:
        return True  # used in other models too
    first, *others = layer._inbound_nodes[0].input_tensors
    makers = {type(tensor._keras_history.operation).__name__ for tensor in others}
    return first is before.output and makers <= {"NotEqual"}


def _layer(layer: Any) -> KerasLayer:
    name, config = type(layer).__name__, layer.get_config()
    if name == "Lambda":
        return _pooling_of(layer)
    if name in _SAME_AS:
        _refuse_options(layer, config)
        return LAYERS["Activation"](_SAME_AS[name])  # type: ignore[no-any-return]
    if name not in LAYERS:
        raise DataError(f"The layer {layer.name!r} is a {name}, which cannot be read. {_supported()}")
    if name == "Bidirectional":
        return _bidirectional(layer)
    _refuse_options(layer, config)
    return _plain_layer(LAYERS[name], layer, config)  # type: ignore[no-any-return]


def _supported() -> str:
    return f"Supported are Embedding, {', '.join([*LAYERS, *_SAME_AS])}."


def _plain_layer(made: Any, layer: Any, config: dict[str, Any]) -> Any:
    """A layer from the entries of Keras' config that are fields of ours."""
    values = {}
    for item in dataclasses.fields(made):
        value = config[item.name]
        if isinstance(value, list | tuple):  # sizes of windows: one number a dimension
            value = value[0]
        if "activation" in item.name and value not in ACTIVATIONS:
            raise DataError(
                f"The layer {layer.name!r} has the activation {value!r}, which cannot be read. Supported are "
                f"{', '.join(ACTIVATIONS)}."
            )
        values[item.name] = value
    return made(**values)


def _refuse_options(layer: Any, config: dict[str, Any]) -> None:
    for option, usual in _USUAL.items():
        if option in config and config[option] not in usual:
            raise DataError(
                f"The layer {layer.name!r} has {option}={config[option]!r}, which cannot be read; only "
                f"{option}={usual[0]!r} can."
            )


def _bidirectional(layer: Any) -> Bidirectional:
    forth, back = layer.forward_layer, layer.backward_layer
    name = type(forth).__name__
    if name not in RECURRENT or type(back).__name__ != name or layer.merge_mode is None:
        raise DataError(
            f"The layer {layer.name!r} runs {name} and {type(back).__name__} with merge_mode="
            f"{layer.merge_mode!r}; what can be read is one of {', '.join(RECURRENT)} both ways, "
            "put together."
        )
    for one in (forth, back):
        _refuse_options(layer, one.get_config())
    inner = dataclasses.asdict(_plain_layer(RECURRENT[name], forth, forth.get_config()))
    made = Bidirectional(name, inner, layer.merge_mode)
    if dataclasses.asdict(_plain_layer(RECURRENT[name], back, back.get_config())) != dataclasses.asdict(
        made.back
    ):
        raise DataError(
            f"The layer {layer.name!r} has two directions of different form, which cannot be read."
        )
    return made


def _pooling_of(layer: Any) -> KerasLayer:
    """The pooling layer that does what a Lambda does, found out by trying it on random numbers."""
    values = np.random.default_rng(0).normal(size=(3, 7, 5)).astype(np.float32)
    try:
        found = keras_module("Trying a Lambda").ops.convert_to_numpy(layer(values))
    except Exception as error:  # somebody's own code
        raise DataError(f"The Lambda layer {layer.name!r} fails on a sequence: {error}") from error
    for name, expected in (
        ("GlobalAveragePooling1D", values.mean(axis=1)),
        ("GlobalMaxPooling1D", values.max(axis=1)),
        ("Flatten", values.reshape(3, -1)),
    ):
        if found.shape == expected.shape and np.allclose(found, expected, atol=1e-5):
            return LAYERS[name]()  # type: ignore[no-any-return]
    raise DataError(
        f"The Lambda layer {layer.name!r} is code that cannot be kept in a model folder. A Lambda that takes "
        "the mean or the largest number over the words, or that flattens, is understood; this one does "
        "something else."
    )

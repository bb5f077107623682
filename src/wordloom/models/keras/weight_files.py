"""Weights that Keras saved, read from HDF5 without Keras, whatever version wrote them.

Layouts: Keras 1 and 2 (`save_weights("x.h5")`, and whole models) keep a group a layer with the list
`layer_names` in front; Keras 3 (`x.weights.h5`) keeps `layers/<name>/vars/<number>`, with cells and
directions as groups in between.
Source: keras/src/legacy/saving/legacy_h5_format.py and keras/src/saving/saving_lib.py.
"""

from __future__ import annotations

import os
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, MissingExtraError
from wordloom.models.keras.layer_network import KerasNetwork
from wordloom.models.keras.shape import EMBEDDING

Layers = list[tuple[str, list[NDArray[np.float32]]]]
_IN_OUR_ORDER = ("forward_layer", "backward_layer")


def with_weights_of(network: KerasNetwork, path: str | os.PathLike[str]) -> KerasNetwork:
    """The network with the weights of a file, layer by layer in their order.

    Raises DataError for a file that is damaged or holds no weights, and where a shape differs: the message
    names the layer and both shapes.
    """
    name, found = os.fspath(path), weights_in(path)
    wanted = _by_layer(network)
    if len(found) != len(wanted):
        layers = ", ".join(f"{layer} {_shapes(arrays)}" for layer, arrays in found)
        ours = ", ".join(f"{layer} {_shapes(network.parameters[n] for n in ns)}" for layer, ns in wanted)
        raise DataError(
            f"{name} has {len(found)} layers with weights ({layers}), the model has {len(wanted)} ({ours})."
        )
    arrays: dict[str, NDArray[np.float32]] = {}
    for (layer, read), (kind, names) in zip(found, wanted, strict=True):
        expected = [network.parameters[n].shape for n in names]
        if [array.shape for array in read] != expected:
            raise DataError(
                f"{name}: the layer {layer!r} has weights of the shapes {_shapes(read)}, the model's layer "
                f"{kind} has {' and '.join(map(str, expected))}. Was it trained with other words, "
                "another maxlen or another width?"
            )
        arrays |= dict(zip(names, read, strict=True))
    return network.with_parameters(arrays)


def weights_in(path: str | os.PathLike[str]) -> Layers:
    """The layers with weights in an HDF5 file of Keras, in the model's order, each with its arrays."""
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("Reading weights of Keras", "h5py", "keras") from error
    name = os.fspath(path)
    if not os.path.isfile(name):
        raise DataError(f"There is no file {name}.")
    try:
        with h5py.File(name) as file:
            if "model_weights" in file:
                return _old_layout(file["model_weights"])
            if "layer_names" in file.attrs:
                return _old_layout(file)
            if "layers" in file or "_layer_checkpoint_dependencies" in file:
                return _new_layout(file.get("layers") or file["_layer_checkpoint_dependencies"])
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise DataError(f"{name} is damaged, or is no HDF5 file: {error}. Copy it again.") from error
    raise DataError(f"{name} is an HDF5 file without weights of Keras in it.")


def _old_layout(group: Any) -> Layers:
    layers = []
    for layer in map(_text, group.attrs["layer_names"]):
        names = [_text(name) for name in group[layer].attrs["weight_names"]]
        arrays = [np.array(group[layer][name], dtype=np.float32) for name in names]
        if arrays:
            layers.append((layer, arrays))
    return layers


def _new_layout(group: Any) -> Layers:
    layers = [(name, _arrays_below(group[name])) for name in group]
    return sorted(((name, arrays) for name, arrays in layers if arrays), key=lambda entry: _place(entry[0]))


def _arrays_below(group: Any) -> list[NDArray[np.float32]]:
    """The arrays of a layer: its own first, then those of its parts, forward before backward."""
    own = group.get("vars", {})
    arrays = [np.array(own[number], dtype=np.float32) for number in sorted(own, key=int)]
    parts = [name for name in group if name not in ("vars", "seed_generator")]
    in_order = [name for name in _IN_OUR_ORDER if name in parts]
    in_order += [name for name in parts if name not in (*_IN_OUR_ORDER, "layer")]
    for name in in_order:
        arrays += _arrays_below(group[name]) if hasattr(group[name], "keys") else []
    return arrays


def _place(name: str) -> tuple[bool, bool, int]:
    """Where a layer stands: the file lists them by name, so the embedding goes first and dense layers last.

    Layers of one class are numbered in their order.
    """
    number = re.search(r"_(\d+)$", name)
    return not name.startswith("embedding"), name.startswith("dense"), int(number[1]) if number else 0


def _by_layer(network: KerasNetwork) -> list[tuple[str, list[str]]]:
    """The layers of a network that have weights, with the names of these."""
    kinds = {f"layer_{i}": type(layer).__name__ for i, layer in enumerate(network.shape.chain, start=1)}
    layers: dict[str, list[str]] = {}
    for name in network.shape.sizes():
        layers.setdefault(name.split(".")[0], []).append(name)
    return [("Embedding" if key == EMBEDDING else kinds[key], names) for key, names in layers.items()]


def _shapes(arrays: Any) -> str:
    return " and ".join(str(array.shape) for array in arrays)


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)

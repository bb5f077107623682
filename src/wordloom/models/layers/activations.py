"""Activation functions under Keras' names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError


def sigmoid(z: NDArray[Any]) -> NDArray[Any]:
    """1 / (1 + exp(-z)), by way of tanh, which neither overflows nor is slow."""
    return np.asarray(0.5 * np.tanh(0.5 * z) + 0.5)


def relu(z: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.maximum(z, 0))


def linear(z: NDArray[Any]) -> NDArray[Any]:
    return z


def softmax(z: NDArray[Any]) -> NDArray[Any]:
    exponentials = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def hard_sigmoid(z: NDArray[Any]) -> NDArray[Any]:
    return np.clip(z / 6 + 0.5, 0, 1)


def elu(z: NDArray[Any]) -> NDArray[Any]:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def softplus(z: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.logaddexp(z, np.zeros((), z.dtype)))


def gelu(z: NDArray[Any]) -> NDArray[Any]:
    """The exact one, as Keras has it by default."""
    from scipy.special import erf

    return np.asarray(z * 0.5 * (1 + erf(z / np.float32(2**0.5))))


def silu(z: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(z * sigmoid(z))


ACTIVATIONS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "linear": linear,
    "relu": relu,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softmax": softmax,
    "hard_sigmoid": hard_sigmoid,
    "elu": elu,
    "softplus": softplus,
    "gelu": gelu,
    "silu": silu,
}


def activation(name: str) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """The function of a name; DataError for one that is not known here."""
    if name not in ACTIVATIONS:
        raise DataError(f"the activation {name!r} is not supported; there are {', '.join(ACTIVATIONS)}.")
    return ACTIVATIONS[name]

"""KerasLayer: one layer of a sequence network as plain values, with what it computes written in NumPy.

Fields have Keras' names, and `forward` gives what the Keras layer of the same name gives outside training,
so a trained network predicts without Keras, and any Keras model of these layers can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

MOST = 1, 1_000_000
"""How many units, filters or positions a layer may name."""
Floats = NDArray[np.float32]
Weights = Mapping[str, Floats]
Form = tuple[int | None, int] | tuple[int]
"""(L, D) of a sequence, L None if it may have any length; (D,) of a vector."""


class Flow(NamedTuple):
    """What goes from layer to layer for B documents.

    values : float32 (B, L, D), or (B, D) once the sequence has become a vector
    mask : bool (B, L), False for padding; None where no layer looks at padding any more
    """

    values: Floats
    mask: NDArray[np.bool_] | None


class KerasLayer(Protocol):
    """A frozen dataclass whose fields are the parameters of the Keras layer of its name."""

    def sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        """Name -> shape of each weight array, in Keras' order, for input of this form."""

    def form_after(self, form: Form) -> Form:
        """The form of what it gives. Raises DataError for input that it cannot take."""

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        """What the layer gives for B documents."""

    def for_keras(self) -> dict[str, Any]:
        """The arguments of the Keras layer."""

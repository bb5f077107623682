"""Dense layers, activations of their own, and the layers that do something in training only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wordloom.models.layers.activations import activation
from wordloom.models.layers.layer import MOST, Flow, Form, Weights
from wordloom.plain_values import check_ranges


@dataclass(frozen=True)
class Dense:
    """`activation(x @ kernel + bias)`, at every position of a sequence too."""

    units: int
    activation: str = "linear"
    use_bias: bool = True

    def __post_init__(self) -> None:
        activation(self.activation)
        check_ranges(self, units=MOST)

    def sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        kernel: dict[str, tuple[int, ...]] = {"kernel": (form[-1] or 0, self.units)}
        return kernel | ({"bias": (self.units,)} if self.use_bias else {})

    def form_after(self, form: Form) -> Form:
        return (form[0], self.units) if len(form) == 2 else (self.units,)

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        z = flow.values @ weights["kernel"]
        if self.use_bias:
            z = z + weights["bias"]
        return Flow(activation(self.activation)(z), flow.mask)

    def for_keras(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Activation:
    """A function of every number."""

    activation: str

    def __post_init__(self) -> None:
        activation(self.activation)

    def sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        return {}

    def form_after(self, form: Form) -> Form:
        return form

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        return Flow(activation(self.activation)(flow.values), flow.mask)

    def for_keras(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Dropout:
    """Drops units in training; here nothing."""

    rate: float

    def __post_init__(self) -> None:
        check_ranges(self, rate=(0, 1))

    def sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        return {}

    def form_after(self, form: Form) -> Form:
        return form

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        return flow

    def for_keras(self) -> dict[str, Any]:
        return asdict(self)


class SpatialDropout1D(Dropout):
    """Drops whole columns of a sequence in training; here nothing."""

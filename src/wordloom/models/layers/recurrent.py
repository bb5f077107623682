"""Recurrent layers: LSTM, GRU, a simple one, and two of them in opposite directions.

A masked position leaves the state as it is and repeats the output before it (or gives zeros), as in Keras, so
the side on which texts are padded makes no difference.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.models.layers.activations import activation
from wordloom.models.layers.layer import MOST, Floats, Flow, Form, Weights
from wordloom.plain_values import check_choices, check_ranges, from_plain

State = tuple[Floats, ...]


@dataclass(frozen=True)
class _Recurrent:
    """What the recurrent layers share: a state (B, units), or two, that goes along the positions."""

    units: int
    activation: str = "tanh"
    use_bias: bool = True
    return_sequences: bool = False
    go_backwards: bool = False
    zero_output_for_mask: bool = False

    gates: ClassVar[int] = 1
    n_states: ClassVar[int] = 1

    def __post_init__(self) -> None:
        check_ranges(self, units=MOST)
        for name in ("activation", "recurrent_activation"):
            activation(getattr(self, name, "linear"))

    def sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        wide = self.gates * self.units
        sizes: dict[str, tuple[int, ...]] = {
            "kernel": (form[-1] or 0, wide),
            "recurrent_kernel": (self.units, wide),
        }
        return sizes | ({"bias": self._bias_size()} if self.use_bias else {})

    def _bias_size(self) -> tuple[int, ...]:
        return (self.gates * self.units,)

    def form_after(self, form: Form) -> Form:
        if len(form) != 2:
            raise DataError(f"{type(self).__name__} takes a sequence, and gets a vector.")
        return (form[0], self.units) if self.return_sequences else (self.units,)

    def for_keras(self) -> dict[str, Any]:
        return asdict(self)

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        values, length = flow.values, flow.values.shape[1]
        state: State = (np.zeros((len(values), self.units), dtype=np.float32),) * self.n_states
        outputs = np.empty((len(values), length, self.units), np.float32) if self.return_sequences else None
        for step, position in enumerate(reversed(range(length)) if self.go_backwards else range(length)):
            new = self._step(values[:, position], state, weights)
            state = new if flow.mask is None else _kept(flow.mask[:, position], new, state)
            if outputs is not None:
                outputs[:, step] = state[0]
                if flow.mask is not None and self.zero_output_for_mask:
                    outputs[~flow.mask[:, position], step] = 0
        if outputs is None:
            return Flow(state[0], None)
        return Flow(outputs, flow.mask)

    def _step(self, x: Floats, state: State, weights: Weights) -> State:
        raise NotImplementedError


def _kept(present: NDArray[np.bool_], new: State, old: State) -> State:
    if present.all():
        return new
    return tuple(np.where(present[:, None], n, o) for n, o in zip(new, old, strict=True))


@dataclass(frozen=True)
class SimpleRNN(_Recurrent):
    """h' = activation(x W + h R + b)."""

    def _step(self, x: Floats, state: State, weights: Weights) -> State:
        z = x @ weights["kernel"] + state[0] @ weights["recurrent_kernel"]
        if self.use_bias:
            z += weights["bias"]
        return (activation(self.activation)(z),)


@dataclass(frozen=True)
class LSTM(_Recurrent):
    """Hochreiter & Schmidhuber (1997) with a forget gate. The gates are input, forget, cell, output."""

    recurrent_activation: str = "sigmoid"

    gates: ClassVar[int] = 4
    n_states: ClassVar[int] = 2

    def _step(self, x: Floats, state: State, weights: Weights) -> State:
        hidden, cell = state
        z = x @ weights["kernel"]
        z += hidden @ weights["recurrent_kernel"]
        if self.use_bias:
            z += weights["bias"]
        gate, act = activation(self.recurrent_activation), activation(self.activation)
        units = self.units
        both = gate(z[:, : 2 * units])
        cell = both[:, units:] * cell + both[:, :units] * act(z[:, 2 * units : 3 * units])
        return gate(z[:, 3 * units :]) * act(cell), cell


@dataclass(frozen=True)
class GRU(_Recurrent):
    """Cho et al. (2014); gates in Keras' order: update, reset, candidate.

    With `reset_after`, Keras' default, the reset gate is applied behind the matrix product, and there are two
    biases, (2, 3 units).
    """

    recurrent_activation: str = "sigmoid"
    reset_after: bool = True

    gates: ClassVar[int] = 3

    def _bias_size(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def _step(self, x: Floats, state: State, weights: Weights) -> State:
        (hidden,), units, recurrent = state, self.units, weights["recurrent_kernel"]
        gate, act = activation(self.recurrent_activation), activation(self.activation)
        outer = x @ weights["kernel"]
        if self.use_bias:
            outer += weights["bias"][0] if self.reset_after else weights["bias"]
        if self.reset_after:
            inner = hidden @ recurrent
            if self.use_bias:
                inner += weights["bias"][1]
            both = gate(outer[:, : 2 * units] + inner[:, : 2 * units])
            candidate = act(outer[:, 2 * units :] + both[:, units:] * inner[:, 2 * units :])
        else:
            both = gate(outer[:, : 2 * units] + hidden @ recurrent[:, : 2 * units])
            candidate = act(outer[:, 2 * units :] + (both[:, units:] * hidden) @ recurrent[:, 2 * units :])
        update = both[:, :units]
        return (update * hidden + (1 - update) * candidate,)


RECURRENT: dict[str, type[_Recurrent]] = {"LSTM": LSTM, "GRU": GRU, "SimpleRNN": SimpleRNN}


@dataclass(frozen=True)
class Bidirectional:
    """A recurrent layer and its mirror image, with weights of its own, put together.

    Parameters
    ----------
    layer : name of the recurrent layer
    config : its fields
    merge_mode : "concat", "sum", "mul" or "ave"
    """

    layer: str
    config: dict[str, Any]
    merge_mode: str = "concat"

    def __post_init__(self) -> None:
        check_choices(self, layer=RECURRENT, merge_mode=("concat", "sum", "mul", "ave"))
        from_plain(RECURRENT[self.layer], self.config, "config")

    @property
    def forth(self) -> _Recurrent:
        layer = RECURRENT[self.layer](**self.config)
        return replace(layer, zero_output_for_mask=layer.return_sequences)  # as Keras has it

    @property
    def back(self) -> _Recurrent:
        return replace(self.forth, go_backwards=not self.forth.go_backwards)

    def sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        one = self.forth.sizes(form)
        return {f"{way}.{name}": size for way in ("forward", "backward") for name, size in one.items()}

    def form_after(self, form: Form) -> Form:
        inner = self.forth.form_after(form)
        width = (inner[-1] or 0) * (2 if self.merge_mode == "concat" else 1)
        return (inner[0], width) if len(inner) == 2 else (width,)

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        one = self.forth.forward(flow, _part(weights, "forward."))
        other = self.back.forward(flow, _part(weights, "backward.")).values
        if other.ndim == 3:
            other = other[:, ::-1]
        if self.merge_mode == "concat":
            return Flow(np.concatenate([one.values, other], axis=-1), one.mask)
        if self.merge_mode == "mul":
            return Flow(one.values * other, one.mask)
        total = one.values + other
        return Flow(total / np.float32(2) if self.merge_mode == "ave" else total, one.mask)

    def for_keras(self) -> dict[str, Any]:
        return {"merge_mode": self.merge_mode}


def _part(weights: Weights, prefix: str) -> Weights:
    return {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}

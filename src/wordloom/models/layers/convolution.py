"""Conv1D: a dense layer over every window of a sequence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from wordloom.errors import DataError
from wordloom.models.layers.activations import activation
from wordloom.models.layers.layer import MOST, Flow, Form, Weights
from wordloom.plain_values import check_choices, check_ranges


@dataclass(frozen=True)
class Conv1D:
    """Convolution over positions; it looks at padding as at any word."""

    filters: int
    kernel_size: int
    activation: str = "linear"
    use_bias: bool = True
    strides: int = 1
    padding: str = "valid"
    dilation_rate: int = 1

    def __post_init__(self) -> None:
        activation(self.activation)
        check_choices(self, padding=("valid", "same", "causal"))
        check_ranges(self, filters=MOST, kernel_size=MOST, strides=MOST, dilation_rate=MOST)

    @property
    def reach(self) -> int:
        """How many positions one window spans."""
        return (self.kernel_size - 1) * self.dilation_rate + 1

    def sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        kernel: dict[str, tuple[int, ...]] = {"kernel": (self.kernel_size, form[-1] or 0, self.filters)}
        return kernel | ({"bias": (self.filters,)} if self.use_bias else {})

    def form_after(self, form: Form) -> Form:
        if len(form) != 2:
            raise DataError("Conv1D takes a sequence, and gets a vector.")
        if form[0] is None and self.padding == "valid" and self.reach > 1:
            raise DataError("Conv1D without padding needs texts of one length; the network has no maxlen.")
        if form[0] is None:
            return (None, self.filters)
        length = form[0] if self.padding != "valid" else form[0] - self.reach + 1
        if length < 1:
            raise DataError(
                f"a window of {self.reach} positions does not fit into {form[0]}; choose a longer maxlen."
            )
        return (-(-length // self.strides), self.filters)

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        values = flow.values
        if self.padding != "valid":
            before, after = self._added(values.shape[1])
            values = np.pad(values, ((0, 0), (before, after), (0, 0)))
        kernel = weights["kernel"]
        windows = sliding_window_view(values, self.reach, axis=1)[
            :, :: self.strides, :, :: self.dilation_rate
        ]
        flat = windows.transpose(0, 1, 3, 2).reshape(*windows.shape[:2], -1)
        z = flat @ kernel.reshape(-1, self.filters)
        if self.use_bias:
            z = z + weights["bias"]
        return Flow(activation(self.activation)(z), None)

    def _added(self, length: int) -> tuple[int, int]:
        """How many positions of zeros stand before and after the sequence."""
        if self.padding == "causal":
            return self.reach - 1, 0
        missing = max((-(-length // self.strides) - 1) * self.strides + self.reach - length, 0)
        return missing // 2, missing - missing // 2

    def for_keras(self) -> dict[str, Any]:
        return asdict(self)

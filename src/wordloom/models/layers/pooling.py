"""From a sequence to a vector, or to a shorter sequence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from wordloom.errors import DataError
from wordloom.models.layers.layer import MOST, Floats, Flow, Form, Weights
from wordloom.plain_values import check_choices, check_ranges


@dataclass(frozen=True)
class _Pooling:
    """A layer without weights that turns (L, D) into (D,)."""

    def sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        return {}

    def form_after(self, form: Form) -> Form:
        if len(form) != 2:
            raise DataError(
                f"{type(self).__name__} takes a sequence, and gets a vector of {form[0]} numbers."
            )
        return (form[1],)

    def for_keras(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Flatten(_Pooling):
    """All positions side by side."""

    def form_after(self, form: Form) -> Form:
        if len(form) == 1:
            return form
        if form[0] is None:
            raise DataError("Flatten needs texts of one length; the network has no maxlen.")
        return (form[0] * form[1],)

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        return Flow(flow.values.reshape(len(flow.values), -1), None)


@dataclass(frozen=True)
class GlobalAveragePooling1D(_Pooling):
    """The mean over the positions that are not masked; zeros for a document of padding only.

    Keras divides by the number of unmasked positions without a look at it and gives NaN for such a document.
    """

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        if flow.mask is None:
            return Flow(flow.values.mean(axis=1), None)
        total = np.where(flow.mask[..., None], flow.values, 0).sum(axis=1)
        count = np.maximum(flow.mask.sum(axis=1, keepdims=True), 1).astype(np.float32)
        return Flow(total / count, None)


@dataclass(frozen=True)
class GlobalMaxPooling1D(_Pooling):
    """The largest number of each column, over padding too."""

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        return Flow(flow.values.max(axis=1), None)


@dataclass(frozen=True)
class MaxPooling1D:
    """The largest number of each column in windows."""

    pool_size: int = 2
    strides: int = 2
    padding: str = "valid"

    def __post_init__(self) -> None:
        check_choices(self, padding=("valid", "same"))
        check_ranges(self, pool_size=MOST, strides=MOST)

    def sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        return {}

    def form_after(self, form: Form) -> Form:
        if len(form) != 2:
            raise DataError(f"{type(self).__name__} takes a sequence, and gets a vector.")
        if form[0] is None and self.padding == "valid" and self.pool_size > 1:
            raise DataError(f"{type(self).__name__} needs texts of one length; the network has no maxlen.")
        if form[0] is None:
            return form
        return (_windows(form[0], self.pool_size, self.strides, self.padding), form[1])

    def for_keras(self) -> dict[str, Any]:
        return asdict(self)

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        cut = self._cut(flow.values, -np.inf)
        return Flow(
            np.stack([cut[:, i : i + self.pool_size].max(axis=1) for i in self._starts(cut)], 1), None
        )

    def _cut(self, values: Floats, filling: float) -> Floats:
        if self.padding == "valid":
            return values
        length = values.shape[1]
        missing = max((-(-length // self.strides) - 1) * self.strides + self.pool_size - length, 0)
        sides = ((0, 0), (missing // 2, missing - missing // 2), (0, 0))
        return np.pad(values, sides, constant_values=filling)

    def _starts(self, cut: Floats) -> range:
        return range(0, cut.shape[1] - self.pool_size + 1, self.strides)


@dataclass(frozen=True)
class AveragePooling1D(MaxPooling1D):
    """The mean of each column in windows, over what is inside the sequence."""

    def forward(self, flow: Flow, weights: Weights) -> Flow:
        cut = self._cut(flow.values, np.nan)
        means = [np.nanmean(cut[:, i : i + self.pool_size], axis=1) for i in self._starts(cut)]
        return Flow(np.stack(means, 1), None)


def _windows(length: int, size: int, strides: int, padding: str) -> int:
    count = -(-length // strides) if padding == "same" else (length - size) // strides + 1
    if count < 1:
        raise DataError(f"a window of {size} positions does not fit into {length}; choose a longer maxlen.")
    return count

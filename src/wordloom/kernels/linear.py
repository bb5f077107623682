"""Linear classifiers over the rows that a document holds: the plain twin of `linear_compiled`.

The logits of a document are a bias plus the sum of its rows' weights, times the document's scale. One pass
of training goes through the documents one after the other: each moves the weights of its rows against the
gradient of its loss, every weight at a rate of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.sampling import bits

LONGEST_STEP = 2.0
"""A step of one document moves its own logits by less than this, so that heavy texts cannot overshoot."""
BIAS_RATE = 0.01
"""The biases' rate as a share of the step's."""
LEAST_ERROR = 0.002
"""Of a probability of one of several classes: a smaller one moves nothing, so what a text says already beyond
doubt is not learned again, and of many classes a text moves few."""
LANES = 4
"""Tables have a multiple of so many columns, but for a single logit."""
_LINE, _NUMBERS_AT_ONCE = 64, 1 << 15  # bytes; of a table
LEVELS = 256
"""Shares of dropout are multiples of 1 / LEVELS: one byte of random bits decides on a row."""


class Examples(NamedTuple):
    """N documents to learn from.

    rows : int32 (M,), the rows of each document, none twice
    offsets : int64 (N+1,)
    targets : int32 (N,), classes; or float32 (N, K), a number from 0 to 1 for each logit
    weights : float32 (N,), how much each counts in the loss
    scales : float32 (N,), what the sum of its weights is multiplied by
    """

    rows: NDArray[np.int32]
    offsets: NDArray[np.int64]
    targets: NDArray[Any]
    weights: NDArray[np.float32]
    scales: NDArray[np.float32]


class Layer(NamedTuple):
    """What is learned.

    table : float32 (V, X), for each row its K weights, then the highest of the rates at which they learn and,
        from column `rates_at(K)` on, these K rates, unless they are all the same
    bias : float32 (K,)
    """

    table: NDArray[Any]
    bias: NDArray[Any]

    @staticmethod
    def of(weights: NDArray[np.float32], rates: NDArray[np.float32], bias: NDArray[np.float32]) -> Layer:
        """A layer of weights (V, K) that learn at rates (V, K), or (V, 1) for the same in all columns."""
        k, first = weights.shape[1], rates_at(weights.shape[1])
        width = 2 if k == 1 else first if rates.shape[1] == 1 else first + -(-k // LANES) * LANES
        table = _zeros_from_a_line((len(weights), width))
        table[:, :k] = weights
        table[:, k] = over_columns(np.maximum, rates)
        if width > first:
            table[:, first : first + k] = rates
        return Layer(table, bias)


class LinearUpdateRule(NamedTuple):
    """rate : of the steps; dropped : of LEVELS rows so many are left out; seed : of which ones."""

    rate: float
    dropped: int
    seed: np.uint64


def _zeros_from_a_line(shape: tuple[int, int]) -> NDArray[np.float32]:
    """Zeros, float32, that begin at a line of the cache: so rows lie across as few lines as they can."""
    n_bytes = shape[0] * shape[1] * np.dtype(np.float32).itemsize
    memory = np.zeros(n_bytes + _LINE, dtype=np.uint8)
    first = -memory.ctypes.data % _LINE
    return memory[first : first + n_bytes].view(np.float32).reshape(shape)


def over_columns(operation: np.ufunc, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (V,): what `operation` makes of the columns of (V, C), one after the other.

    NumPy's own reduction of a short last axis takes many times as long.
    """
    found = numbers[:, 0].copy()
    for some in row_blocks(numbers):
        own = found[some]
        for column in range(1, numbers.shape[1]):
            operation(own, numbers[some, column], out=own)
    return found


def row_blocks(numbers: NDArray[np.float32]) -> Iterator[slice]:
    """The rows of (V, C), as many at a time as stay in the cache while all their columns are gone through."""
    step = max(_NUMBERS_AT_ONCE // numbers.shape[1], 1)
    return (slice(first, first + step) for first in range(0, len(numbers), step))


def rates_at(k: int) -> int:
    """The column of a table at which the rates of K weights begin, if each has its own."""
    return 1 if k == 1 else (k + LANES) // LANES * LANES


def class_sums(examples: Examples, chosen: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float32]:
    """float32 (V, C) for size (V, C): the weights of the chosen documents of each class that hold a row."""
    sums = np.zeros(size, dtype=np.float32)
    for document in chosen.tolist():
        rows = examples.rows[examples.offsets[document] : examples.offsets[document + 1]]
        sums[rows, examples.targets[document]] += examples.weights[document]
    return sums


def target_sums(examples: Examples, chosen: NDArray[np.int64], rows: int) -> NDArray[np.float32]:
    """float32 (V, K + 1): what `class_sums` is, for targets (N, K), by which each document counts; last the
    weights of all chosen documents that hold a row."""
    sums = np.zeros((rows, examples.targets.shape[1] + 1), dtype=np.float32)
    for document in chosen.tolist():
        inside = examples.rows[examples.offsets[document] : examples.offsets[document + 1]]
        weight = examples.weights[document]
        sums[inside, :-1] += weight * examples.targets[document]
        sums[inside, -1] += weight
    return sums


def logits(
    rows: NDArray[np.int32],
    offsets: NDArray[np.int64],
    scales: NDArray[np.float32],
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> NDArray[np.float32]:
    """float32 (N, K); weights (V, K) may be the first columns of a table.

    Rows are added one after the other in float64, so both twins give the same bits.
    """
    sums = row_sums(rows, offsets, weights[:, : len(bias)])
    return np.asarray(sums * scales[:, None] + bias, dtype=np.float32)


def row_sums(
    rows: NDArray[np.int32], offsets: NDArray[np.int64], weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """float64 (N, K): the sums of the weights of each document's rows, added one after the other."""
    n, k = len(offsets) - 1, weights.shape[1]
    if k == 1:  # NumPy's own sum of a single column adds in pairs
        start, stop = int(offsets[0]), int(offsets[-1])
        documents = np.repeat(np.arange(n), np.diff(offsets))
        return np.asarray(np.bincount(documents, weights[rows[start:stop], 0], n)[:, None], dtype=np.float64)
    result = np.empty((n, k))
    for document in range(n):
        inside = rows[offsets[document] : offsets[document + 1]]
        result[document] = weights[inside].sum(axis=0, dtype=np.float64)
    return result


def train(
    examples: Examples, layer: Layer, rule: LinearUpdateRule, order: NDArray[np.int64], epoch: int
) -> tuple[float, int]:
    """Go once through the documents `order`; changes the layer; the sum of losses and the right answers."""
    table, bias = layer
    k, loss, right = len(bias), 0.0, 0
    for document in order.tolist():
        rows = examples.rows[examples.offsets[document] : examples.offsets[document + 1]]
        rows = rows[_kept(len(rows), rule, epoch, document)]
        scale = float(examples.scales[document]) * LEVELS / (LEVELS - rule.dropped)
        z = table[rows, :k].sum(axis=0, dtype=np.float64) * scale + bias
        error, own_loss, correct = _errors(z, int(examples.targets[document]))
        weight = float(examples.weights[document])
        loss, right = loss + weight * own_loss, right + correct
        error[np.abs(error) < LEAST_ERROR] = 0.0
        _move(layer, rows, scale, rule.rate * weight * error)
    return loss, right


def train_independent(
    examples: Examples, layer: Layer, rule: LinearUpdateRule, order: NDArray[np.int64], epoch: int
) -> tuple[float, float]:
    """As `train`, for targets (N, K): each logit has a sigmoid and a binary cross-entropy of its own.

    What a document adds to the sum of losses, and to the right answers, is the mean over its K logits.
    """
    table, bias = layer
    k, loss, right = len(bias), 0.0, 0.0
    for document in order.tolist():
        rows = examples.rows[examples.offsets[document] : examples.offsets[document + 1]]
        rows = rows[_kept(len(rows), rule, epoch, document)]
        scale = float(examples.scales[document]) * LEVELS / (LEVELS - rule.dropped)
        z = table[rows, :k].sum(axis=0, dtype=np.float64) * scale + bias
        target = examples.targets[document].astype(np.float64)
        signed = np.exp(-np.abs(z))
        error = np.where(z >= 0, 1.0, signed) / (1.0 + signed) - target
        weight = float(examples.weights[document])
        loss += weight * float((np.maximum(z, 0) - z * target + np.log1p(signed)).sum()) / k
        right += int(((z > 0) == (target >= 0.5)).sum()) / k
        _move(layer, rows, scale, rule.rate * weight * error)
    return loss, right


def _move(layer: Layer, rows: NDArray[np.int32], scale: float, step: NDArray[Any]) -> None:
    """Move bias and weights of a document's rows against the steps (K,) of its logits, none of which is
    moved by more than LONGEST_STEP."""
    table, bias = layer
    k = len(bias)
    first = rates_at(k)
    rates = table[rows, first : first + k] if table.shape[1] > first else table[rows, k : k + 1]
    reach = rates.sum(axis=0, dtype=np.float64) * scale**2 + BIAS_RATE
    step = step / np.maximum(1.0, np.abs(step) * reach / LONGEST_STEP)
    table[rows, :k] -= (step * scale).astype(np.float32) * rates
    bias -= (BIAS_RATE * step).astype(np.float32)


def _errors(z: NDArray[Any], target: int) -> tuple[NDArray[Any], float, bool]:
    """Gradient of the loss by the logits (K,), the loss, and whether the answer is right."""
    if len(z) == 1:
        signed = np.exp(-np.abs(z))
        margin = float(z[0]) if target == 1 else -float(z[0])
        loss = max(-margin, 0.0) + float(np.log1p(signed[0]))
        return (
            np.where(z >= 0, 1.0, signed) / (1.0 + signed) - target,
            loss,
            bool((z[0] > 0) == (target == 1)),
        )
    powers = np.exp(z - z.max())
    error = powers / powers.sum()
    loss = float(np.log(powers.sum()) + z.max() - z[target])
    error[target] -= 1.0
    return error, loss, bool(z.argmax() == target)


def _kept(n: int, rule: LinearUpdateRule, epoch: int, document: int) -> NDArray[np.bool_]:
    """Which of a document's n rows take part: byte i % 8 of the bits of unit i // 8 decides on row i."""
    units = np.arange((n + 7) // 8, dtype=np.uint64)
    with np.errstate(over="ignore"):
        random_bits = bits(rule.seed, np.uint64(epoch), np.uint64(document), units)
    return np.asarray(random_bits.astype("<u8").view(np.uint8)[:n] >= rule.dropped)

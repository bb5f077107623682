"""Linear classifiers over the rows that a document holds, compiled; see `linear` for what each function does.

A row's weights and rates lie side by side, so that going back to it for its step finds them in the cache. One
logit and several have kernels of their own, so that nobody waits until the other's are compiled.
"""

# mypy: disable-error-code="call-arg"
from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.linear import (
    BIAS_RATE,
    LANES,
    LEAST_ERROR,
    LEVELS,
    LONGEST_STEP,
    Examples,
    Layer,
    LinearUpdateRule,
    rates_at,
)
from wordloom.kernels.narrow_rows import add_up, move, move_alike
from wordloom.kernels.sampling_compiled import bits as _bits
from wordloom.kernels.softmax_loops import LOWEST, exponentials

_BYTE, _BITS = np.uint64(255), np.uint64(8)
_rates_at = part(rates_at)


def class_sums(examples: Examples, chosen: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float32]:
    """The weights of the chosen documents of each class that hold a row."""
    sums = np.zeros(size, np.float32)
    _add_to_classes(examples, chosen, sums)
    return sums


@entry
def _add_to_classes(examples, chosen, sums):  # type: ignore[no-untyped-def]
    rows, offsets = examples.rows, examples.offsets
    for i in range(len(chosen)):
        document = chosen[i]
        target, weight = examples.targets[document], examples.weights[document]
        for place in range(offsets[document], offsets[document + 1]):
            sums[rows[place], target] += weight


def target_sums(examples: Examples, chosen: NDArray[np.int64], rows: int) -> NDArray[np.float32]:
    """What `class_sums` is, for targets (N, K); last the weights of all chosen documents that hold a row."""
    columns = examples.targets.shape[1] + 1
    sums = np.zeros((rows, columns), np.float32)
    _add_to_targets(examples, chosen, sums, np.empty(columns, np.int64))
    return sums


@entry
def _add_to_targets(examples, chosen, sums, there):  # type: ignore[no-untyped-def]
    """`there` is room for the labels of a document; most have few."""
    n_targets = examples.targets.shape[1]
    for c in range(len(chosen)):
        document = chosen[c]
        weight, n = examples.weights[document], 0
        for j in range(n_targets):
            there[n] = j
            n += examples.targets[document, j] != 0
        for i in range(examples.offsets[document], examples.offsets[document + 1]):
            row = examples.rows[i]
            sums[row, n_targets] += weight
            for j in range(n):
                sums[row, there[j]] += weight * examples.targets[document, there[j]]


@part
def add_weights(sums, document, rows, span, weights):  # type: ignore[no-untyped-def]
    """sums[document] += the weights of `rows` from span[0] to span[1], row after row."""
    start, end = span
    k = sums.shape[1]
    if k == 1:
        only = sums[document, 0]
        for i in range(start, end):
            only += weights[rows[i], 0]
        sums[document, 0] = only
    else:
        for i in range(start, end):
            row = rows[i]
            for j in range(k):
                sums[document, j] += weights[row, j]


def logits(
    rows: NDArray[np.int32],
    offsets: NDArray[np.int64],
    scales: NDArray[np.float32],
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> NDArray[np.float32]:
    """float32 (N, K); weights (V, K) may be the first columns of a table."""
    result, total = np.empty((len(scales), len(bias)), np.float32), np.empty(len(bias))
    _logits(rows, offsets, scales, weights, bias, total, result)
    return result


@entry
def _logits(rows, offsets, scales, weights, bias, total, result):  # type: ignore[no-untyped-def]
    k = len(bias)
    whole = k // LANES * LANES
    for document in range(len(scales)):
        start, end = offsets[document], offsets[document + 1]
        add_up(weights, rows[start:end], end - start, total, (0, whole), 0)
        for j in range(whole, k):
            only = 0.0
            for i in range(start, end):
                only += weights[rows[i], j]
            total[j] = only
        for j in range(k):
            result[document, j] = total[j] * scales[document] + bias[j]


def _buffers(examples: Examples, layer: Layer, order: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
    """Buffers for the rows of the longest document, and for sums, errors and strides of the logits."""
    lengths = examples.offsets[order + 1] - examples.offsets[order]
    k = len(layer.bias)
    columns = max(rates_at(k), k + 1)
    kept = np.empty(int(lengths.max(initial=0)) + 1, np.int32)
    return kept, np.empty(columns), np.empty(columns), np.zeros(columns, np.float32)


def row_sums(
    rows: NDArray[np.int32], offsets: NDArray[np.int64], weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """float64 (N, K): the sums of the weights of each document's rows, added one after the other."""
    sums = np.zeros((len(offsets) - 1, weights.shape[1]), np.float64)
    _add_rows(rows, offsets, weights, sums)
    return sums


@entry
def _add_rows(rows, offsets, weights, sums):  # type: ignore[no-untyped-def]
    for document in range(len(sums)):
        add_weights(sums, document, rows, (offsets[document], offsets[document + 1]), weights)


@part
def _kept_rows(examples, document, rule, epoch, kept):  # type: ignore[no-untyped-def]
    """Put the document's rows that take part into `kept`; how many there are."""
    rows, offsets = examples.rows, examples.offsets
    start, end = offsets[document], offsets[document + 1]
    if rule.dropped == 0:
        for i in range(start, end):
            kept[i - start] = rows[i]
        return end - start
    n: Any = 0
    random_bits = np.uint64(0)
    dropped = np.uint64(rule.dropped)
    for i in range(end - start):
        if i % 8 == 0:
            random_bits = _bits(rule.seed, np.uint64(epoch), np.uint64(document), np.uint64(i // 8))
        kept[n] = rows[start + i]  # written in any case, and kept if it takes part
        n += (random_bits & _BYTE) >= dropped
        random_bits >>= _BITS
    return n


@part
def _move_rows(layer, kept, n, scale, rate, error, highest, strides):  # type: ignore[no-untyped-def]
    """Move bias and the rows `kept[:n]` against the errors of the logits.

    How far a step reaches counts only where it may be too far, which the highest rates, whose sum is
    `highest`, tell: so the rates of the other columns are read once.
    """
    table, bias = layer
    k, first = len(bias), _rates_at(len(bias))
    for j in range(k):
        step = rate * error[j]
        if abs(step) * (highest * scale * scale + BIAS_RATE) > LONGEST_STEP:
            reach = highest
            if table.shape[1] > first:
                reach = 0.0
                for i in range(n):
                    reach += table[kept[i], first + j]
            step /= max(1.0, abs(step) * (reach * scale * scale + BIAS_RATE) / LONGEST_STEP)
        bias[j] -= np.float32(BIAS_RATE * step)
        strides[j] = np.float32(step * scale)
    columns = (0, (k + LANES - 1) // LANES * LANES)
    if table.shape[1] > first:
        move(table, kept, n, strides, columns, first)
    else:
        move_alike(table, kept, n, strides, columns, k)


@part
def _scale(examples, document, rule):  # type: ignore[no-untyped-def]
    return examples.scales[document] * np.float64(LEVELS) / (LEVELS - rule.dropped)


@part
def _sums_of_one(table, kept, n):  # type: ignore[no-untyped-def]
    """The sums of the rows' one weight and of their rate."""
    total, reach = 0.0, 0.0
    for i in range(n):
        total += table[kept[i], 0]
        reach += table[kept[i], 1]
    return total, reach


@part
def _move_one(layer, kept, n, scale, step, reach):  # type: ignore[no-untyped-def]
    """Move the one bias, and the rows `kept[:n]`, by a step that is shortened if it reaches too far."""
    table, bias = layer
    step /= max(1.0, abs(step) * (reach * scale * scale + BIAS_RATE) / LONGEST_STEP)
    stride = np.float32(step * scale)
    for i in range(n):
        table[kept[i], 0] -= stride * table[kept[i], 1]
    bias[0] -= np.float32(BIAS_RATE * step)


@part
def _logits_of(layer, kept, n, scale, sums):  # type: ignore[no-untyped-def]
    """Put the logits of the rows `kept[:n]` into `sums`, and behind them the sum of their highest rates."""
    table, bias = layer
    add_up(table, kept, n, sums, (0, _rates_at(len(bias))), 0)
    for j in range(len(bias)):
        sums[j] = sums[j] * scale + bias[j]


def train(
    examples: Examples, layer: Layer, rule: LinearUpdateRule, order: NDArray[np.int64], epoch: int
) -> tuple[float, int]:
    """Go once through the documents `order`; changes the layer; the sum of losses and the right answers."""
    kernel = _train_one if len(layer.bias) == 1 else _train
    result: tuple[float, int] = kernel(examples, layer, rule, order, epoch, _buffers(examples, layer, order))
    return result


@entry
def _train_one(examples, layer, rule, order, epoch, buffers):  # type: ignore[no-untyped-def]
    """Two classes: one logit."""
    kept, loss, right = buffers[0], 0.0, 0
    for i in range(len(order)):
        document = order[i]
        n = _kept_rows(examples, document, rule, epoch, kept)
        scale, weight = _scale(examples, document, rule), np.float64(examples.weights[document])
        total, reach = _sums_of_one(layer.table, kept, n)
        z, is_first = total * scale + layer.bias[0], examples.targets[document] == 1
        signed = math.exp(-abs(z))
        error = (1.0 if z >= 0 else signed) / (1.0 + signed) - examples.targets[document]
        if abs(error) >= LEAST_ERROR:
            _move_one(layer, kept, n, scale, rule.rate * weight * error, reach)
        loss += weight * (max(-z if is_first else z, 0.0) + math.log1p(signed))
        right += (z > 0) == is_first
    return loss, right


@part
def _errors(z, k, target, error):  # type: ignore[no-untyped-def]
    """Fill in the gradient by the K logits; the loss, and whether the answer is right.

    z, error : float64 (X,), with room behind the K logits for a multiple of LANES
    """
    best = 0
    for j in range(k):
        if z[j] > z[best]:
            best = j
    for j in range(k, len(z)):
        z[j] = LOWEST + z[best]
    total: Any = exponentials(z, z[best], error, len(z))
    for j in range(k):
        error[j] /= total
    error[target] -= 1.0
    return math.log(total) + z[best] - z[target], best == target


@entry
def _train(examples, layer, rule, order, epoch, buffers):  # type: ignore[no-untyped-def]
    """A logit for each class."""
    kept, sums, error, strides = buffers
    k, loss, right = len(layer.bias), 0.0, 0
    for i in range(len(order)):
        document = order[i]
        n = _kept_rows(examples, document, rule, epoch, kept)
        scale, weight = _scale(examples, document, rule), np.float64(examples.weights[document])
        _logits_of(layer, kept, n, scale, sums)
        highest, target = sums[k], examples.targets[document]
        own, correct = _errors(sums, k, target, error)
        for j in range(k):
            if abs(error[j]) < LEAST_ERROR:
                error[j] = 0.0
        _move_rows(layer, kept, n, scale, rule.rate * weight, error, highest, strides)
        loss += weight * own
        right += correct
    return loss, right


@part
def _binary_errors(z, targets, document, error):  # type: ignore[no-untyped-def]
    """Fill in the gradient by the logits; the sum of the losses, and how many logits are on their side."""
    loss, right = 0.0, 0
    for j in range(targets.shape[1]):
        target, signed = np.float64(targets[document, j]), math.exp(-abs(z[j]))
        error[j] = (1.0 if z[j] >= 0 else signed) / (1.0 + signed) - target
        loss += max(z[j], 0.0) - z[j] * target + math.log1p(signed)
        right += (z[j] > 0) == (target >= 0.5)
    return loss, right


def train_independent(
    examples: Examples, layer: Layer, rule: LinearUpdateRule, order: NDArray[np.int64], epoch: int
) -> tuple[float, float]:
    """As `train`, for targets (N, K): each logit has a sigmoid and a binary cross-entropy of its own."""
    kernel = _train_independent_one if len(layer.bias) == 1 else _train_independent
    buffers = _buffers(examples, layer, order)
    result: tuple[float, float] = kernel(examples, layer, rule, order, epoch, buffers)
    return result


@entry
def _train_independent_one(examples, layer, rule, order, epoch, buffers):  # type: ignore[no-untyped-def]
    kept, z, error, _ = buffers
    loss, right = 0.0, 0.0
    for i in range(len(order)):
        document = order[i]
        n = _kept_rows(examples, document, rule, epoch, kept)
        scale, weight = _scale(examples, document, rule), np.float64(examples.weights[document])
        total, reach = _sums_of_one(layer.table, kept, n)
        z[0] = total * scale + layer.bias[0]
        own, correct = _binary_errors(z, examples.targets, document, error)
        _move_one(layer, kept, n, scale, rule.rate * weight * error[0], reach)
        loss += weight * own
        right += correct
    return loss, right


@entry
def _train_independent(examples, layer, rule, order, epoch, buffers):  # type: ignore[no-untyped-def]
    kept, sums, error, strides = buffers
    k, loss, right = len(layer.bias), 0.0, 0.0
    for i in range(len(order)):
        document = order[i]
        n = _kept_rows(examples, document, rule, epoch, kept)
        scale, weight = _scale(examples, document, rule), np.float64(examples.weights[document])
        _logits_of(layer, kept, n, scale, sums)
        own, correct = _binary_errors(sums, examples.targets, document, error)
        _move_rows(layer, kept, n, scale, rule.rate * weight, error, sums[k], strides)
        loss += weight * own / k
        right += correct / k
    return loss, right

"""Linear classifiers over the rows that a document holds, compiled; see `linear` for what each function does.

A row's weights and rates lie side by side, so that going back to it for its step finds them in the cache.
"""

# mypy: disable-error-code="call-arg"
from __future__ import annotations

from typing import Any

import numpy as np

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.linear import BIAS_RATE, LANES, LEVELS, LONGEST_STEP, rates_at
from wordloom.kernels.narrow_rows import add_up, move, move_alike
from wordloom.kernels.sampling_compiled import bits as _bits
from wordloom.kernels.softmax_loops import LOWEST, exponentials

_BYTE, _BITS = np.uint64(255), np.uint64(8)
_rates_at = part(rates_at)


@entry
def class_sums(examples, chosen, size):  # type: ignore[no-untyped-def]
    rows, offsets = examples.rows, examples.offsets
    sums = np.zeros(size, np.float32)
    for document in chosen:
        target, weight = examples.targets[document], examples.weights[document]
        for i in range(offsets[document], offsets[document + 1]):
            sums[rows[i], target] += weight
    return sums


@entry
def target_sums(examples, chosen, rows):  # type: ignore[no-untyped-def]
    n_targets = examples.targets.shape[1]
    sums = np.zeros((rows, n_targets + 1), np.float32)
    there = np.empty(n_targets + 1, np.int64)  # most documents have few of the labels
    for document in chosen:
        weight, n = examples.weights[document], 0
        for j in range(n_targets):
            there[n] = j
            n += examples.targets[document, j] != 0
        for i in range(examples.offsets[document], examples.offsets[document + 1]):
            row = examples.rows[i]
            sums[row, n_targets] += weight
            for j in there[:n]:
                sums[row, j] += weight * examples.targets[document, j]
    return sums


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


@entry
def logits(rows, offsets, scales, weights, bias):  # type: ignore[no-untyped-def]
    k = len(bias)
    result = np.empty((len(scales), k), np.float32)
    total = np.empty((1, k), np.float64)
    for document in range(len(scales)):
        for j in range(k):
            total[0, j] = 0.0
        add_weights(total, 0, rows, (offsets[document], offsets[document + 1]), weights)
        for j in range(k):
            result[document, j] = total[0, j] * scales[document] + bias[j]
    return result


@entry
def row_sums(rows, offsets, weights):  # type: ignore[no-untyped-def]
    result = np.zeros((len(offsets) - 1, weights.shape[1]), np.float64)
    for document in range(len(result)):
        add_weights(result, document, rows, (offsets[document], offsets[document + 1]), weights)
    return result


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
    return np.log(total) + z[best] - z[target], best == target


@part
def _one_step(table, bias, kept, scale, weight, rule, target):  # type: ignore[no-untyped-def]
    """Two classes: one logit."""
    total, reach = 0.0, 0.0
    for i in range(len(kept)):
        total += table[kept[i], 0]
        reach += table[kept[i], 1]
    z = total * scale + bias[0]
    signed = np.exp(-abs(z))
    error = (1.0 if z >= 0 else signed) / (1.0 + signed) - target
    margin = z if target == 1 else -z
    step = rule.rate * weight * error
    step /= max(1.0, abs(step) * (reach * scale**2 + BIAS_RATE) / LONGEST_STEP)
    stride = np.float32(step * scale)
    for i in range(len(kept)):
        table[kept[i], 0] -= stride * table[kept[i], 1]
    bias[0] -= np.float32(BIAS_RATE * step)
    return max(-margin, 0.0) + np.log1p(signed), (z > 0) == (target == 1)


@part
def _step(table, bias, kept, scale, weight, rule, target, buffer, strides):  # type: ignore[no-untyped-def]
    """Any number of classes; `buffer: float64 (2, X)` and `strides: float32 (X,)` are overwritten."""
    k, first = len(bias), _rates_at(len(bias))
    z, error = buffer[0], buffer[1]
    add_up(table, kept, z, first, 0)
    highest = z[k]
    for j in range(k):
        z[j] = z[j] * scale + bias[j]
    loss, right = _errors(z, k, target, error)
    _move_rows(table, bias, kept, scale, rule.rate * weight, error, highest, strides)
    return loss, right


@part
def _move_rows(table, bias, kept, scale, rate, error, highest, strides):  # type: ignore[no-untyped-def]
    """Move bias and rows against the errors (K,) of the logits.

    How far a step reaches counts only where it may be too far, which the highest rates, whose sum is
    `highest`, tell: so the rates of the other columns are read once.
    """
    k, first = len(bias), _rates_at(len(bias))
    for j in range(k):
        step = rate * error[j]
        if abs(step) * (highest * scale**2 + BIAS_RATE) > LONGEST_STEP:
            reach = highest
            if table.shape[1] > first:
                reach = 0.0
                for i in range(len(kept)):
                    reach += table[kept[i], first + j]
            step /= max(1.0, abs(step) * (reach * scale**2 + BIAS_RATE) / LONGEST_STEP)
        bias[j] -= np.float32(BIAS_RATE * step)
        strides[j] = np.float32(step * scale)
    if table.shape[1] > first:
        move(table, kept, strides, (k + LANES - 1) // LANES * LANES, first)
    else:
        move_alike(table, kept, strides, (k + LANES - 1) // LANES * LANES, k)


@part
def _binary_errors(z, targets, error):  # type: ignore[no-untyped-def]
    """Fill in the gradient by the logits; the sum of the losses, and how many logits are on their side."""
    loss, right = 0.0, 0
    for j in range(len(z)):
        target, signed = np.float64(targets[j]), np.exp(-abs(z[j]))
        error[j] = (1.0 if z[j] >= 0 else signed) / (1.0 + signed) - target
        loss += max(z[j], 0.0) - z[j] * target + np.log1p(signed)
        right += (z[j] > 0) == (target >= 0.5)
    return loss, right


@entry
def train(examples, layer, rule, order, epoch):  # type: ignore[no-untyped-def]
    table, bias = layer
    longest = 0
    for document in order:
        longest = max(longest, examples.offsets[document + 1] - examples.offsets[document])
    kept, columns = np.empty(longest + 1, np.int32), _rates_at(len(bias))
    buffer, strides = np.empty((2, columns)), np.zeros(columns, np.float32)
    loss, right = 0.0, 0
    for document in order:
        n = _kept_rows(examples, document, rule, epoch, kept)
        scale = examples.scales[document] * np.float64(LEVELS) / (LEVELS - rule.dropped)
        weight, target = np.float64(examples.weights[document]), examples.targets[document]
        if len(bias) == 1:
            own, correct = _one_step(table, bias, kept[:n], scale, weight, rule, target)
        else:
            own, correct = _step(table, bias, kept[:n], scale, weight, rule, target, buffer, strides)
        loss += weight * own
        right += correct
    return loss, right


@entry
def train_independent(examples, layer, rule, order, epoch):  # type: ignore[no-untyped-def]
    table, bias = layer
    k, longest = len(bias), 0
    for document in order:
        longest = max(longest, examples.offsets[document + 1] - examples.offsets[document])
    kept, columns = np.empty(longest + 1, np.int32), max(_rates_at(k), k + 1)
    buffer, strides = np.empty((2, columns)), np.zeros(columns, np.float32)
    sums, z, error = buffer[0], buffer[0, :k], buffer[1, :k]
    loss, right = 0.0, 0.0
    for document in order:
        n = _kept_rows(examples, document, rule, epoch, kept)
        scale = examples.scales[document] * np.float64(LEVELS) / (LEVELS - rule.dropped)
        weight = np.float64(examples.weights[document])
        if k == 1:
            sums[0], sums[1] = 0.0, 0.0
            for i in range(n):
                sums[0] += table[kept[i], 0]
                sums[1] += table[kept[i], 1]
        else:
            add_up(table, kept[:n], sums, _rates_at(k), 0)
        for j in range(k):
            z[j] = z[j] * scale + bias[j]
        own, correct = _binary_errors(z, examples.targets[document], error)
        if k == 1:
            step = rule.rate * weight * error[0]
            step /= max(1.0, abs(step) * (sums[1] * scale**2 + BIAS_RATE) / LONGEST_STEP)
            stride = np.float32(step * scale)
            for i in range(n):
                table[kept[i], 0] -= stride * table[kept[i], 1]
            bias[0] -= np.float32(BIAS_RATE * step)
        else:
            _move_rows(table, bias, kept[:n], scale, rule.rate * weight, error, sums[k], strides)
        loss += weight * own / k
        right += correct / k
    return loss, right

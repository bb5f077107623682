"""Linear classifiers over the rows that a document holds, compiled; see `linear` for what each function does.

A row's weights and rates lie side by side, so that going back to it for its step finds them in the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.linear import BIAS_RATE, LEVELS, LONGEST_STEP
from wordloom.kernels.sampling_compiled import bits as _bits

_BYTE, _BITS = np.uint64(255), np.uint64(8)


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
def logits(rows, offsets, scales, weights, bias):  # type: ignore[no-untyped-def]
    k = len(bias)
    result = np.empty((len(scales), k), np.float32)
    total = np.empty(k, np.float64)
    for document in range(len(scales)):
        start, end = offsets[document], offsets[document + 1]
        if k == 1:
            only = 0.0
            for i in range(start, end):
                only += weights[rows[i], 0]
            total[0] = only
        else:
            for j in range(k):
                total[j] = 0.0
            for i in range(start, end):
                row = rows[i]
                for j in range(k):
                    total[j] += weights[row, j]
        for j in range(k):
            result[document, j] = total[j] * scales[document] + bias[j]
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
    drawn = np.uint64(0)
    dropped = np.uint64(rule.dropped)
    for i in range(end - start):
        if i % 8 == 0:
            drawn = _bits(rule.seed, np.uint64(epoch), np.uint64(document), np.uint64(i // 8))
        kept[n] = rows[start + i]  # written in any case, and kept if it takes part
        n += (drawn & _BYTE) >= dropped
        drawn >>= _BITS
    return n


@part
def _errors(z, target, error):  # type: ignore[no-untyped-def]
    """Fill in the gradient by the logits; the loss, and whether the answer is right."""
    if len(z) == 1:
        signed = np.exp(-abs(z[0]))
        margin = z[0] if target == 1 else -z[0]
        error[0] = (1.0 if z[0] >= 0 else signed) / (1.0 + signed) - target
        return max(-margin, 0.0) + np.log1p(signed), (z[0] > 0) == (target == 1)
    best = 0
    for j in range(len(z)):
        if z[j] > z[best]:
            best = j
    total = 0.0
    for j in range(len(z)):
        error[j] = np.exp(z[j] - z[best])
        total += error[j]
    for j in range(len(z)):
        error[j] /= total
    error[target] -= 1.0
    return np.log(total) + z[best] - z[target], best == target


@part
def _one_step(table, bias, kept, scale, weight, rule, target):  # type: ignore[no-untyped-def]
    """Two classes: one logit."""
    z, error = np.empty(1), np.empty(1)
    total, reach = 0.0, 0.0
    for i in range(len(kept)):
        total += table[kept[i], 0]
        reach += table[kept[i], 1]
    z[0] = total * scale + bias[0]
    loss, right = _errors(z, target, error)
    step = rule.rate * weight * error[0]
    step /= max(1.0, abs(step) * (reach * scale**2 + BIAS_RATE) / LONGEST_STEP)
    stride = np.float32(step * scale)
    for i in range(len(kept)):
        table[kept[i], 0] -= stride * table[kept[i], 1]
    bias[0] -= np.float32(BIAS_RATE * step)
    return loss, right


@part
def _step(table, bias, kept, scale, weight, rule, target, room):  # type: ignore[no-untyped-def]
    """Any number of classes; `room: float64 (3, K)` is for what is worked out in between."""
    k = len(bias)
    z, error, reach = room[0], room[1], room[2]
    for j in range(k):
        z[j], reach[j] = 0.0, 0.0
    for i in range(len(kept)):
        row = kept[i]
        for j in range(k):
            z[j] += table[row, j]
            reach[j] += table[row, k + j]
    for j in range(k):
        z[j] = z[j] * scale + bias[j]
    loss, right = _errors(z, target, error)
    for j in range(k):
        step = rule.rate * weight * error[j]
        step /= max(1.0, abs(step) * (reach[j] * scale**2 + BIAS_RATE) / LONGEST_STEP)
        bias[j] -= np.float32(BIAS_RATE * step)
        error[j] = step * scale
    for i in range(len(kept)):
        row = kept[i]
        for j in range(k):
            table[row, j] -= np.float32(error[j]) * table[row, k + j]
    return loss, right


@entry
def train(examples, layer, rule, order, epoch):  # type: ignore[no-untyped-def]
    table, bias = layer
    longest = 0
    for document in order:
        longest = max(longest, examples.offsets[document + 1] - examples.offsets[document])
    room, kept = np.empty((3, len(bias))), np.empty(longest + 1, np.int32)
    loss, right = 0.0, 0
    for document in order:
        n = _kept_rows(examples, document, rule, epoch, kept)
        scale = examples.scales[document] * np.float64(LEVELS) / (LEVELS - rule.dropped)
        weight, target = np.float64(examples.weights[document]), examples.targets[document]
        if len(bias) == 1:
            own, correct = _one_step(table, bias, kept[:n], scale, weight, rule, target)
        else:
            own, correct = _step(table, bias, kept[:n], scale, weight, rule, target, room)
        loss += weight * own
        right += correct
    return loss, right

"""The compiled second half of a pooled network: dropout, hidden and output layer, loss; and the optimizers.

These weights stand in one row: the first layer's bias, then, with a hidden layer, the output layer's weights
(K, H) and bias (K).
"""

from __future__ import annotations

import math

import numpy as np

from wordloom.kernels.compiling import part
from wordloom.kernels.pooled import BETA_1, BETA_2, EPSILON, RHO, RMSPROP, SGD
from wordloom.kernels.pooled_layers import typed
from wordloom.kernels.sampling_compiled import uniform


@part
def drop(values, batch, rule, epoch, width, first, row_width):  # type: ignore[no-untyped-def]
    """Inverted dropout in place. Column c is unit `c // width * row_width + first + c % width`."""
    kept = typed(1.0 / (1.0 - rule.dropout), values)
    for b in range(len(batch)):
        for c in range(values.shape[1]):
            unit = c // width * row_width + first + c % width
            if uniform(rule.seed, np.uint64(epoch), np.uint64(batch[b]), np.uint64(unit)) < rule.dropout:
                values[b, c] = 0
            else:
                values[b, c] *= kept


@part
def cross_entropy(z, target, weight, share, slopes):  # type: ignore[no-untyped-def]
    """Weighted cross-entropy of one document's logits; puts its slopes, times `share`, into `slopes`."""
    if len(z) == 1:
        value = np.float64(z[0])
        slopes[0] = share * weight * (1.0 / (1.0 + math.exp(-value)) - target)
        loss = max(value, 0.0) - value * target + math.log1p(math.exp(-abs(value)))
        return weight * loss, (value > 0) == (target == 1)
    highest = 0
    for k in range(1, len(z)):
        if z[k] > z[highest]:
            highest = k
    total = 0.0
    for k in range(len(z)):
        total += math.exp(np.float64(z[k]) - np.float64(z[highest]))
    for k in range(len(z)):
        probability = math.exp(np.float64(z[k]) - np.float64(z[highest])) / total
        slopes[k] = share * weight * (probability - (1.0 if k == target else 0.0))
    loss = math.log(total) + np.float64(z[highest]) - np.float64(z[target])
    return weight * loss, highest == target


@part
def binary_cross_entropies(z, aims, weight, share, slopes):  # type: ignore[no-untyped-def]
    """The same for a sigmoid at each logit: the mean of the cross-entropies, and the share that is right."""
    loss, right, k = 0.0, 0.0, len(z)
    for j in range(k):
        value, aim = np.float64(z[j]), np.float64(aims[j])
        slopes[j] = share * weight * (1.0 / (1.0 + math.exp(-value)) - aim) / k
        loss += max(value, 0.0) - value * aim + math.log1p(math.exp(-abs(value)))
        right += (value > 0) == (aim >= 0.5)
    return weight * loss / k, right / k


@part
def first_sums(sums, output, n, rectify, outputs):  # type: ignore[no-untyped-def]
    """Bias and the blocks' parts, added in the order of the blocks."""
    for b in range(n):
        for k in range(outputs.shape[1]):
            total = output[k]
            for block in range(len(sums)):
                total += sums[block, b, k]
            outputs[b, k] = total if total > 0 or not rectify else 0


@part
def output_layer(inner, output, z):  # type: ignore[no-untyped-def]
    """Logits of one document from its hidden units."""
    h = len(inner)
    for k in range(len(z)):
        total = output[h + len(z) * h + k]
        for j in range(h):
            total += output[h + k * h + j] * inner[j]
        z[k] = total


@part
def output_layer_back(inner, slopes, output, gradient, inner_slopes):  # type: ignore[no-untyped-def]
    h = len(inner)
    for j in range(h):
        inner_slopes[j] = 0
    for k in range(len(slopes)):
        gradient[h + len(slopes) * h + k] += slopes[k]
        for j in range(h):
            gradient[h + k * h + j] += slopes[k] * inner[j]
            inner_slopes[j] += slopes[k] * output[h + k * h + j]
    for j in range(h):
        if inner[j] <= 0:  # silent, or dropped
            inner_slopes[j] = 0


@part
def forward_and_back(buffers, inner, thread, parity, weights, gradient, documents, batch, rule, epoch):  # type: ignore[no-untyped-def]
    """From the first layer's sums to the loss and back to the slopes of these sums.

    `inner` is room for the hidden units (B, H), or None.
    """
    n, slopes = len(batch), buffers.slopes[thread]
    z, z_slopes = buffers.z[thread, 0], buffers.z[thread, 1]
    if inner is None:
        first_sums(buffers.sums[parity], weights, n, False, slopes)
    else:
        first_sums(buffers.sums[parity], weights, n, True, inner)
        if rule.dropout > 0:
            drop(inner, batch, rule, epoch, inner.shape[1], 0, inner.shape[1])
    total, right = 0.0, 0.0
    share = 1.0 / n
    for b in range(n):
        weight = documents.weights[batch[b]]
        if inner is None:
            for k in range(len(z)):
                z[k] = slopes[b, k]
        else:
            output_layer(inner[b], weights, z)
        if len(documents.aims) > 0:
            loss, hit = binary_cross_entropies(z, documents.aims[batch[b]], weight, share, z_slopes)
        else:
            loss, hits = cross_entropy(z, documents.targets[batch[b]], weight, share, z_slopes)
            hit = 1.0 * hits
        if inner is None:
            for k in range(len(z)):
                slopes[b, k] = z_slopes[k]
        else:
            output_layer_back(inner[b], z_slopes, weights, gradient, slopes[b])
        total += loss
        right += hit
    if inner is not None and rule.dropout > 0:
        drop(slopes, batch, rule, epoch, slopes.shape[1], 0, slopes.shape[1])
    for b in range(n):
        for k in range(slopes.shape[1]):
            gradient[k] += slopes[b, k]
    return total, right


@part
def update(weights, first, second, rows, gradients, rate, optimizer):  # type: ignore[no-untyped-def]
    """One step of Keras' SGD, RMSprop or Adam on `rows`, whose gradients stand one after the other.

    Clears the gradients. All arrays have two dimensions.
    """
    rate, epsilon = typed(rate, weights), typed(EPSILON, weights)
    fresh_1, fresh_2 = typed(1 - BETA_1, weights), typed(1 - BETA_2, weights)
    if optimizer == RMSPROP:
        fresh_2 = typed(1 - RHO, weights)
    for i in range(len(rows)):
        row = rows[i]
        if optimizer == SGD:
            for j in range(weights.shape[1]):
                weights[row, j] -= rate * gradients[i, j]
        elif optimizer == RMSPROP:
            for j in range(weights.shape[1]):
                slope = gradients[i, j]
                square = second[row, j] + (slope * slope - second[row, j]) * fresh_2
                second[row, j] = square
                weights[row, j] -= rate * slope / np.sqrt(square + epsilon)
        else:
            for j in range(weights.shape[1]):
                slope = gradients[i, j]
                mean = first[row, j] + (slope - first[row, j]) * fresh_1
                square = second[row, j] + (slope * slope - second[row, j]) * fresh_2
                first[row, j] = mean
                second[row, j] = square
                weights[row, j] -= rate * mean / (np.sqrt(square) + epsilon)
        for j in range(weights.shape[1]):
            gradients[i, j] = 0

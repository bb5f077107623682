"""Pooled networks, compiled; see `pooled` for the arrays and for what each function does.

Batches are trained by one thread, documents within a batch one after the other, so the result cannot depend
on the number of threads; `logits` is serial over its documents and may run over ranges in several threads.
Inner loops run over contiguous rows so that they become vector instructions; sums may be reassociated for
that ("reassoc"), but NaN and infinities keep their meaning.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from wordloom.kernels import draws
from wordloom.kernels.pooled import (
    ADAM,
    BETA_1,
    BETA_2,
    EPSILON,
    FLATTEN,
    MEAN,
    RHO,
    RMSPROP,
    SGD,
)

_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")
_vectorised = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
_uniform = _compiled(draws.uniform)


@_vectorised
def _dot(a, b):  # type: ignore[no-untyped-def]
    total = a[0] * b[0]
    for i in range(1, len(a)):
        total += a[i] * b[i]
    return total


@_vectorised
def _add_scaled(target, scale, source):  # type: ignore[no-untyped-def]
    for i in range(len(target)):
        target[i] += scale * source[i]


@_compiled
def _typed(value, array):  # type: ignore[no-untyped-def]
    """`value` in the floating type of `array`: a 64-bit scalar would make every loop it enters 64-bit."""
    one = np.empty(1, array.dtype)
    one[0] = value
    return one[0]


@_compiled
def _pool(embedding, ids, pooling, features, winners):  # type: ignore[no-untyped-def]
    """Features of one document, and for "max" the position of each feature's token (-1 without tokens)."""
    d = embedding.shape[1]
    if pooling == FLATTEN:
        for i in range(len(ids)):
            features[i * d : (i + 1) * d] = embedding[ids[i]]
        return
    features[:] = 0
    if pooling == MEAN:
        for i in range(len(ids)):
            row = embedding[ids[i]]
            for j in range(d):
                features[j] += row[j]
        if len(ids) > 0:
            features /= _typed(len(ids), features)
        return
    winners[:] = -1
    for i in range(len(ids)):
        row = embedding[ids[i]]
        for j in range(d):
            if winners[j] < 0 or row[j] > features[j]:
                features[j] = row[j]
                winners[j] = i


@_compiled
def _dense(weights, bias, inputs, outputs):  # type: ignore[no-untyped-def]
    for unit in range(len(bias)):
        outputs[unit] = bias[unit] + _dot(weights[unit], inputs)


@_compiled
def _rectify(values):  # type: ignore[no-untyped-def]
    zero = _typed(0.0, values)
    for i in range(len(values)):
        values[i] = max(values[i], zero)


@_compiled
def logits(parameters, ids, offsets, pooling):  # type: ignore[no-untyped-def]
    embedding, hidden, hidden_bias, output, output_bias = parameters
    n = len(offsets) - 1
    outputs = np.empty((n, len(output_bias)), embedding.dtype)
    features = np.zeros(hidden.shape[1], embedding.dtype)
    inner = np.zeros(len(hidden_bias), embedding.dtype) if len(hidden_bias) > 0 else features
    winners = np.empty(embedding.shape[1], np.int64)
    for document in range(n):
        _pool(embedding, ids[offsets[document] : offsets[document + 1]], pooling, features, winners)
        if len(hidden_bias) > 0:
            _dense(hidden, hidden_bias, features, inner)
            _rectify(inner)
        _dense(output, output_bias, inner, outputs[document])
    return outputs


@_compiled
def _loss(outputs, target, slopes):  # type: ignore[no-untyped-def]
    """Cross-entropy of one document; fills its slopes by the logits. The loss, and 1 for a right answer."""
    if len(outputs) == 1:
        z = np.float64(outputs[0])
        slopes[0] = 1.0 / (1.0 + math.exp(-z)) - target
        loss = max(z, 0.0) - z * target + math.log1p(math.exp(-abs(z)))
        return loss, 1 if (z > 0) == (target == 1) else 0
    highest = 0
    for k in range(1, len(outputs)):
        if outputs[k] > outputs[highest]:
            highest = k
    total = 0.0
    for k in range(len(outputs)):
        slopes[k] = math.exp(np.float64(outputs[k]) - np.float64(outputs[highest]))
        total += slopes[k]
    for k in range(len(outputs)):
        slopes[k] /= total
    slopes[target] -= 1.0
    loss = math.log(total) - (np.float64(outputs[target]) - np.float64(outputs[highest]))
    return loss, 1 if highest == target else 0


@_compiled
def _drop(kept, rule, epoch, document):  # type: ignore[no-untyped-def]
    """Inverted dropout: 0 for a dropped unit, 1 / (1 - rate) for a kept one."""
    for unit in range(len(kept)):
        draw = _uniform(rule.seed, np.uint64(epoch), np.uint64(document), np.uint64(unit))
        kept[unit] = 0.0 if draw < rule.dropout else 1.0 / (1.0 - rule.dropout)


@_compiled
def _number_rows(ids, slots, rows, n):  # type: ignore[no-untyped-def]
    """Give each id that has none yet the next place among the batch's rows; how many there are now."""
    for i in range(len(ids)):
        if slots[ids[i]] < 0:
            slots[ids[i]] = n
            rows[n] = ids[i]
            n += 1
    return n


@_compiled
def _scatter(gradients, slots, ids, pooling, backward, winners):  # type: ignore[no-untyped-def]
    """Add one document's gradient to its words' rows: the way back through `_pool`."""
    d = gradients.shape[1]
    one = _typed(1.0, gradients)
    if pooling == FLATTEN:
        for i in range(len(ids)):
            _add_scaled(gradients[slots[ids[i]]], one, backward[i * d : (i + 1) * d])
    elif pooling == MEAN:
        if len(ids) > 0:
            share = one / _typed(len(ids), gradients)
            for i in range(len(ids)):
                _add_scaled(gradients[slots[ids[i]]], share, backward)
    else:
        for j in range(d):
            if winners[j] >= 0:
                gradients[slots[ids[winners[j]]], j] += backward[j]


@_compiled
def _document_gradient(parameters, gradients, ids, target, weight, kept, scratch, pooling):  # type: ignore[no-untyped-def]
    """Add the gradients of one document's dense layers; leaves the pooled features' slopes in `backward`."""
    embedding, hidden, hidden_bias, output, output_bias = parameters
    _, hidden_gradient, hidden_bias_gradient, output_gradient, output_bias_gradient = gradients
    features, inner, backward, inner_backward, outputs, slopes, winners = scratch
    has_hidden = len(hidden_bias) > 0
    _pool(embedding, ids, pooling, features, winners)
    if has_hidden:
        _dense(hidden, hidden_bias, features, inner)
        _rectify(inner)
    else:
        inner[:] = features
    if len(kept) > 0:
        inner *= kept
    _dense(output, output_bias, inner, outputs)
    loss, hit = _loss(outputs, target, slopes)
    inner_backward[:] = 0
    for k in range(len(slopes)):
        slope = _typed(slopes[k] * weight, embedding)
        _add_scaled(output_gradient[k], slope, inner)
        output_bias_gradient[k] += slope
        _add_scaled(inner_backward, slope, output[k])
    if len(kept) > 0:
        inner_backward *= kept
    if has_hidden:
        backward[:] = 0
        for unit in range(len(inner)):
            if inner[unit] > 0:  # a silent unit passes no gradient
                slope = inner_backward[unit]
                _add_scaled(hidden_gradient[unit], slope, features)
                hidden_bias_gradient[unit] += slope
                _add_scaled(backward, slope, hidden[unit])
    else:
        backward[:] = inner_backward
    return loss, hit


@_compiled
def _update(weights, first, second, gradient, rate, optimizer):  # type: ignore[no-untyped-def]
    """One step of Keras' SGD, RMSprop or Adam on one row; clears the gradient."""
    rate, epsilon = _typed(rate, weights), _typed(EPSILON, weights)
    if optimizer == SGD:
        for i in range(len(weights)):
            weights[i] -= rate * gradient[i]
    elif optimizer == RMSPROP:
        fresh = _typed(1 - RHO, weights)
        for i in range(len(weights)):
            second[i] += (gradient[i] * gradient[i] - second[i]) * fresh
            weights[i] -= rate * gradient[i] / np.sqrt(second[i] + epsilon)
    else:
        fresh_1, fresh_2 = _typed(1 - BETA_1, weights), _typed(1 - BETA_2, weights)
        for i in range(len(weights)):
            first[i] += (gradient[i] - first[i]) * fresh_1
            second[i] += (gradient[i] * gradient[i] - second[i]) * fresh_2
            weights[i] -= rate * first[i] / (np.sqrt(second[i]) + epsilon)
    gradient[:] = 0


@_compiled
def _update_all(parameters, moments, gradients, rows, rate, optimizer):  # type: ignore[no-untyped-def]
    """Update the embedding's `rows` and all of the dense layers."""
    embedding, hidden, hidden_bias, output, output_bias = parameters
    first, second = moments
    for i in range(len(rows)):
        row = rows[i]
        _update(embedding[row], first[0][row], second[0][row], gradients[0][i], rate, optimizer)
    for unit in range(len(hidden_bias)):
        _update(hidden[unit], first[1][unit], second[1][unit], gradients[1][unit], rate, optimizer)
    _update(hidden_bias, first[2], second[2], gradients[2], rate, optimizer)
    for k in range(len(output_bias)):
        _update(output[k], first[3][k], second[3][k], gradients[3][k], rate, optimizer)
    _update(output_bias, first[4], second[4], gradients[4], rate, optimizer)


@_compiled
def _most_ids(documents, order, batch_size, limit):  # type: ignore[no-untyped-def]
    """How many ids the largest batch holds, at most `limit`."""
    most = 1
    for first in range(0, len(order), batch_size):
        ids = 0
        for i in range(first, min(first + batch_size, len(order))):
            ids += documents.offsets[order[i] + 1] - documents.offsets[order[i]]
        most = max(most, ids)
    return min(most, limit)


@_compiled
def _scratch(parameters):  # type: ignore[no-untyped-def]
    """Room for one document's way through the network, there and back."""
    embedding, hidden, _, output, output_bias = parameters
    return (
        np.zeros(hidden.shape[1], embedding.dtype),
        np.zeros(output.shape[1], embedding.dtype),
        np.zeros(hidden.shape[1], embedding.dtype),
        np.zeros(output.shape[1], embedding.dtype),
        np.zeros(len(output_bias), embedding.dtype),
        np.zeros(len(output_bias), np.float64),
        np.zeros(embedding.shape[1], np.int64),
    )


@_compiled
def _train_batch(parameters, gradients, documents, batch, rule, epoch, slots, rows):  # type: ignore[no-untyped-def]
    """Sum the gradients of one batch; the number of embedding rows in it, the loss and the hits."""
    scratch = _scratch(parameters)
    backward, winners = scratch[2], scratch[6]
    kept = np.empty(parameters.output.shape[1] if rule.dropout > 0 else 0, parameters.embedding.dtype)
    n, total, right = 0, 0.0, 0
    for document in batch:
        ids = documents.ids[documents.offsets[document] : documents.offsets[document + 1]]
        weight = documents.weights[document]
        n = _number_rows(ids, slots, rows, n)
        _drop(kept, rule, epoch, document)
        loss, hit = _document_gradient(
            parameters,
            gradients,
            ids,
            documents.targets[document],
            weight / len(batch),
            kept,
            scratch,
            rule.pooling,
        )
        _scatter(gradients[0], slots, ids, rule.pooling, backward, winners)
        total += loss * weight
        right += hit
    for i in range(n):
        slots[rows[i]] = -1
    return n, total, right


@_compiled
def train_batches(parameters, moments, documents, order, rule, epoch, step):  # type: ignore[no-untyped-def]
    embedding, hidden, hidden_bias, output, output_bias = parameters
    most = _most_ids(documents, order, rule.batch_size, len(embedding))
    slots = np.full(len(embedding), -1, np.int32)
    rows = np.empty(most, np.int64)
    gradients = (
        np.zeros((most, embedding.shape[1]), embedding.dtype),
        np.zeros_like(hidden),
        np.zeros_like(hidden_bias),
        np.zeros_like(output),
        np.zeros_like(output_bias),
    )
    total, right = 0.0, 0
    for first in range(0, len(order), rule.batch_size):
        batch = order[first : first + rule.batch_size]
        step += 1
        n, loss, hits = _train_batch(parameters, gradients, documents, batch, rule, epoch, slots, rows)
        rate = rule.learning_rate
        if rule.optimizer == ADAM:
            rate *= math.sqrt(1.0 - BETA_2**step) / (1.0 - BETA_1**step)
        _update_all(parameters, moments, gradients, rows[:n], rate, rule.optimizer)
        total += loss
        right += hits
    return total, right

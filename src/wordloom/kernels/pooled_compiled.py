"""Pooled networks, compiled; see `pooled` for the arrays and for what each function does.

Two threads can train one network, and the result is the same as with one: the embedding's columns are
always cut into `BLOCKS` blocks, each with its part of the first dense layer. A block pools its own columns,
multiplies them with its own weights and updates its own rows; all it needs of the others is their part of
the first layer's sums, for which the threads meet once a batch. The parts are added in the order of the
blocks, whoever made them. What follows the first layer (the head) is tiny and done by every thread.

Inner loops run over contiguous rows so that they become vector instructions; sums may be reassociated for
that ("reassoc"), but NaN and infinities keep their meaning. Functions are few and flat on purpose: a
compiled function is optimised again inside each of its callers, which the first run waits for.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import draws, meeting
from wordloom.kernels.pooled import (
    ADAM,
    BETA_1,
    BETA_2,
    EPSILON,
    FLATTEN,
    MAX,
    MEAN,
    RHO,
    RMSPROP,
    SGD,
    Documents,
    Floats,
    Parameters,
    Rule,
)
from wordloom.kernels.threads import thread_count

BLOCKS = 2
_BATCH = 64  # documents that are pooled together when predicting

_FAST = {"reassoc", "contract", "nsz"}
_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")
_vectorised = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
_uniform = _compiled(draws.uniform)


class Layers(NamedTuple):
    """The weights, or something of their shape, as the kernel keeps them (S = BLOCKS, E = D / S)."""

    embedding: Floats  # (S, V, E); for gradients (S, R, E), R rows of the batch
    first: Floats  # (S, H or K, L * E or E): the first dense layer
    head: Floats  # (threads, 1, n): first bias, output weights, output bias; a copy for each thread


class Room(NamedTuple):
    """Working arrays for one batch of B documents."""

    features: Floats  # (S, B, L * E or E)
    winners: NDArray[np.int64]  # (S, B, E), for "max": which token gave each feature, or -1
    sums: Floats  # (2, S, B, H or K), the blocks' parts of the first layer's sums, for odd and even steps
    slopes: Floats  # (threads, B, H or K), slopes of the loss by these sums
    inner: Floats  # (threads, B, H)
    z: Floats  # (threads, 2, K), one document's logits, and the loss's slopes by them
    slots: NDArray[np.int32]  # (threads, V), the place of each row in the batch, or -1
    rows: NDArray[np.int64]  # (threads, R)


@_compiled
def _typed(value, array):  # type: ignore[no-untyped-def]
    """`value` in the floating type of `array`: a 64-bit scalar would make every loop it enters 64-bit."""
    one = np.empty(1, array.dtype)
    one[0] = value
    return one[0]


# Positions are counted from the start of a document: an index that may be negative costs a check for
# every element, and the loop its vector instructions.


@_compiled
def _pool_flat(embedding, ids, offsets, batch, features):  # type: ignore[no-untyped-def]
    d = embedding.shape[1]
    for b in range(len(batch)):
        start = offsets[batch[b]]
        for position in range(features.shape[1] // d):
            row, first = ids[start + position], position * d
            for j in range(d):
                features[b, first + j] = embedding[row, j]


@_compiled
def _pool_mean(embedding, ids, offsets, batch, features):  # type: ignore[no-untyped-def]
    d = embedding.shape[1]
    for b in range(len(batch)):
        start, length = offsets[batch[b]], offsets[batch[b] + 1] - offsets[batch[b]]
        for j in range(d):
            features[b, j] = 0
        for position in range(length):
            row = ids[start + position]
            for j in range(d):
                features[b, j] += embedding[row, j]
        share = _typed(1.0 / max(length, 1), features)
        for j in range(d):
            features[b, j] *= share


@_compiled
def _pool_max(embedding, ids, offsets, batch, features, winners):  # type: ignore[no-untyped-def]
    d = embedding.shape[1]
    for b in range(len(batch)):
        for j in range(d):
            features[b, j] = 0
            winners[b, j] = -1
        for t in range(offsets[batch[b]], offsets[batch[b] + 1]):
            row = ids[t]
            for j in range(d):
                if winners[b, j] < 0 or embedding[row, j] > features[b, j]:
                    features[b, j] = embedding[row, j]
                    winners[b, j] = t


@_compiled
def _scatter_flat(gradients, slots, ids, offsets, batch, slopes):  # type: ignore[no-untyped-def]
    """Add the slopes of the features to the gradients of the words' rows: the way back of `_pool_flat`."""
    d = gradients.shape[1]
    for b in range(len(batch)):
        start = offsets[batch[b]]
        for position in range(slopes.shape[1] // d):
            slot, first = slots[ids[start + position]], position * d
            for j in range(d):
                gradients[slot, j] += slopes[b, first + j]


@_compiled
def _scatter_mean(gradients, slots, ids, offsets, batch, slopes):  # type: ignore[no-untyped-def]
    d = gradients.shape[1]
    for b in range(len(batch)):
        start, length = offsets[batch[b]], offsets[batch[b] + 1] - offsets[batch[b]]
        share = _typed(1.0 / max(length, 1), slopes)
        for j in range(d):
            slopes[b, j] *= share
        for position in range(length):
            slot = slots[ids[start + position]]
            for j in range(d):
                gradients[slot, j] += slopes[b, j]


@_compiled
def _scatter_max(gradients, slots, ids, batch, slopes, winners):  # type: ignore[no-untyped-def]
    for b in range(len(batch)):
        for j in range(gradients.shape[1]):
            if winners[b, j] >= 0:
                gradients[slots[ids[winners[b, j]]], j] += slopes[b, j]


@_vectorised
def _multiply(features, weights, n, sums):  # type: ignore[no-untyped-def]
    """The first dense layer's sums without bias, of one block: (n, H or K)."""
    for b in range(n):
        for k in range(len(weights)):
            total = weights[k, 0] * features[b, 0]
            for j in range(1, weights.shape[1]):
                total += weights[k, j] * features[b, j]
            sums[b, k] = total


@_vectorised
def _multiply_back(features, weights, n, slopes, gradient):  # type: ignore[no-untyped-def]
    """Add to the first layer's gradient, then put the features' slopes in the place of the features."""
    for b in range(n):
        for k in range(len(weights)):
            slope = slopes[b, k]
            if slope != 0:  # a silent ReLU passes nothing back
                for j in range(weights.shape[1]):
                    gradient[k, j] += slope * features[b, j]
        slope = slopes[b, 0]
        for j in range(weights.shape[1]):
            features[b, j] = slope * weights[0, j]
        for k in range(1, len(weights)):
            slope = slopes[b, k]
            if slope != 0:
                for j in range(weights.shape[1]):
                    features[b, j] += slope * weights[k, j]


@_compiled
def _drop(values, batch, rule, epoch, width, first, row_width):  # type: ignore[no-untyped-def]
    """Inverted dropout in place. Column c is unit `c // width * row_width + first + c % width`."""
    kept = _typed(1.0 / (1.0 - rule.dropout), values)
    for b in range(len(batch)):
        for c in range(values.shape[1]):
            unit = c // width * row_width + first + c % width
            if _uniform(rule.seed, np.uint64(epoch), np.uint64(batch[b]), np.uint64(unit)) < rule.dropout:
                values[b, c] = 0
            else:
                values[b, c] *= kept


@_compiled
def _loss(z, target, weight, share, slopes):  # type: ignore[no-untyped-def]
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


@_compiled
def _first_sums(sums, head, n, rectify, outputs):  # type: ignore[no-untyped-def]
    """Bias and the blocks' parts, added in the order of the blocks."""
    for b in range(n):
        for k in range(outputs.shape[1]):
            total = head[k]
            for block in range(len(sums)):
                total += sums[block, b, k]
            outputs[b, k] = total if total > 0 or not rectify else 0


@_compiled
def _output_layer(inner, head, z):  # type: ignore[no-untyped-def]
    """Logits of one document from its hidden units."""
    h = len(inner)
    for k in range(len(z)):
        total = head[h + len(z) * h + k]
        for j in range(h):
            total += head[h + k * h + j] * inner[j]
        z[k] = total


@_compiled
def _output_layer_back(inner, slopes, head, gradient, inner_slopes):  # type: ignore[no-untyped-def]
    h = len(inner)
    for j in range(h):
        inner_slopes[j] = 0
    for k in range(len(slopes)):
        gradient[h + len(slopes) * h + k] += slopes[k]
        for j in range(h):
            gradient[h + k * h + j] += slopes[k] * inner[j]
            inner_slopes[j] += slopes[k] * head[h + k * h + j]


@_compiled
def _head(room, thread, parity, head, gradient, documents, batch, rule, epoch):  # type: ignore[no-untyped-def]
    """From the first layer's sums to the loss and back to the slopes of these sums."""
    n, has_hidden = len(batch), room.inner.shape[2] > 0
    slopes, inner, z, z_slopes = room.slopes[thread], room.inner[thread], room.z[thread, 0], room.z[thread, 1]
    _first_sums(room.sums[parity], head, n, has_hidden, inner if has_hidden else slopes)
    if has_hidden and rule.dropout > 0:
        _drop(inner, batch, rule, epoch, inner.shape[1], 0, inner.shape[1])
    total, right = 0.0, 0
    share = 1.0 / n
    for b in range(n):
        target, weight = documents.targets[batch[b]], documents.weights[batch[b]]
        if not has_hidden:
            for k in range(len(z)):
                z[k] = slopes[b, k]
            loss, hit = _loss(z, target, weight, share, slopes[b])
        else:
            _output_layer(inner[b], head, z)
            loss, hit = _loss(z, target, weight, share, z_slopes)
            _output_layer_back(inner[b], z_slopes, head, gradient, slopes[b])
            for j in range(inner.shape[1]):
                if inner[b, j] <= 0:  # silent, or dropped
                    slopes[b, j] = 0
        total += loss
        right += hit
    if has_hidden and rule.dropout > 0:
        _drop(slopes, batch, rule, epoch, slopes.shape[1], 0, slopes.shape[1])
    for b in range(n):
        for k in range(slopes.shape[1]):
            gradient[k] += slopes[b, k]
    return total, right


@_compiled
def _update(weights, first, second, rows, gradients, rate, optimizer):  # type: ignore[no-untyped-def]
    """One step of Keras' SGD, RMSprop or Adam on `rows`, whose gradients stand one after the other.

    Clears the gradients. All arrays have two dimensions.
    """
    rate, epsilon = _typed(rate, weights), _typed(EPSILON, weights)
    fresh_1, fresh_2 = _typed(1 - BETA_1, weights), _typed(1 - BETA_2, weights)
    if optimizer == RMSPROP:
        fresh_2 = _typed(1 - RHO, weights)
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


@_compiled
def _number_rows(ids, offsets, batch, slots, rows):  # type: ignore[no-untyped-def]
    """Give each id of the batch a place among its rows; how many there are."""
    n = 0
    for document in batch:
        for t in range(offsets[document], offsets[document + 1]):
            if slots[ids[t]] < 0:
                slots[ids[t]] = n
                rows[n] = ids[t]
                n += 1
    return n


@_compiled
def _train(layers, room, progress, documents, order, rule, share, epoch, step, real_width):  # type: ignore[no-untyped-def]
    """The batches of `order`, for the blocks of one thread: share = (thread, threads, first, last block)."""
    weights, means, squares, gradients = layers
    thread, threads, first_block, last_block = share
    slots, rows = room.slots[thread], room.rows[thread]
    ids, offsets, pooling = documents.ids, documents.offsets, rule.pooling
    head, head_gradient = weights.head[thread], gradients.head[thread]
    units = np.arange(max(weights.first.shape[1], 1))
    width = weights.embedding.shape[2]
    drops_features = rule.dropout > 0 and room.inner.shape[2] == 0
    total, right = 0.0, 0
    for start in range(0, len(order), rule.batch_size):
        batch = order[start : start + rule.batch_size]
        step += 1
        n = _number_rows(ids, offsets, batch, slots, rows)
        for block in range(first_block, last_block):
            features, winners = room.features[block], room.winners[block]
            embedding = weights.embedding[block]
            if pooling == FLATTEN:
                _pool_flat(embedding, ids, offsets, batch, features)
            elif pooling == MEAN:
                _pool_mean(embedding, ids, offsets, batch, features)
            else:
                _pool_max(embedding, ids, offsets, batch, features, winners)
            if drops_features:
                _drop(features, batch, rule, epoch, width, block * width, real_width)
            _multiply(features, weights.first[block], len(batch), room.sums[step & 1, block])
        meeting.meet(progress, thread, threads, step)
        loss, hits = _head(room, thread, step & 1, head[0], head_gradient[0], documents, batch, rule, epoch)
        rate = rule.learning_rate
        if rule.optimizer == ADAM:
            rate *= math.sqrt(1.0 - BETA_2**step) / (1.0 - BETA_1**step)
        for block in range(first_block, last_block):
            features, winners = room.features[block], room.winners[block]
            slopes, gradient = room.slopes[thread], gradients.embedding[block]
            _multiply_back(features, weights.first[block], len(batch), slopes, gradients.first[block])
            if drops_features:
                _drop(features, batch, rule, epoch, width, block * width, real_width)
            if pooling == FLATTEN:
                _scatter_flat(gradient, slots, ids, offsets, batch, features)
            elif pooling == MEAN:
                _scatter_mean(gradient, slots, ids, offsets, batch, features)
            else:
                _scatter_max(gradient, slots, ids, batch, features, winners)
            for layer, chosen in ((0, rows[:n]), (1, units)):
                _update(
                    weights[layer][block],
                    means[layer][block],
                    squares[layer][block],
                    chosen,
                    gradients[layer][block],
                    rate,
                    rule.optimizer,
                )
        _update(
            head, means.head[thread], squares.head[thread], units[:1], head_gradient, rate, rule.optimizer
        )
        for i in range(n):
            slots[rows[i]] = -1
        total += loss
        right += hits
    return total, right


@_compiled
def _logits(embedding, first, head, documents, pooling, hidden, outputs):  # type: ignore[no-untyped-def]
    """Logits of all documents, in blocks of `_BATCH`; `embedding` and `first` are those of one block."""
    ids, offsets = documents.ids, documents.offsets
    features = np.empty((_BATCH, first.shape[1]), embedding.dtype)
    winners = np.empty((_BATCH, embedding.shape[1]), np.int64)
    sums = np.empty((1, _BATCH, len(first)), embedding.dtype)
    values = np.empty((_BATCH, len(first)), embedding.dtype)
    for start in range(0, len(outputs), _BATCH):
        n = min(_BATCH, len(outputs) - start)
        batch = np.arange(start, start + n)
        if pooling == FLATTEN:
            _pool_flat(embedding, ids, offsets, batch, features)
        elif pooling == MEAN:
            _pool_mean(embedding, ids, offsets, batch, features)
        else:
            _pool_max(embedding, ids, offsets, batch, features, winners)
        _multiply(features, first, n, sums[0])
        _first_sums(sums, head, n, hidden > 0, values)
        for b in range(n):
            if hidden > 0:
                _output_layer(values[b], head, outputs[start + b])
            else:
                for k in range(outputs.shape[1]):
                    outputs[start + b, k] = values[b, k]


def _packed_head(parameters: Parameters) -> Floats:
    """First bias, output weights and output bias in one row, as the kernels read them."""
    if not len(parameters.hidden):
        return parameters.output_bias
    return np.concatenate([parameters.hidden_bias, parameters.output.ravel(), parameters.output_bias])


def logits(
    parameters: Parameters, ids: NDArray[np.int32], offsets: NDArray[np.int64], pooling: int
) -> Floats:
    """The outputs before the sigmoid or softmax, (N, K), for N documents."""
    hidden = len(parameters.hidden)
    outputs = np.empty((len(offsets) - 1, len(parameters.output)), dtype=parameters.embedding.dtype)
    documents = Documents(ids, offsets, np.zeros(0, dtype=np.int32), np.zeros(0))
    first = parameters.hidden if hidden else parameters.output
    _logits(parameters.embedding, first, _packed_head(parameters), documents, pooling, hidden, outputs)
    return outputs


class Trainer:
    """Trains a network on documents; see the plain twin for the parameters.

    `threads` is how many threads work on a batch, at most `BLOCKS`; the result does not depend on it.
    """

    def __init__(
        self, parameters: Parameters, documents: Documents, rule: Rule, threads: int | None = None
    ) -> None:
        self._rule, self.documents = rule, documents
        self._width = parameters.embedding.shape[1]
        self._hidden, self._k = len(parameters.hidden), len(parameters.output)
        self._threads = min(thread_count(threads), BLOCKS) if meeting.AVAILABLE else 1
        self._weights = self._layers(parameters)
        self._means, self._squares = (Layers(*(np.zeros_like(a) for a in self._weights)) for _ in range(2))
        lengths = np.sort(np.diff(documents.offsets))
        most = int(min(lengths[-rule.batch_size :].sum(), len(parameters.embedding)))
        self._gradients = self._weights._replace(
            embedding=np.zeros((BLOCKS, max(most, 1), self._weights.embedding.shape[2]), self._dtype),
            first=np.zeros_like(self._weights.first),
            head=np.zeros_like(self._weights.head),
        )
        self._room = self._make_room(most)
        self._progress = meeting.counters(self._threads)
        self._steps = 0

    @property
    def _dtype(self) -> Any:
        return self._weights.embedding.dtype

    def _layers(self, parameters: Parameters) -> Layers:
        """Cut the parameters into blocks; an odd width gets one more column, of zeros, which stay zero."""
        first = parameters.hidden if self._hidden else parameters.output
        head = np.repeat(_packed_head(parameters)[None, None], self._threads, axis=0)
        return Layers(_in_blocks(parameters.embedding, self._width), _in_blocks(first, self._width), head)

    def _make_room(self, rows: int) -> Room:
        size, t, dtype = self._rule.batch_size, self._threads, self._dtype
        v, first = self._weights.embedding.shape[1], self._weights.first
        winners = size if self._rule.pooling == MAX else 0
        return Room(
            features=np.empty((BLOCKS, size, first.shape[2]), dtype),
            winners=np.empty((BLOCKS, winners, self._weights.embedding.shape[2]), np.int64),
            sums=np.empty((2, BLOCKS, size, first.shape[1]), dtype),
            slopes=np.empty((t, size, first.shape[1]), dtype),
            inner=np.empty((t, size, self._hidden), dtype),
            z=np.empty((t, 2, self._k), dtype),
            slots=np.full((t, v), -1, np.int32),
            rows=np.empty((t, max(rows, 1)), np.int64),
        )

    def run(self, order: NDArray[np.int64], epoch: int) -> tuple[float, int]:
        """Train on the documents `order`, batch after batch; the sum of losses, and the right answers."""
        layers = (self._weights, self._means, self._squares, self._gradients)

        def work(thread: int) -> tuple[float, int]:
            blocks = (0, BLOCKS) if self._threads == 1 else (thread, thread + 1)
            share = (thread, self._threads, *blocks)
            return _train(  # type: ignore[no-any-return]
                layers,
                self._room,
                self._progress,
                self.documents,
                order,
                self._rule,
                share,
                epoch,
                self._steps,
                self._width,
            )

        if self._threads == 1:
            result = work(0)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                result, *_ = pool.map(work, range(self._threads))
        self._steps += -(-len(order) // self._rule.batch_size)
        return float(result[0]), int(result[1])

    def parameters(self) -> Parameters:
        """The weights as they are now (a copy)."""
        first = _joined(self._weights.first, self._weights.embedding.shape[2], self._width)
        embedding = _joined(self._weights.embedding, self._weights.embedding.shape[2], self._width)
        head, h, k = self._weights.head[0, 0], self._hidden, self._k
        if not h:
            none = np.zeros((0, first.shape[1]), self._dtype)
            return Parameters(embedding, none, np.zeros(0, self._dtype), first, head.copy())
        output = head[h : h + k * h].reshape(k, h).copy()
        return Parameters(embedding, first, head[:h].copy(), output, head[h + k * h :].copy())


def _in_blocks(matrix: Floats, width: int) -> Floats:
    """(n, L * D) -> (S, n, L * E): block s gets the columns [s * E, (s + 1) * E) of every D of them."""
    part = -(-width // BLOCKS)
    wide = np.zeros((len(matrix), matrix.shape[1] // width, BLOCKS * part), matrix.dtype)
    wide[:, :, :width] = matrix.reshape(len(matrix), -1, width)
    blocks = wide.reshape(len(matrix), -1, BLOCKS, part).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(blocks).reshape(BLOCKS, len(matrix), -1)


def _joined(blocks: Floats, part: int, width: int) -> Floats:
    """The inverse of `_in_blocks`."""
    n = blocks.shape[1]
    wide = blocks.reshape(BLOCKS, n, -1, part).transpose(1, 2, 0, 3).reshape(n, -1, BLOCKS * part)
    return np.ascontiguousarray(wide[:, :, :width]).reshape(n, -1)

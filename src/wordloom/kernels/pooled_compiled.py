"""Pooled networks, compiled; see `pooled` for the arrays and for what each function does.

Two threads can train one network, and the result is the same as with one: the embedding's columns are always
cut into `BLOCKS` blocks, each with its part of the first dense layer. A block pools its own columns,
multiplies them with its own weights and updates its own rows; all it needs of the others is their part of the
first layer's sums, for which the threads wait for each other once a batch. The parts are added in the order
of the blocks, whoever made them. What follows the first layer is tiny and done by every thread.

Inner loops run over contiguous rows so that they become vector instructions; sums may be reassociated for
that ("reassoc"), but NaN and infinities keep their meaning. Functions are few and flat on purpose: a
compiled function is optimized again inside each of its callers, which the first run waits for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import barrier
from wordloom.kernels.column_blocks import BLOCKS, in_blocks, joined
from wordloom.kernels.compiling import entry, part
from wordloom.kernels.pooled import (
    FLATTEN,
    MAX,
    MIN,
    Documents,
    Floats,
    Parameters,
    UpdateRule,
    step_size,
)
from wordloom.kernels.pooled_layers import (
    back_to_rows,
    multiply,
    multiply_back,
    number_rows,
    pool,
    pull_back,
    scatter,
)
from wordloom.kernels.pooled_output import drop, first_sums, forward_and_back, output_layer, update
from wordloom.kernels.register_loops import product
from wordloom.kernels.row_products_compiled import as_columns
from wordloom.kernels.threads import ThreadTuner, thread_count

_BATCH = 64  # documents that are pooled together when predicting

_step_size = part(step_size)


class Layers(NamedTuple):
    """The weights, or something of their shape, as the kernel keeps them (S = BLOCKS, E = D / S)."""

    embedding: Floats  # (S, V, E); for gradients (S, R, E), R rows of the batch
    first: Floats  # (S, H or K, L * E or P * E): the first dense layer; P poolings side by side
    output: Floats  # (threads, 1, n): first bias, output weights, output bias; a copy for each thread


class Buffers(NamedTuple):
    """Working arrays for one batch of B documents."""

    features: Floats  # (S, B, L * E or P * E)
    sums: Floats  # (2, S, B, H or K), the blocks' parts of the first layer's sums, for odd and even steps
    slopes: Floats  # (threads, B, H or K), slopes of the loss by these sums
    z: Floats  # (threads, 2, K), one document's logits, and the loss's slopes by them
    slots: NDArray[np.int32]  # (threads, V), the place of each row in the batch, or -1
    rows: NDArray[np.int64]  # (threads, R + 1)
    start: Floats  # (S, V, E), where the embedding started; (S, 0, E) if nothing pulls it back


# `units` are the numbers of the first layer's rows, `winners` is what `_of_extremes` makes, `inner` room for
# hidden units (threads, B, H): where these are None, what is for them is not compiled.
@entry
def _train(  # type: ignore[no-untyped-def]
    layers, buffers, winners, inner, progress, documents, order, units, rule, share, epoch, step, real_width
):
    """The batches of `order`, for the blocks of one thread: share = (thread, threads, first, last block)."""
    weights, means, squares, gradients = layers
    thread, threads, first_block, last_block = share
    slots, rows = buffers.slots[thread], buffers.rows[thread]
    ids, offsets, pooling = documents.ids, documents.offsets, rule.pooling
    top, top_gradient = weights.output[thread], gradients.output[thread]
    width = weights.embedding.shape[2]
    drops_features = rule.dropout > 0 and inner is None
    values = None if inner is None else inner[thread]
    total, right = 0.0, 0.0
    for start in range(0, len(order), rule.batch_size):
        batch = order[start : start + rule.batch_size]
        step += 1
        n = number_rows(ids, offsets, batch, slots, rows)
        for block in range(first_block, last_block):
            features, won = buffers.features[block], None if winners is None else winners[block]
            pool(weights.embedding[block], ids, offsets, batch, pooling, features, won)
            if drops_features:
                drop(features, batch, rule, epoch, width, block * width, real_width)
            multiply(features, weights.first[block], len(batch), buffers.sums[step & 1, block])
        barrier.wait(progress, thread, threads, step)
        loss, hits = forward_and_back(
            buffers, values, thread, step & 1, top[0], top_gradient[0], documents, batch, rule, epoch
        )
        rate = _step_size(rule, step)
        for block in range(first_block, last_block):
            features, won = buffers.features[block], None if winners is None else winners[block]
            slopes, gradient = buffers.slopes[thread], gradients.embedding[block]
            first, first_gradient = weights.first[block], gradients.first[block]
            if pooling == FLATTEN and len(first) == 1 and not drops_features and rule.trains_embedding:
                back_to_rows(gradient, slots, ids, offsets, batch, features, first, slopes, first_gradient)
            else:
                multiply_back(features, first, len(batch), slopes, first_gradient)
                if drops_features:
                    drop(features, batch, rule, epoch, width, block * width, real_width)
                if rule.trains_embedding:
                    scatter(gradient, slots, ids, offsets, batch, pooling, features, won)
            if rule.trains_embedding and rule.pull_back > 0:
                pull_back(gradient, weights.embedding[block], buffers.start[block], rows[:n], rule.pull_back)
            for layer, chosen in ((0, rows[: n * rule.trains_embedding]), (1, units)):
                update(
                    weights[layer][block],
                    means[layer][block],
                    squares[layer][block],
                    chosen,
                    gradients[layer][block],
                    rate,
                    rule.optimizer,
                )
        update(
            top, means.output[thread], squares.output[thread], units[:1], top_gradient, rate, rule.optimizer
        )
        for i in range(n):
            slots[rows[i]] = -1
        total, right = total + loss, right + hits
    return total, right


@entry
def _logits(embedding, first, columns, top, documents, order, pooling, winners, buffers, outputs):  # type: ignore[no-untyped-def]
    """Logits of all documents, in blocks of `_BATCH`; `embedding` and `first` are those of one block.

    A hidden layer's weights come as `columns` too, (F, H or a little more), as `register_loops.product` takes
    them; without one they are None. `order` are the documents' numbers, `buffers` are for the features of a
    batch and for sums and values of the first layer.
    """
    ids, offsets = documents.ids, documents.offsets
    width = first.shape[1]
    features, sums, values = buffers
    for start in range(0, len(outputs), _BATCH):
        n = min(_BATCH, len(outputs) - start)
        batch = order[start : start + n]
        pool(embedding, ids, offsets, batch, pooling, features, winners)
        if columns is None:
            multiply(features, first, n, sums[0])
        else:
            product(features.reshape(-1), width, 1, columns, sums[0], _BATCH, columns.shape[1], width)
        first_sums(sums, top, n, columns is not None, values)
        for b in range(n):
            if columns is None:
                for k in range(outputs.shape[1]):
                    outputs[start + b, k] = values[b, k]
            else:
                output_layer(values[b], top, outputs[start + b])


@entry
def _features(embedding, documents, order, pooling, winners, result):  # type: ignore[no-untyped-def]
    """The features of all documents, in blocks of `_BATCH`; `order` are the documents' numbers."""
    for start in range(0, len(result), _BATCH):
        batch = order[start : start + _BATCH]
        pool(embedding, documents.ids, documents.offsets, batch, pooling, result[start:], winners)


def _packed_output(parameters: Parameters) -> Floats:
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
    documents = _unlabelled(ids, offsets)
    first = parameters.hidden if hidden else parameters.output
    columns, top = as_columns(parameters.hidden) if hidden else None, _packed_output(parameters)
    width = len(first) if columns is None else max(columns.shape[1], len(first))
    shapes = (_BATCH, first.shape[1]), (1, _BATCH, width), (_BATCH, len(first))
    values, sums, layer = (np.zeros(shape, outputs.dtype) for shape in shapes)
    order, buffers = np.arange(len(outputs)), (values, sums, layer)
    winners = _of_extremes(pooling, (_BATCH,), parameters.embedding.shape[1])
    _logits(parameters.embedding, first, columns, top, documents, order, pooling, winners, buffers, outputs)
    return outputs


def _of_extremes(pooling: int, shape: tuple[int, ...], width: int) -> NDArray[np.int64] | None:
    """Room for which token gave each feature of "max" and "min", or -1: (*shape, width or 2 * width)."""
    farthest = (pooling & (MAX | MIN)).bit_count()
    return np.empty((*shape, farthest * width), np.int64) if farthest else None


def features(embedding: Floats, ids: NDArray[np.int32], offsets: NDArray[np.int64], pooling: int) -> Floats:
    """What the pooling gives, (N, F), for N documents."""
    n, width = len(offsets) - 1, embedding.shape[1]
    parts = int(offsets[1] - offsets[0]) if pooling == FLATTEN and n else max(pooling.bit_count(), 1)
    result = np.empty((n, parts * width), dtype=embedding.dtype)
    documents, winners = _unlabelled(ids, offsets), _of_extremes(pooling, (_BATCH,), width)
    _features(embedding, documents, np.arange(n), pooling, winners, result)
    return result


def _unlabelled(ids: NDArray[np.int32], offsets: NDArray[np.int64]) -> Documents:
    return Documents(ids, offsets, np.zeros(0, dtype=np.int32), np.zeros(0))


class PooledTrainer:
    """Trains a network on documents; see the plain twin for the parameters.

    `threads` is how many threads work on a batch, at most `BLOCKS`; the result does not depend on it.
    """

    def __init__(
        self, parameters: Parameters, documents: Documents, rule: UpdateRule, threads: int | None = None
    ) -> None:
        self.rule, self.documents = rule, documents
        self._width = parameters.embedding.shape[1]
        self._hidden, self._k = len(parameters.hidden), len(parameters.output)
        self._threads = min(thread_count(threads), BLOCKS) if barrier.AVAILABLE else 1
        self._weights = self._layers(parameters)
        self._means, self._squares = (Layers(*(np.zeros_like(a) for a in self._weights)) for _ in range(2))
        lengths = np.sort(np.diff(documents.offsets))
        most = int(min(lengths[-rule.batch_size :].sum(), len(parameters.embedding)))
        self._gradients = self._weights._replace(
            embedding=np.zeros((BLOCKS, max(most, 1), self._weights.embedding.shape[2]), self._dtype),
            first=np.zeros_like(self._weights.first),
            output=np.zeros_like(self._weights.output),
        )
        self._buffers = self._make_buffers(most)
        batch = len(self._buffers.features[0])
        self._winners = _of_extremes(rule.pooling, (BLOCKS, batch), self._weights.embedding.shape[2])
        inner = np.empty((self._threads, batch, self._hidden), self._dtype)
        self._inner = inner if self._hidden else None
        self._progress = barrier.counters(self._threads)
        self._tuner = ThreadTuner(self._threads)
        self._steps = 0

    @property
    def _dtype(self) -> Any:
        return self._weights.embedding.dtype

    def _layers(self, parameters: Parameters) -> Layers:
        """Cut the parameters into blocks; an odd width gets one more column, of zeros, which stay zero."""
        first = parameters.hidden if self._hidden else parameters.output
        packed = np.repeat(_packed_output(parameters)[None, None], self._threads, axis=0)
        return Layers(in_blocks(parameters.embedding, self._width), in_blocks(first, self._width), packed)

    def _make_buffers(self, rows: int) -> Buffers:
        size = min(self.rule.batch_size, len(self.documents.targets))
        t, dtype = self._threads, self._dtype
        v, first = self._weights.embedding.shape[1], self._weights.first
        return Buffers(
            features=np.empty((BLOCKS, size, first.shape[2]), dtype),
            sums=np.empty((2, BLOCKS, size, first.shape[1]), dtype),
            slopes=np.empty((t, size, first.shape[1]), dtype),
            z=np.empty((t, 2, self._k), dtype),
            slots=np.full((t, v), -1, np.int32),
            rows=np.empty((t, rows + 1), np.int64),
            start=self._weights.embedding[:, : v if self.rule.pull_back else 0].copy(),
        )

    def run(self, order: NDArray[np.int64], epoch: int) -> tuple[float, float]:
        """Train on the documents `order`, batch after batch; the sum of losses, and the right answers."""
        layers = (self._weights, self._means, self._squares, self._gradients)

        def work(thread: int, threads: int) -> tuple[float, float]:
            blocks = (0, BLOCKS) if threads == 1 else (thread, thread + 1)
            result = _train(
                layers,
                self._buffers,
                self._winners,
                self._inner,
                self._progress,
                self.documents,
                order,
                np.arange(max(self._weights.first.shape[1], 1)),
                self.rule,
                (thread, threads, *blocks),
                epoch,
                self._steps,
                self._width,
            )
            if threads == 1:
                for layers_of_all in layers[:3]:
                    layers_of_all.output[1:] = layers_of_all.output[
                        0
                    ]  # the other threads' copies took no part
            return float(result[0]), float(result[1])

        loss, right = self._tuner.run(work, len(order))
        self._steps += -(-len(order) // self.rule.batch_size)
        return loss, right

    def parameters(self) -> Parameters:
        """The weights as they are now (a copy)."""
        first = joined(self._weights.first, self._width)
        embedding = joined(self._weights.embedding, self._width)
        packed, h, k = self._weights.output[0, 0], self._hidden, self._k
        if not h:
            none = np.zeros((0, first.shape[1]), self._dtype)
            return Parameters(embedding, none, np.zeros(0, self._dtype), first, packed.copy())
        output = packed[h : h + k * h].reshape(k, h).copy()
        return Parameters(embedding, first, packed[:h].copy(), output, packed[h + k * h :].copy())

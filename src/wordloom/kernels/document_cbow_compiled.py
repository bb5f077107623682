"""Learn vectors whose averages stand for documents, compiled; see `document_cbow` for what is learned.

As in `pooled_compiled`, two threads can learn one pair of tables with the same result as one: the columns are
always cut into `BLOCKS` blocks. A block sums its own columns' part of every score, the threads wait for each
other once a batch, and then each block moves its own columns by the slopes of the whole scores, which every
thread works out for itself. Products with the negatives' vectors and sums of rows stay in registers
(`register_loops`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import barrier
from wordloom.kernels.column_blocks import BLOCKS, in_blocks, joined
from wordloom.kernels.compiling import entry, part, vector_part
from wordloom.kernels.document_cbow import DocumentRows, SamplingProbabilities, TablePair, ViewSampling
from wordloom.kernels.document_samples import sample_views
from wordloom.kernels.pooled_layers import typed
from wordloom.kernels.register_loops import ROWS, VECTOR, add_rows, aligned, move_rows, product
from wordloom.kernels.sigmoid import sigmoid, sigmoid_terms
from wordloom.kernels.threads import ThreadTuner, thread_count


@vector_part
def _gather(inputs, outputs, sampled, batch, size, hidden, shares, copies, across):  # type: ignore[no-untyped-def]
    """One block's columns: the means of the contexts, and the negatives' outputs in both orders."""
    d = inputs.shape[1]
    for k in range(sampled.negatives.shape[1]):
        row = sampled.negatives[batch, k]
        for e in range(d):
            copies[k, e] = outputs[row, e]
    for e in range(d):
        for k in range(sampled.negatives.shape[1]):
            across[e, k] = copies[k, e]
    for b in range(size):
        shares[b] = 1.0 / max(sampled.n_contexts[batch * size + b], 1)
        for e in range(d):
            hidden[b, e] = 0
    contexts, means, most = sampled.contexts.reshape(-1), hidden.reshape(-1), sampled.contexts.shape[1]
    for b in range(size):
        view = batch * size + b
        add_rows(inputs, contexts, view * most, shares, (b, 0), means, b * d, sampled.n_contexts[view])


@vector_part
def _score_targets(outputs, sampled, batch, size, hidden, first, scores):  # type: ignore[no-untyped-def]
    """One block's part of the targets' scores, from column `first` on."""
    for b in range(size):
        view = batch * size + b
        for t in range(sampled.n_targets[view]):
            row = sampled.targets[view, t]
            total = outputs[row, 0] * hidden[b, 0]
            for e in range(1, outputs.shape[1]):
                total += outputs[row, e] * hidden[b, e]
            scores[b, first + t] = total


@vector_part
def _slopes(parts, sampled, batch, sampling, first, rate, terms, slopes):  # type: ignore[no-untyped-def]
    """What each score's vectors move by. The blocks' parts are added in the order of the blocks."""
    for b in range(sampling.batch_size):
        n_targets = sampled.n_targets[batch * sampling.batch_size + b]
        weight = rate * typed(sampling.weight * n_targets / sampling.negatives, slopes)
        for k in range(sampling.negatives):
            slopes[b, k] = -weight * sigmoid(parts[0, b, k] + parts[1, b, k], terms)
        for k in range(first, first + n_targets):
            slopes[b, k] = rate * sigmoid(-(parts[0, b, k] + parts[1, b, k]), terms)


@part
def _loss(parts, sampled, batch, sampling, first):  # type: ignore[no-untyped-def]
    loss = 0.0
    for b in range(sampling.batch_size):
        n_targets = sampled.n_targets[batch * sampling.batch_size + b]
        weight = sampling.weight * n_targets / sampling.negatives
        for k in range(first + n_targets):
            if sampling.negatives <= k < first:
                continue
            score = np.float64(parts[0, b, k]) + np.float64(parts[1, b, k])
            signed, count = (-score, weight) if k < first else (score, 1.0)
            loss += count * (max(-signed, 0.0) + math.log(1.0 + math.exp(-abs(signed))))
    return loss


@vector_part
def _move(inputs, outputs, sampled, batch, size, hidden, first, slopes, ones, steps):  # type: ignore[no-untyped-def]
    """Move one block's columns of the contexts and targets, whose outputs are read before any of them moves.

    `steps` holds what the negatives add to the contexts' steps; the targets' slopes begin at column `first`.
    """
    d, width, most = inputs.shape[1], slopes.shape[1], sampled.targets.shape[1]
    contexts, targets = sampled.contexts.reshape(-1), sampled.targets.reshape(-1)
    means, flat, moves = hidden.reshape(-1), slopes.reshape(-1), steps.reshape(-1)
    for b in range(size):
        view, place = batch * size + b, (b * width + first, 1)
        add_rows(outputs, targets, view * most, flat, place, moves, b * d, sampled.n_targets[view])
    for b in range(size):
        view, place = batch * size + b, (b * width + first, 1)
        move_rows(outputs, targets, view * most, flat, place, means, b * d, sampled.n_targets[view])
        begin = view * sampled.contexts.shape[1]
        move_rows(inputs, contexts, begin, ones, (0, 0), moves, b * d, sampled.n_contexts[view])


@vector_part
def _move_negatives(outputs, sampled, batch, steps):  # type: ignore[no-untyped-def]
    for k in range(sampled.negatives.shape[1]):
        row = sampled.negatives[batch, k]
        for e in range(outputs.shape[1]):
            outputs[row, e] += steps[k, e]


def _buffers(inputs: NDArray[Any], sampling: ViewSampling) -> tuple[NDArray[Any], ...]:
    """What a thread works in: means of contexts, the negatives' outputs in both orders, steps of contexts and
    of negatives, slopes, one weight for each view, and a one."""
    s, wide, n = len(inputs), inputs.shape[2], sampling.negatives
    full, first = -(-sampling.batch_size // ROWS) * ROWS, -(-n // VECTOR) * VECTOR
    shapes = (s, full, wide), (s, n, wide), (wide, first), (full, wide), (first, wide)
    rows = (aligned(np.zeros(shape, inputs.dtype)) for shape in (*shapes, (full, first + sampling.targets)))
    return *rows, np.zeros(sampling.batch_size, inputs.dtype), np.ones(1, inputs.dtype)


@entry
def _learn(tables, parts, progress, sampled, sampling, share, done, rates, buffers):  # type: ignore[no-untyped-def]
    """All batches that were sampled, for the blocks of one thread: share = (thread, threads, first, last
    block).

    rates = (that of the first batch, what each further one adds). The columns of scores and slopes are the
    negatives, up to a whole vector, and the targets. `buffers` are what `_buffers` makes.
    """
    inputs, outputs = tables
    thread, threads, first_block, last_block = share
    size, n_negatives = sampling.batch_size, sampling.negatives
    hidden, copies, across, steps, moves, slopes, shares, ones = buffers
    full, wide, first, terms = len(steps), inputs.shape[2], len(moves), sigmoid_terms(inputs)
    loss = 0.0
    measured = 0
    for batch in range(len(sampled.negatives)):
        number = done + 1 + batch
        rate = typed(rates[0] + rates[1] * batch, inputs)
        scores = parts[number & 1]
        for i in range(first_block, last_block):
            _gather(inputs[i], outputs[i], sampled, batch, size, hidden[i], shares, copies[i], across)
            product(hidden[i].reshape(-1), wide, 1, across, scores[i], full, first, wide)
            _score_targets(outputs[i], sampled, batch, size, hidden[i], first, scores[i])
        barrier.wait(progress, thread, threads, number)
        _slopes(scores, sampled, batch, sampling, first, rate, terms, slopes)
        if number % sampling.measured_every == 0:
            loss += _loss(scores, sampled, batch, sampling, first)
            for b in range(size):
                measured += sampled.n_targets[batch * size + b]
        for i in range(first_block, last_block):
            product(slopes.reshape(-1), slopes.shape[1], 1, copies[i], steps, full, wide, n_negatives)
            product(slopes.reshape(-1), 1, slopes.shape[1], hidden[i], moves, first, wide, full)
            _move(inputs[i], outputs[i], sampled, batch, size, hidden[i], first, slopes, ones, steps)
            _move_negatives(outputs[i], sampled, batch, moves)
    return loss, measured


class CbowTrainer:
    """Learns the tables from views of documents; see the plain twin for the parameters.

    `threads` is how many threads work on a batch, at most `BLOCKS`; the result does not depend on it.
    """

    def __init__(
        self,
        tables: TablePair,
        documents: DocumentRows,
        probabilities: SamplingProbabilities,
        sampling: ViewSampling,
        threads: int | None = None,
        done: int = 0,
    ) -> None:
        self._width = tables.inputs.shape[1]
        self._tables = TablePair(*(aligned(in_blocks(table, self._width, VECTOR)) for table in tables))
        self._documents, self._probabilities, self._sampling = documents, probabilities, sampling
        self._threads = min(thread_count(threads), BLOCKS) if barrier.AVAILABLE else 1
        self._progress = barrier.counters(self._threads)
        self._tuner = ThreadTuner(self._threads)
        scores = (2, BLOCKS, sampling.batch_size + ROWS, sampling.negatives + VECTOR + sampling.targets)
        self._parts = np.zeros(scores, tables.inputs.dtype)  # for odd and even batches
        self.done = done

    def run(self, views: NDArray[np.int64], rates: tuple[float, float]) -> tuple[float, int]:
        """Learn from views of documents; the measured losses' sum, and the number of their targets."""
        sampled = sample_views(
            views, self._documents, self._probabilities, self._sampling, self.done, self._threads
        )

        step = (rates[1] - rates[0]) * self._sampling.batch_size / max(len(views), 1)

        def work(thread: int, threads: int) -> tuple[float, int]:
            blocks = (0, BLOCKS) if threads == 1 else (thread, thread + 1)
            return _learn(  # type: ignore[no-any-return]
                self._tables,
                self._parts,
                self._progress,
                sampled,
                self._sampling,
                (thread, threads, *blocks),
                self.done,
                (rates[0], step),
                _buffers(self._tables.inputs, self._sampling),
            )

        result = self._tuner.run(work, len(views))
        self.done += len(sampled.negatives)
        return float(result[0]), int(result[1])

    def tables(self) -> TablePair:
        """The tables as they are now (a copy)."""
        return TablePair(*(joined(blocks, self._width, VECTOR) for blocks in self._tables))

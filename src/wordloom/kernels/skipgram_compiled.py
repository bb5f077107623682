"""Skip-gram with negative sampling, compiled; see `skipgram` for what is learned.

Threads share the work by columns, as in `document_cbow_compiled`: the result does not depend on their number.
The loops run over contiguous rows of padded length so that they become vector instructions.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import barrier
from wordloom.kernels.column_blocks import BLOCKS, in_blocks, joined
from wordloom.kernels.compiling import entry, part, vector_part
from wordloom.kernels.document_cbow import TablePair
from wordloom.kernels.pooled_layers import typed
from wordloom.kernels.register_loops import ROWS, VECTOR, aligned, padded, product
from wordloom.kernels.sampling_compiled import below, sample_negatives, stream_bits
from wordloom.kernels.sigmoid import sigmoid, sigmoid_terms
from wordloom.kernels.skipgram import AHEAD, BLOCK, NEGATIVES, Pieces, SkipGramSampling
from wordloom.kernels.threads import ThreadTuner, over_ranges, thread_count

_COLUMNS = (
    BLOCK + NEGATIVES
)  # what every word nearby is compared with: the words of the block, and the negatives


@part
def _weigh(ids, span, sampling, stream, reaches, weights, near):  # type: ignore[no-untyped-def]
    """Finds the words near a block of words, and how much each pair of them counts.

    span = (start, end of the text, first word of the block, words in it). `weights` gets a row for each word
    that is paired with any of the block: the pairs' weights, and in the column after those the weight of a
    pair with any negative. `near` gets the words. Returns the number of rows, and of pairs.
    """
    start, end, first, n = span
    window = np.uint64(sampling.window)
    for c in range(BLOCK):
        reaches[c] = 1 + np.int64(below(stream_bits(stream, np.uint64(c)), window)) if c < n else 0
    share = typed(sampling.negatives / NEGATIVES, weights)
    rows = pairs = 0
    for place in range(max(start, first - sampling.window), min(end, first + n + sampling.window)):
        count = 0
        for c in range(BLOCK):
            gap = abs(first + c - place)
            paired = (gap <= reaches[c]) & (gap > 0)
            weights[rows, c] = paired
            count += paired
        weights[rows, BLOCK] = count * share
        near[rows] = ids[place]
        rows += count > 0  # without a branch, which could not be foreseen
        pairs += count
    return rows, pairs


@entry
def _sample_negatives(sampling, first, negatives):  # type: ignore[no-untyped-def]
    """The negatives of the blocks from number `first` on, int32 (n, NEGATIVES)."""
    for block in range(len(negatives)):
        stream = stream_bits(sampling.seed, np.uint64(first + block))
        sample_negatives(stream, sampling.alias, sampling.alias_probability, negatives, block)


@vector_part
def _gather(outputs, compared, copies, across):  # type: ignore[no-untyped-def]
    """Copies of one block's columns of the rows that the words nearby are compared with, in both orders."""
    d = outputs.shape[1]
    for k in range(_COLUMNS):
        row = compared[k]
        for e in range(d):
            copies[k, e] = outputs[row, e]
    for e in range(d):
        for k in range(_COLUMNS):
            across[e, k] = copies[k, e]


@vector_part
def _gather_hidden(inputs, pieces, near, rows, hidden):  # type: ignore[no-untyped-def]
    """One block's columns of the words nearby: copies of their rows, or the means of their pieces."""
    d = inputs.shape[1]
    for i in range(rows):
        if pieces is None:
            row = near[i]
            for e in range(d):
                hidden[i, e] = inputs[row, e]
        else:
            first, last = pieces.offsets[near[i]], pieces.offsets[near[i] + 1]
            for e in range(d):
                hidden[i, e] = 0
            for place in range(first, last):
                row = pieces.rows[place]
                for e in range(d):
                    hidden[i, e] += inputs[row, e]
            share = typed(1 / (last - first), inputs)
            for e in range(d):
                hidden[i, e] *= share
    for i in range(rows, len(hidden)):
        for e in range(d):
            hidden[i, e] = 0


@vector_part
def _slopes(one, other, weights, rows, full, rate, terms, slopes):  # type: ignore[no-untyped-def]
    """What the rows of each pair move by; `one` and `other` are the two blocks' parts of the scores.

    `full` counts the rows up to a multiple of `ROWS`; the slopes of those beyond `rows` are 0.
    """
    for i in range(rows):
        for k in range(BLOCK):
            slopes[i, k] = sigmoid(-(one[i, k] + other[i, k]), terms) * (weights[i, k] * rate)
        weight = weights[i, BLOCK] * rate
        for k in range(BLOCK, _COLUMNS):
            slopes[i, k] = -sigmoid(one[i, k] + other[i, k], terms) * weight
    for i in range(rows, full):
        for k in range(_COLUMNS):
            slopes[i, k] = 0


@part
def _loss(parts, weights, rows):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(rows):
        for k in range(_COLUMNS):
            x = np.float64(parts[0, i, k])
            for block in range(1, len(parts)):
                x += parts[block, i, k]
            signed = x if k < BLOCK else -x
            total += weights[i, min(k, BLOCK)] * (max(-signed, 0.0) + math.log(1.0 + math.exp(-abs(signed))))
    return total


@vector_part
def _go_ahead(copies, steps, ahead):  # type: ignore[no-untyped-def]
    """Move the copies of the block's own words' outputs by a part of their steps."""
    for k in range(BLOCK):
        for e in range(copies.shape[1]):
            copies[k, e] += ahead * steps[k, e]


@vector_part
def _leave_out_itself(steps, slopes, hidden, rows, ahead):  # type: ignore[no-untyped-def]
    """Take from the inputs' steps what each word has moved in the outputs that it is compared with."""
    for i in range(rows):
        own = slopes[i, 0] * slopes[i, 0]
        for k in range(1, BLOCK):
            own += slopes[i, k] * slopes[i, k]
        own *= ahead
        for e in range(steps.shape[1]):
            steps[i, e] -= own * hidden[i, e]


@vector_part
def _add(table, pieces, ids, n, steps):  # type: ignore[no-untyped-def]
    """Move the rows `ids[:n]`, one after the other, or all pieces of each, by their steps."""
    for i in range(n):
        if pieces is None:
            row = ids[i]
            for e in range(table.shape[1]):
                table[row, e] += steps[i, e]
        else:
            for place in range(pieces.offsets[ids[i]], pieces.offsets[ids[i] + 1]):
                row = pieces.rows[place]
                for e in range(table.shape[1]):
                    table[row, e] += steps[i, e]


def _buffers(inputs: NDArray[Any], window: int) -> tuple[NDArray[Any], ...]:
    """What a thread works in: the words nearby, the rows they are compared with in both orders, steps, the
    pairs' weights and slopes; the numbers of both, and how far each word of a block reaches."""
    s, wide = len(inputs), -(-inputs.shape[2] // VECTOR) * VECTOR
    most = -(-(BLOCK + 2 * window) // ROWS) * ROWS
    of_rows = (s, most, wide), (s, _COLUMNS, wide), (wide, _COLUMNS), (max(most, _COLUMNS), wide)
    of_pairs = (most + 1, BLOCK + 1), (most, _COLUMNS)
    numbers = (np.zeros(n, np.int64) for n in (_COLUMNS, most + 1, BLOCK))
    return *(aligned(np.zeros(shape, inputs.dtype)) for shape in (*of_rows, *of_pairs)), *numbers


@entry
def _learn(tables, pieces, parts, progress, ids, offsets, sampling, negatives, share, blocks, rates, buffers):  # type: ignore[no-untyped-def]
    """All texts, for the columns of one thread: share = (thread, threads, first, last block of columns).

    `negatives` are those of all blocks of words; `blocks` of them were learned before. Without pieces (None)
    what is for them is not compiled. `buffers` are what `_buffers` makes.
    """
    inputs, outputs = tables
    thread, threads, first_block, last_block = share
    hidden, copies, across, steps, weights, slopes, compared, near, reaches = buffers
    wide, terms, ahead = hidden.shape[2], sigmoid_terms(inputs), typed(AHEAD, inputs)
    learned = blocks
    loss = 0.0
    measured = 0
    for text in range(len(offsets) - 1):
        start, end = offsets[text], offsets[text + 1]
        for first in range(start, end, BLOCK):
            blocks += 1
            n = min(BLOCK, end - first)
            rate = rates[0] + (rates[1] - rates[0]) * ((first - offsets[0]) / max(len(ids), 1))
            stream = stream_bits(sampling.seed, np.uint64(blocks))
            rows, pairs = _weigh(ids, (start, end, first, n), sampling, stream, reaches, weights, near)
            for c in range(BLOCK):
                compared[c] = ids[first + min(c, n - 1)]
            for k in range(NEGATIVES):
                compared[BLOCK + k] = negatives[blocks - learned - 1, k]
            full = padded(rows, ROWS)
            scores = parts[blocks & 1]
            for i in range(first_block, last_block):
                _gather(outputs[i], compared, copies[i], across)
                _gather_hidden(inputs[i], pieces, near, rows, hidden[i])
                product(hidden[i].reshape(-1), wide, 1, across, scores[i], full, _COLUMNS, wide)
            barrier.wait(progress, thread, threads, blocks)
            _slopes(scores[0], scores[1], weights, rows, full, typed(rate, weights), terms, slopes)
            if blocks % sampling.measured_every == 0:
                loss += _loss(scores, weights, rows)
                measured += pairs
            for i in range(first_block, last_block):
                product(slopes.reshape(-1), 1, _COLUMNS, hidden[i], steps, _COLUMNS, wide, full)
                _add(outputs[i], None, compared, _COLUMNS, steps)
                _go_ahead(copies[i], steps, ahead)
                product(slopes.reshape(-1), _COLUMNS, 1, copies[i], steps, full, wide, _COLUMNS)
                _leave_out_itself(steps, slopes, hidden[i], rows, ahead)
                _add(inputs[i], pieces, near, rows, steps)
    return loss, measured


class SkipGramTrainer:
    """Learns the tables from texts; see the plain twin for the parameters.

    `threads` is how many threads work on a block of words, at most `BLOCKS`.
    """

    def __init__(
        self,
        tables: TablePair,
        sampling: SkipGramSampling,
        threads: int | None = None,
        done: int = 0,
        pieces: Pieces | None = None,
    ) -> None:
        self._width, self._pieces = tables.inputs.shape[1], pieces
        self._tables = TablePair(*(in_blocks(table, self._width) for table in tables))
        self._sampling, self.done = sampling, done
        self._threads = min(thread_count(threads), BLOCKS) if barrier.AVAILABLE else 1
        self._progress = barrier.counters(self._threads)
        self._tuner = ThreadTuner(self._threads)
        scores = (2, BLOCKS, BLOCK + 2 * sampling.window + ROWS, _COLUMNS)
        self._parts = np.zeros(scores, tables.inputs.dtype)  # for odd and even blocks of words

    def run(
        self, ids: NDArray[np.int32], offsets: NDArray[np.int64], rates: tuple[float, float]
    ) -> tuple[float, int]:
        """Learn from N texts in their order; the measured losses' sum, and the number of their pairs."""
        blocks = int((-(-np.diff(offsets) // BLOCK)).sum())
        negatives = self._negatives(blocks)

        def work(thread: int, threads: int) -> tuple[float, int]:
            columns = (0, BLOCKS) if threads == 1 else (thread, thread + 1)
            share = (thread, threads, *columns)
            return _learn(  # type: ignore[no-any-return]
                self._tables,
                self._pieces,
                self._parts,
                self._progress,
                ids,
                offsets,
                self._sampling,
                negatives,
                share,
                self.done,
                rates,
                _buffers(self._tables.inputs, self._sampling.window),
            )

        result = self._tuner.run(work, len(ids))
        self.done += blocks
        return float(result[0]), int(result[1])

    def _negatives(self, blocks: int) -> NDArray[np.int32]:
        """Those of the next blocks; sampled here, since each thread that learns would sample them all."""
        negatives = np.empty((blocks, NEGATIVES), dtype=np.int32)

        def sample(first: int, last: int) -> None:
            _sample_negatives(self._sampling, self.done + 1 + first, negatives[first:last])

        over_ranges(sample, np.arange(blocks + 1), self._threads)
        return negatives

    def tables(self) -> TablePair:
        """The tables as they are now (a copy)."""
        return TablePair(*(joined(blocks, self._width) for blocks in self._tables))

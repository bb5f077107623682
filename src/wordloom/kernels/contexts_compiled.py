"""Learn vectors whose averages stand for documents, compiled; see `contexts` for what is learned.

As in `pooled_compiled`, two threads can learn one pair of tables with the same result as one: the columns
are always cut into `BLOCKS` blocks. A block sums its own columns' part of every score, the threads meet once
a batch, and then each block moves its own columns by the slopes of the whole scores, which every thread works
out for itself. Draws are made by every thread alike: they are cheap beside the rows.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import contexts, meeting
from wordloom.kernels.blocks import BLOCKS, in_blocks, joined
from wordloom.kernels.compiling import entry, part, vector_part
from wordloom.kernels.contexts import (
    FIRST_NEGATIVE,
    TRIES,
    Places,
    Shares,
    Tables,
    ViewRule,
)
from wordloom.kernels.pace import Pace
from wordloom.kernels.pooled_layers import typed
from wordloom.kernels.threads import thread_count

_SHARE_BITS = np.uint64(contexts.FULL_SHARE - 1)
_bits, _below = part(contexts.bits), part(contexts.below)


@part
def _draw_targets(documents, document, stream, rule, shares, targets, near):  # type: ignore[no-untyped-def]
    """Draw targets and note where they begin; how many there are."""
    start = documents.offsets[document]
    size = np.uint64(documents.offsets[document + 1] - start)
    n = 0
    for number in range(TRIES * rule.targets if size > 0 else 0):
        x = _bits(stream, np.uint64(number))
        place = start + np.int64(_below(x, size))
        row = documents.rows[place]
        if n < rule.targets and np.int64(x & _SHARE_BITS) < shares[row]:
            targets[n] = row
            near[n] = documents.places[place]
            n += 1
    return n


@part
def _draw_contexts(documents, document, stream, rule, shares, chosen, near, n_targets):  # type: ignore[no-untyped-def]
    """Draw contexts that do not begin near a target; how many there are."""
    start = documents.offsets[document]
    size = np.uint64(documents.offsets[document + 1] - start)
    n = 0
    first = TRIES * rule.targets
    for number in range(first, first + TRIES * rule.contexts if size > 0 else first):
        x = _bits(stream, np.uint64(number))
        place = start + np.int64(_below(x, size))
        row = documents.rows[place]
        if np.int64(x & _SHARE_BITS) >= shares[row]:
            continue
        apart = True
        for t in range(n_targets):
            apart &= abs(near[t] - documents.places[place]) >= rule.gap
        if apart:
            chosen[n] = row
            n += 1
            if n == min(rule.contexts, np.int64(size)):
                break
    return n


@part
def _draw_negatives(stream, shares, negatives):  # type: ignore[no-untyped-def]
    size = np.uint64(len(shares.alias))
    for i in range(len(negatives)):
        x = _bits(stream, np.uint64(FIRST_NEGATIVE + i))
        row = np.int64(_below(x, size))
        if np.int64(x & _SHARE_BITS) >= shares.alias_share[row]:
            row = np.int64(shares.alias[row])
        negatives[i] = row


@vector_part
def _scores(inputs, outputs, view, negatives, hidden, copies, scores):  # type: ignore[no-untyped-def]
    """The means of the contexts, and one block's part of the scores of targets and negatives."""
    chosen, n_contexts, targets, n_targets = view
    d = inputs.shape[1]
    for k in range(len(negatives)):
        row = negatives[k]
        for j in range(d):
            copies[k, j] = outputs[row, j]
    for b in range(len(n_contexts)):
        for j in range(d):
            hidden[b, j] = 0
        for c in range(n_contexts[b]):
            row = chosen[b, c]
            for j in range(d):
                hidden[b, j] += inputs[row, j]
        share = typed(1.0 / max(n_contexts[b], 1), hidden)
        for j in range(d):
            hidden[b, j] *= share
        for t in range(n_targets[b]):
            row = targets[b, t]
            total = outputs[row, 0] * hidden[b, 0]
            for j in range(1, d):
                total += outputs[row, j] * hidden[b, j]
            scores[b, t] = total
        for k in range(0, len(negatives), 4):
            first = second = third = fourth = copies[0, 0] * 0
            for j in range(d):
                h = hidden[b, j]
                first += copies[k, j] * h
                second += copies[k + 1, j] * h
                third += copies[k + 2, j] * h
                fourth += copies[k + 3, j] * h
            place = targets.shape[1] + k
            scores[b, place], scores[b, place + 1] = first, second
            scores[b, place + 2], scores[b, place + 3] = third, fourth


@part
def _slopes(parts, n_targets, rule, rate, slopes):  # type: ignore[no-untyped-def]
    """What each score's vectors move by; the loss. The blocks' parts are added in the order of the blocks."""
    loss = 0.0
    for b in range(len(n_targets)):
        weight = rule.weight * n_targets[b] / rule.negatives
        for k in range(rule.targets + rule.negatives):
            if n_targets[b] <= k < rule.targets:
                continue
            score = parts[0, b, k]
            for block in range(1, len(parts)):
                score += parts[block, b, k]
            sign, count = (1.0, 1.0) if k < rule.targets else (-1.0, weight)
            signed = sign * np.float64(score)
            small = math.exp(-abs(signed))
            loss += count * (max(-signed, 0.0) + math.log(1.0 + small))
            wrong = (small if signed > 0 else 1.0) / (1.0 + small)
            slopes[b, k] = rate * sign * count * wrong
    return loss


@vector_part
def _steps(outputs, view, copies, slopes, steps):  # type: ignore[no-untyped-def]
    """What the contexts' rows of each view move by: outputs are read here, before any of them moves."""
    n_contexts, targets, n_targets = view[1], view[2], view[3]
    d, n_negatives = outputs.shape[1], len(copies)
    for b in range(len(n_contexts)):
        for j in range(d):
            steps[b, j] = 0
        for t in range(n_targets[b]):
            row, slope = targets[b, t], slopes[b, t]
            for j in range(d):
                steps[b, j] += slope * outputs[row, j]
        for k in range(0, n_negatives, 4):
            place = targets.shape[1] + k
            first, second = slopes[b, place], slopes[b, place + 1]
            third, fourth = slopes[b, place + 2], slopes[b, place + 3]
            for j in range(d):
                steps[b, j] += (first * copies[k, j] + second * copies[k + 1, j]) + (
                    third * copies[k + 2, j] + fourth * copies[k + 3, j]
                )


@vector_part
def _move(inputs, outputs, view, negatives, hidden, copies, slopes, steps):  # type: ignore[no-untyped-def]
    """Move one block's columns of all rows of the batch; the negatives' copies are used up."""
    chosen, n_contexts, targets, n_targets = view
    d = inputs.shape[1]
    for b in range(len(n_contexts)):
        for c in range(n_contexts[b]):
            row = chosen[b, c]
            for j in range(d):
                inputs[row, j] += steps[b, j]
        for t in range(n_targets[b]):
            row, slope = targets[b, t], slopes[b, t]
            for j in range(d):
                outputs[row, j] += slope * hidden[b, j]
    for k in range(len(negatives)):
        for j in range(d):
            copies[k, j] = 0
        for b in range(len(n_contexts)):
            slope = slopes[b, targets.shape[1] + k]
            for j in range(d):
                copies[k, j] += slope * hidden[b, j]
        row = negatives[k]
        for j in range(d):
            outputs[row, j] += copies[k, j]


@entry
def _learn(tables, parts, progress, documents, shares, views, rule, share, batches, rates):  # type: ignore[no-untyped-def]
    """The batches of `views`, for the blocks of one thread: share = (thread, threads, first, last block)."""
    inputs, outputs = tables
    thread, threads, first_block, last_block = share
    size, width = rule.batch_size, inputs.shape[2]
    chosen = np.zeros((size, rule.contexts), np.int32)
    targets = np.zeros((size, rule.targets), np.int32)
    n_contexts, n_targets = np.zeros(size, np.int64), np.zeros(size, np.int64)
    near = np.zeros(rule.targets, np.int32)
    negatives = np.zeros(rule.negatives, np.int32)
    hidden = np.zeros((len(inputs), size, width), inputs.dtype)
    copies = np.zeros((len(inputs), rule.negatives, width), inputs.dtype)
    steps = np.zeros((size, width), inputs.dtype)
    slopes = np.zeros((size, rule.targets + rule.negatives), inputs.dtype)
    loss = 0.0
    learned = 0
    for start in range(0, len(views), size):
        batches += 1
        n = min(size, len(views) - start)
        rate = rates[0] + (rates[1] - rates[0]) * (start / len(views))
        stream = _bits(rule.seed, np.uint64(batches))
        _draw_negatives(stream, shares, negatives)
        for b in range(n):
            document, own = views[start + b], _bits(stream, np.uint64(b + 1))
            n_targets[b] = _draw_targets(documents, document, own, rule, shares.targets, targets[b], near)
            n_contexts[b] = _draw_contexts(
                documents, document, own, rule, shares.contexts, chosen[b], near, n_targets[b]
            )
            n_targets[b] *= n_contexts[b] > 0
            learned += n_targets[b]
        view = (chosen, n_contexts[:n], targets, n_targets[:n])
        scores = parts[batches & 1]
        for i in range(first_block, last_block):
            _scores(inputs[i], outputs[i], view, negatives, hidden[i], copies[i], scores[i])
        meeting.meet(progress, thread, threads, batches)
        loss += _slopes(scores, view[3], rule, rate, slopes)
        for i in range(first_block, last_block):
            _steps(outputs[i], view, copies[i], slopes, steps)
            _move(inputs[i], outputs[i], view, negatives, hidden[i], copies[i], slopes, steps)
    return loss, learned


class Learner:
    """Learns the tables from views of documents; see the plain twin for the parameters.

    `threads` is how many threads work on a batch, at most `BLOCKS`; the result does not depend on it.
    """

    def __init__(
        self,
        tables: Tables,
        documents: Places,
        shares: Shares,
        rule: ViewRule,
        threads: int | None = None,
        done: int = 0,
    ) -> None:
        self._width = tables.inputs.shape[1]
        self._tables = Tables(*(in_blocks(table, self._width) for table in tables))
        self._documents, self._shares, self._rule = documents, shares, rule
        self._threads = min(thread_count(threads), BLOCKS) if meeting.AVAILABLE else 1
        self._progress = meeting.counters(self._threads)
        self._pace = Pace(self._threads)
        scores = (2, BLOCKS, rule.batch_size, rule.targets + rule.negatives)
        self._parts = np.zeros(scores, tables.inputs.dtype)  # for odd and even batches
        self.done = done

    def run(self, views: NDArray[np.int64], rates: tuple[float, float]) -> tuple[float, int]:
        """Learn from views of the documents `views`; the sum of losses, and the number of targets."""

        def work(thread: int, threads: int) -> tuple[float, int]:
            blocks = (0, BLOCKS) if threads == 1 else (thread, thread + 1)
            return _learn(  # type: ignore[no-any-return]
                self._tables,
                self._parts,
                self._progress,
                self._documents,
                self._shares,
                views,
                self._rule,
                (thread, threads, *blocks),
                self.done,
                rates,
            )

        result = self._pace.run(work, len(views))
        self.done += -(-len(views) // self._rule.batch_size)
        return float(result[0]), int(result[1])

    def tables(self) -> Tables:
        """The tables as they are now (a copy)."""
        return Tables(*(joined(blocks, self._width) for blocks in self._tables))

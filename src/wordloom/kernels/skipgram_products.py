"""The three matrix products of a block of skip-gram, compiled; see `skipgram` for what they are part of.

Each is written out for its own shapes and its own order of rows: one for all is slower. Several
rows and terms at a time: each number that is loaded takes part in several products, which is about as fast as
the processor multiplies. R is the number of words nearby, a multiple of `TERMS`, and E that of a thread's
columns of the tables.
"""

from __future__ import annotations

from wordloom.kernels.compiling import vector_part
from wordloom.kernels.skipgram import BLOCK, NEGATIVES

COLUMNS = BLOCK + NEGATIVES
"""What every word nearby meets: the words of the block, and the negatives."""

TERMS = 4
"""Terms of a sum that are added at a time."""


@vector_part
def scores_of(hidden, across, n, inner, scores):  # type: ignore[no-untyped-def]
    """scores (R, COLUMNS) = hidden (R, E) @ across (E, COLUMNS); n is R, `inner` is E, a multiple of 4.

    The width is known when this is compiled, so nothing of a row is left over from vector instructions.
    """
    for i in range(0, n, 4):
        for e in range(COLUMNS):
            scores[i, e] = 0
            scores[i + 1, e] = 0
            scores[i + 2, e] = 0
            scores[i + 3, e] = 0
        for k in range(0, inner, TERMS):
            a0, a1, a2, a3 = hidden[i, k], hidden[i, k + 1], hidden[i, k + 2], hidden[i, k + 3]
            i1, i2, i3 = i + 1, i + 2, i + 3
            b0, b1, b2, b3 = hidden[i1, k], hidden[i1, k + 1], hidden[i1, k + 2], hidden[i1, k + 3]
            c0, c1, c2, c3 = hidden[i2, k], hidden[i2, k + 1], hidden[i2, k + 2], hidden[i2, k + 3]
            d0, d1, d2, d3 = hidden[i3, k], hidden[i3, k + 1], hidden[i3, k + 2], hidden[i3, k + 3]
            for e in range(COLUMNS):
                x0, x1, x2, x3 = across[k, e], across[k + 1, e], across[k + 2, e], across[k + 3, e]
                scores[i, e] += (a0 * x0 + a1 * x1) + (a2 * x2 + a3 * x3)
                scores[i1, e] += (b0 * x0 + b1 * x1) + (b2 * x2 + b3 * x3)
                scores[i2, e] += (c0 * x0 + c1 * x1) + (c2 * x2 + c3 * x3)
                scores[i3, e] += (d0 * x0 + d1 * x1) + (d2 * x2 + d3 * x3)


@vector_part
def input_steps_of(slopes, copies, n, steps):  # type: ignore[no-untyped-def]
    """steps (R, E) = slopes (R, COLUMNS) @ copies (COLUMNS, E); n is R."""
    for i in range(0, n, 2):
        for e in range(steps.shape[1]):
            steps[i, e] = 0
            steps[i + 1, e] = 0
        for k in range(0, COLUMNS, TERMS):
            a0, a1, a2, a3 = slopes[i, k], slopes[i, k + 1], slopes[i, k + 2], slopes[i, k + 3]
            b0, b1, b2, b3 = (
                slopes[i + 1, k],
                slopes[i + 1, k + 1],
                slopes[i + 1, k + 2],
                slopes[i + 1, k + 3],
            )
            for e in range(steps.shape[1]):
                x0, x1, x2, x3 = copies[k, e], copies[k + 1, e], copies[k + 2, e], copies[k + 3, e]
                steps[i, e] += (a0 * x0 + a1 * x1) + (a2 * x2 + a3 * x3)
                steps[i + 1, e] += (b0 * x0 + b1 * x1) + (b2 * x2 + b3 * x3)


@vector_part
def output_steps_of(slopes, hidden, inner, steps):  # type: ignore[no-untyped-def]
    """steps (COLUMNS, E) = the transposed slopes (R, COLUMNS) @ hidden (R, E); `inner` is R."""
    for i in range(0, COLUMNS, 2):
        for e in range(steps.shape[1]):
            steps[i, e] = 0
            steps[i + 1, e] = 0
        for k in range(0, inner, TERMS):
            a0, a1, a2, a3 = slopes[k, i], slopes[k + 1, i], slopes[k + 2, i], slopes[k + 3, i]
            b0, b1, b2, b3 = (
                slopes[k, i + 1],
                slopes[k + 1, i + 1],
                slopes[k + 2, i + 1],
                slopes[k + 3, i + 1],
            )
            for e in range(steps.shape[1]):
                x0, x1, x2, x3 = hidden[k, e], hidden[k + 1, e], hidden[k + 2, e], hidden[k + 3, e]
                steps[i, e] += (a0 * x0 + a1 * x1) + (a2 * x2 + a3 * x3)
                steps[i + 1, e] += (b0 * x0 + b1 * x1) + (b2 * x2 + b3 * x3)

"""The random draws of views of documents, compiled: what `contexts_compiled` learns from.

They are made before the learning and shared out over threads, each batch from a stream of its own. Whether a
draw counts cannot be foreseen, so it is always written, and the next one over it if it does not count.
"""

# mypy: disable-error-code="call-arg"
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import contexts
from wordloom.kernels.compiling import entry, part
from wordloom.kernels.contexts import TRIES, Places, Shares, ViewRule
from wordloom.kernels.drawn_negatives import draw_negatives
from wordloom.kernels.rows import fetch
from wordloom.kernels.threads import over_ranges

_SHARE_BITS = np.uint64(contexts.FULL_SHARE - 1)
_ROWS_OF_A_LINE = 16
_bits, _below = part(contexts.bits), part(contexts.below)
_most_targets = part(contexts.most_targets)


class DrawnViews(NamedTuple):
    """The views of n batches of B, as rows of the tables."""

    contexts: NDArray[np.int32]  # (n * B, most contexts)
    n_contexts: NDArray[np.int32]  # (n * B,), 0 for a view that teaches nothing
    targets: NDArray[np.int32]  # (n * B, most targets)
    n_targets: NDArray[np.int32]  # (n * B,)
    negatives: NDArray[np.int32]  # (n, negatives)


def draw_views(
    views: NDArray[np.int64], documents: Places, shares: Shares, rule: ViewRule, done: int, threads: int
) -> DrawnViews:
    """The draws for the batches of the documents `views`; `done` batches were learned before.

    The last batch is filled up with views without contexts.
    """
    batches = -(-len(views) // rule.batch_size)
    size = batches * rule.batch_size
    drawn = DrawnViews(
        np.zeros((size, rule.contexts), np.int32),
        np.zeros(size, np.int32),
        np.zeros((size, rule.targets), np.int32),
        np.zeros(size, np.int32),
        np.zeros((batches, rule.negatives), np.int32),
    )
    longest = int(documents.places.max(initial=0)) + 1

    def draw(first: int, last: int) -> None:
        _draw(views, documents, shares, rule, drawn, longest, done, first, last)

    over_ranges(draw, np.arange(batches + 1), threads)
    return drawn


@entry
def _draw(views, documents, shares, rule, drawn, longest, done, first, last):  # type: ignore[no-untyped-def]
    """The batches from `first` to before `last`."""
    gap = min(rule.gap, longest)
    near = np.zeros(longest + 2 * gap, np.int64)  # by place: the last view with a target near it
    for batch in range(first, last):
        stream = _bits(rule.seed, np.uint64(done + 1 + batch))
        draw_negatives(stream, shares.alias, shares.alias_share, drawn.negatives, batch)
        start = batch * rule.batch_size
        for view in range(start, min(start + rule.batch_size, len(views))):
            if view + 1 < len(views):
                _fetch_document(documents, views[view + 1])
            own, document = _bits(stream, np.uint64(view - start + 1)), views[view]
            _draw_targets(documents, document, own, rule, shares.targets, drawn, view, near, gap)
            _draw_contexts(documents, document, own, rule, shares.contexts, drawn, view, near, gap)
            if drawn.n_contexts[view] == 0:
                drawn.n_targets[view] = 0


@part
def _fetch_document(documents, document):  # type: ignore[no-untyped-def]
    """The next document, since documents come in random order."""
    for place in range(documents.offsets[document], documents.offsets[document + 1], _ROWS_OF_A_LINE):
        fetch(documents.rows, place)
        fetch(documents.places, place)


@part
def _draw_targets(documents, document, stream, rule, shares, drawn, view, near, gap):  # type: ignore[no-untyped-def]
    """Draw a view's targets and note in `near` where no context may begin."""
    start = documents.offsets[document]
    size = np.uint64(documents.offsets[document + 1] - start)
    wanted = _most_targets(np.int64(size), rule.targets)
    n = 0
    for number in range(TRIES * rule.targets if size > 0 else 0):
        x = _bits(stream, np.uint64(number))
        place = start + np.int64(_below(x, size))
        row = documents.rows[place]
        drawn.targets[view, n] = row
        if np.int64(x & _SHARE_BITS) < shares[row]:
            n += 1
            for at in range(documents.places[place] + 1, documents.places[place] + 2 * gap):
                near[at] = view + 1
            if n == wanted:
                break
    drawn.n_targets[view] = n


@part
def _draw_contexts(documents, document, stream, rule, shares, drawn, view, near, gap):  # type: ignore[no-untyped-def]
    """Draw a view's contexts, which do not begin near a target."""
    start = documents.offsets[document]
    size = np.uint64(documents.offsets[document + 1] - start)
    wanted = min(rule.contexts, np.int64(size))
    first = TRIES * rule.targets
    n = 0
    for number in range(first, first + TRIES * rule.contexts if size > 0 else first):
        x = _bits(stream, np.uint64(number))
        place = start + np.int64(_below(x, size))
        row = documents.rows[place]
        drawn.contexts[view, n] = row
        far = near[documents.places[place] + gap] != view + 1
        n += (np.int64(x & _SHARE_BITS) < shares[row]) & far
        if n == wanted:
            break
    drawn.n_contexts[view] = n

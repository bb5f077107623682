"""Samples of documents, compiled: the views that `document_cbow_compiled` learns from.

They are made before the learning and shared out over threads, each batch from a stream of its own. Whether
what is sampled counts cannot be foreseen, so it is always written, and the next one over it if it does not
count. The plain twin is `document_cbow.CbowTrainer._view`.
"""

# mypy: disable-error-code="call-arg"
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import document_cbow
from wordloom.kernels.compiling import entry, part
from wordloom.kernels.document_cbow import TRIES, DocumentRows, SamplingProbabilities, ViewSampling
from wordloom.kernels.register_loops import prefetch
from wordloom.kernels.sampling import FRACTION_BITS
from wordloom.kernels.sampling_compiled import below, sample_negatives, stream_bits
from wordloom.kernels.threads import over_ranges

_ROWS_OF_A_LINE = 16
_most_targets = part(document_cbow.most_targets)


class SampledViews(NamedTuple):
    """The views of n batches of B, as rows of the tables."""

    contexts: NDArray[np.int32]  # (n * B, most contexts)
    n_contexts: NDArray[np.int32]  # (n * B,), 0 for a view that teaches nothing
    targets: NDArray[np.int32]  # (n * B, most targets)
    n_targets: NDArray[np.int32]  # (n * B,)
    negatives: NDArray[np.int32]  # (n, negatives)


def sample_views(
    views: NDArray[np.int64],
    documents: DocumentRows,
    probabilities: SamplingProbabilities,
    sampling: ViewSampling,
    done: int,
    threads: int,
) -> SampledViews:
    """The samples for the batches of the documents `views`; `done` batches were learned before.

    The last batch is filled up with views without contexts.
    """
    batches = -(-len(views) // sampling.batch_size)
    size = batches * sampling.batch_size
    sampled = SampledViews(
        np.zeros((size, sampling.contexts), np.int32),
        np.zeros(size, np.int32),
        np.zeros((size, sampling.targets), np.int32),
        np.zeros(size, np.int32),
        np.zeros((batches, sampling.negatives), np.int32),
    )
    longest = int(documents.positions.max(initial=0)) + 1
    gap = min(sampling.gap, longest)

    def sample(first: int, last: int) -> None:
        near = np.zeros(longest + 2 * gap, np.int64)  # by position: the last view with a target near it
        _sample(views, documents, probabilities, sampling, sampled, near, gap, done, first, last)

    over_ranges(sample, np.arange(batches + 1), threads)
    return sampled


@entry
def _sample(views, documents, probabilities, sampling, sampled, near, gap, done, first, last):  # type: ignore[no-untyped-def]
    """The batches from `first` to before `last`."""
    for batch in range(first, last):
        stream = stream_bits(sampling.seed, np.uint64(done + 1 + batch))
        sample_negatives(
            stream, probabilities.alias, probabilities.alias_probability, sampled.negatives, batch
        )
        start = batch * sampling.batch_size
        for view in range(start, min(start + sampling.batch_size, len(views))):
            if view + 1 < len(views):
                _prefetch_document(documents, views[view + 1])
            own, document = stream_bits(stream, np.uint64(view - start + 1)), views[view]
            _sample_targets(
                documents, document, own, sampling, probabilities.targets, sampled, view, near, gap
            )
            _sample_contexts(
                documents, document, own, sampling, probabilities.contexts, sampled, view, near, gap
            )
            if sampled.n_contexts[view] == 0:
                sampled.n_targets[view] = 0


@part
def _prefetch_document(documents, document):  # type: ignore[no-untyped-def]
    """The next document, since documents come in random order."""
    for place in range(documents.offsets[document], documents.offsets[document + 1], _ROWS_OF_A_LINE):
        prefetch(documents.rows, place)
        prefetch(documents.positions, place)


@part
def _sample_targets(documents, document, stream, sampling, probabilities, sampled, view, near, gap):  # type: ignore[no-untyped-def]
    """Sample a view's targets and note in `near` where no context may begin."""
    start = documents.offsets[document]
    size = np.uint64(documents.offsets[document + 1] - start)
    wanted = _most_targets(np.int64(size), sampling.targets)
    n = 0
    for number in range(TRIES * sampling.targets if size > 0 else 0):
        x = stream_bits(stream, np.uint64(number))
        place = start + np.int64(below(x, size))
        row = documents.rows[place]
        sampled.targets[view, n] = row
        if np.int64(x & FRACTION_BITS) < probabilities[row]:
            n += 1
            for at in range(documents.positions[place] + 1, documents.positions[place] + 2 * gap):
                near[at] = view + 1
            if n == wanted:
                break
    sampled.n_targets[view] = n


@part
def _sample_contexts(documents, document, stream, sampling, probabilities, sampled, view, near, gap):  # type: ignore[no-untyped-def]
    """Sample a view's contexts, which do not begin near a target."""
    start = documents.offsets[document]
    size = np.uint64(documents.offsets[document + 1] - start)
    wanted = min(sampling.contexts, np.int64(size))
    first = TRIES * sampling.targets
    n = 0
    for number in range(first, first + TRIES * sampling.contexts if size > 0 else first):
        x = stream_bits(stream, np.uint64(number))
        place = start + np.int64(below(x, size))
        row = documents.rows[place]
        sampled.contexts[view, n] = row
        far = near[documents.positions[place] + gap] != view + 1
        n += (np.int64(x & FRACTION_BITS) < probabilities[row]) & far
        if n == wanted:
            break
    sampled.n_contexts[view] = n

"""Finding known n-grams and averages of their vectors, compiled; see `ngrams` for what each does.

What takes the time is memory: a table of a million n-grams does not fit into the cache. So a block of places,
in one document or several, is looked up together, all n-grams of one length at once: their places in the
table are fetched before any of them is read. Which last words follow a row is told in a few bits beside the
row, so nearly all n-grams that do not exist are known for such without the table. And nothing branches on
what is found: a wrong guess of the processor costs as much as four look-ups.
"""

# mypy: disable-error-code="call-arg"
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.linear_compiled import add_weights
from wordloom.kernels.memory_reads import prefetch
from wordloom.kernels.ngram_table import (
    FREE,
    ONE,
    ROW,
    TWO,
    CompiledIndex,
    build_index,
    home_of,
    key_of,
    mark_of,
    slot_of,
)
from wordloom.kernels.pooled_layers import typed

__all__ = ["averages", "build_index", "find_ngrams", "find_present", "present_sums"]

_PLACES_AT_ONCE = 512
"""With fewer, the last entries of a block are waited for more often; with more, blocks leave the cache."""

# Places and counts are unsigned: an index that may be negative costs a check for every element.


def _document_buffers(
    offsets: NDArray[np.int64], first_word: int, longest: int, index: CompiledIndex
) -> tuple[Any, ...]:
    """What documents are looked up in, and what is needed to know for it.

    For a block of places: `chains`, places and what they lead to, and the same with keys; rows of words; then
    what `_add_new` works in, for the longest document: seen rows, candidates, which are new, what waits.
    """
    n, most = _PLACES_AT_ONCE + 1, _PLACES_AT_ONCE * longest + 1
    places, found, asked, keys, slots = (np.empty(n, np.uint64) for _ in range(5))
    chains = np.empty(_PLACES_AT_ONCE * longest, np.int32)
    words = np.empty(_PLACES_AT_ONCE + longest, np.int32)
    size = int(np.diff(offsets).max(initial=0))
    seen, candidates = np.empty(_capacity(size, longest, index[2]), np.int32), np.empty(most, np.int32)
    is_new, pending = np.empty(most, np.uint64), np.empty(most, np.uint64)
    buffers = chains, (places, found), (asked, keys, slots)
    return buffers, words, (seen, candidates, is_new, pending), longest, index, first_word


def _capacity(words: int, longest: int, size: int) -> int:
    """Places to note the rows of a document of so many words in, of which there are `size`."""
    capacity = 16
    while capacity <= min(words * longest, size):
        capacity *= 2
    return capacity


_capacity_of = part(_capacity)


@part
def _ask(buffers, n, words, length, table):  # type: ignore[no-untyped-def]
    """Fetch the entries of n-grams of `length` words that may exist, of n places; how many these are."""
    (places, found), (asked, keys, slots) = buffers[1], buffers[2]
    mask, m = np.uint64(len(table) // 2 - 1), np.uint64(0)
    for j in range(n):
        last, so_far = words[places[j] + length - ONE], found[j]
        key = key_of(so_far & ROW, np.uint64(last) & ROW)
        slot, may_be = TWO * home_of(key, mask), np.uint64(last >= 0) & (so_far >> mark_of(last))
        prefetch(table, slot * may_be)  # the first entry, which is at hand, for one that is not
        asked[m], keys[m], slots[m] = places[j], key, slot
        m += may_be
    return m


@part
def _answer(buffers, m, longest, length, table):  # type: ignore[no-untyped-def]
    """Note the n-grams that were asked for and exist; how many these are."""
    chains, (places, found), (asked, keys, slots) = buffers
    mask, n, pending = np.uint64(len(table) - 1), np.uint64(0), np.uint64(0)
    for j in range(m):
        key, slot, place = keys[j], slots[j], asked[j]
        is_first, beside = table[slot] == key, table[slot + TWO]
        led_to, is_there = table[slot + ONE + TWO * np.uint64(not is_first)], is_first | (beside == key)
        places[n], found[n] = place, led_to
        chains[place * longest + length - ONE] = np.int32(led_to & ROW) if is_there else -1
        n += np.uint64(is_there)
        asked[pending], keys[pending], slots[pending] = place, key, slot
        pending += np.uint64((beside != FREE) & (not is_there))
    for j in range(pending):
        key, slot = keys[j], slots[j]
        while (table[slot] != key) & (table[slot] != FREE):
            slot = (slot + TWO) & mask
        if table[slot] == key:
            places[n], found[n] = asked[j], table[slot + ONE]
            chains[asked[j] * longest + length - ONE] = np.int32(found[n] & ROW)
            n += ONE
    return n


@part
def _fill_chains(buffers, words, size, longest, index):  # type: ignore[no-untyped-def]
    """chains[k * longest + l], of `buffers`: the row of the n-gram of l + 1 words that begins at the place k.

    It is -1 if there is none. words : rows of the words from the first of `size` places on, -1 for no word
    """
    chains, (places, found), _ = buffers
    table, singles, _ = index
    size, longest, n = np.uint64(size), np.uint64(longest), np.uint64(0)
    for i in range(size * longest):
        chains[i] = -1
    for k in range(size):
        word = words[k]
        chains[k * longest] = word
        places[n], found[n] = k, singles[np.uint64(max(word, 0))]
        n += np.uint64(word >= 0)
    for length in range(TWO, longest + ONE):
        n = _answer(buffers, _ask(buffers, n, words, length, table), longest, length, table)


@part
def _find_block(work, ids, offsets, document, place):  # type: ignore[no-untyped-def]
    """Look up the block of places that begins at `ids[place]`, in `document`; how many places it has.

    Every document that ends in it has one place more, which holds nothing, so that no n-gram goes across.
    """
    buffers, words, _, longest, index, first_word = work
    size = 0
    while size < _PLACES_AT_ONCE and document < len(offsets) - 1:
        n = min(offsets[document + 1] - place, _PLACES_AT_ONCE - size)
        for i in range(n):
            words[size + i] = max(ids[place + i] - first_word, -1)
        size, place = size + n, place + n
        if size < _PLACES_AT_ONCE:
            words[size] = -1
            size, document = size + 1, document + 1
    following = offsets[min(document + 1, len(offsets) - 1)] - place
    for i in range(longest):
        words[size + i] = max(ids[place + i] - first_word, -1) if i < following else -1
    _fill_chains(buffers, words, size, longest, index)
    return size


def find_ngrams(
    ids: NDArray[np.int32], offsets: NDArray[np.int64], first_word: int, longest: int, index: CompiledIndex
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
    """All known n-grams of N documents, those of one place one after the other, short ones first."""
    rows, ends = _results(offsets, longest)
    places = np.empty_like(rows)
    _find_ngrams(ids, offsets, _document_buffers(offsets, first_word, longest, index), rows, ends, places)
    return rows[: ends[-1]].copy(), ends, places[: ends[-1]].copy()


def _results(offsets: NDArray[np.int64], longest: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Rows and ends to be filled."""
    return np.empty(int(offsets[-1] - offsets[0]) * longest + 1, np.int32), np.zeros(len(offsets), np.int64)


@entry
def _find_ngrams(ids, offsets, work, rows, ends, places):  # type: ignore[no-untyped-def]
    chains, longest = work[0][0], work[3]
    document, place, m = np.int64(0), offsets[0], 0
    while document < len(offsets) - 1:
        size, k = _find_block(work, ids, offsets, document, place), 0
        while k < size:
            n = min(offsets[document + 1] - place, size - k)
            for i in range(n * longest):
                rows[m] = chains[k * longest + i]
                places[m] = place - offsets[document] + i // longest
                m += rows[m] >= 0
            ends[document + 1] = m
            k, place = k + n, place + n
            if k < size:
                k, document = k + 1, document + 1


@part
def _add_new(chains, span, buffers, mask, rows, m):  # type: ignore[no-untyped-def]
    """Add to `rows`, of which there are m, what the document holds for the first time; how many it has then.

    span : where what it holds begins in `chains`, and where it ends

    Open addressing in a small table. What does not stand in its first place is left to a second loop.
    """
    seen, candidates, is_new, pending = buffers
    n, late, at = np.uint64(0), np.uint64(0), np.uint64(m)
    for i in range(np.uint64(span[0]), np.uint64(span[1])):
        candidates[n] = chains[i]
        n += np.uint64(chains[i] >= 0)
    for i in range(n):
        row = candidates[i]
        slot = slot_of(np.uint64(row), mask)
        there = seen[slot]
        is_new[i] = there < 0
        seen[slot] = row if there < 0 else there
        pending[late] = i
        late += np.uint64((there >= 0) & (there != row))
    for j in range(late):
        row = candidates[pending[j]]
        slot = slot_of(np.uint64(row), mask)
        while (seen[slot] >= 0) & (seen[slot] != row):
            slot = (slot + ONE) & mask
        is_new[pending[j]] = seen[slot] < 0
        seen[slot] = row
    for i in range(n):
        rows[at] = candidates[i]
        at += is_new[i]
    return np.int64(at)


@part
def _emptied(work, n_words):  # type: ignore[no-untyped-def]
    """Prepare to note the rows of another document in; the mask of its places."""
    _, _, seen, longest, index, _ = work
    capacity = _capacity_of(n_words, longest, index[2])
    for i in range(capacity):
        seen[0][i] = -1
    return np.uint64(capacity - 1)


def find_present(
    ids: NDArray[np.int32], offsets: NDArray[np.int64], first_word: int, longest: int, index: CompiledIndex
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The rows that each of N documents of ids holds, none twice, in the order in which they first begin."""
    rows, ends = _results(offsets, longest)
    _find_present(ids, offsets, _document_buffers(offsets, first_word, longest, index), rows, ends)
    return rows[: ends[-1]].copy(), ends


@entry
def _find_present(ids, offsets, work, rows, ends):  # type: ignore[no-untyped-def]
    chains, longest = work[0][0], work[3]
    document, place, m, mask = np.int64(0), offsets[0], np.int64(0), ONE
    while document < len(offsets) - 1:
        size, k = _find_block(work, ids, offsets, document, place), 0
        while k < size:
            if place == offsets[document]:
                mask = _emptied(work, offsets[document + 1] - place)
            n = min(offsets[document + 1] - place, size - k)
            m = _add_new(chains, (k * longest, (k + n) * longest), work[2], mask, rows, m)
            ends[document + 1] = m
            k, place = k + n, place + n
            if k < size:
                k, document = k + 1, document + 1


def present_sums(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    first_word: int,
    longest: int,
    index: CompiledIndex,
    weights: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The sums of the weights (V, K) of the rows that `find_present` finds, and how many these are."""
    n = len(offsets) - 1
    sums, counts = np.zeros((n, weights.shape[1])), np.zeros(n, np.int64)
    rows = np.empty(_PLACES_AT_ONCE * longest + 1, np.int32)
    work = _document_buffers(offsets, first_word, longest, index)
    _add_present(ids, offsets, work, weights, rows, sums, counts)
    return sums, counts


@entry
def _add_present(ids, offsets, work, weights, rows, sums, counts):  # type: ignore[no-untyped-def]
    chains, longest = work[0][0], work[3]
    document, place, mask, columns = np.int64(0), offsets[0], ONE, np.uint64(weights.shape[1])
    while document < len(counts):
        size, k = _find_block(work, ids, offsets, document, place), 0
        for i in range(np.uint64(size * longest)):
            prefetch(weights, np.uint64(max(chains[i], 0)) * columns)  # at hand for what is not there
        while k < size:
            if place == offsets[document]:
                mask = _emptied(work, offsets[document + 1] - place)
            n = min(offsets[document + 1] - place, size - k)
            m = _add_new(chains, (k * longest, (k + n) * longest), work[2], mask, rows, 0)
            add_weights(sums, document, rows, (0, m), weights)
            counts[document] += m
            k, place = k + n, place + n
            if k < size:
                k, document = k + 1, document + 1


def averages(
    rows: NDArray[np.int32], offsets: NDArray[np.int64], vectors: NDArray[Any], weights: NDArray[Any]
) -> NDArray[Any]:
    """Weighted averages of the documents' vectors, (N, D); zeros for a document without weight."""
    result = np.zeros((len(offsets) - 1, vectors.shape[1]), vectors.dtype)
    _average(rows, offsets, vectors, weights, result)
    return result


@entry
def _average(rows, offsets, vectors, weights, result):  # type: ignore[no-untyped-def]
    d = vectors.shape[1]
    for document in range(len(result)):
        start, length = offsets[document], offsets[document + 1] - offsets[document]
        total = 0.0
        for i in range(length):
            row = rows[start + i]
            weight = weights[row]
            total += weight
            for j in range(d):
                result[document, j] += weight * vectors[row, j]
        share = typed(1.0 / total if total > 0 else 0.0, vectors)
        for j in range(d):
            result[document, j] *= share

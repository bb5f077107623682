"""Finding known n-grams and averages of their vectors, compiled; see `ngrams` for what each does.

What takes the time is memory: a table of a million n-grams does not fit into the cache. So a block of places
is looked up together, all n-grams of one length at once: their places in the table are fetched before any of
them is read. Which last words follow a row is told in a few bits beside the row, so nearly all n-grams that
do not exist are known for such without the table. And nothing branches on what is found: a wrong guess of
the processor costs as much as four look-ups.
"""

# mypy: disable-error-code="call-arg"
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.linear_compiled import add_weights
from wordloom.kernels.memory_reads import prefetch
from wordloom.kernels.ngrams import Pairs
from wordloom.kernels.pooled_layers import typed

# the table; for each word what follows it, as in the table; how many rows there are
CompiledIndex = tuple[NDArray[np.uint64], NDArray[np.uint64], int]

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_HALF, _ONE, _TWO = np.uint64(32), np.uint64(1), np.uint64(2)
_FREE = np.uint64(0xFFFFFFFFFFFFFFFF)
_ROW = np.uint64(0xFFFFFFFF)
_PLACES_AT_ONCE = 128
_ENTRIES_EACH = 2
"""Entries of the table for each n-gram, at least."""


@part
def key_of(first, last):  # type: ignore[no-untyped-def]
    """The key of a pair of rows."""
    return np.uint64(first) << _HALF | np.uint64(last)


@part
def _slot(key, mask):  # type: ignore[no-untyped-def]
    return ((key * _PRIME) >> _HALF) & mask


@part
def _mark(last):  # type: ignore[no-untyped-def]
    """The bit, from 32 to 63, that says that this last word, or one like it, may follow."""
    return _HALF + ((np.uint64(last) * _PRIME) >> np.uint64(59))


def build_index(pairs: Pairs, words: int) -> CompiledIndex:
    """The pairs, made ready to be found; pair g has the row `words + g`.

    An entry of the table is a key and what it leads to: its row, and above it the marks of what follows that.
    """
    capacity = 16
    while capacity < _ENTRIES_EACH * len(pairs):
        capacity *= 2
    # by NumPy, which asks for large pages: with small ones most look-ups would wait for their addresses too
    table, singles = np.empty(2 * capacity, dtype=np.uint64), np.arange(words, dtype=np.uint64)
    _fill_table(table, singles, pairs, np.zeros(words + len(pairs), dtype=np.uint64))
    return table, singles, words + len(pairs)


@entry
def _fill_table(table, singles, pairs, marks):  # type: ignore[no-untyped-def]
    """`marks` are zeros, one for each word and pair."""
    mask, words = np.uint64(len(table) // 2 - 1), len(singles)
    for i in range(0, len(table), 2):
        table[i] = _FREE
        table[i + 1] = 0
    for g in range(len(pairs)):
        marks[pairs[g, 0]] |= _ONE << _mark(pairs[g, 1])
    for word in range(words):
        singles[word] |= marks[word]
    for g in range(len(pairs)):
        key = key_of(pairs[g, 0], pairs[g, 1])
        slot = _slot(key, mask)
        while table[_TWO * slot] != _FREE:
            slot = (slot + _ONE) & mask
        table[_TWO * slot] = key
        table[_TWO * slot + _ONE] = marks[words + g] | np.uint64(words + g)


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
        last, so_far = words[places[j] + length - _ONE], found[j]
        key = key_of(so_far & _ROW, np.uint64(last) & _ROW)
        slot, may_be = _TWO * _slot(key, mask), np.uint64(last >= 0) & (so_far >> _mark(last))
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
        there, led_to = table[slot], table[slot + _ONE]
        places[n], found[n] = place, led_to
        chains[place * longest + length - _ONE] = np.int32(led_to & _ROW) if there == key else -1
        n += np.uint64(there == key)
        asked[pending], keys[pending], slots[pending] = place, key, slot
        pending += np.uint64((there != key) & (there != _FREE))
    for j in range(pending):
        key, slot = keys[j], slots[j]
        while (table[slot] != key) & (table[slot] != _FREE):
            slot = (slot + _TWO) & mask
        if table[slot] == key:
            places[n], found[n] = asked[j], table[slot + _ONE]
            chains[asked[j] * longest + length - _ONE] = np.int32(found[n] & _ROW)
            n += _ONE
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
    for length in range(_TWO, longest + _ONE):
        n = _answer(buffers, _ask(buffers, n, words, length, table), longest, length, table)


@part
def _fill_words(words, ids, start, stop, first_word):  # type: ignore[no-untyped-def]
    """The rows of the words from `start` on, and -1 from the end of the document on."""
    for k in range(min(len(words), stop - start)):
        words[k] = max(ids[start + k] - first_word, -1)
    for k in range(stop - start, len(words)):
        words[k] = -1


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
    buffers, words, _, longest, index, first_word = work
    m = 0
    for document in range(len(offsets) - 1):
        start, stop = offsets[document], offsets[document + 1]
        for first in range(start, stop, _PLACES_AT_ONCE):
            size = min(_PLACES_AT_ONCE, stop - first)
            _fill_words(words, ids, first, stop, first_word)
            _fill_chains(buffers, words, size, longest, index)
            for i in range(size * longest):
                rows[m] = buffers[0][i]
                places[m] = first - start + i // longest
                m += rows[m] >= 0
        ends[document + 1] = m


@part
def _add_new(chains, many, buffers, mask, rows, m):  # type: ignore[no-untyped-def]
    """Add to `rows`, of which there are m, what the document holds for the first time; how many it has then.

    Open addressing in a small table. What does not stand in its first place is left to a second loop.
    """
    seen, candidates, is_new, pending = buffers
    n, late, at = np.uint64(0), np.uint64(0), np.uint64(m)
    for i in range(np.uint64(many)):
        candidates[n] = chains[i]
        n += np.uint64(chains[i] >= 0)
    for i in range(n):
        row = candidates[i]
        slot = _slot(np.uint64(row), mask)
        there = seen[slot]
        is_new[i] = there < 0
        seen[slot] = row if there < 0 else there
        pending[late] = i
        late += np.uint64((there >= 0) & (there != row))
    for j in range(late):
        row = candidates[pending[j]]
        slot = _slot(np.uint64(row), mask)
        while (seen[slot] >= 0) & (seen[slot] != row):
            slot = (slot + _ONE) & mask
        is_new[pending[j]] = seen[slot] < 0
        seen[slot] = row
    for i in range(n):
        rows[at] = candidates[i]
        at += is_new[i]
    return np.int64(at)


@part
def _new_block(work, mask, ids, first, stop, rows, m):  # type: ignore[no-untyped-def]
    """As `_add_new`, for the block of places that begins at `first`."""
    buffers, words, seen, longest, index, first_word = work
    size = min(_PLACES_AT_ONCE, stop - first)
    _fill_words(words, ids, first, stop, first_word)
    _fill_chains(buffers, words, size, longest, index)
    return _add_new(buffers[0], size * longest, seen, mask, rows, m)


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
    m = 0
    for document in range(len(offsets) - 1):
        start, stop = offsets[document], offsets[document + 1]
        mask = _emptied(work, stop - start)
        for first in range(start, stop, _PLACES_AT_ONCE):
            m = _new_block(work, mask, ids, first, stop, rows, m)
        ends[document + 1] = m


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
    for document in range(len(counts)):
        start, stop = offsets[document], offsets[document + 1]
        mask = _emptied(work, stop - start)
        for first in range(start, stop, _PLACES_AT_ONCE):
            m = _new_block(work, mask, ids, first, stop, rows, 0)
            add_weights(sums, document, rows, (0, m), weights)
            counts[document] += m


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

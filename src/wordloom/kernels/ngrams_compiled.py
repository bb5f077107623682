"""Finding known n-grams and averages of their vectors, compiled; see `ngrams` for what each does."""

from __future__ import annotations

import numpy as np

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.pooled_layers import typed

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_FREE = np.uint64(0xFFFFFFFFFFFFFFFF)
_PLACES_AT_ONCE = 256


@part
def key_of(first, last):  # type: ignore[no-untyped-def]
    """The key of a pair of rows."""
    return np.uint64(first) << _HALF | np.uint64(last)


@part
def slot_of(keys, key):  # type: ignore[no-untyped-def]
    """Where `key` stands in an open-addressing table, or the free place where it belongs."""
    mask = len(keys) - 1
    slot = np.int64((key * _PRIME) >> _HALF) & mask
    while keys[slot] != key and keys[slot] != _FREE:
        slot = (slot + 1) & mask
    return slot


@entry
def build_index(pairs, words):  # type: ignore[no-untyped-def]
    capacity = 16
    while capacity < 2 * len(pairs):
        capacity *= 2
    keys = np.full(capacity, _FREE)
    rows = np.full(capacity, -1, np.int32)
    for g in range(len(pairs)):
        key = key_of(pairs[g, 0], pairs[g, 1])
        slot = slot_of(keys, key)
        keys[slot] = key
        rows[slot] = words + g
    return keys, rows, words + len(pairs)


@entry
def find_ngrams(ids, offsets, first_word, longest, index):  # type: ignore[no-untyped-def]
    keys, found, _ = index
    n = len(offsets) - 1
    most = (offsets[n] - offsets[0]) * longest
    rows, places = np.empty(most, np.int32), np.empty(most, np.int32)
    ends = np.zeros(n + 1, np.int64)
    m = 0
    for document in range(n):
        start, stop = offsets[document], offsets[document + 1]
        for i in range(start, stop):
            row = np.int32(ids[i] - first_word)
            end = i + 1
            last = min(stop, i + longest)
            while row >= 0:
                rows[m] = row
                places[m] = i - start
                m += 1
                if end == last or ids[end] < first_word:
                    break
                row = found[slot_of(keys, key_of(row, ids[end] - first_word))]
                end += 1
        ends[document + 1] = m
    return rows[:m].copy(), ends, places[:m].copy()


@part
def room_for_rows(offsets, longest, size):  # type: ignore[no-untyped-def]
    """A table for `is_first` with room for twice the rows of any document, of which there are `size`."""
    most = 0
    for document in range(len(offsets) - 1):
        most = max(most, (offsets[document + 1] - offsets[document]) * longest)
    capacity = 16
    while capacity < 2 * min(most, size):
        capacity *= 2
    return np.full(capacity, _FREE)


@part
def is_first(seen, document, row):  # type: ignore[no-untyped-def]
    """Whether a document holds `row` for the first time; notes it.

    Open addressing, in which the places of other documents are free, so nothing is cleared between two. The
    table stays in the processor's cache, which a number for every row there is would not.
    """
    key, mask = key_of(document, row), len(seen) - 1
    slot = np.int64((key * _PRIME) >> _HALF) & mask
    while seen[slot] >> _HALF == np.uint64(document):
        if seen[slot] == key:
            return False
        slot = (slot + 1) & mask
    seen[slot] = key
    return True


@part
def fill_chains(chains, ids, first, stop, first_word, index):  # type: ignore[no-untyped-def]
    """chains[l, k]: the row of the n-gram of l + 1 words that begins at the place `first` + k, or -1.

    All of one length at once: none of these look-ups waits for another, so the processor fetches many places
    of the table at a time. One n-gram after the other took half as long again.
    """
    keys, found, _ = index
    for k in range(min(chains.shape[1], stop - first)):
        chains[0, k] = max(ids[first + k] - first_word, -1)
    for length in range(1, chains.shape[0]):
        for k in range(min(chains.shape[1], stop - first)):
            row, end, longer = chains[length - 1, k], first + k + length, np.int32(-1)
            if row >= 0 and end < stop and ids[end] >= first_word:
                key = key_of(row, ids[end] - first_word)
                slot = slot_of(keys, key)
                if keys[slot] == key:
                    longer = found[slot]
            chains[length, k] = longer


@entry
def find_present(ids, offsets, first_word, longest, index):  # type: ignore[no-untyped-def]
    n = len(offsets) - 1
    rows = np.empty((offsets[n] - offsets[0]) * longest + 1, np.int32)
    ends = np.zeros(n + 1, np.int64)
    seen = room_for_rows(offsets, longest, index[2])
    chains = np.empty((longest, _PLACES_AT_ONCE), np.int32)
    m = 0
    for document in range(n):
        stop = offsets[document + 1]
        for first in range(offsets[document], stop, _PLACES_AT_ONCE):
            fill_chains(chains, ids, first, stop, first_word, index)
            for k in range(min(_PLACES_AT_ONCE, stop - first)):
                for length in range(longest):
                    row = chains[length, k]
                    if row < 0:
                        break
                    if is_first(seen, document, row):
                        rows[m] = row
                        m += 1
        ends[document + 1] = m
    return rows[:m].copy(), ends


@entry
def averages(rows, offsets, vectors, weights):  # type: ignore[no-untyped-def]
    d = vectors.shape[1]
    result = np.zeros((len(offsets) - 1, d), vectors.dtype)
    for document in range(len(offsets) - 1):
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
    return result

"""Bytes of documents -> words and their ids, compiled; see `tokens` for what each function does.

A block of bytes at a time is folded and cut into words (`word_splitting`), which are looked up in an
open-addressing hash table. No step branches on where a word ends or whether it is known, which the processor
would guess wrong for most words. A word of up to 8 bytes is its own key, a longer one has a hash for a key
and is compared byte by byte, so no two words are ever mixed up. A table entry (key, length and rank) is one
cache line's worth of work, and those of a block are fetched before any of them is read.

Keys and places in the table come from products with a number that every process draws for itself, so nobody
can choose words that all fall on one place. The results do not depend on it: words are numbered in the order
of first sight.
"""

# mypy: disable-error-code="call-arg"
from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.memory_reads import eight_bytes, prefetch
from wordloom.kernels.tokens import NONE
from wordloom.kernels.word_splitting import BYTES_AT_ONCE, letters_of, split, word_buffers

# the words' bytes and starts, and the hash table as `find_word` reads it
CompiledIndex = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]

_SECRET = np.uint64(int.from_bytes(os.urandom(8), "little") | 1)  # odd, so that no bit of a key is lost
_MIX = np.uint64(0xBF58476D1CE4E5B9)  # of SplitMix64
_OWN_KEY = 8  # words of so many bytes fit into their key
_DOCUMENT, _POSITION, _RANKS, _KNOWN = range(4)
"""What `state` holds: the document and the byte that come next, how many ranks and words there are."""
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_RANK_BITS = np.uint64(32)
RANK_MASK = np.uint64(0xFFFFFFFF)


@part
def extended_key(key, byte, position, secret):  # type: ignore[no-untyped-def]
    """The key of a word with one more byte, at `position` within the word."""
    if position < _OWN_KEY:
        return key | np.uint64(byte) << np.uint64(8 * position)
    key = (key ^ np.uint64(byte)) * secret
    return key ^ (key >> np.uint64(32))


@part
def secret_of(table):  # type: ignore[no-untyped-def]
    """What the keys in a table are made with; it stands behind the last entry."""
    return table[len(table) - 2]


@part
def _mask(table):  # type: ignore[no-untyped-def]
    """The number of the last entry: entries are a power of two."""
    return len(table) // 2 - 2


@part
def _first_slot(key, mask, secret):  # type: ignore[no-untyped-def]
    # folded down twice, since words that differ in one place only would else follow each other
    mixed = key * secret
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _MIX
    return np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(mask))


@part
def _same_bytes(words, first, data, start, length):  # type: ignore[no-untyped-def]
    """Whether two words of so many bytes, more than eight, are the same."""
    i = 0
    while i + _OWN_KEY < length:
        if eight_bytes(words, np.uint64(first + i)) != eight_bytes(data, np.uint64(start + i)):
            return False
        i += _OWN_KEY
    i = length - _OWN_KEY  # the last eight, of which some may have been compared
    return eight_bytes(words, np.uint64(first + i)) == eight_bytes(data, np.uint64(start + i))


@part
def find_word(table, words, starts, key, data, start, length):  # type: ignore[no-untyped-def]
    """Where in `table` the word `data[start:start + length]` stands, or the free entry where it belongs.

    `table: uint64 (2 * capacity + 2,)` holds a key, then length and rank, for each entry; rank 0 is free.
    """
    mask = _mask(table)
    slot = _first_slot(key, mask, secret_of(table))
    while table[2 * slot + 1] != 0:
        found = table[2 * slot + 1]
        if table[2 * slot] == key and found >> _RANK_BITS == np.uint64(length):
            if length <= _OWN_KEY:
                return 2 * slot
            if _same_bytes(words, starts[np.int64(found & RANK_MASK) - 1], data, start, length):
                return 2 * slot
        slot = (slot + 1) & mask
    return 2 * slot


def build_index(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> CompiledIndex:
    """The words `data[offsets[i]:offsets[i+1]]`, W of them, made ready for `lookup_words`.

    They are copied if they cannot be written: for such arrays all would be compiled once more.
    """
    data = np.require(data, requirements="W")
    capacity = 16
    while capacity < 2 * len(offsets):
        capacity *= 2
    return data, offsets, _table_of(capacity, data, offsets[:-1], np.diff(offsets))


def _table_of(
    capacity: int, data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """A table of so many entries that holds these words of the data."""
    table = np.zeros(2 * capacity + 2, dtype=np.uint64)
    table[2 * capacity] = _SECRET
    _fill_table(table, data, starts, lengths)
    return table


@entry
def _fill_table(table, data, starts, lengths):  # type: ignore[no-untyped-def]
    secret = secret_of(table)
    for word in range(len(starts)):
        start, length = starts[word], lengths[word]
        key = key_of(data, start, length, secret)
        place = find_word(table, data, starts, key, data, start, length)
        table[place] = key
        table[place + 1] = np.uint64(length) << _RANK_BITS | np.uint64(word + 1)


@part
def key_of(data, start, length, secret):  # type: ignore[no-untyped-def]
    """The key of the word `data[start:start + length]`, of one byte at least."""
    if start + _OWN_KEY > len(data):
        key = np.uint64(0)
        for i in range(length):
            key = extended_key(key, data[start + i], i, secret)
        return key
    key = eight_bytes(data, np.uint64(start)) & (_ALL >> np.uint64(64 - 8 * min(length, _OWN_KEY)))
    for i in range(_OWN_KEY, length):
        key = extended_key(key, data[start + i], i, secret)
    return key


@part
def _ask(data, n, table, buffers):  # type: ignore[no-untyped-def]
    """Find the keys of a block's n words, and fetch their entries of the table."""
    starts, stops, keys, _ = buffers
    mask, secret = _mask(table), secret_of(table)
    for j in range(n):
        keys[j] = key_of(data, starts[j], stops[j] - starts[j], secret)
        prefetch(table, np.uint64(2 * _first_slot(keys[j], mask, secret)))


@part
def _look_up(data, n, index, buffers, ranks, t):  # type: ignore[no-untyped-def]
    """The ranks of a block's n words, from `ranks[t]` on."""
    words, begins, table = index
    starts, stops, keys, late = buffers
    mask, secret, waiting = _mask(table), secret_of(table), 0
    for j in range(n):
        length = stops[j] - starts[j]
        place = 2 * _first_slot(keys[j], mask, secret)
        there = table[place + 1]
        same = (table[place] == keys[j]) & (there >> _RANK_BITS == np.uint64(length))
        ranks[t + j] = np.int32(there & RANK_MASK) if same else 0
        late[waiting] = j
        prefetch(begins, np.uint64(there & RANK_MASK) - np.uint64(1))
        waiting += (there != 0) & (not (same & (length <= _OWN_KEY)))
    for i in range(waiting):
        prefetch(words, np.uint64(begins[max(ranks[t + late[i]] - 1, 0)]))
    for i in range(waiting):
        j = late[i]
        place = find_word(table, words, begins, keys[j], data, starts[j], stops[j] - starts[j])
        ranks[t + j] = np.int32(table[place + 1] & RANK_MASK)


# Where an array is full, a kernel notes in `state` how far it is, and goes on there when it is called with a
# larger one.


def lookup_words(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    alphabet: NDArray[np.uint8],
    index: CompiledIndex,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The rank of every word of every document: its place in the index from 1, or 0 if not in it."""
    ranks, ends, state = _results(offsets)
    letters, buffers = letters_of(alphabet), word_buffers()
    while not _lookup_words(data, offsets, letters, index, buffers, ranks, ends, state):
        ranks = _grown(ranks, 2 * len(ranks))
    return ranks[: state[_RANKS]].copy(), ends


def _results(
    offsets: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Ranks and ends to be filled, and the state at the beginning."""
    n = len(offsets) - 1
    ranks = np.empty(int(offsets[n] - offsets[0] + n) // 4 + BYTES_AT_ONCE, np.int32)
    return ranks, np.zeros(n + 1, np.int64), np.array([0, offsets[0], 0, 0])


def _grown(array: NDArray[Any], size: int) -> NDArray[Any]:
    larger = np.zeros(size, array.dtype)
    larger[: len(array)] = array
    return larger


@entry
def _lookup_words(data, offsets, letters, index, buffers, ranks, ends, state):  # type: ignore[no-untyped-def]
    document, position, t = state[_DOCUMENT], state[_POSITION], state[_RANKS]
    while document < len(offsets) - 1:
        if position >= offsets[document + 1]:
            document += 1
            ends[document] = t
        elif t + BYTES_AT_ONCE > len(ranks):
            break
        else:
            words, position = split(data, position, offsets[document + 1], letters, buffers)
            _ask(data, words, index[2], buffers)
            _look_up(data, words, index, buffers, ranks, t)
            t += words
    state[_DOCUMENT], state[_POSITION], state[_RANKS] = document, position, t
    return document == len(offsets) - 1


@part
def _index_block(data, n, document, table, places, tallies, buffers, ranks, t, known):  # type: ignore[no-untyped-def]
    """Number a block's n words, from `ranks[t]` on; how many different words there are then."""
    starts, lengths = places
    for j in range(n):
        start, length, key = buffers[0][j], buffers[1][j] - buffers[0][j], buffers[2][j]
        place = find_word(table, data, starts, key, data, start, length)
        if table[place + 1] == 0:
            starts[known], lengths[known] = start, length
            known += 1
            table[place] = key
            table[place + 1] = np.uint64(length) << _RANK_BITS | np.uint64(known)
        rank = np.int64(table[place + 1] & RANK_MASK)
        tally = 4 * (rank - 1)
        tallies[tally] += 1
        if tallies[tally + 2] != document + 1:
            tallies[tally + 2] = document + 1
            tallies[tally + 1] += 1
        ranks[t + j] = rank
    return known


def index_words(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], alphabet: NDArray[np.uint8]
) -> tuple[NDArray[Any], ...]:
    """Number the different words in the order of first sight, and count them."""
    ranks, ends, state = _results(offsets)
    letters, buffers = letters_of(alphabet), word_buffers()
    capacity = 1 << 14
    places = np.zeros(capacity, np.int64), np.zeros(capacity, np.int64)
    tallies = np.zeros(4 * capacity, np.int64)  # count, documents, last document and a free place, by word
    table = _table_of(2 * capacity, data, places[0][:0], places[1][:0])
    while not _index_words(data, offsets, letters, buffers, table, places, tallies, ranks, ends, state):
        known = state[_KNOWN]
        if state[_RANKS] + BYTES_AT_ONCE > len(ranks):
            ranks = _grown(ranks, 2 * len(ranks))
        if known + BYTES_AT_ONCE > capacity:
            capacity *= 2
            places = _grown(places[0], capacity), _grown(places[1], capacity)
            tallies = _grown(tallies, 4 * capacity)
            table = _table_of(2 * capacity, data, places[0][:known], places[1][:known])
    known = state[_KNOWN]
    words, word_offsets = _gathered(data, places[0][:known], places[1][:known])
    counts, documents = (tallies[first : 4 * known : 4].copy() for first in (0, 1))
    return ranks[: state[_RANKS]].copy(), ends, words, word_offsets, counts, documents


def _gathered(
    data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of words that begin at these places, one word after the other, and the words' offsets."""
    offsets = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return data[np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)], offsets


@entry
def _index_words(data, offsets, letters, buffers, table, places, tallies, ranks, ends, state):  # type: ignore[no-untyped-def]
    document, position, t, known = state[_DOCUMENT], state[_POSITION], state[_RANKS], state[_KNOWN]
    while document < len(offsets) - 1:
        if position >= offsets[document + 1]:
            document += 1
            ends[document] = t
        elif t + BYTES_AT_ONCE > len(ranks) or known + BYTES_AT_ONCE > len(places[0]):
            break
        else:
            words, position = split(data, position, offsets[document + 1], letters, buffers)
            _ask(data, words, table, buffers)
            known = _index_block(data, words, document, table, places, tallies, buffers, ranks, t, known)
            t += words
    state[_DOCUMENT], state[_POSITION], state[_RANKS], state[_KNOWN] = document, position, t, known
    return document == len(offsets) - 1


def number_words(
    ranks: NDArray[np.int32], offsets: NDArray[np.int64], rules: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Documents of ranks (0 = unknown word) as ids, with their new offsets."""
    n = len(offsets) - 1
    ids, ends = np.empty(len(ranks) + n, np.int32), np.zeros(n + 1, np.int64)
    _number_words(ranks, offsets, rules, ids, ends)
    return ids[: ends[n]], ends


@entry
def _number_words(ranks, offsets, rules, ids, ends):  # type: ignore[no-untyped-def]
    index_from, start, unknown, skip_top, size = rules[0], rules[1], rules[2], rules[3], rules[4]
    mark = start if skip_top <= start < size else unknown
    t = 0
    for document in range(len(offsets) - 1):
        if start != NONE and mark != NONE:
            ids[t] = mark
            t += 1
        for i in range(offsets[document], offsets[document + 1]):
            id_ = ranks[i] + index_from
            if ranks[i] == 0 or id_ < skip_top or id_ >= size:
                id_ = unknown
            ids[t] = id_  # written in any case, and kept if it is an id
            t += id_ != NONE
        ends[document + 1] = t

"""Bytes of documents -> words and their ids, compiled; see `tokens` for what each function does.

One pass over the bytes folds them, finds the words and looks each up in an open-addressing hash table. A
word of up to 8 bytes is its own key, a longer one has a hash for a key and is compared byte by byte, so no
two words are ever mixed up. A table entry (key, length and rank) is one cache line's worth of work.

Keys and places in the table come from products with a number that every process draws for itself, so nobody
can choose words that all fall on one place. The results do not depend on it: words are numbered in the order
of first sight.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.tokens import NONE, SEPARATOR

# the words' bytes and starts, and the hash table as `find_word` reads it
CompiledIndex = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]

_SECRET = np.uint64(int.from_bytes(os.urandom(8), "little") | 1)  # odd, so that no bit of a key is lost
_MIX = np.uint64(0xBF58476D1CE4E5B9)  # of SplitMix64
_OWN_KEY = 8  # words of so many bytes fit into their key
_LETTER, _APART, _ALONE = 0xFF, 0x100, 0x200
_RANK_BITS = np.uint64(32)
RANK_MASK = np.uint64(0xFFFFFFFF)


@part
def extended_key(key, byte, position, secret):  # type: ignore[no-untyped-def]
    """The key of a word with one more byte, at `position` within the word."""
    if position < _OWN_KEY:
        return (key << np.uint64(8)) | np.uint64(byte)
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
def _new_table(capacity, secret):  # type: ignore[no-untyped-def]
    table = np.zeros(2 * capacity + 2, np.uint64)
    table[2 * capacity] = secret
    return table


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
            first = starts[np.int64(found & RANK_MASK) - 1]
            i = 0
            while i < length and words[first + i] == data[start + i]:
                i += 1
            if i == length:
                return 2 * slot
        slot = (slot + 1) & mask
    return 2 * slot


@part
def _enlarged(table, factor):  # type: ignore[no-untyped-def]
    secret = secret_of(table)
    larger = _new_table(factor * (_mask(table) + 1), secret)
    mask = _mask(larger)
    for old in range(0, len(table) - 2, 2):
        if table[old + 1] != 0:
            slot = _first_slot(table[old], mask, secret)
            while larger[2 * slot + 1] != 0:
                slot = (slot + 1) & mask
            larger[2 * slot] = table[old]
            larger[2 * slot + 1] = table[old + 1]
    return larger


def build_index(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> CompiledIndex:
    """The words `data[offsets[i]:offsets[i+1]]`, W of them, made ready for `lookup_words`."""
    return data, offsets, _build_table(data, offsets, _SECRET)


@entry
def _build_table(data, offsets, secret):  # type: ignore[no-untyped-def]
    n = len(offsets) - 1
    capacity = 16
    while capacity < 3 * n:
        capacity *= 2
    table = _new_table(capacity, secret)
    for word in range(n):
        start, length = offsets[word], offsets[word + 1] - offsets[word]
        key = np.uint64(0)
        for i in range(length):
            key = extended_key(key, data[start + i], i, secret)
        place = find_word(table, data, offsets, key, data, start, length)
        table[place] = key
        table[place + 1] = np.uint64(length) << _RANK_BITS | np.uint64(word + 1)
    return table


@part
def _letters(alphabet):  # type: ignore[no-untyped-def]
    """The alphabet as one table, uint16 (256,): bytes that end a word are above `_LETTER`."""
    letters = np.empty(256, np.uint16)
    for byte in range(256):
        letters[byte] = alphabet[0, byte]
        if alphabet[0, byte] == SEPARATOR:
            letters[byte] = _APART
        elif alphabet[1, byte] != 0:
            letters[byte] = np.uint16(alphabet[0, byte]) | np.uint16(_ALONE)
    return letters


@part
def _next_word(data, position, end, letters, secret):  # type: ignore[no-untyped-def]
    """Fold bytes in place up to the end of the next word; its start, its end and its key."""
    while position < end and letters[data[position]] == _APART:
        position += 1
    start = position
    key = np.uint64(0)
    while position < end:
        letter = letters[data[position]]
        if letter > _LETTER:
            break
        data[position] = np.uint8(letter)
        key = extended_key(key, letter, position - start, secret)
        position += 1
    if position == start and position < end:  # not a separator, so a byte that is a word of its own
        data[position] = np.uint8(letters[data[position]] & _LETTER)
        key = extended_key(key, data[position], 0, secret)
        position += 1
    return start, position, key


@part
def _grown(array, size):  # type: ignore[no-untyped-def]
    larger = np.zeros(size, array.dtype)
    for i in range(len(array)):  # a slice would compile the message of its error, for two seconds
        larger[i] = array[i]
    return larger


@part
def _lookup_until_full(data, start, end, letters, index, ranks, t):  # type: ignore[no-untyped-def]
    """Look words up from `start` until `end` or until `ranks` is full; the new position and count."""
    words, starts, table = index
    secret = secret_of(table)
    start, stop, key = _next_word(data, start, end, letters, secret)
    while stop > start and t < len(ranks):
        place = find_word(table, words, starts, key, data, start, stop - start)
        ranks[t] = np.int32(table[place + 1] & RANK_MASK)
        t += 1
        start, stop, key = _next_word(data, stop, end, letters, secret)
    return start, t


# Arrays are made larger outside the loops over words: a loop that replaces its arrays counts references
# for every word, which takes longer than the look-up.


@entry
def lookup_words(data, offsets, alphabet, index):  # type: ignore[no-untyped-def]
    letters = _letters(alphabet)
    n = len(offsets) - 1
    ranks = np.empty((offsets[n] - offsets[0] + n) // 4 + 16, np.int32)
    ends = np.zeros(n + 1, np.int64)
    t = 0
    for document in range(n):
        position, end = offsets[document], offsets[document + 1]
        while position < end:
            if t == len(ranks):
                ranks = _grown(ranks, 2 * t)
            position, t = _lookup_until_full(data, position, end, letters, index, ranks, t)
        ends[document + 1] = t
    return ranks[:t].copy(), ends


@part
def _index_until_full(data, span, letters, table, places, tallies, ranks, t, known):  # type: ignore[no-untyped-def]
    """Number the words of one document from `span` on, until its end or until an array is full."""
    start, end, document = span
    starts, lengths = places
    secret = secret_of(table)
    start, stop, key = _next_word(data, start, end, letters, secret)
    while stop > start and t < len(ranks) and known < len(lengths):
        place = find_word(table, data, starts, key, data, start, stop - start)
        if table[place + 1] == 0:
            starts[known], lengths[known] = start, stop - start
            known += 1
            table[place] = key
            table[place + 1] = np.uint64(stop - start) << _RANK_BITS | np.uint64(known)
        rank = np.int64(table[place + 1] & RANK_MASK)
        tally = 4 * (rank - 1)
        tallies[tally] += 1
        if tallies[tally + 2] != document + 1:
            tallies[tally + 2] = document + 1
            tallies[tally + 1] += 1
        ranks[t] = rank
        t += 1
        start, stop, key = _next_word(data, stop, end, letters, secret)
    return start, t, known


def index_words(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], alphabet: NDArray[np.uint8]
) -> tuple[NDArray[Any], ...]:
    """Number the different words in the order of first sight, and count them."""
    result: tuple[NDArray[Any], ...] = _index_words(data, offsets, alphabet, _SECRET)
    return result


@entry
def _index_words(data, offsets, alphabet, secret):  # type: ignore[no-untyped-def]
    letters = _letters(alphabet)
    n = len(offsets) - 1
    ranks = np.empty((offsets[n] - offsets[0] + n) // 4 + 16, np.int32)
    ends = np.zeros(n + 1, np.int64)
    capacity = 1 << 14
    table = _new_table(2 * capacity, secret)
    starts, lengths = np.zeros(capacity, np.int64), np.zeros(capacity, np.int64)
    tallies = np.zeros(4 * capacity, np.int64)  # count, documents, last document and a free place, by word
    t = 0
    known = 0
    for document in range(n):
        position, end = offsets[document], offsets[document + 1]
        while position < end:
            if t == len(ranks):
                ranks = _grown(ranks, 2 * t)
            if known == capacity:
                capacity *= 2
                table, tallies = _enlarged(table, 2), _grown(tallies, 4 * capacity)
                starts, lengths = _grown(starts, capacity), _grown(lengths, capacity)
            span, places = (position, end, document), (starts, lengths)
            position, t, known = _index_until_full(
                data, span, letters, table, places, tallies, ranks, t, known
            )
        ends[document + 1] = t
    words, word_offsets = _gathered(data, starts, lengths, known)
    counts, documents = tallies[: 4 * known : 4].copy(), tallies[1 : 4 * known : 4].copy()
    return ranks[:t].copy(), ends, words, word_offsets, counts, documents


@entry
def number_words(ranks, offsets, rules):  # type: ignore[no-untyped-def]
    index_from, start, unknown, skip_top, size = rules[0], rules[1], rules[2], rules[3], rules[4]
    n = len(offsets) - 1
    ids = np.empty(len(ranks) + (n if start != NONE else 0), np.int32)
    ends = np.zeros(n + 1, np.int64)
    mark = start if skip_top <= start < size else unknown
    t = 0
    for document in range(n):
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
    return ids[:t], ends


@part
def _gathered(data, starts, lengths, n):  # type: ignore[no-untyped-def]
    offsets = np.zeros(n + 1, np.int64)
    for i in range(n):
        offsets[i + 1] = offsets[i] + lengths[i]
    words = np.empty(offsets[n], np.uint8)
    for i in range(n):
        for j in range(lengths[i]):
            words[offsets[i] + j] = data[starts[i] + j]
    return words, offsets

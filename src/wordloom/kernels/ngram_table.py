"""The table that n-grams are found in, as `ngrams_compiled` reads it.

An entry is a key, which is a pair of rows, and what it leads to: the row of the n-gram, and above it a few
bits that tell which last words may follow. Two entries that lie in one line of the cache are read together;
only keys that found both taken stand further away.
"""

# mypy: disable-error-code="call-arg"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.ngrams import Pairs

# the table; for each word what follows it, as in the table; how many rows there are
CompiledIndex = tuple[NDArray[np.uint64], NDArray[np.uint64], int]

_PRIME = np.uint64(0x9E3779B97F4A7C15)
HALF, ONE, TWO = np.uint64(32), np.uint64(1), np.uint64(2)
FREE = np.uint64(0xFFFFFFFFFFFFFFFF)
ROW = np.uint64(0xFFFFFFFF)
_ENTRIES_EACH = 2
"""Entries of the table for each n-gram, at least."""


@part
def key_of(first, last):  # type: ignore[no-untyped-def]
    """The key of a pair of rows."""
    return np.uint64(first) << HALF | np.uint64(last)


@part
def slot_of(key, mask):  # type: ignore[no-untyped-def]
    """A place for a key, or a row, in a table of `mask + 1` entries."""
    return ((key * _PRIME) >> HALF) & mask


@part
def home_of(key, mask):  # type: ignore[no-untyped-def]
    """Where a key belongs in the table: the first of two entries that are read together."""
    return slot_of(key, mask - ONE)


@part
def mark_of(last):  # type: ignore[no-untyped-def]
    """The bit, from 32 to 63, that says that this last word, or one like it, may follow."""
    return HALF + ((np.uint64(last) * _PRIME) >> np.uint64(59))


def build_index(pairs: Pairs, words: int) -> CompiledIndex:
    """The pairs, made ready to be found; pair g has the row `words + g`."""
    capacity = 16
    while capacity < _ENTRIES_EACH * len(pairs):
        capacity *= 2
    table, singles = _empty_table(capacity), np.arange(words, dtype=np.uint64)
    _fill_table(table, singles, pairs, np.zeros(words + len(pairs), dtype=np.uint64))
    return table, singles, words + len(pairs)


def _empty_table(capacity: int) -> NDArray[np.uint64]:
    """Room for so many entries, two of which always lie in one line of the cache.

    By NumPy, which asks for large pages: with small ones most look-ups would wait for their addresses too.
    """
    room = np.empty(2 * capacity + 3, dtype=np.uint64)
    first = -(room.__array_interface__["data"][0] // room.itemsize) % 4
    return room[first : first + 2 * capacity]


@entry
def _fill_table(table, singles, pairs, marks):  # type: ignore[no-untyped-def]
    """`marks` are zeros, one for each word and pair."""
    mask, words = np.uint64(len(table) // 2 - 1), len(singles)
    for i in range(0, len(table), 2):
        table[i] = FREE
        table[i + 1] = 0
    for g in range(len(pairs)):
        marks[pairs[g, 0]] |= ONE << mark_of(pairs[g, 1])
    for word in range(words):
        singles[word] |= marks[word]
    for g in range(len(pairs)):
        key = key_of(pairs[g, 0], pairs[g, 1])
        slot = home_of(key, mask)
        while table[TWO * slot] != FREE:
            slot = (slot + ONE) & mask
        table[TWO * slot] = key
        table[TWO * slot + ONE] = marks[words + g] | np.uint64(words + g)

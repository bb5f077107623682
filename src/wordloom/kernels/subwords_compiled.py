"""fastText's character n-grams, compiled; see `subwords` for what each function does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part

START = np.uint32(2166136261)
_PRIME = np.uint32(16777619)
_SIGN = np.uint32(0xFFFFFF00)


@part
def mixed(value, byte):  # type: ignore[no-untyped-def]
    signed = np.uint32(byte) | _SIGN if byte >= 128 else np.uint32(byte)
    return np.uint32(np.uint32(value ^ signed) * _PRIME)


@part
def continues(byte):  # type: ignore[no-untyped-def]
    """Whether a byte is a later one of a UTF-8 character."""
    return byte & 0xC0 == 0x80


def hashes(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The hash of each of N strings, uint32 (N,)."""
    found = np.empty(len(offsets) - 1, np.uint32)
    _hash(data, offsets, found)
    return found


@entry
def _hash(data, offsets, found):  # type: ignore[no-untyped-def]
    for i in range(len(found)):
        value = START
        for place in range(offsets[i], offsets[i + 1]):
            value = mixed(value, data[place])
        found[i] = value


@part
def _put_ids(data, start, end, rule, ids, count):  # type: ignore[no-untyped-def]
    """Put the n-grams of a word into `ids` from `count` on, unless `ids` is empty; the new count."""
    minn, maxn, bucket = rule[0], rule[1], rule[2]
    for first in range(start, end):
        if continues(data[first]):
            continue
        value, place, n = START, first, 0
        while place < end and n < maxn:
            value = mixed(value, data[place])
            place += 1
            while place < end and continues(data[place]):
                value = mixed(value, data[place])
                place += 1
            n += 1
            if n >= minn and not (n == 1 and (first == start or place == end)):
                if len(ids) > 0:
                    ids[count] = np.int64(value) % bucket
                count += 1
    return count


def subword_ids(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], rule: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The n-grams of N words as numbers below `bucket`, and their offsets."""
    ends = np.zeros(len(offsets), np.int64)
    _subword_ids(data, offsets, rule, np.empty(0, np.int64), ends)
    ids = np.empty(ends[-1], np.int64)
    _subword_ids(data, offsets, rule, ids, ends)
    return ids, ends


@entry
def _subword_ids(data, offsets, rule, ids, ends):  # type: ignore[no-untyped-def]
    """Put the n-grams of all words into `ids`, unless it is empty, and where those of each end."""
    for word in range(len(offsets) - 1):
        ends[word + 1] = _put_ids(data, offsets[word], offsets[word + 1], rule, ids, ends[word])


@entry
def mean_rows(table, firsts, ids, offsets, means):  # type: ignore[no-untyped-def]
    dimensions = table.shape[1]
    for word in range(len(firsts)):
        count = offsets[word + 1] - offsets[word]
        means[word, :] = np.float32(0.0)
        if firsts[word] >= 0:
            count += 1
            for d in range(dimensions):
                means[word, d] += table[firsts[word], d]
        for i in range(offsets[word], offsets[word + 1]):
            for d in range(dimensions):
                means[word, d] += table[ids[i], d]
        share = np.float32(1.0 / max(count, 1))
        for d in range(dimensions):
            means[word, d] *= share

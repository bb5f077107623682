"""fastText's character n-grams, compiled; see `subwords` for what each function does."""

from __future__ import annotations

import numpy as np

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


@entry
def hashes(data, offsets):  # type: ignore[no-untyped-def]
    found = np.empty(len(offsets) - 1, np.uint32)
    for i in range(len(found)):
        value = START
        for place in range(offsets[i], offsets[i + 1]):
            value = mixed(value, data[place])
        found[i] = value
    return found


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


@entry
def subword_ids(data, offsets, rule):  # type: ignore[no-untyped-def]
    n = len(offsets) - 1
    ends = np.zeros(n + 1, np.int64)
    nothing = np.empty(0, np.int64)
    for word in range(n):
        ends[word + 1] = _put_ids(data, offsets[word], offsets[word + 1], rule, nothing, ends[word])
    ids = np.empty(ends[n], np.int64)
    for word in range(n):
        _put_ids(data, offsets[word], offsets[word + 1], rule, ids, ends[word])
    return ids, ends


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

"""Bytes of lines -> the rows of fastText's supervised models, compiled; see `hashed_ngrams`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.hashed_ngrams import (
    BUCKET,
    END,
    END_RANK,
    LABEL,
    MAXN,
    MINN,
    PRUNED,
    WITH_END,
    WORD_NGRAMS,
    WORDS,
)
from wordloom.kernels.subwords_compiled import START, continues, mixed
from wordloom.kernels.tokens import SEPARATOR
from wordloom.kernels.tokens_compiled import (
    RANK_MASK,
    build_index,
    find_word,
    key_of,
    secret_of,
)

__all__ = ["build_index", "line_ids"]
_FACTOR = np.uint64(116049371)
_END = np.frombuffer(END, dtype=np.uint8)
_LABEL = np.frombuffer(LABEL, dtype=np.uint8)


@part
def _is_at(data, start, stop, text, whole):  # type: ignore[no-untyped-def]
    """Whether a word begins with a text, or is it."""
    if stop - start < len(text) or (whole and stop - start != len(text)):
        return False
    for i in range(len(text)):  # noqa: SIM110 - compiled, a generator is not
        if data[start + i] != text[i]:
            return False
    return True


@part
def _next_word(data, position, end, alphabet):  # type: ignore[no-untyped-def]
    """Where the next word begins and ends; both the same where there is none."""
    while position < end and alphabet[0, data[position]] == SEPARATOR:
        position += 1
    start = position
    while position < end and alphabet[0, data[position]] != SEPARATOR:
        position += 1
    return start, position


@part
def _hash(data, start, stop):  # type: ignore[no-untyped-def]
    value = START
    for place in range(start, stop):
        value = mixed(value, data[place])
    return value


@part
def _put(ids, count, bucket, rule, pruned):  # type: ignore[no-untyped-def]
    """Put the row of a bucket behind the ids, if it has one; the new count."""
    if rule[PRUNED] == 0:
        ids[count] = rule[WORDS] + bucket + 1
        return count + 1
    low, high = 0, len(pruned)
    while low < high:
        middle = (low + high) // 2
        if pruned[middle, 0] < bucket:
            low = middle + 1
        else:
            high = middle
    if low < len(pruned) and pruned[low, 0] == bucket:
        ids[count] = rule[WORDS] + pruned[low, 1] + 1
        return count + 1
    return count


@part
def _put_characters(data, start, stop, rule, pruned, ids, count):  # type: ignore[no-untyped-def]
    """The n-grams of `<word>`; the marks stand at start - 1 and at stop."""
    minn, maxn, bucket = rule[MINN], rule[MAXN], rule[BUCKET]
    for first in range(start - 1, stop + 1):
        if start <= first < stop and continues(data[first]):
            continue
        value, place, n = START, first, 0
        while place <= stop and n < maxn:
            byte = data[place] if start <= place < stop else np.uint8(60 if place < start else 62)
            value = mixed(value, byte)
            place += 1
            while start <= place < stop and continues(data[place]):
                value = mixed(value, data[place])
                place += 1
            n += 1
            if n >= minn and not (n == 1 and (first < start or place > stop)):
                count = _put(ids, count, np.int64(value) % bucket, rule, pruned)
    return count


@part
def _put_line(data, start, end, alphabet, index, rule, pruned, hashes, ids, count):  # type: ignore[no-untyped-def]
    """The rows of one line; the new count. `hashes` and `ids` have room for the longest of such lines."""
    words, starts, table = index
    secret = secret_of(table)
    known, ended = 0, False
    start, stop = _next_word(data, start, end, alphabet)
    while stop > start and not ended:
        key = key_of(data, start, stop - start, secret)
        place = find_word(table, words, starts, key, data, start, stop - start)
        rank = np.int64(table[place + 1] & RANK_MASK)
        ended = _is_at(data, start, stop, _END, True)
        if rank <= rule[WORDS] and not (rank == 0 and _is_at(data, start, stop, _LABEL, False)):
            if rank > 0:
                ids[count] = rank
                count += 1
            if rule[MAXN] > 0 and not ended:
                count = _put_characters(data, start, stop, rule, pruned, ids, count)
            if rule[WORD_NGRAMS] > 1:
                hashes[known] = np.int32(_hash(data, start, stop))
                known += 1
        start, stop = _next_word(data, stop, end, alphabet)
    if rule[WITH_END] != 0 and not ended:
        if rule[END_RANK] > 0:
            ids[count] = rule[END_RANK]
            count += 1
        if rule[WORD_NGRAMS] > 1:
            hashes[known] = np.int32(_hash(_END, 0, len(_END)))
            known += 1
    bucket = np.uint64(rule[BUCKET])
    for first in range(known):
        value = np.uint64(np.int64(hashes[first]))
        for other in range(first + 1, min(known, first + rule[WORD_NGRAMS])):
            value = value * _FACTOR + np.uint64(np.int64(hashes[other]))
            count = _put(ids, count, np.int64(value % bucket), rule, pruned)
    return count


@entry
def _line_ids(data, offsets, alphabet, index, rule, pruned, hashes, ids, ends, first):  # type: ignore[no-untyped-def]
    """Put the ids of lines from `first` on, and where those of each end; which line has no room any more."""
    characters = max(rule[MAXN] - max(rule[MINN], 1) + 1, 0)
    for line in range(first, len(offsets) - 1):
        size = offsets[line + 1] - offsets[line]
        most = size // 2 + 2
        if ends[line] + most * max(rule[WORD_NGRAMS], 1) + (size + 2 * most) * characters > len(ids):
            return line
        ends[line + 1] = _put_line(
            data, offsets[line], offsets[line + 1], alphabet, index, rule, pruned, hashes, ids, ends[line]
        )
    return len(offsets) - 1


def line_ids(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    alphabet: NDArray[np.uint8],
    index: Any,
    rule: NDArray[np.int64],
    pruned: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """See `hashed_ngrams.line_ids`."""
    n = len(offsets) - 1
    longest = int(np.diff(offsets).max(initial=0))
    hashes, ends = np.empty(longest // 2 + 2, np.int32), np.zeros(n + 1, np.int64)
    ids = np.empty(int(offsets[-1] - offsets[0]) // 2 + n + 16, np.int32)
    line = 0
    while (line := _line_ids(data, offsets, alphabet, index, rule, pruned, hashes, ids, ends, line)) < n:
        larger = np.empty(2 * len(ids), np.int32)
        larger[: ends[line]] = ids[: ends[line]]
        ids = larger
    return ids[: ends[n]].copy(), ends

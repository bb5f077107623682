"""Bytes of lines -> the rows of fastText's supervised models; the plain twin of `hashed_ngrams_compiled`.

The rules are those of fastText's `Dictionary::getLine`, to the letter. Words are split as in `tokens`; a word
of the dictionary gives its row, and with n-grams of characters the rows of those (a word outside it gives
only these). A label in a line, known or only with its prefix, is passed over. The token of a line's end ends
it, also where it stands inside, and stands there once whether or not it is written. Behind the words come the
n-grams of words, in which unknown words and the end take part; rows are numbered from 1.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import subwords, tokens

END, LABEL = b"</s>", b"__label__"
"""The token of a line's end, and what a label begins with."""
WORD_NGRAMS, MINN, MAXN, BUCKET, WORDS, PRUNED, END_RANK, WITH_END = range(8)
"""Places in a rule: words in the longest n-gram, characters in the shortest and the longest, buckets, W words
of the dictionary, whether n-grams are pruned, the rank of the end's token (0 for none), whether lines end."""
_FACTOR, _SIXTY_FOUR = 116049371, 2**64 - 1


def build_index(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Any:
    """The words and, behind them, the labels of the dictionary, made ready for `line_ids`."""
    return tokens.build_index(data, offsets)


def line_ids(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    alphabet: NDArray[np.uint8],
    index: Any,
    rule: NDArray[np.int64],
    pruned: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The rows of N lines, from 1 as int32 (T,), and the lines' offsets int64 (N+1,).

    `pruned: int32 (P, 2)`, sorted, holds the buckets that have a row, and the row, from 0.
    """
    kept = dict(pruned.tolist())
    ids: list[int] = []
    ends = np.zeros(len(offsets), dtype=np.int64)
    own: dict[bytes, list[Entry]] = {}
    for line, words in enumerate(_lines(data, offsets, alphabet)):
        counted = [word for _, word in counted_words(words, index, rule)]
        ids += [entry.id for entry in line_entries(counted, index, rule, kept, own)]
        ends[line + 1] = len(ids)
    return np.array(ids, dtype=np.int32), ends


class Entry(NamedTuple):
    """One id of a line and what it stands for.

    first, words : the words that count, from this one on so many
    start, characters : of an n-gram of characters, where it begins in `<word>` and how long it is; else -1, 0
    """

    id: int
    first: int
    words: int
    start: int = -1
    characters: int = 0


def counted_words(
    words: Sequence[bytes], index: Mapping[bytes, int], rule: NDArray[np.int64]
) -> list[tuple[int, bytes]]:
    """The words of a line that count, each with its place; behind them the end, if lines end."""
    counted = []
    for place, word in enumerate(words):
        rank = index.get(word, 0)
        if rank <= rule[WORDS] and not (rank == 0 and word.startswith(LABEL)):
            counted.append((place, word))
        if word == END:
            return counted
    return [*counted, (len(words), END)] if rule[WITH_END] else counted


def line_entries(
    words: Sequence[bytes],
    index: Mapping[bytes, int],
    rule: NDArray[np.int64],
    kept: Mapping[int, int],
    own: dict[bytes, list[Entry]],
) -> Iterator[Entry]:
    """The ids of a line of words that count, in fastText's order.

    kept : bucket -> row of those that were not pruned; own : what is known of words already
    """

    def row(bucket: int) -> int:
        found = bucket if not rule[PRUNED] else kept.get(bucket, -1)
        return 0 if found < 0 else int(rule[WORDS]) + found + 1

    for place, word in enumerate(words):
        if word not in own:
            found = [Entry(index.get(word, 0), 0, 1)]
            found += [Entry(row(bucket), 0, 1, *where) for bucket, where in _characters(word, rule)]
            own[word] = [entry for entry in found if entry.id]
        yield from (entry._replace(first=place) for entry in own[word])
    numbers = [_signed(subwords.hash_of(word)) for word in words]
    for place, n, bucket in _word_ngrams(numbers, rule):
        if id_ := row(bucket):
            yield Entry(id_, place, n)


def _lines(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], alphabet: NDArray[np.uint8]
) -> Iterator[list[bytes]]:
    """The words of each line; bytes that separate none are as they are."""
    between = bytes(np.flatnonzero(alphabet[0] == tokens.SEPARATOR).astype(np.uint8).tolist())
    splitter = re.compile(b"[" + re.escape(between) + b"]+")
    for start, end in itertools.pairwise(offsets.tolist()):
        yield [word for word in splitter.split(data[start:end].tobytes()) if word]


def _characters(word: bytes, rule: NDArray[np.int64]) -> list[tuple[int, tuple[int, int]]]:
    """The buckets of a word's n-grams of characters, each with where it begins and its length."""
    if word == END or rule[MAXN] < 1:
        return []
    text = np.frombuffer(b"<" + word + b">", dtype=np.uint8)
    whole = np.array([0, len(text)], dtype=np.int64)
    found, _ = subwords.subword_ids(text, whole, rule[[MINN, MAXN, BUCKET]])
    size = int(np.count_nonzero(text & 0xC0 != 0x80))
    places = (
        (start, n)
        for start in range(size)
        for n in range(max(int(rule[MINN]), 1), min(int(rule[MAXN]), size - start) + 1)
        if n > 1 or start not in (0, size - 1)
    )
    return list(zip(found.tolist(), places, strict=True))


def _signed(number: int) -> int:
    return number - 2**32 if number >= 2**31 else number


def _word_ngrams(numbers: list[int], rule: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """The first word, the number of words and the bucket of each n-gram of words."""
    longest, buckets = int(rule[WORD_NGRAMS]), int(rule[BUCKET])
    for first, number in enumerate(numbers):
        value = number & _SIXTY_FOUR
        for n, other in enumerate(numbers[first + 1 : first + longest], start=2):
            value = (value * _FACTOR + other) & _SIXTY_FOUR
            yield first, n, value % buckets

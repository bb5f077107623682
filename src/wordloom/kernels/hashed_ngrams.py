"""Bytes of lines -> the rows of fastText's supervised models; the plain twin of `hashed_ngrams_compiled`.

The rules are those of fastText's `Dictionary::getLine`, to the letter. Words are split as in `tokens`; a word
of the dictionary gives its row, and with n-grams of characters the rows of those (a word outside it gives
only these). A label in a line, known or only with its prefix, is passed over. The token of a line's end ends
it, also where it stands inside, and stands there once whether or not it is written. Behind the words come the
n-grams of words, in which unknown words and the end take part; rows are numbered from 1.
"""

from __future__ import annotations

from typing import Any

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
    own: dict[bytes, list[int]] = {}

    def row(bucket: int) -> list[int]:
        found = bucket if not rule[PRUNED] else kept.get(bucket, -1)
        return [] if found < 0 else [int(rule[WORDS]) + found + 1]

    for line, words in enumerate(tokens.documents(data, offsets, alphabet)):
        if END in words:
            words = words[: words.index(END) + 1]
        elif rule[WITH_END]:
            words.append(END)
        numbers: list[int] = []
        for word in words:
            rank = index.get(word, 0)
            if rank > rule[WORDS] or (rank == 0 and word.startswith(LABEL)):
                continue
            if word not in own:
                own[word] = ([rank] if rank else []) + [
                    one for bucket in _buckets(word, rule) for one in row(bucket)
                ]
            ids += own[word]
            numbers.append(_signed(subwords.hash_of(word)))
        for bucket in _word_ngrams(numbers, rule):
            ids += row(bucket)
        ends[line + 1] = len(ids)
    return np.array(ids, dtype=np.int32), ends


def _buckets(word: bytes, rule: NDArray[np.int64]) -> list[int]:
    if word == END or rule[MAXN] < 1:
        return []
    text = np.frombuffer(b"<" + word + b">", dtype=np.uint8)
    whole = np.array([0, len(text)], dtype=np.int64)
    found, _ = subwords.subword_ids(text, whole, rule[[MINN, MAXN, BUCKET]])
    return found.tolist()  # type: ignore[no-any-return]


def _signed(number: int) -> int:
    return number - 2**32 if number >= 2**31 else number


def _word_ngrams(numbers: list[int], rule: NDArray[np.int64]) -> list[int]:
    found = []
    longest, buckets = int(rule[WORD_NGRAMS]), int(rule[BUCKET])
    for first, number in enumerate(numbers):
        value = number & _SIXTY_FOUR
        for other in numbers[first + 1 : first + longest]:
            value = (value * _FACTOR + other) & _SIXTY_FOUR
            found.append(value % buckets)
    return found

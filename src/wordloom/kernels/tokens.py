"""Bytes of documents -> words and their ids: the plain-Python twin of `tokens_compiled`.

Documents arrive as one array of bytes, `data: uint8` with `offsets: int64 (N+1,)`. An `alphabet: uint8
(2, 256)` says what each byte means: row 0 is the byte it is read as (letters folded to lower case,
separators to `SEPARATOR`), row 1 is 1 where the byte is a word of its own; reading a byte twice must give
the same as reading it once. Words are compared byte by byte, so the result is exact. Does not know about
Unicode: whoever makes the bytes has lowered them.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEPARATOR = 0xFF
"""Never part of a UTF-8 text, so it can stand for "between two words"."""

NONE = -(2**31)
"""No such id, in the rules of `number_words`."""

PlainIndex = dict[bytes, int]


def build_index(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> PlainIndex:
    """The words `data[offsets[i]:offsets[i+1]]`, W of them, made ready for `lookup_words`."""
    blob = data.tobytes()
    return {blob[offsets[i] : offsets[i + 1]]: i + 1 for i in range(len(offsets) - 1)}


def lookup_words(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    alphabet: NDArray[np.uint8],
    index: PlainIndex,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The rank of every word of every document: its place in the index from 1, or 0 if not in it.

    Returns ranks int32 (T,) and the documents' offsets int64 (N+1,) into them.
    """
    ranks: list[int] = []
    ends = np.zeros(len(offsets), dtype=np.int64)
    for document, words in enumerate(documents(data, offsets, alphabet)):
        ranks.extend([index.get(word, 0) for word in words])
        ends[document + 1] = len(ranks)
    return np.array(ranks, dtype=np.int32), ends


def index_words(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], alphabet: NDArray[np.uint8]
) -> tuple[NDArray[Any], ...]:
    """Number the different words in the order of first sight, and count them.

    Returns
    -------
    ranks : int32 (T,), the number of each word of the texts, from 1
    ends : int64 (N+1,), the documents' offsets into `ranks`
    words : uint8, the bytes of the W different words, one after the other
    word_offsets : int64 (W+1,)
    counts : int64 (W,), how often each word stands in all documents
    document_counts : int64 (W,), in how many documents it stands
    """
    index: PlainIndex = {}
    ranks: list[int] = []
    counts: list[int] = []
    document_counts: list[int] = []
    ends = np.zeros(len(offsets), dtype=np.int64)
    for document, words in enumerate(documents(data, offsets, alphabet)):
        for word in words:
            rank = index.setdefault(word, len(index) + 1)
            if rank > len(counts):
                counts.append(0)
                document_counts.append(0)
            counts[rank - 1] += 1
            ranks.append(rank)
        for rank in set(ranks[ends[document] :]):
            document_counts[rank - 1] += 1
        ends[document + 1] = len(ranks)
    lengths = np.array([len(word) for word in index], dtype=np.int64)
    return (
        np.array(ranks, dtype=np.int32),
        ends,
        np.frombuffer(b"".join(index), dtype=np.uint8),
        np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)]),
        np.array(counts, dtype=np.int64),
        np.array(document_counts, dtype=np.int64),
    )


def number_words(
    ranks: NDArray[np.int32], offsets: NDArray[np.int64], rules: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Documents of ranks (0 = unknown word) as ids, with their new offsets.

    `rules: int64 (5,)` holds index_from, start, unknown, skip_top and size: the shift of the ranks, the id
    put before each document, the id of words that are not `skip_top <= id < size` (the start mark too), or
    NONE to put none and to leave such words out.
    """
    index_from, start, unknown, skip_top, size = rules.tolist()
    known, ids = ranks > 0, ranks + np.int32(index_from)
    if start != NONE:
        firsts = offsets[:-1]
        ids, known = np.insert(ids, firsts, start), np.insert(known, firsts, True)
        offsets = offsets + np.arange(len(offsets))
    kept = known & (ids < size) & (ids >= skip_top)
    if unknown != NONE:
        return np.where(kept, ids, np.int32(unknown)), offsets
    totals = np.zeros(len(ids) + 1, dtype=np.int64)
    np.cumsum(kept, out=totals[1:])
    return ids[kept], totals[offsets]


def documents(data: NDArray[np.uint8], offsets: NDArray[np.int64], alphabet: NDArray[np.uint8]) -> Any:
    """The words of each document, as lists of bytes."""
    table = alphabet[0].tobytes()
    separator = bytes([SEPARATOR])
    alone = bytes(np.flatnonzero(alphabet[1]).astype(np.uint8).tolist())
    splitter = re.compile(b"([" + re.escape(alone) + b"])") if alone else None
    for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        text = data[start:end].tobytes().translate(table)
        if splitter:
            text = splitter.sub(separator + rb"\1" + separator, text)
        yield [word for word in text.split(separator) if word]

"""fastText's character n-grams: their numbers, and means of rows; the plain twin of `subwords_compiled`.

The rules are those of fastText's `Dictionary::computeSubwords` and `Dictionary::hash`, to the letter:
n-grams of `minn` to `maxn` UTF-8 characters of `<word>`, without the boundary marks alone; their FNV-1a
hash, in which bytes count as signed, modulo `bucket`. Sums are in float32 and in fastText's order, so they
have its bits.

Learning such rows is not here but in `skipgram`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MASK = 0xFFFFFFFF


def hashes(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The hash of each of N strings `data[offsets[i]:offsets[i+1]]`, uint32 (N,)."""
    blob = data.tobytes()
    pairs = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    return np.array([hash_of(blob[start:end]) for start, end in pairs], dtype=np.uint32)


def hash_of(text: bytes) -> int:
    value = 2166136261
    for byte in text:
        value ^= byte if byte < 128 else byte | 0xFFFFFF00
        value = value * 16777619 & _MASK
    return value


def subword_ids(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], rule: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The n-grams of N words, their boundary marks included, as numbers below `bucket`.

    `rule: int64 (3,)` holds minn, maxn and bucket. Returns ids int64 (M,) and offsets int64 (N+1,).
    """
    minn, maxn, bucket = rule.tolist()
    blob = data.tobytes()
    ids: list[int] = []
    ends = np.zeros(len(offsets), dtype=np.int64)
    for word in range(len(offsets) - 1):
        text = blob[offsets[word] : offsets[word + 1]]
        # where each character begins, and the end
        bounds = [i for i, byte in enumerate(text) if byte & 0xC0 != 0x80]
        bounds.append(len(text))
        for first in range(len(bounds) - 1):
            for n in range(max(minn, 1), min(maxn, len(bounds) - 1 - first) + 1):
                if n > 1 or (bounds[first] > 0 and bounds[first + 1] < len(text)):
                    ids.append(hash_of(text[bounds[first] : bounds[first + n]]) % bucket)
        ends[word + 1] = len(ids)
    return np.array(ids, dtype=np.int64), ends


def mean_rows(
    table: NDArray[np.float32],
    firsts: NDArray[np.int64],
    ids: NDArray[np.int64],
    offsets: NDArray[np.int64],
    means: NDArray[np.float32],
) -> None:
    """Fill `means: float32 (N, D)`: of row `firsts[i]` of the table (none if -1) and rows `ids` of each word.

    `offsets: int64 (N+1,)` says which of the ids belong to which word. Words with no rows become zeros.
    """
    for word, first in enumerate(firsts.tolist()):
        rows = ids[offsets[word] : offsets[word + 1]].tolist()
        if first >= 0:
            rows.insert(0, first)
        total = np.zeros(table.shape[1], dtype=np.float32)
        with np.errstate(invalid="ignore", over="ignore"):  # as compiled code does; the caller looks
            for row in rows:
                total += table[row]
            means[word] = total * np.float32(1.0 / max(len(rows), 1))

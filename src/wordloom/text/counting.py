"""Counting words: how often each word of some texts occurs, and every text as word ranks.

One pass over the texts numbers the words in the order of first sight; they are then ranked by count, ties
in the order of first sight, as Keras' `Tokenizer.fit_on_texts` does.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import token_kernels
from wordloom.kernels.threads import over_ranges
from wordloom.kernels.tokens import SEPARATOR
from wordloom.text.sequences import Ragged, joined_offsets, offsets_of
from wordloom.text.tokenizer import Tokenizer

Arrays = tuple[NDArray[Any], ...]

BYTES_OF_A_THREAD = 50_000
"""Of texts; cutting fewer into words is done before another thread has started."""

# an alphabet of words that are already folded and set apart
_EVERY_BYTE = np.stack([np.arange(256, dtype=np.uint8), np.zeros(256, dtype=np.uint8)])


@dataclass(frozen=True)
class WordCounts:
    """The W different words of N documents, most frequent first.

    Parameters
    ----------
    blob : uint8, the words' UTF-8 bytes one after the other
    offsets : int64 (W+1,), where each word begins
    counts : int64 (W,), occurrences
    document_counts : int64 (W,), documents that hold the word
    n_documents : N
    first_seen : int64 (W,), each word's place in the order of first sight, from 0
    """

    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]
    document_counts: NDArray[np.int64]
    n_documents: int
    first_seen: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.counts)

    @cached_property
    def words(self) -> list[str]:
        """The W words as strings."""
        return decoded_words(self.blob, self.offsets)

    @property
    def word_index(self) -> dict[str, int]:
        """Word -> rank from 1, all W words, as Keras' `Tokenizer.word_index`."""
        return {word: rank for rank, word in enumerate(self.words, start=1)}


def count_words(
    texts: Sequence[str], tokenizer: Tokenizer, threads: int | None = None
) -> tuple[WordCounts, Ragged]:
    """The word counts of N texts, and each text as ranks (1 = most frequent word)."""
    data, offsets = tokenizer.to_bytes(texts)
    alphabet = tokenizer.alphabet()
    kernels = token_kernels(len(data))
    parts = over_ranges(
        lambda first, last: kernels.index_words(data, offsets[first : last + 1], alphabet),
        offsets,
        threads,
        BYTES_OF_A_THREAD,
    )
    number, blob, word_offsets, counts, documents = _common_numbers(parts, kernels)
    order = np.argsort(-counts, kind="stable")
    rank_of = np.empty(len(order), dtype=np.int32)
    rank_of[order] = np.arange(1, len(order) + 1)
    counted = WordCounts(
        *gathered_words(blob, word_offsets, order), counts[order], documents[order], len(texts), order
    )
    return counted, _joined(parts, rank_of[number], threads)


def _common_numbers(parts: list[Arrays], kernels: ModuleType) -> Arrays:
    """Give the words of all parts common numbers from 0, in the order of first sight over all parts.

    Returns the number of every part's words one part after the other, then bytes, offsets, counts and
    document counts of the different words.
    """
    if len(parts) == 1:
        return np.arange(len(parts[0][4])), *parts[0][2:]
    # the words of all parts as one document: the same kernel numbers them
    words = np.concatenate([part[2] for part in parts])
    lengths = np.concatenate([np.diff(part[3]) for part in parts])
    apart = np.full(len(words) + len(lengths), SEPARATOR, dtype=np.uint8)
    apart[np.arange(len(words)) + np.repeat(np.arange(len(lengths)), lengths)] = words
    everything = np.array([0, len(apart)])
    ranks, _, blob, offsets, _, _ = kernels.index_words(apart, everything, _EVERY_BYTE)
    counts = np.bincount(ranks - 1, weights=np.concatenate([part[4] for part in parts]))
    documents = np.bincount(ranks - 1, weights=np.concatenate([part[5] for part in parts]))
    return ranks - 1, blob, offsets, counts.astype(np.int64), documents.astype(np.int64)


def _joined(parts: list[Arrays], rank_of: NDArray[np.int32], threads: int | None) -> Ragged:
    """The parts' documents one after the other; `rank_of` holds a rank for each word of each part."""
    words, places = (offsets_of(np.array([len(part[i]) for part in parts])) for i in (4, 0))
    ranks = np.empty(int(places[-1]), dtype=np.int32)

    def rank(first: int, last: int) -> None:
        for number in range(first, last):
            own = np.append(np.int32(0), rank_of[words[number] : words[number + 1]])
            ranks[places[number] : places[number + 1]] = own[parts[number][0]]

    over_ranges(rank, np.arange(len(parts) + 1), threads)
    return Ragged(ranks, joined_offsets([part[1] for part in parts]))


def gathered_words(
    blob: NDArray[np.uint8], offsets: NDArray[np.int64], order: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes and offsets of the words `order`, in that order."""
    gathered = Ragged(blob, offsets).take(order)  # type: ignore[arg-type]
    return gathered.ids, gathered.offsets  # type: ignore[return-value]


def decoded_words(blob: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str]:
    """Words as strings; lone surrogates come back as they were."""
    raw, bounds = blob.tobytes(), offsets.tolist()
    return [raw[a:b].decode("utf-8", "surrogatepass") for a, b in itertools.pairwise(bounds)]


def encoded_words(words: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The inverse of `decoded_words`."""
    parts = [word.encode("utf-8", "surrogatepass") for word in words]
    lengths = np.fromiter((len(part) for part in parts), dtype=np.int64, count=len(parts))
    return np.frombuffer(b"".join(parts), dtype=np.uint8), offsets_of(lengths)

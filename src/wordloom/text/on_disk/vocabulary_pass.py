"""From texts that are gone through to word numbers in a file, a vocabulary, and ids in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wordloom.loop.callback import CallbackList
from wordloom.streamed_texts import text_chunks
from wordloom.text.conventions import IdConvention
from wordloom.text.numbering import WordNumbers
from wordloom.text.on_disk.stored_documents import StoredDocuments
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary, WordSelection, chosen_words, ids_of_ranks

TEXTS_AT_ONCE, LETTERS_AT_ONCE = 50_000, 8_000_000
"""A chunk of texts: working on it takes up to about 30 bytes a letter."""


@dataclass(frozen=True)
class Passes:
    """How to go through texts that stay on disk.

    Parameters
    ----------
    scratch : where temporary files go
    threads : None for all cores
    callbacks : told how much has been read
    texts_at_once, letters_at_once : after so many texts or letters a chunk ends; the result does not
        depend on them
    """

    scratch: Scratch = field(default_factory=Scratch)
    threads: int | None = None
    callbacks: CallbackList = field(default_factory=CallbackList)
    texts_at_once: int = TEXTS_AT_ONCE
    letters_at_once: int = LETTERS_AT_ONCE


def store_words(
    texts: Sequence[str],
    tokenizer: Tokenizer,
    selection: WordSelection,
    convention: IdConvention,
    passes: Passes,
) -> tuple[Vocabulary, StoredDocuments]:
    """The vocabulary of N texts and the texts as its ids: what `count_words` and `select` give.

    The texts are gone through once. Raises DataError if no word is selected, and for a full disk.
    """
    numbered = WordNumbers(tokenizer, passes.threads)
    numbers = StoredDocuments(passes.scratch)
    for chunk in text_chunks(texts, passes.texts_at_once, passes.letters_at_once):
        numbers.append(numbered.add(chunk))
        if numbered.n_texts < len(texts):
            passes.callbacks.on_step("reading texts", numbered.n_texts, len(texts), "text")
    n_words = int(numbers.offsets[-1])
    passes.callbacks.on_step("reading texts", n_words, n_words, "word")
    vocabulary, rank_of = _ranked(numbered, selection, convention)

    def ids(chunk: Ragged) -> Ragged:
        return ids_of_ranks(Ragged(rank_of[chunk.ids], chunk.offsets), convention, vocabulary.size)

    return vocabulary, numbers.transformed(ids)


def _ranked(
    numbered: WordNumbers, selection: WordSelection, convention: IdConvention
) -> tuple[Vocabulary, NDArray[np.int32]]:
    """The vocabulary, and int32 (W,): the rank of each word's number in it, 0 for none."""
    counted = numbered.counted()
    vocabulary, new_rank = chosen_words(counted, selection, convention)
    rank_of = np.empty(len(counted), dtype=np.int32)
    ranks = np.arange(1, len(counted) + 1)
    rank_of[counted.first_seen] = ranks if new_rank is None else new_rank[1:]
    return vocabulary, rank_of

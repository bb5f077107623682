"""From texts that are gone through to word numbers in files, a vocabulary, and ids in files."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.executors import InProcess
from wordloom.streamed_texts import StreamedTexts
from wordloom.text.conventions import IdConvention
from wordloom.text.numbering import WordNumbers
from wordloom.text.on_disk.ordered_jobs import Step
from wordloom.text.on_disk.part_jobs import IdsJob, WordsJob, part_name, words_of
from wordloom.text.on_disk.text_parts import PartedDocuments, Passes, TextParts
from wordloom.text.tokenizer import Tokenizer, function_name
from wordloom.text.vocabulary import Vocabulary, WordSelection, chosen_words


def store_words(
    texts: StreamedTexts,
    tokenizer: Tokenizer,
    selection: WordSelection,
    convention: IdConvention,
    passes: Passes,
) -> tuple[Vocabulary, PartedDocuments]:
    """The vocabulary of N texts and the texts as its ids: what `count_words` and `select` give.

    The texts are gone through once. Raises DataError if no word is selected, and for a full disk.
    """
    _refuse_own_function(tokenizer, passes)
    parts = TextParts(texts, passes)
    jobs = [WordsJob(parts.place, part, own.name, own, tokenizer) for part, own in enumerate(parts.texts)]
    step = Step("reading texts", "text", list(map(len, parts.texts)))
    numbered = WordNumbers(tokenizer)
    numbers_of = [numbered.join(*_counted(parts, part)) for part in parts.in_order(jobs, step)]
    n_words = int(numbered.counts.sum())
    parts.callbacks.on_step("reading texts", n_words, n_words, "word")
    vocabulary, rank_of = _ranked(numbered, selection, convention)
    for name, numbers in zip(parts.names("ranks"), numbers_of, strict=True):
        parts.store.put(name, rank_of[numbers])
    parts.do(IdsJob, dataclasses.asdict(convention), vocabulary.size)
    return vocabulary, parts.documents("ids")


def _counted(parts: TextParts, part: int) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64], int]:
    """The words of a part, their counts, in how many texts each stands, and how many texts there are."""
    counts, document_counts = parts.store.get(part_name(part, "words-counts"), np.int64).reshape(2, -1)
    return words_of(parts.store, part), counts, document_counts, len(parts.texts[part])


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


def _refuse_own_function(tokenizer: Tokenizer, passes: Passes) -> None:
    """UsageError for a tokenizer that is a function of the caller's, which other processes do not have."""
    if tokenizer.function is not None and not isinstance(passes.executor, InProcess | None):
        raise UsageError(
            f"The tokenizer function {function_name(tokenizer.function)} is in this process only, so others "
            "cannot count its words. Leave out the executor, or the function."
        )

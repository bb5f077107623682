"""Vocabulary: the words a model knows, their ids, and text to ids and back.

Selecting the words (`select`) and using them (`encode`, `decode`) stand here; counting does not (see
`counting`), nor what the reserved ids mean (see `conventions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.kernels import index_of, token_kernels
from wordloom.kernels.threads import over_ranges
from wordloom.text.characters import Alphabet
from wordloom.text.conventions import IdConvention
from wordloom.text.counting import (
    BYTES_OF_A_THREAD,
    WordCounts,
    count_words,
    decoded_words,
    encoded_words,
    gathered_words,
)
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from wordloom.text.character_ngrams import SpelledTexts
    from wordloom.text.hashed_ngrams import HashedNgrams

_MOST_IDS = 2**31 - 1
_BYTES_A_WORD = 5  # of English text, to choose kernels by the number of words


@dataclass(frozen=True)
class Vocabulary:
    """W words with their ids; V = W + reserved ids is the number of embedding rows.

    Parameters
    ----------
    words : W words, most frequent first; the word of rank r has the id `r + convention.index_from`
    counts : int64 (W,), occurrences in the texts the vocabulary was made from
    document_counts : int64 (W,), documents that hold the word
    n_documents : how many documents there were
    convention : which ids are reserved
    alphabet : the characters that words are spelled in, with ids after those of the words; None for none
    hashed : n-grams that have ids by their hash, after those of the words, in fastText's lines; None for none
    """

    words: Sequence[str]
    counts: NDArray[np.int64]
    document_counts: NDArray[np.int64]
    n_documents: int
    convention: IdConvention
    alphabet: Alphabet | None = None
    hashed: HashedNgrams | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.convention.index_from < _MOST_IDS - len(self.words):
            raise DataError(
                f"'index_from' is {self.convention.index_from:,}, which leaves no ids for "
                f"{len(self.words):,} words between 0 and {_MOST_IDS:,}."
            )

    @property
    def size(self) -> int:
        """V: one more than the highest id."""
        return len(self.words) + self.convention.index_from + 1

    @property
    def highest_id(self) -> int:
        """The highest id that `encode` can give; more than V - 1 for characters, and if a reserved id is no
        row of its own."""
        hashed = 0 if self.hashed is None else self.hashed.rows
        return self.first_character - 1 + hashed + (0 if self.alphabet is None else self.alphabet.size)

    @property
    def first_character(self) -> int:
        """The id of the alphabet's number 0, one more than the highest id of words and marks."""
        convention = self.convention
        return max(self.size - 1, convention.start or 0, convention.unknown or 0) + 1

    @property
    def lowest_id(self) -> int:
        """The lowest id that `encode` can give, 0 or less."""
        return min(0, self.convention.start or 0, self.convention.unknown or 0)

    @cached_property
    def word_index(self) -> dict[str, int]:
        """Word -> id, for the W words (reserved ids are not in it)."""
        first = self.convention.index_from + 1
        return {word: id_ for id_, word in enumerate(self.words, start=first)}

    def word(self, id_: int) -> str:
        """The word of an id; reserved ids have names such as `<pad>` and `<unknown>`."""
        rank = id_ - self.convention.index_from
        if rank > 0:
            return self.words[rank - 1]
        return self.convention.reserved[id_]

    def decode(self, ids: Iterable[int]) -> str:
        """Text of ids: words joined by spaces, padding and characters left out, unknown words as `<unknown>`.

        Raises DataError for an id outside the vocabulary.
        """
        words = []
        for position, id_ in enumerate(ids):
            if self.first_character <= id_ <= self.highest_id:
                continue
            if not 0 <= id_ < self.size:
                raise DataError(f"Position {position}: id {id_} is outside 0 to {self.size - 1}.")
            if id_:
                words.append(self.word(int(id_)))
        return " ".join(words)

    def encode(self, texts: Sequence[str], tokenizer: Tokenizer, threads: int | None = None) -> Ragged:
        """The ids of N texts, under this vocabulary's convention: those of the words, then, with an alphabet,
        those of all words' characters, word by word with boundaries (see `Alphabet.spelled`)."""
        if self.alphabet is not None:
            counted, ranks = count_words(texts, tokenizer, threads)
            return self._word_ids(counted, ranks).with_after(self._character_ids(counted, ranks))
        data, offsets = tokenizer.to_bytes(texts)
        if self.hashed is not None:
            return self.hashed.line_ids(self.words, (data, offsets), threads=threads)
        alphabet = tokenizer.alphabet()
        kernels = token_kernels(len(data))
        index = index_of(self, kernels, lambda: kernels.build_index(*encoded_words(self.words)))
        parts = over_ranges(
            lambda first, last: kernels.lookup_words(data, offsets[first : last + 1], alphabet, index),
            offsets,
            threads,
            BYTES_OF_A_THREAD,
        )
        return ids_of_ranks(Ragged.joined(parts), self.convention, self.size)

    def word_ids(self, words: Sequence[str]) -> tuple[NDArray[np.int32], Ragged]:
        """The ids that stand before every text, and for each of some words the one id it has in a text, or
        none: what `encode` puts together."""
        shift, rank = self.convention.index_from, self.word_index.get
        ranks = np.array([max(rank(word, 0) - shift, 0) for word in words], dtype=np.int32)
        inside = replace(self.convention, start=None)
        one_each = Ragged(ranks, np.arange(len(words) + 1, dtype=np.int64))
        nothing = Ragged(ranks[:0], np.zeros(2, dtype=np.int64))
        before = ids_of_ranks(nothing, self.convention, self.size)
        return before.ids, ids_of_ranks(one_each, inside, self.size)

    def with_alphabet(self) -> Vocabulary:
        """The same words, spelled in their characters."""
        return replace(self, alphabet=Alphabet.of(self.words))

    def grown(self, counted: WordCounts, new: NDArray[np.int64]) -> Vocabulary:
        """This vocabulary after further texts: their words are counted in, and those of the places `new` come
        after the words that it had, whose ids stay. Characters that it did not have come in among its own.
        """
        known = np.array([self.word_index.get(word, 0) for word in counted.words], dtype=np.int64)
        known = np.maximum(known - self.convention.index_from, 0)
        there = np.flatnonzero(known)
        totals = []
        for own, more in ((self.counts, counted.counts), (self.document_counts, counted.document_counts)):
            total = own.copy()
            total[known[there] - 1] += more[there]
            totals.append(np.concatenate([total, more[new]]))
        words = [*self.words, *(counted.words[place] for place in new.tolist())]
        grown = replace(
            self,
            words=words,
            counts=totals[0],
            document_counts=totals[1],
            n_documents=self.n_documents + counted.n_documents,
        )
        return grown if self.alphabet is None else grown.with_alphabet()

    def spelled(self, texts: Sequence[str], tokenizer: Tokenizer, threads: int | None = None) -> SpelledTexts:
        """The characters of N texts, word by word with boundaries (see `Alphabet.spelled`)."""
        counted, ranks = count_words(texts, tokenizer, threads)
        return self._spelled(counted.words, Ragged(ranks.ids - 1, ranks.offsets))

    def spelled_ids(self, ids: Ragged) -> SpelledTexts | None:
        """The same for documents of word ids, of which none may be unknown; None if one is."""
        convention = self.convention
        if convention.unknown is None or (ids.ids == convention.unknown).any():
            return None
        words = ids.where(ids.ids > convention.index_from)
        return self._spelled(self.words, Ragged(words.ids - (convention.index_from + 1), words.offsets))

    def _spelled(self, words: Sequence[str], numbers: Ragged) -> SpelledTexts:
        from wordloom.text.character_ngrams import SpelledTexts

        assert self.alphabet is not None
        spelled = self.alphabet.spelled(words, apart=True)
        return SpelledTexts(Ragged(spelled.ids + np.int32(self.first_character), spelled.offsets), numbers)

    def _word_ids(self, counted: WordCounts, ranks: Ragged) -> Ragged:
        rank = self.word_index.get
        shift = self.convention.index_from
        own = np.array([0, *(max(rank(word, 0) - shift, 0) for word in counted.words)], dtype=np.int32)
        return ids_of_ranks(Ragged(own[ranks.ids], ranks.offsets), self.convention, self.size)

    def _character_ids(self, counted: WordCounts, ranks: Ragged) -> Ragged:
        assert self.alphabet is not None
        spelled = self.alphabet.spelled(counted.words).take(ranks.ids - 1)
        return Ragged(spelled.ids + np.int32(self.first_character), spelled.offsets[ranks.offsets])


@dataclass(frozen=True)
class WordSelection:
    """Which words make it into a vocabulary.

    Parameters
    ----------
    num_words : V, the number of ids including reserved ones, as in Keras (10,000 keeps the plain ids
        1 to 9,999); None keeps all words
    min_count : drop words that occur less often
    max_document_frequency : drop words that stand in a larger share of the documents (1.0 keeps all)
    """

    num_words: int | None = None
    min_count: int = 1
    max_document_frequency: float = 1.0

    def __post_init__(self) -> None:
        if self.num_words is not None and self.num_words < 2:
            raise UsageError(f"num_words must be 2 or more (or None for all), not {self.num_words}.")
        if not 0 < self.max_document_frequency <= 1:
            raise UsageError(
                "max_document_frequency is a share of the documents, above 0 and at most 1, not "
                f"{self.max_document_frequency}."
            )


def select(
    counted: WordCounts, ranks: Ragged, selection: WordSelection, convention: IdConvention
) -> tuple[Vocabulary, Ragged]:
    """The vocabulary of the selected words, and the documents as its ids.

    `ranks` are the documents as `count_words` gives them. Raises DataError if no word is left.
    """
    vocabulary, new_rank = chosen_words(counted, selection, convention)
    if new_rank is not None:
        ranks = Ragged(new_rank[ranks.ids], ranks.offsets)
    return vocabulary, ids_of_ranks(ranks, convention, vocabulary.size)


def chosen_words(
    counted: WordCounts, selection: WordSelection, convention: IdConvention
) -> tuple[Vocabulary, NDArray[np.int32] | None]:
    """The vocabulary of the selected words, and int32 (W+1,): the new rank of each rank, 0 for words that
    fall out; None if ranks stay as they are.

    Raises DataError if no word is left.
    """
    frequent = counted.counts >= selection.min_count
    # a quotient, since a product such as 0.29 * 100 may fall just short of the whole number
    shares = counted.document_counts / max(counted.n_documents, 1)
    kept = np.flatnonzero(frequent & (shares <= selection.max_document_frequency))
    if selection.num_words is not None:
        kept = kept[: words_within(selection.num_words, convention)]
    if not len(kept):
        raise DataError(
            f"empty vocabulary: {len(counted):,} different words in {counted.n_documents:,} texts, none of "
            "them selected; perhaps the texts hold no words, or num_words, min_count or "
            "max_document_frequency is too strict."
        )
    vocabulary = Vocabulary(
        decoded_words(*gathered_words(counted.blob, counted.offsets, kept)),
        counted.counts[kept],
        counted.document_counts[kept],
        counted.n_documents,
        convention,
    )
    if kept[-1] < len(kept):
        return vocabulary, None
    new_rank = np.zeros(len(counted) + 1, dtype=np.int32)  # words between fall out, so the ranks move up
    new_rank[kept + 1] = np.arange(1, len(kept) + 1)
    return vocabulary, new_rank


def words_within(num_words: int, convention: IdConvention) -> int:
    """How many words have ids below `num_words`."""
    return max(num_words - 1 - convention.index_from, 0)


def ids_of_ranks(ranks: Ragged, convention: IdConvention, size: int) -> Ragged:
    """Documents of ranks (0 = unknown word) as ids below `size`, in the order Keras applies its rules.

    Shift by `index_from`, put `start` in front, then let every id outside `skip_top <= id < size` (the
    start mark too) become `unknown`, or leave it out where the convention has no unknown id.
    """
    kernels = token_kernels(_BYTES_A_WORD * len(ranks.ids))
    start = kernels.NONE if convention.start is None else convention.start
    unknown = kernels.NONE if convention.unknown is None else convention.unknown
    rules = np.array([convention.index_from, start, unknown, convention.skip_top, size], dtype=np.int64)
    return Ragged(*kernels.number_words(ranks.ids, ranks.offsets, rules))

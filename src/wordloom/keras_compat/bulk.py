"""Many texts at a time through wordloom's kernels, with the results that Keras' loops have."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from wordloom.text.conventions import IdConvention
from wordloom.text.counting import count_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary

# Dictionaries are as fast for less than this; the compiled kernels begin there.
_WORTH_IT = 4_000_000
_CHARACTERS_AT_ONCE = 200_000_000


def chunks(texts: Iterable[Any]) -> Iterator[list[Any]]:
    """The texts in their order, in lists that memory holds: the texts may come from a generator."""
    if hasattr(texts, "tolist"):  # arrays and columns, whose items may be strings of NumPy's
        texts = texts.tolist()
    if isinstance(texts, list):
        yield texts
        return
    some: list[Any] = []
    characters = 0
    for text in texts:
        some.append(text)
        characters += len(text) if isinstance(text, str | list) else 0
        if characters >= _CHARACTERS_AT_ONCE:
            yield some
            some, characters = [], 0
    yield some


def is_worth_it(texts: list[Any]) -> bool:
    """Whether all are strings, and enough of them."""
    return all(type(text) is str for text in texts) and sum(map(len, texts)) >= _WORTH_IT


def is_numbered(word_index: Mapping[Any, Any]) -> bool:
    """Whether a word index is as fitting makes it: strings with the ids 1, 2, 3 and so on."""
    return all(type(word) is str for word in word_index) and list(word_index.values()) == list(
        range(1, len(word_index) + 1)
    )


def counted(texts: list[str], rules: Tokenizer) -> tuple[list[str], list[int], list[int]]:
    """The different words of the texts in the order of first sight, their counts, and in how many texts."""
    found, _ = count_words(texts, rules)
    order = np.argsort(found.first_seen)
    words = found.words
    return (
        [words[rank] for rank in order.tolist()],
        found.counts[order].tolist(),
        found.document_counts[order].tolist(),
    )


def sequences_of(
    texts: list[str],
    rules: Tokenizer,
    word_index: Mapping[str, int],
    limit: float | None,
    unknown: int | None,
) -> list[list[int]]:
    """The texts as lists of ids below `limit`; other words become `unknown`, or are left out for None.

    `word_index` is one that `is_numbered`.
    """
    nothing = np.zeros(0, dtype=np.int64)
    words = list(itertools.islice(word_index, None if limit is None else max(math.ceil(limit) - 1, 0)))
    vocabulary = Vocabulary(words, nothing, nothing, 0, IdConvention(unknown=unknown))
    return lists_of(vocabulary.encode(texts, rules))


def lists_of(documents: Ragged) -> list[list[int]]:
    """Documents as Python's own lists, as Keras has them; notebooks change them in place."""
    return [document.tolist() for document in documents]

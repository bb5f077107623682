"""One text to words, and words to numbers by hashing: the functions of `keras.preprocessing.text`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from wordloom.errors import DataError, UsageError
from wordloom.text import tokenizer
from wordloom.text.tokenizer import FILTERS

Analyzer = Callable[[Any], Iterable[Any]]


def text_to_word_sequence(
    input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """The words of one text: lowered, every character of `filters` replaced by `split`, split there.

    Raises DataError for something that is not a string.
    """
    if not isinstance(input_text, str):
        raise DataError(f"text_to_word_sequence: one text expected, found {described(input_text)}.")
    return rules(filters, lower, split).tokenize(input_text)


def one_hot(
    input_text: str,
    n: int,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Analyzer | None = None,
) -> list[int]:
    """The words of one text as numbers from 1 to n-1, by Python's own `hash`.

    Despite its name it gives ids, as in Keras, and different words may share one. Python's hash of strings
    changes from one process to the next unless PYTHONHASHSEED is set; `hashing_trick` with "md5" does not.
    """
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[Any], int] | str | None = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Analyzer | None = None,
) -> list[int]:
    """The words of one text as numbers from 1 to n-1; 0 is kept for padding.

    Raises UsageError for an `n` below 2 and an unknown `hash_function`.

    Parameters
    ----------
    n : how many numbers there are, 0 included; 2 or more
    hash_function : from a word to a whole number; "md5" is the same in every process, None is Python's `hash`
    analyzer : an own function from a text to its words
    """
    if n < 2:
        raise UsageError(f"n must be 2 or more, not {n}: 0 is kept for padding.")
    number = hash if hash_function is None else _md5 if hash_function == "md5" else hash_function
    if isinstance(number, str):
        raise UsageError(f'hash_function must be "md5", a function or None, not {number!r}.')
    found = text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    return [number(word) % (n - 1) + 1 for word in found]


def rules(filters: str, lower: bool, split: str) -> tokenizer.Tokenizer:
    """wordloom's tokenizer of Keras' parameters. Keras takes a list of characters as `filters` too."""
    if not isinstance(filters, str):
        filters = "".join(filters)
    return tokenizer.Tokenizer(lower=bool(lower), filters=filters, split=split)


def described(value: Any) -> str:
    """A value as messages show it: itself, cut short, and its type."""
    return f"{value!r:.60} ({type(value).__name__})"


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)

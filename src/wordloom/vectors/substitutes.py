"""Words of a table in the place of one that it lacks: other case, apostrophe, hyphen, number, spelling.

Every substitute is tried by look-ups alone, so that a word takes the same short time in a table of any size.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wordloom.vectors.word_vectors import WordVectors

_APOSTROPHES = "'’`´"
_HYPHENS = "-–—‐"
_ENGLISH_ENDINGS = ("n't", "'s", "'re", "'ve", "'ll", "'d", "'m")
_SHORTEST_MISSPELLED = 4
_DIGITS = re.compile(r"[0-9]")


@dataclass(frozen=True)
class Substitute:
    """Why a word has no vector, and the words of the table to take for it.

    why : "case", "apostrophe", "hyphen", "number", "accent", "spelling", or "unknown"
    words : one word, or several whose mean to take; empty if the table has nothing near
    """

    why: str
    words: tuple[str, ...] = ()


def substitute(vectors: WordVectors, word: str) -> Substitute:
    """What stands nearest to a missing word in the table.

    A word with an apostrophe, a hyphen or a digit keeps that as its reason even if there is no substitute.
    "spelling" is one letter more, less, other or swapped; of several the most frequent (first) is taken.
    """
    for why, candidates in _WAYS.items():
        for words in candidates(word):
            if words and all(part in vectors for part in words):
                return Substitute(why, words)
    near = [known for known in _misspelled(word) if known in vectors]
    reason = next((why for why, belongs in _MARKS.items() if belongs(word)), "unknown")
    if near:
        return Substitute("spelling" if reason == "unknown" else reason, (min(near, key=vectors.row),))
    return Substitute(reason)


Candidates = Iterator[tuple[str, ...]]


def _other_case(word: str) -> Candidates:
    yield from (
        (form,) for form in (word.lower(), word.capitalize(), word.title(), word.upper()) if form != word
    )


def _other_apostrophe(word: str) -> Candidates:
    plain = re.sub(f"[{_APOSTROPHES}]", "'", word)
    if "'" not in plain:
        yield from _with_inserted(word, "'")
        return
    yield from ((form,) for form in (plain, plain.replace("'", "’"), plain.replace("'", "")) if form != word)
    for ending in _ENGLISH_ENDINGS:  # as the Penn Treebank and GloVe cut words
        if plain.endswith(ending) and plain != ending:
            yield plain.removesuffix(ending), ending
            if ending != "n't":  # the rest alone would mean the opposite
                yield (plain.removesuffix(ending),)
    yield (plain.strip("'"),)
    yield tuple(filter(None, plain.split("'")))


def _other_hyphen(word: str) -> Candidates:
    parts = [part for part in re.split(f"[{_HYPHENS}_]", word) if part]
    if len(parts) < 2 and word in parts:
        yield from _with_inserted(word, "-")
        return
    yield from ((mark.join(parts),) for mark in ("-", "", "_", " ") if mark.join(parts) != word)
    yield tuple(parts)


def _other_number(word: str) -> Candidates:
    if not _DIGITS.search(word):
        return
    plain = word.replace(",", "")
    yield from ((_DIGITS.sub(mark, word),) for mark in "#0")  # as in tables that fold digits
    yield (plain,)
    if plain.isascii() and plain.isdigit():
        yield (str(int(plain)),)
    yield tuple(part for part in re.split(r"([0-9]+)", word) if part)


def _without_accents(word: str) -> Candidates:
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    composed = unicodedata.normalize("NFC", word)
    yield from ((form,) for form in (composed, plain) if form != word)


def _with_inserted(word: str, mark: str) -> Candidates:
    if len(word) >= _SHORTEST_MISSPELLED:
        yield from ((word[:i] + mark + word[i:],) for i in range(1, len(word)))


def _misspelled(word: str) -> Iterable[str]:
    """All words one edit away: a letter less, two swapped, one other, one more."""
    if len(word) < _SHORTEST_MISSPELLED:
        return
    letters = sorted({*string.ascii_lowercase, *word})
    for i in range(len(word) + 1):
        start, end = word[:i], word[i:]
        if end:
            yield start + end[1:]
            yield from (start + letter + end[1:] for letter in letters if letter != end[0])
        if len(end) > 1 and end[0] != end[1]:
            yield start + end[1] + end[0] + end[2:]
        yield from (start + letter + end for letter in letters)


_WAYS: dict[str, Callable[[str], Candidates]] = {
    "case": _other_case,
    "apostrophe": _other_apostrophe,
    "hyphen": _other_hyphen,
    "number": _other_number,
    "accent": _without_accents,
}
_MARKS: dict[str, Callable[[str], bool]] = {
    "apostrophe": lambda word: any(mark in word for mark in _APOSTROPHES),
    "hyphen": lambda word: any(mark in word for mark in _HYPHENS),
    "number": lambda word: bool(_DIGITS.search(word)),
}

"""A tokenizer's rules as plain values, for programs that have neither Python nor its tables of Unicode.

Engines of JavaScript differ in the version of Unicode that they know, and so do versions of Python. So the
characters that the rules speak of are written out, as this Python has them: what is lowered to what, what is
punctuation, a letter, a character that is a word of its own. Only the normal forms are left to the engine;
they are stable for characters that are assigned, and those that are not assigned here it must leave alone.
"""

from __future__ import annotations

import functools
import html.entities
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from wordloom.errors import UsageError
from wordloom.text.markup import TAG
from wordloom.text.scripts import (
    APOSTROPHE,
    apostrophe_in_a_word,
    class_of,
    letter_of_a_word,
    parts_pattern,
)
from wordloom.text.tokenizer import Tokenizer, function_name

_CODES = range(0x110000)
_SPECIAL, _ESCAPE = r"([\\\]^-])", r"\\\1"
"""What must be escaped between brackets."""
_REFERENCE = r"&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)"
"""What `html.unescape` replaces: a number, or what may be a name."""
_NOTHING = "(?!)"
_WIDE = "İ"
"""The one capital whose small letter is two characters."""
_SIGMAS = "σς"
"""What a capital sigma becomes, by where it stands."""


def text_rules(tokenizer: Tokenizer, words: Iterable[str]) -> dict[str, Any]:
    """The rules of a tokenizer by which texts become these words, for `browser/wordloom.js`.

    Raises UsageError for a tokenizer that is a function.
    """
    if tokenizer.function is not None:
        raise UsageError(
            f"The model's tokenizer is the function {function_name(tokenizer.function)!r}, which other "
            "programs do not have. Train a model by the rules of the settings to export it."
        )
    return {
        "split": tokenizer.split,
        "alone": "".join(filter(tokenizer.is_alone, tokenizer.separators())),
        "normalization": tokenizer.normalization,
        "capitals": _capitals() if tokenizer.lower else [],
        "several": [(_WIDE, _WIDE.lower())] if tokenizer.lower else [],
        "entities": _entities() if tokenizer.strip_html else [],
        "patterns": _patterns(tokenizer, words),
    }


def _patterns(tokenizer: Tokenizer, words: Iterable[str]) -> dict[str, str]:
    """Regular expressions, as JavaScript has them with its flag `u`, and Python as well."""
    separators = re.sub(_SPECIAL, _ESCAPE, tokenizer.separators())
    patterns = {"separator": f"[{separators}]" if separators else _NOTHING, "lastSigma": _NOTHING}
    if tokenizer.strip_html:
        patterns |= {"tag": TAG.pattern, "reference": _REFERENCE}
    if tokenizer.strip_accents:
        patterns["accents"] = f"[{_combining()}]"
    if tokenizer.normalization or tokenizer.strip_accents:
        patterns["assigned"] = f"[^{_unassigned()}]+"
    if tokenizer.lower and any(sigma in word for word in words for sigma in _SIGMAS):
        patterns["lastSigma"] = _last_sigma()
    if tokenizer.unicode_punctuation:
        patterns["apostrophe"] = _apostrophe(tokenizer.split_characters)
    if tokenizer.unicode_punctuation or tokenizer.split_characters:
        own = tokenizer.split_characters, tokenizer.unicode_punctuation, tokenizer.keep_punctuation
        # the pattern for texts with keycaps, which is right for others too
        patterns["parts"] = parts_pattern("\u20e3", *own).pattern
    return patterns


@functools.cache
def _combining() -> str:
    return class_of(code for code in _CODES if unicodedata.combining(chr(code)))


@functools.cache
def _unassigned() -> str:
    return class_of(code for code in _CODES if unicodedata.category(chr(code)) == "Cn")


@functools.cache
def _every_character() -> str:
    return "".join(map(chr, _CODES))


@functools.cache
def _apostrophe(characters: bool) -> str:
    """`apostrophe_in_a_word` with its letters written out."""
    letter = letter_of_a_word(characters)
    runs = (found.span() for found in re.finditer(f"{letter}+", _every_character()))
    letters = f"[{class_of(code for first, end in runs for code in range(first, end))}]"
    return apostrophe_in_a_word(APOSTROPHE, characters).pattern.replace(letter, letters)


@functools.cache
def _capitals() -> list[list[int]]:
    """Runs of capitals: first, step, count, and how far off their small letters are."""
    runs: list[list[int]] = []
    for code in _CODES:
        small = chr(code).lower()
        if small == chr(code) or chr(code) == _WIDE:
            continue
        away = ord(small) - code
        if runs and runs[-1][3] == away and (step := code - _last(runs[-1])) <= 2:
            if runs[-1][2] == 1:
                runs[-1][1] = step
            if runs[-1][1] == step:
                runs[-1][2] += 1
                continue
        runs.append([code, 1, 1, away])
    return runs


def _last(run: list[int]) -> int:
    first, step, count, _ = run
    return first + step * (count - 1)


@functools.cache
def _last_sigma() -> str:
    """A capital sigma that ends a word, as `str.lower` has it: behind a letter with case, not before one."""

    def becomes_last(before: str) -> list[int]:
        return [
            code
            for code, character in enumerate(_every_character())
            if f"{before}{character}Σ".lower().endswith("ς")
        ]

    after_nothing, after_a_letter = becomes_last(""), becomes_last("A")
    cased = class_of(after_nothing)
    ignored = class_of(sorted({*after_a_letter} - {*after_nothing}))
    # the sigma first: looking back from everywhere would take as long as a text of marks is, squared
    return f"Σ(?<=[{cased}][{ignored}]*Σ)(?![{ignored}]*[{cased}])"


@functools.cache
def _entities() -> list[tuple[str | int, str]]:
    """HTML's entities by their names, and by number those that stand for another character or for none."""
    numbers = (n for n in _CODES if n < 0x10000 or n & 0xFFFE == 0xFFFE)
    unescaped = ((n, html.unescape(f"&#{n};")) for n in numbers if not 0xD800 <= n < 0xE000)
    return [*sorted(html.entities.html5.items()), *((n, text) for n, text in unescaped if text != chr(n))]

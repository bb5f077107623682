"""Where in a text its words stand: the words of `Tokenizer.tokenize`, each with its span of the original.

The tokenizer's rules change a text before they split it: tags go, entities become signs, letters are lowered
and brought into a normal form. Here each of these steps is done on a text that knows where it came from.
"""

from __future__ import annotations

import functools
import html
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from wordloom.text.markup import TAG, comments_of, has_markup
from wordloom.text.tokenizer import Tokenizer

Span = tuple[int, int]
"""Where a piece of a text begins, and where it ends: `text[start:end]`."""
Form = Literal["NFC", "NFKC"]
Bounds = NDArray[np.int64]
Piece = tuple[int, int, str]

# What `html.unescape` looks at; the rules are those of HTML 5.
_ENTITY = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")
_TWO_WHEN_LOWERED = "\u0130"
"""The one letter whose small form is two characters."""
_FIRST_REACH, _SEARCHES_OF_THE_TEXT = 1000, 20


class _Step(NamedTuple):
    """A text as runs of the text before: int64 (R,) each, and whether a run was copied, bool (R,)."""

    starts: Bounds
    before: Bounds
    before_ends: Bounds
    copied: NDArray[np.bool_]

    def traced(self, firsts: Bounds, lasts: Bounds) -> tuple[Bounds, Bounds]:
        """Where the spans came from in the text before; no span is empty."""
        run = np.searchsorted(self.starts, firsts, side="right") - 1
        firsts = self.before[run] + np.where(self.copied[run], firsts - self.starts[run], 0)
        run = np.searchsorted(self.starts, lasts - 1, side="right") - 1
        copied = self.before[run] + lasts - self.starts[run]
        return firsts, np.where(self.copied[run], copied, self.before_ends[run])


@dataclass(frozen=True)
class _Traced:
    """A text, and the steps that led to it from the original one."""

    text: str
    steps: tuple[_Step, ...] = ()

    def with_pieces(self, pieces: Iterable[Piece]) -> _Traced:
        """Other text in the place of pieces (start, end, new text), which are in order; the rest stays.

        What ends both an old piece and the new one keeps its own places.
        """
        texts: list[str] = []
        runs: list[tuple[int, int, int, bool]] = []
        length = done = 0
        for start, end, new in itertools.chain(pieces, [(len(self.text), len(self.text), "")]):
            same = _common_end(self.text[start:end], new)
            changed = new[: len(new) - same]
            for text, first, last, copied in (
                (self.text[done:start], done, start, True),
                (changed, start, max(end - same, start + 1), False),
            ):
                if text:
                    texts.append(text)
                    runs.append((length, first, last, copied))
                    length += len(text)
            done = end - same
        if len(runs) == 1 and runs[0] == (0, 0, len(self.text), True):
            return self
        numbers = np.array(runs, dtype=np.int64).reshape(-1, 4)
        step = _Step(numbers[:, 0], numbers[:, 1], numbers[:, 2], numbers[:, 3] > 0)
        return _Traced("".join(texts), (*self.steps, step))

    def with_text(self, text: str) -> _Traced:
        """A text with one character for each of this one's, at the same places."""
        return _Traced(text, self.steps)

    def spans(self, bounds: Iterable[Span]) -> list[Span]:
        """Where spans of this text came from in the original."""
        if not self.steps:
            return list(bounds)
        firsts, lasts = np.array([*bounds], dtype=np.int64).reshape(-1, 2).T
        for step in reversed(self.steps):
            firsts, lasts = step.traced(firsts, lasts)
        return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def words_with_spans(tokenizer: Tokenizer, text: str) -> tuple[list[str], list[Span | None]]:
    """The words of a text, as `tokenizer.tokenize` gives them, and the span of each in the original.

    A span holds all that its word was made from: the entity of a sign, the capital of a small letter, a
    letter and the accent that it was joined with. Words of an own tokenizer function are looked for in the
    text one behind the other, as they are and then in small letters; None for a word that is not there.
    """
    if tokenizer.function is not None:
        words = tokenizer.tokenize(text)
        return words, list(_found_in_order(words, text))
    traced = _lowered(_cleaned(_Traced(text), tokenizer), tokenizer)
    plain, parts = tokenizer.parts_pattern(traced.text)
    traced = traced.with_text(plain)
    one_part = [(0, len(plain))]
    bounds = one_part if parts is None else [part.span() for part in parts.finditer(plain)]
    if len(tokenizer.split) > 1:
        return _split_at_string(traced, bounds, tokenizer)
    pattern = _word_pattern(tokenizer)
    found = [word for first, last in bounds for word in pattern.finditer(plain, first, last)]
    return [word[0] for word in found], [*traced.spans(word.span() for word in found)]


@functools.lru_cache(maxsize=16)
def _word_pattern(tokenizer: Tokenizer) -> re.Pattern[str]:
    """Finds the words in a part of a text, whose `split` is one character."""
    separators = tokenizer.separators() + tokenizer.split
    alone = "".join(character for character in separators if tokenizer.is_alone(character))
    return re.compile(f"[^{re.escape(separators)}]+" + (f"|[{re.escape(alone)}]" if alone else ""))


def _split_at_string(
    traced: _Traced, parts: list[Span], tokenizer: Tokenizer
) -> tuple[list[str], list[Span | None]]:
    """The words between strings of several characters, which separators are turned into first."""
    split = tokenizer.split
    edges = [0, *itertools.chain(*parts), len(traced.text)]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    between = [(start, end, split) for start, end in gaps]
    if between:
        between[0], between[-1] = (*between[0][:2], ""), (*between[-1][:2], "")
    traced = traced.with_pieces(between)
    separators = set(tokenizer.separators())
    traced = traced.with_pieces(
        (place, place + 1, split + character + split if tokenizer.is_alone(character) else split)
        for place, character in enumerate(traced.text)
        if character in separators
    )
    words = traced.text.split(split)
    starts = itertools.accumulate((len(word) + len(split) for word in words), initial=0)
    placed = [(word, start) for word, start in zip(words, starts, strict=False) if word]
    return [word for word, _ in placed], [*traced.spans((start, start + len(word)) for word, start in placed)]


def _cleaned(traced: _Traced, tokenizer: Tokenizer) -> _Traced:
    """Without HTML and accents, as the tokenizer's rules are."""
    text = traced.text
    if tokenizer.strip_html and has_markup(text):
        traced = traced.with_pieces((start, end, " ") for start, end in comments_of(text))
        traced = traced.with_pieces((*tag.span(), " ") for tag in TAG.finditer(traced.text))
        entities = _ENTITY.finditer(traced.text)
        traced = traced.with_pieces((*found.span(), html.unescape(found[0])) for found in entities)
    if tokenizer.strip_accents and not traced.text.isascii():
        traced = traced.with_pieces(_without_accents(traced.text))
    return traced


def _without_accents(text: str) -> Iterator[Piece]:
    """Characters that lose their marks, each with the marks behind it."""
    start, kept = 0, ""
    for place, character in enumerate([*text, ""]):
        plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
        if plain or not character:
            if kept != text[start:place]:
                yield start, place, kept
            start, kept = place, plain


def _lowered(traced: _Traced, tokenizer: Tokenizer) -> _Traced:
    """In the tokenizer's normal form, and lowered."""
    form = cast("Form | None", None if traced.text.isascii() else tokenizer.normalization)
    if form == "NFKC":
        traced = _normalized(traced, form)
    if tokenizer.lower:
        text = traced.text.lower()
        if len(text) != len(traced.text):
            wide = (place for place, c in enumerate(traced.text) if c == _TWO_WHEN_LOWERED)
            traced = traced.with_pieces((place, place + 1, _TWO_WHEN_LOWERED.lower()) for place in wide)
        traced = traced.with_text(text)
    return traced if form is None else _normalized(traced, form)


def _normalized(traced: _Traced, form: Form) -> _Traced:
    """In a normal form, in the shortest pieces that come out as the whole does."""
    text, whole = traced.text, unicodedata.normalize(form, traced.text)
    if text == whole:
        return traced
    for begins in (_begins_a_character, str.isascii, lambda character: False):
        bounds = [place for place, character in enumerate(text) if begins(character)]
        changed = _changed_pieces(text, [0, *bounds, len(text)], form)
        if (made := traced.with_pieces(changed)).text == whole:
            return made
    raise AssertionError("a text as one piece comes out as the whole")


def _changed_pieces(text: str, bounds: list[int], form: Form) -> Iterator[Piece]:
    for start, end in itertools.pairwise(bounds):
        if (new := unicodedata.normalize(form, text[start:end])) != text[start:end]:
            yield start, end, new


@functools.lru_cache(maxsize=4096)
def _begins_a_character(character: str) -> bool:
    """Whether a character joins with none before it, as far as categories tell."""
    first = unicodedata.normalize("NFKD", character)[0]
    is_mark = unicodedata.combining(first) or unicodedata.category(first)[0] == "M"
    return not is_mark and not "\u1160" <= first <= "\u11ff"  # Korean vowels and last consonants


def _common_end(one: str, other: str) -> int:
    """How many characters two strings end in alike."""
    ends = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], ends))


def _found_in_order(words: list[str], text: str) -> Iterator[Span | None]:
    """The place of each word behind the one before.

    A word that is not there must not use up the text: words are looked for near by, the farther the more
    were missed, and no longer when the text has been gone through a few times.
    """
    lowered = text.lower()
    texts = (text, lowered) if len(lowered) == len(text) else (text,)
    at, reach, left = 0, _FIRST_REACH, _SEARCHES_OF_THE_TEXT * len(text) + _FIRST_REACH
    for word in words:
        end = at + len(word) + min(reach, max(left, 0))
        found = next((place for one in texts if (place := one.find(word, at, end)) >= 0), -1)
        if found < 0:
            left -= min(end, len(text)) - at
            reach *= 2
            yield None
            continue
        yield found, found + len(word)
        at, reach = found + len(word), _FIRST_REACH

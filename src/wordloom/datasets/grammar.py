"""A seeded grammar: sentence patterns and words as data in, reviews with a known opinion out.

A part is one hand-written string, a word, a phrase or a sentence, with slots in braces. `{name}` takes any
part called `name` in the tables that apply to the kind of thing, the group of its parts and the opinion;
`{!name}` takes it with the other opinion. Six slots are answered here: `{part}` and `{fellow}` pick a noun
(of any group, of the same group), `{described}` picks one with an adjective before it, `{thing}` is what the
review is about, `{was}` and `{wasn't}` agree with the last noun. `{judgement}` speaks of the whole again,
whatever part was spoken of before it.

The draws use nothing but `random.Random.random`, whose sequence Python promises to keep.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

OTHER = {"good": "bad", "bad": "good"}
WHOLE = "whole"
LABELS = {"good": "pos", "bad": "neg"}
AGREEMENT = {"was": ("was", "were"), "wasn't": ("wasn't", "weren't")}
TRIES = 12
OFTEN = 3
T = TypeVar("T")

_SLOT = re.compile(r"\{(!?)([a-z']+)\}")
_SENTENCE_START = re.compile(r"(?:^|[.?!] )[a-z]")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou]|honest|hour)(?!one\b|eu|use|uni[^mn])")


@dataclass(frozen=True, slots=True)
class Part:
    """One hand-written string, cut at its slots.

    `literals` are the pieces of text around the slots, one more than there are slots; a slot is its name
    and whether it asks for the other opinion.
    """

    text: str
    literals: tuple[str, ...]
    slots: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, text: str) -> Part:
        pieces = _SLOT.split(text)
        slots = zip(pieces[2::3], (mark == "!" for mark in pieces[1::3]), strict=True)
        return cls(text, tuple(pieces[0::3]), tuple(slots))

    @property
    def only_a_slot(self) -> bool:
        """Whether it has no words of its own, so that it may come twice in one review."""
        return bool(self.slots) and not any(self.literals)


@dataclass(frozen=True, slots=True)
class Noun:
    """A thing's part that an opinion can be about: its number and the group whose words fit it."""

    part: Part
    plural: bool
    group: str


@dataclass(frozen=True, slots=True)
class Review:
    """A review, its label ("neg" or "pos") and the sentence patterns that it was made from."""

    text: str
    label: str
    patterns: tuple[str, ...]


class Grammar:
    """The parts, looked up by name and by what applies. Parts that are found once are kept compiled."""

    def __init__(self, words: Mapping[str, Any], sentences: Mapping[str, Any]) -> None:
        self._words = words
        self._sentences = sentences
        self._found: dict[tuple[str, ...], tuple[Part, ...]] = {}
        self.kinds = _cumulated(words["kinds"])
        self.plans = _cumulated(sentences["shares"])
        self.nouns = {kind: tuple(self._nouns_of(kind)) for kind in words["kinds"]}

    def word(self, name: str, kind: str, group: str, side: str) -> tuple[Part, ...]:
        """The parts called `name` for a kind of thing, a group of its parts and an opinion."""
        key = (name, kind, group, side)
        if key not in self._found:
            general, of_kind = self._words["any"], self._words[kind]
            of_group = of_kind.get(group, {})
            tables = [table for one in (general, of_kind, of_group) for table in (one, one.get(side, {}))]
            self._found[key] = tuple(Part.of(text) for table in tables for text in table.get(name, ()))
        return self._found[key]

    def sentence(self, split: str, role: str, kind: str, side: str) -> tuple[Part, ...]:
        """The sentence patterns of a split for one role in a review, a kind of thing and an opinion."""
        key = (split, role, kind, side)
        if key not in self._found:
            tables = [self._sentences[split][role].get(which, {}) for which in ("any", kind)]
            names = ("neutral", *["often"] * OFTEN, "either", side)
            self._found[key] = tuple(
                Part.of(text) for table in tables for name in names for text in table.get(name, ())
            )
        return self._found[key]

    def plan(self, name: str) -> list[str]:
        """The plans called `name`: roles of sentences in order, with spaces between them."""
        plans: list[str] = self._sentences["plans"][name]
        return plans

    def patterns(self, split: str) -> frozenset[str]:
        """All sentence patterns of "train" or "test"."""
        return frozenset(_strings(self._sentences[split]))

    def parts(self) -> frozenset[str]:
        """Every different word, phrase and sentence pattern that has words of its own."""
        words = {name: table for name, table in self._words.items() if name != "kinds"}
        texts = frozenset(_strings(words)) | self.patterns("train") | self.patterns("test")
        return frozenset(text for text in texts if not Part.of(text).only_a_slot)

    def _nouns_of(self, kind: str) -> Iterator[Noun]:
        for group, table in self._words[kind].items():
            if isinstance(table, dict):
                for name in ("part", "parts"):
                    yield from (Noun(Part.of(text), name == "parts", group) for text in table.get(name, ()))


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    else:
        for child in node.values() if isinstance(node, Mapping) else node:
            yield from _strings(child)


def _cumulated(shares: Mapping[str, int]) -> list[tuple[float, str]]:
    """(upper bound, name) for each name, the last bound 1: what a draw from [0, 1) is compared with."""
    total, below, bounds = sum(shares.values()), 0, []
    for name, share in shares.items():
        below += share
        bounds.append((below / total, name))
    return bounds


@dataclass(slots=True)
class ReviewWriter:
    """Writes one review: what it is about, what was used already, what the last noun was."""

    grammar: Grammar
    rng: random.Random
    kind: str = ""
    thing: str = ""
    group: str = WHOLE
    plural: bool = False
    used: set[str] = field(default_factory=set)

    def write(self, split: str, side: str) -> Review:
        """A review of the opinion `side` ("good" or "bad") from the patterns of `split`."""
        self.used.clear()
        self.kind = self._drawn(self.grammar.kinds)
        self.thing = self._pick(self.grammar.word("thing", self.kind, WHOLE, side)).text
        roles = self._one_of(self.grammar.plan(self._drawn(self.grammar.plans))).split()
        patterns, sentences = [], []
        for role in roles:
            opinion = OTHER[side] if role == "contra" else side
            pattern = self._pick(self.grammar.sentence(split, role, self.kind, opinion))
            self.group = WHOLE
            patterns.append(pattern.text)
            sentences.append(self._fill(pattern, opinion))
        return Review(polished(" ".join(sentences)), LABELS[side], tuple(patterns))

    def _fill(self, part: Part, side: str) -> str:
        pieces = [part.literals[0]]
        for (name, turned), literal in zip(part.slots, part.literals[1:], strict=True):
            pieces += (self._slot(name, OTHER[side] if turned else side), literal)
        return "".join(pieces)

    def _slot(self, name: str, side: str) -> str:
        if name in AGREEMENT:
            return AGREEMENT[name][self.plural]
        if name == "thing":
            return self.thing
        if name in ("part", "fellow", "described"):
            noun = self._noun(same_group=name == "fellow")
            return f"{self._slot('adj', side)} {noun}" if name == "described" else noun
        if name == "judgement":
            self.group = WHOLE
        return self._fill(self._pick(self.grammar.word(name, self.kind, self.group, side)), side)

    def _noun(self, same_group: bool) -> str:
        nouns = self.grammar.nouns[self.kind]
        if same_group:
            nouns = tuple(noun for noun in nouns if noun.group == self.group)
        noun = self._one_of(nouns)
        for _ in range(TRIES):
            if noun.part.text not in self.used:
                break
            noun = self._one_of(nouns)
        self.used.add(noun.part.text)
        self.group, self.plural = noun.group, noun.plural
        return noun.part.text

    def _pick(self, parts: Sequence[Part]) -> Part:
        """One of `parts`, if possible not one that this review has used."""
        part = self._one_of(parts)
        for _ in range(TRIES):
            if part.text not in self.used or part.only_a_slot:
                break
            part = self._one_of(parts)
        self.used.add(part.text)
        return part

    def _one_of(self, choices: Sequence[T]) -> T:
        return choices[int(self.rng.random() * len(choices))]

    def _drawn(self, bounds: list[tuple[float, str]]) -> str:
        point = self.rng.random()
        return next(name for bound, name in bounds if point < bound)


def polished(text: str) -> str:
    """`text` with capitals at the starts of sentences and "an" before vowels."""
    text = _ARTICLE.sub(r"\1n ", text)
    return _SENTENCE_START.sub(lambda match: match.group().upper(), text)

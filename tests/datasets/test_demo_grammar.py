"""The grammar behind the built-in reviews, on parts small enough to say what must come out."""

from __future__ import annotations

import random

import pytest

from wordloom.datasets import demo
from wordloom.datasets.grammar import Grammar, Part, ReviewWriter, polished

WORDS = {
    "kinds": {"film": 1},
    "any": {
        "thing": ["epic"],
        "judgement": ["it is {plain}"],
        "adj": ["{plain}"],
        "good": {"plain": ["nice"]},
        "bad": {"plain": ["dull"]},
    },
    "film": {"sound": {"parts": ["songs"], "good": {"plain": []}}},
}


def reviews_of(pattern: str, side: str = "good") -> str:
    sentences = {
        "shares": {"one": 1},
        "plans": {"one": ["remark"]},
        "train": {"remark": {"any": {"either": [pattern]}}},
    }
    return ReviewWriter(Grammar(WORDS, sentences), random.Random(0)).write("train", side).text


def test_part_is_cut_at_its_slots() -> None:
    part = Part.of("the {part} {wasn't} {!plain}.")
    assert part.literals == ("the ", " ", " ", ".")
    assert part.slots == (("part", False), ("wasn't", False), ("plain", True))
    assert Part.of("no slot at all").slots == ()


def test_only_a_slot() -> None:
    assert Part.of("{plain}").only_a_slot
    assert Part.of("{!plain}{plain}").only_a_slot
    assert not Part.of("very {plain}").only_a_slot
    assert not Part.of("very").only_a_slot


@pytest.mark.parametrize(
    ("pattern", "side", "text"),
    [
        ("The {part} {was} {plain}.", "good", "The songs were nice."),
        ("The {part} {was} {plain}.", "bad", "The songs were dull."),
        ("The {part} {wasn't} {!plain}.", "good", "The songs weren't dull."),
        ("Not {!plain}, {judgement}.", "bad", "Not nice, it is dull."),
        ("I like the {!described}.", "good", "I like the dull songs."),
        ("A {thing}. {plain}.", "good", "An epic. Nice."),
    ],
)
def test_slots(pattern: str, side: str, text: str) -> None:
    assert reviews_of(pattern, side) == text


def test_contra_turns_the_opinion_and_keeps_the_label() -> None:
    sentences = {
        "shares": {"one": 1},
        "plans": {"one": ["contra yet"]},
        "train": {
            "contra": {"any": {"either": ["Yes, {plain}."]}},
            "yet": {"any": {"good": ["but no."], "bad": ["but still."]}},
        },
    }
    review = ReviewWriter(Grammar(WORDS, sentences), random.Random(0)).write("train", "bad")
    assert review.text == "Yes, nice. But still."
    assert review.label == "neg"
    assert review.patterns == ("Yes, {plain}.", "but still.")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a odd one. so what? a hour", "An odd one. So what? An hour"),
        ("a useful thing, a unique one, a one-off", "A useful thing, a unique one, a one-off"),
        ("a unimpressive idea, a honest man", "An unimpressive idea, an honest man"),
        ("banana and idea", "Banana and idea"),
        ("", ""),
    ],
)
def test_polished(raw: str, text: str) -> None:
    assert polished(raw) == text


def test_every_slot_of_every_part_can_be_filled() -> None:
    grammar = demo.grammar()
    special = {"part", "fellow", "described", "was", "wasn't"}
    for kind, nouns in grammar.nouns.items():
        for group in {"whole", *(noun.group for noun in nouns)}:
            for side in ("good", "bad"):
                for name in ("plain", "strong", "adj", "quality", "denied", "epithet", "judgement"):
                    assert grammar.word(name, kind, group, side), (name, kind, group, side)
        for noun in nouns:
            assert grammar.word("verb", kind, noun.group, "good")
            assert grammar.word("verb", kind, noun.group, "bad")
    names = {name for text in grammar.parts() for name, _ in Part.of(text).slots} - special
    for name in names:
        assert any(
            grammar.word(name, noun_kind, noun.group, side)
            for noun_kind, nouns in grammar.nouns.items()
            for noun in nouns
            for side in ("good", "bad")
        ), name

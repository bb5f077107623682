"""The data set `demo`: 4,000 short reviews written for this project, here without a download.

What it is: a place to try things. A grammar of several hundred hand-written parts (`demo_words.toml`,
`demo_sentences.toml`) makes reviews of films, and of some books, restaurants and gadgets, from a seed. They
deny ("not a dull minute"), turn ("the acting was poor, but ..."), understate ("not the worst way to spend an
evening") and praise one thing to damn the whole. The test reviews use sentence patterns that no training
review uses, with the same words in them.

What it is not: a benchmark, or a sample of how people write. A score on it says that a model learned and
whether word order helped it, nothing about other texts. With scikit-learn's logistic regression, single
words reach about 85 % on the test reviews and pairs of words about 90 %; one answer for all reaches 50 %.
"""

from __future__ import annotations

import random
import tomllib
from functools import cache
from importlib import resources

from wordloom.corpus import Corpus, Dataset
from wordloom.datasets.grammar import Grammar, Review, ReviewWriter

SIZES = {"train": 3000, "test": 1000}
NOTE = "Reviews made from hand-written parts: for trying things out, no benchmark."


def load(seed: int = 0) -> Dataset:
    """3,000 training and 1,000 test reviews with the labels "neg" and "pos", balanced, in random order.

    The same seed gives the same texts with any version of Python; another seed gives other reviews from
    the same parts. No text comes twice.
    """
    split = {
        name: Corpus([review.text for review in part], [review.label for review in part], f"demo {name}")
        for name, part in reviews(seed).items()
    }
    return Dataset(split["train"], split["test"], name="demo", notes=(NOTE,))


def reviews(seed: int = 0) -> dict[str, list[Review]]:
    """The reviews of "train" and "test", each with the sentence patterns that it was made from."""
    writer = ReviewWriter(grammar(), random.Random(seed))
    seen: set[str] = set()
    return {split: _written(writer, split, size, seen) for split, size in SIZES.items()}


def sentence_patterns(split: str) -> frozenset[str]:
    """The sentence patterns that the reviews of "train" or "test" are made from."""
    return grammar().patterns(split)


@cache
def grammar() -> Grammar:
    """The grammar of the built-in reviews, read from the package's own files."""
    files = resources.files("wordloom.datasets")
    words, sentences = (
        tomllib.loads(files.joinpath(name).read_text(encoding="utf-8"))
        for name in ("demo_words.toml", "demo_sentences.toml")
    )
    return Grammar(words, sentences)


def _written(writer: ReviewWriter, split: str, size: int, seen: set[str]) -> list[Review]:
    written: list[Review] = []
    for side in _shuffled(["good", "bad"] * (size // 2), writer.rng):
        review = writer.write(split, side)
        while review.text in seen:
            review = writer.write(split, side)
        seen.add(review.text)
        written.append(review)
    return written


def _shuffled(items: list[str], rng: random.Random) -> list[str]:
    """`items` in random order. Not by `rng.shuffle`, whose draws Python does not promise to keep."""
    for last in range(len(items) - 1, 0, -1):
        other = int(rng.random() * (last + 1))
        items[last], items[other] = items[other], items[last]
    return items

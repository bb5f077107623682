"""Near duplicates: all pairs of texts that share nearly all words, none else."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from wordloom.checks import near_duplicates as module
from wordloom.checks.near_duplicates import near_duplicates
from wordloom.errors import UsageError
from wordloom.text.text_rows import text_rows
from wordloom.text.tokenizer import Tokenizer


def elements(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {(word,) for word in words} | set(itertools.pairwise(words))


def compared_one_by_one(texts: list[str], similarity: float) -> dict[tuple[int, int], float]:
    found = {}
    for (i, one), (j, other) in itertools.combinations(enumerate(map(elements, texts)), 2):
        if one and other and len(one & other) / len(one | other) >= similarity - 1e-9:
            found[i, j] = len(one & other) / len(one | other)
    return found


def made_texts(seed: int, n: int = 120) -> list[str]:
    """Texts of few different words, half of them changed a little from one before."""
    rng = np.random.default_rng(seed)
    texts: list[str] = []
    for _ in range(n):
        words = [f"w{number}" for number in rng.zipf(1.6, int(rng.integers(0, 30))) % 60]
        if texts and rng.random() < 0.5:
            words = texts[int(rng.integers(len(texts)))].split()
            for _ in range(int(rng.integers(0, 3))):
                if words:
                    words[int(rng.integers(len(words)))] = f"w{rng.integers(60)}"
        texts.append(" ".join(words))
    return texts


@pytest.mark.parametrize("similarity", [0.3, 0.5, 0.8, 0.9, 1.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_pairs_are_those_of_comparing_every_text_with_every_other(similarity, seed, monkeypatch):
    monkeypatch.setattr(module, "MOST_COMPARED", 10_000)
    texts = made_texts(seed)
    found = near_duplicates(text_rows(texts, Tokenizer()), similarity)
    pairs = dict(
        zip(zip(found.first.tolist(), found.second.tolist(), strict=True), found.similarity, strict=True)
    )
    expected = compared_one_by_one(texts, similarity)
    assert pairs.keys() == expected.keys()
    for pair, value in expected.items():
        assert pairs[pair] == pytest.approx(value)


def test_texts_by_one_pattern_are_not_all_compared_with_each_other(monkeypatch):
    monkeypatch.setattr(module, "MOST_COMPARED", 3)
    texts = [f"your code is {number} and it is good for one hour from now on" for number in range(200)]
    found = near_duplicates(text_rows(texts, Tokenizer()), 0.7)
    assert len(found) <= 3 * 200 * 20
    assert set(range(1, 200)) <= set(found.second.tolist())


def test_texts_without_words_are_like_none():
    assert not len(near_duplicates(text_rows(["", "!", " ", ""], Tokenizer())))
    assert not len(near_duplicates(text_rows([], Tokenizer())))


def test_only_some_texts_can_be_looked_at():
    texts = ["a good film it was", "a good film it was", "a good film it was"]
    among = np.array([True, False, True])
    found = near_duplicates(text_rows(texts, Tokenizer()), 0.8, among)
    assert found.first.tolist() == [0]
    assert found.second.tolist() == [2]


@pytest.mark.parametrize("similarity", [0, -1, 1.5, "high", True, float("nan")])
def test_a_similarity_without_meaning_is_refused(similarity):
    with pytest.raises(UsageError, match="similarity"):
        near_duplicates(text_rows(["a"], Tokenizer()), similarity)

"""Texts as numbers of words: the same in memory and on disk, however they are portioned."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.loop.callback import Callback
from wordloom.text.tokenizer import Tokenizer
from wordloom.vectors.learning import numbered_texts
from wordloom.vectors.learning.numbered_texts import NumberedTexts

TEXTS = ["b a a", "", "naïve naïve café", "rare", "b добро b", "a " * 25 + "b", "café добро"]


def number(texts, min_count=2, **others):
    return NumberedTexts(texts, Tokenizer(), min_count, **others)


def back(numbered):
    """The texts as words again, cut as they are cut."""
    rows = numbered.rows(0, int(numbered.bounds(10**9)[-1]))
    return [[numbered.words[row] for row in text] for text in rows]


def test_rows_are_the_frequent_words():
    numbered = number(TEXTS)
    assert numbered.words == ["a", "b", "naïve", "café", "добро"], "by count, ties by first sight"
    assert numbered.counts.tolist() == [27, 4, 2, 2, 2]
    assert numbered.n_words == 38
    filled = [text.split() for text in TEXTS if text]
    assert back(numbered) == [[word for word in text if word != "rare"] for text in filled]


@pytest.mark.parametrize("at_once", [1, 3, 5_000])
def test_memory_and_disk_hold_the_same_whatever_the_chunks(monkeypatch, at_once):
    expected = number(TEXTS)
    monkeypatch.setattr(numbered_texts, "_TEXTS_AT_ONCE", at_once)
    for texts in (TEXTS, iter(TEXTS), (text for text in TEXTS)):
        found = number(texts)
        assert found.words == expected.words
        assert found.fingerprint == expected.fingerprint
        assert back(found) == back(expected)


def test_chunks_are_bounded_by_letters_too(monkeypatch):
    told = []

    class Words(Callback):
        def on_step(self, name, done, total, unit):
            told.append((done, total))

    monkeypatch.setattr(numbered_texts, "_LETTERS_AT_ONCE", 10)
    number(TEXTS, callbacks=[Words()])
    assert told == [(6, None), (10, None), (36, None), (38, None), (38, 38)]


def test_long_texts_are_cut(monkeypatch):
    monkeypatch.setattr(numbered_texts, "LONGEST_TEXT", 10)
    lengths = [len(text) for text in back(number(TEXTS))]
    assert lengths == [3, 3, 0, 3, 10, 10, 6, 2]
    assert [len(text) for text in back(number(["a " * 20]))] == [10, 10]


def test_chunks_cover_all_texts_once():
    numbered = number(TEXTS)
    for size in (1, 7, 1000):
        bounds = numbered.bounds(size)
        assert bounds[0] == 0
        assert (np.diff(bounds) > 0).all()
        parts = [numbered.rows(a, b).ids for a, b in itertools.pairwise(bounds)]
        np.testing.assert_array_equal(np.concatenate(parts), numbered.rows(0, int(bounds[-1])).ids)
    assert numbered.words_before(0) == 0
    assert numbered.words_before(int(numbered.bounds(7)[-1])) == numbered.n_words


def test_the_fingerprint_is_that_of_the_words():
    prints = {
        number(texts).fingerprint
        for texts in (["a a b b"], ["a b a b"], ["a a", "b b"], ["c c b b"], ["a a b b b"])
    }
    assert len(prints) == 5
    assert number(["a a,  b b"]).fingerprint == number(["A a b. b"]).fingerprint


@pytest.mark.parametrize("texts", [[], [""], ["one two three"], iter(())])
def test_no_word_is_frequent_enough(texts):
    with pytest.raises(DataError, match="choose a lower min_count"):
        number(texts)


def test_a_full_disk_names_the_way_out(monkeypatch):
    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", lambda **options: Full())
    with pytest.raises(DataError, match=r"temporary files, .* \(No space left on device\).*TMPDIR"):
        number(iter(TEXTS))
    assert number(TEXTS).words, "a list needs no file"

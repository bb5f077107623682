"""N-grams inside words, counted once for each different word."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels import ngram_counting, ngram_counting_compiled
from wordloom.text.character_ngrams import SpelledTexts, count_ngrams_inside_words
from wordloom.text.characters import Alphabet
from wordloom.text.ngrams import NgramSelection, count_ngrams
from wordloom.text.sequences import Ragged

FIRST = 1  # number 0 is that of unknown characters, and sets words apart


def spelled(words, documents):
    return SpelledTexts(Alphabet.of(["abc"]).spelled(words, apart=True), Ragged.from_lists(documents))


def drawn(seed, n_words=60, n_documents=40):
    """Words of up to six characters, one of them unknown; some documents are empty, others repeat words."""
    rng = np.random.default_rng(seed)
    words = ["", "z", *("".join(rng.choice(list("abcz"), rng.integers(1, 7))) for _ in range(n_words))]
    return spelled(words, [rng.integers(0, len(words), rng.integers(0, 12)) for _ in range(n_documents)])


def singles(texts):
    return texts.occurrences(FIRST + 4)[FIRST:]


@pytest.mark.slow
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize(("fewest", "most"), [(1, 10_000), (2, 10_000), (3, 10_000), (50, 10_000), (2, 9)])
def test_the_same_as_in_the_documents_word_by_word(monkeypatch, kernels, threads, fewest, most):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    for seed in range(3):
        texts, selection = drawn(seed), NgramSelection(5, fewest, most)
        counts, rows = count_ngrams_inside_words(texts, singles(texts), FIRST, selection, threads)
        wanted, wanted_rows = count_ngrams(texts.documents(), singles(texts), FIRST, selection, threads)
        np.testing.assert_array_equal(counts.pairs, wanted.pairs)
        np.testing.assert_array_equal(counts.document_counts, wanted.document_counts)
        assert (list(counts.kept), list(counts.dropped)) == (list(wanted.kept), list(wanted.dropped))
        np.testing.assert_array_equal(rows.ids, wanted_rows.ids)
        np.testing.assert_array_equal(rows.offsets, wanted_rows.offsets)
        assert counts.pairs.dtype == counts.document_counts.dtype == rows.ids.dtype == np.int32


def test_a_word_counts_once_for_each_text_however_often_it_stands_there():
    texts = spelled(["ab", "b"], [[0, 0, 1], [1], [0]])
    counts, rows = count_ngrams_inside_words(texts, singles(texts), FIRST, NgramSelection(2, 1, 99))
    boundary, a, b = range(3)
    assert counts.pairs.tolist() == [[boundary, a], [boundary, b], [a, b], [b, boundary]]
    assert counts.document_counts.tolist() == [2, 2, 2, 3]
    assert [row.tolist() for row in rows] == [[0, 1, 2, 4, 6, 7, 5], [0, 2, 5, 7], [0, 1, 2, 4, 6, 7]]


def test_how_often_characters_stand_in_the_texts():
    texts = spelled(["ab", "b"], [[0, 0, 1], [], [1]])
    assert texts.occurrences(6).tolist() == np.bincount(texts.documents().ids, minlength=6).tolist()
    assert len(texts) == 3


def test_no_documents_hold_nothing():
    texts = spelled(["ab"], [])
    counts, rows = count_ngrams_inside_words(texts, np.ones(4, np.int64), FIRST, NgramSelection(3, 1, 99))
    assert (len(counts.pairs), len(rows)) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("kernels", [ngram_counting, ngram_counting_compiled], ids=["plain", "compiled"])
def test_documents_are_put_together_from_the_rows_of_their_words(kernels):
    """Word 0 has the rows 3 and 1 of length 1 and 7 of length 2, word 1 has 1 and 8."""
    words, offsets = np.array([1, 0, 1, 0], dtype=np.int32), np.array([0, 1, 1, 4])
    rows, bounds = np.array([3, 1, 7, 1, 8], dtype=np.int32), np.array([0, 2, 3, 4, 5])
    found, ends = kernels.united(words, offsets, rows, bounds, 2, 9)
    assert (found.tolist(), ends.tolist()) == ([1, 8, 3, 1, 7, 8], [0, 2, 2, 6])
    part, part_ends = kernels.united(words, offsets[2:], rows, bounds, 2, 9)
    assert (part.tolist(), part_ends.tolist()) == ([3, 1, 7, 8], [0, 4])
    counts = kernels.documents_of_rows(words, offsets, rows, bounds[::2], 9)
    assert counts.tolist() == [0, 2, 0, 1, 0, 0, 0, 1, 2]
    assert found.dtype == counts.dtype == np.int32

"""Counting n-grams of texts: exact, the same for any number of threads, within bounds."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from wordloom.text.ngrams import NgramSelection, count_ngrams
from wordloom.text.sequences import Ragged

rng = np.random.default_rng(5)
DOCUMENTS = [rng.integers(1, 9, length).tolist() for length in (0, 1, 1, 200, *rng.integers(0, 25, 60))]
WORDS = 7  # ids 2 to 8


def counted(longest=3, fewest=2, most=10_000, threads=None, documents=DOCUMENTS):
    ids = Ragged.from_lists(documents)
    word_counts = np.full(WORDS, 10, dtype=np.int64)
    return count_ngrams(ids, word_counts, 2, NgramSelection(longest, fewest, most), threads)


def spelled(counts):
    """Every row as a tuple of ids."""
    rows = [(word + 2,) for word in range(WORDS)]
    for first, last in counts.pairs.tolist():
        rows.append((*rows[first], last + 2))
    return rows


def ngrams_of(document, longest):
    return {
        tuple(document[start : start + n])
        for n in range(1, longest + 1)
        for start in range(len(document) - n + 1)
        if 1 not in document[start : start + n]
    }


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@pytest.mark.parametrize(("longest", "fewest"), [(1, 1), (2, 1), (3, 2), (4, 3)])
def test_rows_are_the_ngrams_in_enough_texts(monkeypatch, kernels, longest, fewest):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    counts, rows = counted(longest, fewest)
    frequency = Counter(itertools.chain.from_iterable(ngrams_of(d, longest) for d in DOCUMENTS))
    wanted = {ngram for ngram, n in frequency.items() if len(ngram) == 1 or n >= fewest}
    names = spelled(counts)
    assert len(names) == len(set(names)) == sum(counts.kept)
    assert set(names) >= wanted
    assert {name for name in names if len(name) > 1} == {ngram for ngram in wanted if len(ngram) > 1}
    for document, found in zip(DOCUMENTS, rows, strict=True):
        assert len(found) == len(set(found.tolist()))
        assert {names[row] for row in found} == ngrams_of(document, longest) & set(names)


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_threads_change_nothing(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    one_counts, one = counted(threads=1)
    for threads in (2, 4):
        counts, rows = counted(threads=threads)
        np.testing.assert_array_equal(counts.pairs, one_counts.pairs)
        np.testing.assert_array_equal(rows.ids, one.ids)
        np.testing.assert_array_equal(rows.offsets, one.offsets)


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_of_too_many_ngrams_the_most_frequent_are_kept(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    everything, all_rows = counted(2, 1)
    counts, rows = counted(2, 1, most=20)
    assert counts.kept == [7, 20]
    assert counts.dropped == [0, everything.kept[1] - 20]
    frequency = Counter(np.concatenate(list(all_rows)).tolist())
    kept = {spelled(everything).index(name) for name in spelled(counts)[WORDS:]}
    rest = set(range(WORDS, sum(everything.kept))) - kept
    assert min(frequency[row] for row in kept) >= max(frequency[row] for row in rest)
    assert np.bincount(np.concatenate(list(rows)))[WORDS:].tolist() == [
        frequency[row] for row in sorted(kept)
    ]


def test_no_words_at_all():
    counts, rows = counted(documents=[[], [1, 1], []])
    assert counts.pairs.shape == (0, 2)
    assert rows.lengths.tolist() == [0, 0, 0]

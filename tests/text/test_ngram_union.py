"""N-grams of two sets of texts as one numbering."""

from __future__ import annotations

import numpy as np

from wordloom.text.ngram_union import Ngrams, compact, united
from wordloom.text.ngrams import NgramSelection, count_ngrams
from wordloom.text.sequences import Ragged, offsets_of

EVERY = NgramSelection(4, 1, 10_000)


def documents(rng, words, n=30):
    lengths = rng.integers(0, 9, size=n)
    return Ragged(rng.choice(words, size=int(lengths.sum())).astype(np.int32), offsets_of(lengths))


def counted(ids, n_words):
    return count_ngrams(ids, np.full(n_words, len(ids), dtype=np.int64), 1, EVERY)[0].pairs


def spelled(pairs, n_words):
    """The words of every row."""
    rows = [(word,) for word in range(n_words)]
    for first, last in pairs.tolist():
        rows.append((*rows[first], last))
    return rows


def test_the_union_is_what_counting_all_texts_together_gives():
    rng = np.random.default_rng(3)
    first, second = documents(rng, np.arange(1, 6)), documents(rng, np.arange(3, 9))
    known, found = Ngrams(np.arange(5), counted(first, 5)), Ngrams(np.arange(8), counted(second, 8))
    union = united(known, found, 8)
    both = Ragged(
        np.concatenate([first.ids, second.ids]),
        np.concatenate([first.offsets, first.offsets[-1] + second.offsets[1:]]),
    )
    assert np.array_equal(union.pairs, counted(both, 8))
    before, after = spelled(known.pairs, 5), spelled(union.pairs, 8)
    assert [after[row] for row in union.rows] == before


def test_singles_that_move_take_their_ngrams_along():
    known = Ngrams(np.array([0, 2]), np.array([[0, 1], [2, 0]], dtype=np.int32))  # "a c", "a c a"
    found = Ngrams(np.arange(3), np.array([[1, 1]], dtype=np.int32))  # "b b"
    union = united(known, found, 3)
    assert spelled(union.pairs, 3)[3:] == [(0, 2), (1, 1), (0, 2, 0)]
    assert union.rows.tolist() == [0, 2, 3, 5]


def test_compact_rows_keep_their_order():
    used, places = compact(np.array([7, 2, 7, 5], dtype=np.int32), 9)
    assert used.tolist() == [2, 5, 7]
    assert places.tolist() == [2, 0, 2, 1]

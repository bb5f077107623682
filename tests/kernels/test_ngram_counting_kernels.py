"""N-grams counted exactly: one body of tests for both twins."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels import ngram_counting, ngram_counting_compiled

kernels_of_both = pytest.mark.parametrize(
    "kernels", [ngram_counting, ngram_counting_compiled], ids=["plain", "compiled"]
)

# ids: 1 unknown, words from 2, so rows: 0 not, 1 good, 2 film
IDS = np.array([2, 3, 2, 3, 1, 4, 2, 3, 4], dtype=np.int32)
OFFSETS = np.array([0, 5, 6, 6, 9])


@kernels_of_both
def test_documents_are_laid_out_with_an_end_behind_each(kernels):
    text = kernels.laid_out(IDS, OFFSETS, 2)
    assert text.words.tolist() == [0, 1, 0, 1, -1, -1, 2, -1, -1, 0, 1, 2, -1]
    assert text.documents.tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 3, 3]
    assert text.words.dtype == text.documents.dtype == np.int32


@kernels_of_both
def test_repeated_words_are_marked(kernels):
    text = kernels.laid_out(IDS, OFFSETS, 2)
    assert kernels.mark_repeats(text, 3, (0, 6)).tolist() == [0, 1, -2, -3, -1, -1]
    assert kernels.mark_repeats(text, 3, (6, 13)).tolist() == [2, -1, -1, 0, 1, 2, -1]


@kernels_of_both
def test_pairs_by_hand(kernels):
    """not good stands in documents 0 (twice) and 3, good not in 0, good film in 3."""
    text = kernels.laid_out(IDS, OFFSETS, 2)
    found = np.full(13, -1, dtype=np.int32)
    pairs, counts = kernels.pair_up(text, kernels.mark_repeats(text, 3, (0, 13)), 2, (0, 3), (1, 3), found)
    assert pairs.tolist() == [[0, 1], [1, 0], [1, 2]]
    assert counts.tolist() == [2, 1, 1]
    assert found.tolist() == [0, 1, -2, -1, -1, -1, -1, -1, -1, 0, 2, -1, -1]
    longer = np.full(13, -1, dtype=np.int32)
    pairs, counts = kernels.pair_up(text, found, 3, (0, 3), (1, 3), longer)
    assert pairs.tolist() == [[0, 0], [0, 2], [1, 1]], "not good not, not good film, good not good"
    assert longer.tolist() == [0, 2, -1, -1, -1, -1, -1, -1, -1, 1, -1, -1, -1]


@kernels_of_both
def test_rare_pairs_get_no_row(kernels):
    text = kernels.laid_out(IDS, OFFSETS, 2)
    found = np.full(13, -1, dtype=np.int32)
    pairs, counts = kernels.pair_up(text, kernels.mark_repeats(text, 3, (0, 13)), 2, (0, 3), (2, 3), found)
    assert (pairs.tolist(), counts.tolist()) == ([[0, 1]], [2])
    assert found.tolist() == [0, -1, -2, -1, -1, -1, -1, -1, -1, 0, -1, -1, -1]


@kernels_of_both
def test_numbers_of_parts_are_joined(kernels):
    found = np.array([0, -2, 1, -1, 0, -3], dtype=np.int32)
    begins = np.array([4, -6, 5, 9, 7, -11], dtype=np.int32)  # rows 4, 4, 5, 9, 7, 9
    kernels.renumber(found, begins, np.array([0, 5, 9]), np.array([0, 10, 20]))
    assert found.tolist() == [0, -2, 11, -1, 10, -23]


@kernels_of_both
def test_documents_are_gathered_without_repeats(kernels):
    words = np.array([0, 1, -2, -1, 2, -1, -1], dtype=np.int32)
    pairs = np.array([0, 1, -1, -1, -1, -1, -1], dtype=np.int32)
    rows, offsets = kernels.gathered(np.stack([words, pairs]), np.array([0, 3]), np.array([0, 4, 6, 7]))
    assert (rows.tolist(), offsets.tolist()) == ([0, 1, 3, 4, 2], [0, 4, 5, 5])


@pytest.mark.parametrize("fewest", [1, 2, 3])
def test_twins_agree_on_random_texts(fewest):
    rng = np.random.default_rng(fewest)
    offsets = np.concatenate([[0], np.cumsum(rng.integers(0, 40, 80))])
    ids = rng.integers(1, 14, offsets[-1]).astype(np.int32)
    results = []
    for kernels in (ngram_counting, ngram_counting_compiled):
        text = kernels.laid_out(ids, offsets, 2)
        found, size, out = kernels.mark_repeats(text, 12, (0, len(text.words))), 12, []
        for length in (2, 3, 4):
            numbers = np.full(len(found), -1, dtype=np.int32)
            parts = [
                kernels.pair_up(text, found, length, rows, (fewest, 12), numbers)
                for rows in ((0, size // 3), (size // 3, size))
            ]
            first = np.array([0, len(parts[0][0])])
            kernels.renumber(numbers, found, np.array([0, size // 3]), first)
            found, size = numbers, sum(len(pairs) for pairs, _ in parts)
            out += [numbers, *(array for part in parts for array in part)]
        results.append(out)
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


@kernels_of_both
@pytest.mark.parametrize("seed", range(20))
def test_rows_are_alike_that_stand_in_the_same_documents(kernels, seed):
    rng = np.random.default_rng(seed)
    held = rng.random((int(rng.integers(0, 12)), 9)) < rng.random()
    held[:, 7], held[:, 8] = held[:, 2], held[:, 2]
    rows = [rng.permutation(np.flatnonzero(document)) for document in held]
    offsets = np.cumsum([0, *map(len, rows)])
    found = kernels.alike(np.concatenate([*rows, []]).astype(np.int32), offsets, 9)
    expected = [
        next(other for other in range(9) if (held[:, other] == held[:, row]).all()) for row in range(9)
    ]
    assert found.tolist() == expected
    assert found.dtype == np.int32

"""Words to n-grams to averages: one body of tests for the plain twin and the compiled one."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels import linear, ngrams, ngrams_compiled
from wordloom.kernels.ngrams import distinct

kernels_of_both = pytest.mark.parametrize("kernels", [ngrams, ngrams_compiled], ids=["plain", "compiled"])

# words: 0 not, 1 very, 2 good, 3 film; n-grams: 4 not+very, 5 very+good, 6 not+very+good, 7 good+good
PAIRS = np.array([[0, 1], [1, 2], [4, 2], [2, 2]], dtype=np.int32)
WORDS = np.array([0, 1, 2, 3, -1, 0, -1, 1, 2, 2, 2, 0, 1], dtype=np.int32)
OFFSETS = np.array([0, 4, 4, 5, 11, 12, 13])


@pytest.mark.slow
@kernels_of_both
def test_ngrams_by_hand(kernels):
    rows, offsets, places = kernels.find_ngrams(WORDS, OFFSETS, 0, 3, kernels.build_index(PAIRS, 4))
    assert np.split(rows, offsets[1:-1])[0].tolist() == [0, 4, 6, 1, 5, 2, 3]
    assert places[:7].tolist() == [0, 0, 0, 1, 1, 2, 3]
    texts = [part.tolist() for part in np.split(rows, offsets[1:-1])]
    assert texts[1:] == [[], [], [0, 1, 5, 2, 7, 2, 7, 2], [0], [1]], "-1 and ends of texts break n-grams"
    assert (rows.dtype, offsets.dtype, places.dtype) == (np.int32, np.int64, np.int32)


@kernels_of_both
@pytest.mark.parametrize(("longest", "expected"), [(1, [0, 1, 2, 3]), (2, [0, 4, 1, 5, 2, 3])])
def test_no_ngram_is_longer_than_asked(kernels, longest, expected):
    rows, offsets, _ = kernels.find_ngrams(WORDS, OFFSETS, 0, longest, kernels.build_index(PAIRS, 4))
    assert rows[: offsets[1]].tolist() == expected


@kernels_of_both
def test_a_range_of_documents_gives_its_part(kernels):
    index = kernels.build_index(PAIRS, 4)
    rows, offsets, _ = kernels.find_ngrams(WORDS, OFFSETS, 0, 3, index)
    part, part_offsets, _ = kernels.find_ngrams(WORDS, OFFSETS[3:], 0, 3, index)
    assert part.tolist() == rows[offsets[3] :].tolist()
    assert part_offsets.tolist() == (offsets[3:] - offsets[3]).tolist()


@kernels_of_both
def test_without_ngrams_only_words_are_found(kernels):
    index = kernels.build_index(np.zeros((0, 2), dtype=np.int32), 4)
    rows, _, _ = kernels.find_ngrams(WORDS, OFFSETS, 0, 3, index)
    assert rows.tolist() == WORDS[WORDS >= 0].tolist()


@pytest.mark.slow
def test_twins_agree_on_random_texts():
    rng = np.random.default_rng(0)
    words = rng.integers(-1, 30, 5000).astype(np.int32)
    offsets = np.concatenate([[0], np.sort(rng.integers(0, 5000, 99)), [5000]])
    pairs = np.unique(rng.integers(0, 30, (300, 2)).astype(np.int32), axis=0)
    longer = np.stack([rng.permutation(len(pairs))[:50] + 30, rng.integers(0, 30, 50)], axis=1)
    pairs = np.concatenate([pairs, longer.astype(np.int32)])
    found = [k.find_ngrams(words, offsets, 0, 3, k.build_index(pairs, 30)) for k in (ngrams, ngrams_compiled)]
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    rows, row_offsets, _ = found[0]
    size = 30 + len(pairs)
    present = [
        k.find_present(words, offsets, 0, 3, k.build_index(pairs, 30)) for k in (ngrams, ngrams_compiled)
    ]
    for document in range(len(offsets) - 1):
        in_the_order_of_the_text = list(
            dict.fromkeys(rows[row_offsets[document] : row_offsets[document + 1]].tolist())
        )
        for some, ends in present:
            assert some[ends[document] : ends[document + 1]].tolist() == in_the_order_of_the_text
    vectors, weights = rng.normal(size=(size, 5)), rng.uniform(0, 2, size)
    means = [k.averages(rows, row_offsets, vectors, weights) for k in (ngrams, ngrams_compiled)]
    np.testing.assert_allclose(*means, atol=1e-12)


@pytest.mark.slow
@kernels_of_both
def test_averages_by_hand(kernels):
    rows, offsets = np.array([0, 1, 1, 2], dtype=np.int32), np.array([0, 3, 3, 4])
    vectors = np.array([[1.0, 0.0], [0.0, 3.0], [5.0, 5.0]], dtype=np.float32)
    weights = np.array([2.0, 1.0, 0.0], dtype=np.float32)
    expected = [[0.5, 1.5], [0.0, 0.0], [0.0, 0.0]]  # an empty text and one without weight are zeros
    found = kernels.averages(rows, offsets, vectors, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found.dtype == np.float32


# ids: 1 unknown, words from 2, so rows: 0 not, 1 good, 2 film
IDS = np.array([2, 3, 2, 3, 1, 4, 2, 3, 4], dtype=np.int32)
ID_OFFSETS = np.array([0, 5, 6, 6, 9])


@pytest.mark.slow
@kernels_of_both
@pytest.mark.parametrize(
    ("longest", "expected"),
    [(1, [[0, 1], [2], [], [0, 1, 2]]), (3, [[0, 1, 3, 4], [2], [], [0, 1, 2, 3, 5]])],
)
def test_known_ngrams_are_found(kernels, longest, expected):
    """Rows 3: not good, 4: good not, 5: not good film; "good film" alone is not known."""
    index = kernels.build_index(np.array([[0, 1], [1, 0], [3, 2]], dtype=np.int32), 3)
    rows, offsets = kernels.find_present(IDS, ID_OFFSETS, 2, longest, index)
    assert [sorted(part.tolist()) for part in np.split(rows, offsets[1:-1])] == expected
    part, part_offsets = kernels.find_present(IDS, ID_OFFSETS[3:], 2, longest, index)
    assert sorted(part.tolist()) == expected[3]
    assert part_offsets.tolist() == [0, len(expected[3])]


@kernels_of_both
def test_nothing_is_found_in_no_documents_and_by_no_pairs(kernels):
    index = kernels.build_index(np.zeros((0, 2), dtype=np.int32), 3)
    rows, offsets = kernels.find_present(IDS[:0], np.array([0]), 2, 3, index)
    assert (rows.tolist(), offsets.tolist()) == ([], [0])
    rows, _ = kernels.find_present(IDS, ID_OFFSETS, 2, 3, index)
    assert sorted(rows[:2].tolist()) == [0, 1]


def test_different_keys_are_those_that_a_set_holds():
    rng = np.random.default_rng(0)
    for keys in ([], [0], [5, 5, 0, 3, 0], (2**40 * rng.random(100)).astype(int) // 2**35):
        found = distinct(np.array(keys, dtype=np.int64))
        assert found.tolist() == sorted({int(key) for key in keys})


def test_both_kernels_find_the_same_in_documents_longer_than_what_is_looked_up_at_once():
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 5, 20 * ngrams_compiled._PLACES_AT_ONCE, dtype=np.int32)
    offsets = np.array([0, 7, len(ids)])
    words = np.array([(a, b) for a in range(4) for b in range(3)], dtype=np.int32)
    longer = np.array([(4 + row, 1) for row in range(len(words))], dtype=np.int32)
    pairs = np.concatenate([words, longer])
    found = []
    for kernels in (ngrams, ngrams_compiled):
        rows, ends = kernels.find_present(ids, offsets, 1, 3, kernels.build_index(pairs, 4))
        found.append([sorted(rows[ends[i] : ends[i + 1]].tolist()) for i in range(2)])
    assert found[0] == found[1]
    assert len(found[0][1]) == 4 + len(pairs)


def test_no_ngram_goes_across_documents_wherever_a_block_of_places_ends():
    block = ngrams_compiled._PLACES_AT_ONCE
    lengths = [block - 1, 0, block, 1, 0, block - 2, 1, 1, 2 * block, 0, 0, block + 1, *[3] * block]
    offsets = np.cumsum([0, *lengths])
    ids = np.random.default_rng(0).integers(0, 4, offsets[-1], dtype=np.int32)
    words = np.array([(a, b) for a in range(3) for b in range(3)], dtype=np.int32)
    pairs = np.concatenate([words, [(3 + row, 1) for row in range(len(words))]]).astype(np.int32)
    weights = np.random.default_rng(1).normal(size=(3 + len(pairs), 1)).astype(np.float32)
    for what, more in (("find_ngrams", ()), ("find_present", ()), ("present_sums", (weights,))):
        plain, compiled = (
            getattr(k, what)(ids, offsets, 1, 3, k.build_index(pairs, 3), *more)
            for k in (ngrams, ngrams_compiled)
        )
        for one, other in zip(plain, compiled, strict=True):
            np.testing.assert_array_equal(one, other)


@kernels_of_both
@pytest.mark.parametrize("columns", [1, 3])
def test_weights_are_summed_as_if_the_rows_had_been_kept(kernels, columns):
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 9, 3000, dtype=np.int32)
    offsets = np.array([0, 0, 5, 400, 401, 2500, 3000])
    pairs = np.unique(rng.integers(0, 8, (40, 2)).astype(np.int32), axis=0)
    weights = rng.normal(size=(8 + len(pairs), columns)).astype(np.float32)
    index = kernels.build_index(pairs, 8)
    rows, ends = ngrams.find_present(ids, offsets, 1, 3, ngrams.build_index(pairs, 8))
    sums, counts = kernels.present_sums(ids, offsets, 1, 3, index, weights)
    np.testing.assert_array_equal(sums, linear.row_sums(rows, ends, weights))
    assert counts.tolist() == np.diff(ends).tolist()
    part, part_counts = kernels.present_sums(ids, offsets[2:5], 1, 3, index, weights)
    np.testing.assert_array_equal(part, sums[2:4])
    assert part_counts.tolist() == counts[2:4].tolist()


@kernels_of_both
def test_no_documents_have_no_sums(kernels):
    weights = np.ones((3, 2), dtype=np.float32)
    index = kernels.build_index(np.zeros((0, 2), dtype=np.int32), 3)
    sums, counts = kernels.present_sums(IDS[:0], np.array([0]), 2, 3, index, weights)
    assert (sums.shape, counts.shape) == ((0, 2), (0,))


@pytest.mark.slow
def test_many_ngrams_that_share_their_places_in_the_table_are_found():
    """More of them than are looked up at once begin alike and end alike."""
    firsts, lasts = np.meshgrid(np.arange(300), np.arange(300), indexing="ij")
    pairs = np.stack([firsts.ravel(), lasts.ravel()], axis=1).astype(np.int32)[::3]
    ids = np.random.default_rng(0).integers(0, 300, 5000, dtype=np.int32)
    offsets = np.array([0, 1000, 5000])
    found = [k.find_ngrams(ids, offsets, 0, 2, k.build_index(pairs, 300)) for k in (ngrams, ngrams_compiled)]
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)

"""Skip-gram vectors with subwords: words that were never seen have vectors too."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from wordloom.errors import UsageError
from wordloom.vectors import SubwordVectors, UnknownWordError, WordVectors
from wordloom.vectors.learning import SkipGramSettings, learn_word_vectors
from wordloom.vectors.learning.word_learning import WordPieces

KINDS = [["walking", "talking", "café", "good"], ["singer", "dancer", "доброе", "bad"]]
TEXTS = [" ".join(np.random.default_rng(n).choice(KINDS[n % 2], 14)) for n in range(80)]
SMALL = SkipGramSettings(
    dimensions=8, epochs=12, window=3, subsample=1.0, learning_rate=0.05, longest_subword=6, buckets=5000
)


@pytest.fixture(scope="module")
def learned() -> WordVectors:
    return learn_word_vectors(TEXTS, SMALL)


def test_pieces_are_the_own_row_and_those_of_the_ngrams():
    settings = SkipGramSettings(longest_subword=4, shortest_subword=3, buckets=1000)
    found = WordPieces(["aaaa", "b", "ab", ""], settings)
    rows, offsets = found.pieces
    words = [rows[start:end].tolist() for start, end in pairwise(offsets)]
    # <aa aaa aaa aa>, <aaa aaaa aaa>: one of them twice; <b>; <ab ab> <ab>; nothing
    assert [len(word) for word in words] == [8, 2, 4, 1]
    assert [word[0] for word in words] == [0, 1, 2, 3]
    assert len(set(words[0])) == 7
    assert set(rows.tolist()) == set(range(found.n_rows))
    assert found.n_rows == 4 + 6 + 1 + 3
    assert rows.dtype == np.int32


def test_words_are_means_of_their_pieces(learned):
    assert isinstance(learned, SubwordVectors)
    subwords = learned.subwords
    assert (subwords.rows.shape, subwords.own.shape) == ((5000, 8), (8, 8))
    for row, word in enumerate(learned.words):
        ids, _ = subwords.rule.ids([word])
        rows = [subwords.own[row], *subwords.rows[ids]]
        np.testing.assert_allclose(learned[word], np.mean(rows, axis=0), atol=1e-6)
    used = np.unique(subwords.rule.ids(learned.words)[0])
    assert (np.flatnonzero(subwords.rows.any(axis=1)) == used).all(), "other n-grams say nothing"


def test_unseen_words_are_like_those_they_share_ngrams_with(learned):
    center = learned.vectors.mean(axis=0)
    for unseen, kin, stranger in (("walkings", "walking", "singer"), ("добрый", "доброе", "good")):
        assert unseen not in learned
        away = learned[unseen] - center
        assert away @ (learned[kin] - center) > 0 > away @ (learned[stranger] - center)
    with pytest.raises(UnknownWordError):
        learned[""]


def test_what_is_saved_has_the_same_vectors(learned, tmp_path):
    learned.save(tmp_path / "v.bin")
    back = WordVectors.load(tmp_path / "v.bin")
    assert back.words == learned.words
    for word in (*learned.words, "walkings", "cafés", "zz"):
        assert back[word].tobytes() == learned[word].tobytes()


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_same_seed_same_bits_for_any_threads(kernels, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    tables = [learn_word_vectors(TEXTS, SMALL, threads=threads) for threads in (1, 2, None)]
    assert len({(table.vectors.tobytes(), table["walked"].tobytes()) for table in tables}) == 1


def test_without_ngrams_in_any_word_learning_is_that_of_words():
    """Subwords longer than all words: each word is its own row, and the other draws are the same."""
    longer = dataclasses.replace(SMALL, shortest_subword=20, longest_subword=20)
    alone = dataclasses.replace(SMALL, longest_subword=0, buckets=200_000, output_weight=0)
    tables = [learn_word_vectors(TEXTS, settings) for settings in (longer, alone)]
    np.testing.assert_array_equal(tables[0].vectors, tables[1].vectors)
    assert [type(table) for table in tables] == [SubwordVectors, WordVectors]


def test_settings_that_do_not_go_together():
    assert SkipGramSettings().checked().output_weight == 1
    assert SMALL.checked().output_weight == 0
    for changed, message in (
        ({"shortest_subword": 7}, r"shortest_subword \(7\) must not be above longest_subword \(6\)"),
        ({"output_weight": 1}, "output_weight must be 0 with subwords"),
        ({"buckets": 0}, r"buckets must be a whole number from 1 to 2\*\*31 - 1, not 0"),
        ({"buckets": 2**31}, "buckets must be"),
        ({"longest_subword": 0}, "buckets plays no part without longest_subword"),
        ({"longest_subword": -1, "shortest_subword": 0}, r"longest_subword must .*; shortest_subword must"),
    ):
        with pytest.raises(UsageError, match=message):
            learn_word_vectors(TEXTS, dataclasses.replace(SMALL, **changed))
    with pytest.raises(UsageError, match="longest_subword must be a whole number of 0 or more"):
        WordVectors.learn(TEXTS, longest_subword="6")


def test_too_many_buckets_are_refused_before_learning():
    settings = SkipGramSettings(longest_subword=6, buckets=2**31 - 1, dimensions=1_000_000)
    with pytest.raises(UsageError, match=r"no memory for 2,147,483,647 buckets of 1,000,000 dimensions \(8,"):
        WordPieces(["a", "b"], settings)

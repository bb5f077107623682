"""Coverage of a vocabulary by a table: counts by hand, reasons and substitutes, rows for missing words."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import UsageError
from wordloom.text.conventions import convention
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors import SubwordVectors, WordVectors
from wordloom.vectors.coverage import coverage, rows_of_words, start_matrix
from wordloom.vectors.substitutes import substitute
from wordloom.vectors.subwords import SubwordRule, Subwords


def table_of(*words: str) -> WordVectors:
    return WordVectors(words, np.arange(1.0, 2 * len(words) + 1).reshape(-1, 2), name="t")


def vocabulary_of(counts: dict[str, int], ids: str = "plain") -> Vocabulary:
    numbers = np.array(list(counts.values()), dtype=np.int64)
    return Vocabulary(list(counts), numbers, numbers, 10, convention(ids))


@pytest.mark.parametrize(
    ("word", "known", "why", "instead"),
    [
        ("paris", ["Paris"], "case", ("Paris",)),
        ("NASA", ["nasa"], "case", ("nasa",)),
        ("don't", ["don’t"], "apostrophe", ("don’t",)),
        ("don’t", ["don't"], "apostrophe", ("don't",)),
        ("don't", ["do", "n't"], "apostrophe", ("do", "n't")),
        ("don't", ["don", "t"], "apostrophe", ("don", "t")),
        ("don't", ["dont"], "apostrophe", ("dont",)),
        ("don't", ["do"], "apostrophe", ()),
        ("dont", ["don't"], "apostrophe", ("don't",)),
        ("movie's", ["movie", "'s"], "apostrophe", ("movie", "'s")),
        ("movie's", ["movie"], "apostrophe", ("movie",)),
        ("'quoted'", ["quoted"], "apostrophe", ("quoted",)),
        ("well-made", ["wellmade"], "hyphen", ("wellmade",)),
        ("well-made", ["well", "made"], "hyphen", ("well", "made")),
        ("wellmade", ["well-made"], "hyphen", ("well-made",)),
        ("x-y", ["x"], "hyphen", ()),
        ("1,000", ["1000"], "number", ("1000",)),
        ("1987", ["####"], "number", ("####",)),
        ("1987", ["0000"], "number", ("0000",)),
        ("70s", ["70", "s"], "number", ("70", "s")),
        ("1987", ["film"], "number", ()),
        ("café", ["cafe"], "accent", ("cafe",)),
        ("cafe\u0301", ["café"], "accent", ("café",)),
        ("definately", ["definitely"], "spelling", ("definitely",)),
        ("recieve", ["receive"], "spelling", ("receive",)),
        ("movi", ["move", "movie"], "spelling", ("move",)),
        ("cat", ["bat"], "unknown", ()),
        ("qwertyuiop", ["film"], "unknown", ()),
        ("", ["film"], "unknown", ()),
        ("'", ["film"], "apostrophe", ()),
        ("-", ["film"], "hyphen", ()),
    ],
)
def test_reasons_and_substitutes(word, known, why, instead):
    found = substitute(table_of(*known), word)
    assert (found.why, found.words) == (why, instead)


def test_coverage_by_hand():
    vocabulary = vocabulary_of({"the": 50, "don't": 30, "film": 10, "zzzzz": 7, "paris": 3})
    found = coverage(table_of("the", "film", "Paris", "do", "n't"), vocabulary)
    assert (found.words, found.words_known, found.words_share) == (5, 2, 0.4)
    assert (found.running, found.running_known, found.running_share) == (100, 60, 0.6)
    assert [tuple(word) for word in found.missing] == [
        ("don't", 30, "apostrophe", ("do", "n't")),
        ("zzzzz", 7, "unknown", ()),
        ("paris", 3, "case", ("Paris",)),
    ]
    assert found.reasons() == {"apostrophe": 1, "unknown": 1, "case": 1}
    most, next_most, nearest, zeros = found.advice()
    assert most.startswith("apostrophe (1 of these words, 30 times): ")
    assert next_most.startswith("case (1 of these words, 3 times): the table writes them with other capitals")
    assert "--unknown-vectors nearest (unknown_vectors='nearest')" in nearest
    assert "--unknown-vectors random (unknown_vectors='random')" in zeros
    assert coverage(table_of("the"), vocabulary, most=1).missing == (("don't", 30, "apostrophe", ()),)
    assert coverage(table_of(*vocabulary.words), vocabulary).missing == ()
    assert coverage(table_of(*vocabulary.words), vocabulary).advice() == ()


def with_subwords(table: WordVectors) -> SubwordVectors:
    rows = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    return SubwordVectors.of(table, Subwords(SubwordRule(3, 4, len(rows)), rows, table.vectors))


def test_rows_by_each_policy():
    table = table_of("the", "film", "Paris", "do", "n't")
    words = ["film", "don't", "zzzzz", "paris"]
    zeros = rows_of_words(table, words)
    assert zeros.tolist() == [[3, 4], [0, 0], [0, 0], [0, 0]]
    assert zeros.dtype == np.float32
    near = rows_of_words(table, words, "nearest")
    assert near.tolist() == [[3, 4], [8, 9], [0, 0], [5, 6]]
    subwords = with_subwords(table)
    rows = rows_of_words(subwords, words, "subword")
    assert rows[0].tolist() == [3, 4]
    assert rows[2].tolist() == subwords["zzzzz"].tolist()
    assert coverage(subwords, vocabulary_of({"the": 5, "zzzzz": 1})).by_subwords == 1
    with pytest.raises(UsageError, match="no subwords"):
        rows_of_words(table, words, "subword")
    with pytest.raises(UsageError, match="Did you mean 'zeros'"):
        rows_of_words(table, words, "zero")  # type: ignore[arg-type]


def test_random_rows_have_the_moments_of_the_table():
    rng = np.random.default_rng(3)
    numbers = rng.normal([3, -1, 0], [0.1, 2, 5], size=(20_000, 3))
    table = WordVectors([f"w{i}" for i in range(20_000)], numbers)
    words = [f"x{i}" for i in range(20_000)]
    rows = rows_of_words(table, words, "random", seed=4)
    assert rows.mean(axis=0) == pytest.approx([3, -1, 0], abs=0.15)
    assert rows.std(axis=0) == pytest.approx([0.1, 2, 5], rel=0.05)
    assert (rows == rows_of_words(table, words, "random", seed=4)).all()
    assert (rows != rows_of_words(table, words, "random", seed=5)).any()


@pytest.mark.parametrize(("ids", "first"), [("plain", 1), ("plain-unknown", 2), ("imdb", 4)])
def test_start_matrix_has_a_row_for_every_id(ids, first):
    vocabulary = vocabulary_of({"film": 3, "no such": 2, "the": 1}, ids)
    matrix = start_matrix(table_of("the", "film"), vocabulary, "random")
    assert matrix.shape == (vocabulary.size, 2)
    assert not matrix[:first].any()
    assert matrix[vocabulary.word_index["film"]].tolist() == [3, 4]
    assert matrix[vocabulary.word_index["the"]].tolist() == [1, 2]
    assert matrix[vocabulary.word_index["no such"]].any()


def test_empty_vocabulary_and_empty_table():
    assert coverage(table_of("a"), vocabulary_of({})).words_share == 0
    assert rows_of_words(table_of("a").subset([]), ["b"], "random").tolist() == [[0, 0]]

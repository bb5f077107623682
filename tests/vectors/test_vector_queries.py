"""Nearest words: equal to a plain float64 search, whatever the numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wordloom.errors import DataError, UsageError
from wordloom.vectors import (
    UnknownWordError,
    WordVectors,
    analogy,
    nearest_words,
    neighbors,
    odd_one_out,
    similarity,
)

SQUARE = WordVectors(
    ["east", "north-east", "north", "west", "far east", "nowhere"],
    [[1, 0], [1, 1], [0, 1], [-1, 0], [3, 0], [0, 0]],
)


def plain_search(table: np.ndarray, point: np.ndarray, metric: str) -> list[tuple[float, int]]:
    """Distance and row of every row, sorted, with Python's own numbers."""
    point = point.astype(float).tolist()
    found = []
    for row, vector in enumerate(table.astype(float).tolist()):
        if metric == "euclidean":
            found.append((math.dist(vector, point), row))
            continue
        lengths = math.hypot(*vector) * math.hypot(*point)
        dot = math.fsum(a * b for a, b in zip(vector, point, strict=True))
        found.append((1.0 - dot / lengths if lengths else 1.0, row))
    return sorted(found)


def test_cosine_by_hand():
    answer = neighbors(SQUARE, "east", n=5)
    assert [word for word, _ in answer] == ["far east", "north-east", "north", "nowhere", "west"]
    assert [d for _, d in answer] == pytest.approx([0, 1 - math.sqrt(0.5), 1, 1, 2])


def test_euclidean_by_hand():
    answer = neighbors(SQUARE, "east", n=9, metric="euclidean")
    assert [word for word, _ in answer] == ["north-east", "nowhere", "north", "west", "far east"]
    assert [d for _, d in answer] == pytest.approx([1, 1, math.sqrt(2), 2, 2])


def test_vector_query_leaves_no_word_out():
    assert neighbors(SQUARE, [1, 0], n=1)[0].word == "east"
    assert neighbors(SQUARE, np.zeros(2), n=1, metric="euclidean")[0] == ("nowhere", 0.0)


def test_left_out_words_and_special_tokens_are_no_answers():
    table = WordVectors(["<start>", "a", "b", "c"], np.ones((4, 2)), special=["<start>"])
    assert [n.word for n in neighbors(table, "a")] == ["b", "c"]
    assert [n.word for n in neighbors(table, "a", leave_out=["b"])] == ["c"]
    assert [n.word for n in neighbors(table, "<start>")] == ["a", "b", "c"]
    assert neighbors(table.subset(["a"]), "a") == []


def test_ties_come_in_the_order_of_rows():
    rng = np.random.default_rng(5)
    row = rng.normal(size=(1, 37)).astype(np.float32)
    table = WordVectors([f"w{i}" for i in range(1000)], np.repeat(row, 1000, axis=0))
    for metric in ("cosine", "euclidean"):
        answer = neighbors(table, "w500", n=4, metric=metric)
        assert [n.word for n in answer] == ["w0", "w1", "w2", "w3"]
        assert len({n.distance for n in answer}) == 1


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30, 1e-44])
def test_equal_to_a_plain_search_on_random_tables(metric, scale):
    rng = np.random.default_rng(3)
    table = (rng.normal(size=(2500, 23)) * scale).astype(np.float32)
    table[::7] = table[3]
    table[100] = 0
    vectors = WordVectors([str(i) for i in range(len(table))], table)
    for row in (0, 3, 2499):
        answer = neighbors(vectors, str(row), n=25, metric=metric)
        expected = [pair for pair in plain_search(table, table[row], metric) if pair[1] != row][:25]
        assert [n.distance for n in answer] == pytest.approx([d for d, _ in expected], rel=1e-9, abs=1e-13)
        if scale == 1.0:
            kept = [int(n.word) for n in answer if int(n.word) % 7]
            assert kept == [r for _, r in expected if r % 7]


@pytest.mark.slow
@given(
    table=hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 12), st.integers(1, 4)),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
    n=st.integers(1, 14),
    metric=st.sampled_from(["cosine", "euclidean"]),
)
def test_distances_of_any_numbers_are_those_of_a_plain_search(table, n, metric):
    vectors = WordVectors([str(i) for i in range(len(table))], table)
    if metric == "cosine" and not table[0].any():
        with pytest.raises(DataError, match="no direction"):
            neighbors(vectors, "0", n, metric)
        return
    answer = neighbors(vectors, "0", n, metric)
    expected = [pair for pair in plain_search(table, table[0], metric) if pair[1] != 0][:n]
    assert [a.distance for a in answer] == pytest.approx([d for d, _ in expected], rel=1e-9, abs=1e-12)


def test_batch_gives_the_answers_of_single_queries():
    rng = np.random.default_rng(8)
    table = WordVectors([str(i) for i in range(300)], rng.normal(size=(300, 11)))
    queries = [*(str(i) for i in range(70)), rng.normal(size=11)]
    for metric in ("cosine", "euclidean"):
        together = nearest_words(table, queries, 6, metric)
        assert together == [neighbors(table, query, 6, metric) for query in queries]
    assert nearest_words(table, []) == []


def test_similarity():
    assert similarity(SQUARE, "east", "far east") == pytest.approx(1)
    assert similarity(SQUARE, "east", "west") == pytest.approx(-1)
    assert similarity(SQUARE, "east", [5, 5]) == pytest.approx(math.sqrt(0.5))
    with pytest.raises(DataError, match="'nowhere' is all zeros"):
        similarity(SQUARE, "east", "nowhere")


def test_bad_questions():
    with pytest.raises(UnknownWordError, match="Did you mean 'north'"):
        neighbors(SQUARE, "nort")
    with pytest.raises(UsageError, match="Did you mean 'cosine'"):
        neighbors(SQUARE, "east", metric="cosin")
    with pytest.raises(UsageError, match="at least 1"):
        neighbors(SQUARE, "east", n=0)
    with pytest.raises(UsageError, match=r"write \['east'\]"):
        nearest_words(SQUARE, "east")
    with pytest.raises(DataError, match="shape"):
        neighbors(SQUARE, [1, 2, 3])
    with pytest.raises(DataError, match="NaN"):
        neighbors(SQUARE, [1, float("nan")])
    with pytest.raises(DataError, match="too large"):
        neighbors(SQUARE, [1, 1e200], metric="euclidean")
    with pytest.raises(UnknownWordError):
        neighbors(SQUARE, "east", leave_out=["nobody"])


def test_nearest_of_a_table_sorted_by_nearness():
    # all near rows stand together, in one group of the search for a first bound
    rng = np.random.default_rng(2)
    table = rng.normal(size=(3000, 8)).astype(np.float32)
    table[1000:1200] = table[1000] + 0.01 * rng.normal(size=(200, 8))
    vectors = WordVectors([str(i) for i in range(3000)], table)
    for n in (1, 10, 150, 2999, 5000):
        answer = neighbors(vectors, "1000", n=n)
        expected = [row for _, row in plain_search(table, table[1000], "cosine") if row != 1000][:n]
        assert [int(word) for word, _ in answer] == expected


def test_lengths_are_worked_out_once_and_cannot_be_changed():
    table = WordVectors(["a", "b", "c"], [[3, 4], [0, 0], [3e38, 0]])
    assert table.lengths.tolist() == pytest.approx([5, 0, 3e38])
    assert table.lengths is table.lengths
    assert not table.lengths.flags.writeable


def test_analogy_by_hand():
    table = WordVectors(
        ["man", "woman", "king", "queen", "apple"], [[1, 0, 0], [0, 1, 0], [3, 0, 3], [0, 2, 2], [-1, -1, 5]]
    )
    best, *others = analogy(table, "man", "king", "woman")
    assert best.word == "queen"
    assert {other.word for other in others} == {"apple"}
    point = np.array([1, 0, 1]) / math.sqrt(2) - np.array([1, 0, 0]) + np.array([0, 1, 0])
    assert best.distance == pytest.approx(1 - point @ [0, 1, 1] / math.sqrt(2) / np.linalg.norm(point))
    with pytest.raises(UnknownWordError):
        analogy(table, "man", "king", "girl")


def test_analogy_asks_in_the_order_of_the_sentence_and_takes_no_names():
    words = ["france", "paris", "italy", "rome", "x"]
    table = WordVectors(words, [[1, 0, 0, 0], [1, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    assert analogy(table, "france", "paris", "italy", n=1)[0].word == "rome"
    with pytest.raises(TypeError, match="positional-only"):
        analogy(table, a="paris", b="france", c="italy")  # the order that the names once meant


@pytest.mark.parametrize("query", [["a", "b"], ("a",), np.array(["a", "b"]), [1.0, "b"]])
def test_a_list_of_words_is_not_one_query(query):
    table = WordVectors(["a", "b", "c"], np.eye(3))
    for ask in (neighbors, lambda table, query: similarity(table, "a", query)):
        with pytest.raises(UsageError, match=r"one word or one vector.*nearest_words"):
            ask(table, query)


@pytest.mark.parametrize("query", [None, {"a": 1}, object(), [[1, 2], [3]], b"a"])
def test_what_is_neither_word_nor_vector_is_refused(query):
    with pytest.raises(DataError, match=r"a word or a vector of numbers|has the shape|holds NaN"):
        neighbors(WordVectors(["a", "b", "c"], np.eye(3)), query)


@pytest.mark.parametrize("n", [None, 2.5, "3", [1]])
def test_n_must_be_a_whole_number(n):
    table = WordVectors(["a", "b", "c"], np.eye(3))
    with pytest.raises(
        UsageError, match=r"n, the number of neighbors, must be a whole number.*len\(vectors\)"
    ):
        neighbors(table, "a", n)
    assert len(neighbors(table, "a", np.int64(1))) == 1


def test_words_to_leave_out_may_be_one_word():
    table = WordVectors(["abc", "a", "b", "c"], np.eye(4))
    assert [near.word for near in neighbors(table, "a", leave_out="abc")] == ["b", "c"]


def test_odd_one_out():
    table = WordVectors(["cat", "dog", "mouse", "car"], [[1, 0.1], [2, 0], [1, -0.1], [0, 1]])
    found = odd_one_out(table, ["cat", "car", "dog", "mouse"])
    assert found[0].word == "car"
    assert [f.distance for f in found] == sorted((f.distance for f in found), reverse=True)
    for words in (["cat", "dog"], ["cat", "cat", "dog"], "cat"):
        with pytest.raises(UsageError, match="three different words"):
            odd_one_out(table, words)
    with pytest.raises(DataError, match="cancel"):
        odd_one_out(
            WordVectors(["a", "b", "c", "d"], [[1, 0], [-1, 0], [0, 1], [0, -1]]), ["a", "b", "c", "d"]
        )

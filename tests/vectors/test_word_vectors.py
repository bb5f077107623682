"""The table itself: what it refuses, what it answers, and that it cannot change."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.vectors import UnknownWordError, WordVectors

WORDS = ["the", "don't", "café", "a\u00a0b", "", "x" * 5000]


@pytest.fixture
def table() -> WordVectors:
    return WordVectors(WORDS, np.arange(18, dtype=np.float32).reshape(6, 3), name="small")


def test_rows_stand_with_their_words(table):
    for row, word in enumerate(WORDS):
        assert table[word].tolist() == [3 * row, 3 * row + 1, 3 * row + 2]
        assert table.row(word) == row
        assert word in table
    assert len(table) == 6
    assert table.dimensions == 3
    assert list(table) == list(table.words) == WORDS
    assert table.vectors.dtype == np.float32
    assert "6 words, 3 dimensions" in repr(table)


def test_nothing_can_be_changed(table):
    with pytest.raises(ValueError, match="read-only"):
        table["the"][0] = 1
    with pytest.raises(ValueError, match="read-only"):
        table.vectors[0] = 1
    with pytest.raises(AttributeError):
        table.vectors = np.zeros((6, 3))
    with pytest.raises(AttributeError):
        table.other = 1
    with pytest.raises(AttributeError):
        del table.words


def test_callers_array_is_neither_locked_nor_shared():
    mine = np.ones((2, 2), dtype=np.float32)
    table = WordVectors(["a", "b"], mine)
    mine[:] = 7
    assert table["a"].tolist() == [1, 1]


def test_view_of_a_writeable_array_is_copied():
    mine = np.ones((2, 2), dtype=np.float32)
    view = mine[:]
    view.flags.writeable = False
    table = WordVectors(["a", "b"], view)
    mine[:] = 7
    assert table["a"].tolist() == [1, 1]


def test_array_that_nobody_can_write_is_taken_without_a_copy():
    mine = np.ones((2, 2), dtype=np.float32)
    mine.flags.writeable = False
    assert np.shares_memory(WordVectors(["a", "b"], mine).vectors, mine)
    unaligned = np.frombuffer(b"\0" * 16, dtype=np.float32).reshape(2, 2)
    assert np.shares_memory(WordVectors(["a", "b"], unaligned).vectors, unaligned)


def test_unknown_word_is_a_key_error_and_a_data_error_with_a_hint(table):
    with pytest.raises(KeyError) as caught:
        table["The"]
    assert isinstance(caught.value, DataError)
    assert str(caught.value) == "small: there is no vector for 'The'. Did you mean 'the'?"
    with pytest.raises(UnknownWordError, match='Did you mean "don\'t"'):
        table["dont"]
    with pytest.raises(UnknownWordError, match=r"there is no vector for 'zzzzzz'\.$"):
        table["zzzzzz"]
    with pytest.raises(UnknownWordError):
        table[3]  # type: ignore[index]
    with pytest.raises(UnknownWordError):
        table[["the"]]  # type: ignore[index]


def test_subset_keeps_order_and_special_tokens():
    table = WordVectors(["<start>", "a", "b"], np.eye(3), special=["<start>"])
    part = table.subset(["b", "<start>"])
    assert part.words == ("b", "<start>")
    assert part.vectors.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert part.special == {"<start>"}
    assert table.subset(["a"]).special == frozenset()
    assert len(table.subset([])) == 0
    with pytest.raises(UnknownWordError):
        table.subset(["a", "c"])
    with pytest.raises(DataError, match="not one string"):
        table.subset("ab")


@pytest.mark.parametrize(
    ("words", "vectors", "message"),
    [
        (["a", "b", "a"], np.zeros((3, 2)), r"'a' stands in the rows 0 and 2"),
        (["a", "b"], np.zeros((3, 2)), "2 words but 3 vectors"),
        (["a"], np.zeros(3), r"shape \(words, dimensions\)"),
        (["a"], np.zeros((1, 0)), "no dimensions"),
        (["a"], [["x", "y"]], "must be numbers"),
        (["a", 3], np.zeros((2, 2)), "row 1: a word must be a string, found 3"),
        ("ab", np.zeros((2, 2)), "single string"),
        (["a", "b"], [[0, 1], [2, float("nan")]], r"row 1 \('b'\)"),
        (["a", "b"], [[0, float("inf")], [2, 3]], r"row 0 \('a'\)"),
        (["a"], [[1e39]], "too large for float32"),
    ],
)
def test_refused(words, vectors, message):
    with pytest.raises(DataError, match=message):
        WordVectors(words, vectors, name="bad")


def test_late_nan_is_found_in_a_long_table():
    vectors = np.zeros((200_000, 10), dtype=np.float32)
    vectors[199_998, 9] = np.nan
    with pytest.raises(DataError, match="row 199998"):
        WordVectors([str(i) for i in range(200_000)], vectors)


def test_unknown_special_token_is_refused():
    with pytest.raises(DataError, match="<start>"):
        WordVectors(["a"], [[1.0]], special=["<start>"])


def test_string_subclasses_become_plain_strings():
    table = WordVectors(np.array(["a", "b"]), np.eye(2))
    assert [type(word) for word in table.words] == [str, str]


def test_copies_as_for_other_processes_keep_everything():
    table = WordVectors(["<s>", "a"], np.eye(2), name="n", special=["<s>"])
    assert copy.copy(table) is copy.deepcopy(table) is table  # scikit-learn copies parameters for each fold
    other = pickle.loads(pickle.dumps(table))  # noqa: S301
    assert other.words == table.words
    assert other.special == table.special
    assert other.name == "n"
    assert (other.vectors == table.vectors).all()


def test_importing_the_room_imports_nothing_heavy():
    code = (
        "import sys, wordloom.vectors.formats; "
        "print(sorted({'numba', 'sklearn', 'scipy', 'matplotlib', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

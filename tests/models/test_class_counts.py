"""How many texts of each class hold each row of a network: kept in few bytes, added up, checked when read."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.models.class_counts import ClassCounts, fewest_bytes

TABLE = np.array([[0, 2, 0], [0, 0, 0], [300, 0, 1], [0, 0, 5]])


def test_arrays_give_back_the_counts():
    counts = ClassCounts.of(TABLE)
    back = ClassCounts.stored(counts.arrays(), 4, 3)
    assert np.array_equal(back.of_rows(np.arange(4)), TABLE)
    assert np.array_equal(back.of_rows(np.array([3, 0])), TABLE[[3, 0]])
    assert [str(array.dtype) for array in counts.arrays().values()] == ["uint8", "uint8", "uint16"]


def test_no_arrays_are_no_counts():
    assert ClassCounts.stored({}, 4, 3) is None


def test_counts_are_found_again_in_a_larger_table_and_added():
    larger = np.zeros((6, 4))
    rows, classes = np.array([5, 0, 1, 3]), np.array([0, 2, 3])
    larger[np.ix_(rows, classes)] = TABLE
    found = ClassCounts.of(TABLE).among(rows, classes, (6, 4))
    assert np.array_equal(found.of_rows(np.arange(6)), larger)
    more = np.arange(8).reshape(2, 4)
    total = found.plus(ClassCounts.of_rows_among(more, np.array([2, 3]), 6))
    larger[2:4] += more
    assert np.array_equal(total.of_rows(np.arange(6)), larger)
    assert (np.diff(total.cells) > 0).all()


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("counts.classes_of_rows", np.array([1, 0, 2], dtype=np.uint8)),
        ("counts.classes_of_rows", np.array([1, 0, 2, 2], dtype=np.uint8)),
        ("counts.classes", np.array([1, 0, 3, 2], dtype=np.uint8)),
        ("counts.classes", np.array([1, 2, 0, 2], dtype=np.uint8)),
        ("counts.classes", np.array([1, 0, 2, 2], dtype=np.int8)),
        ("counts.texts", np.array([[2, 9, 1, 5]], dtype=np.uint8)),
    ],
)
def test_damaged_counts_are_refused_before_they_are_used(name, array):
    with pytest.raises(DataError, match="the counts"):
        ClassCounts.stored(ClassCounts.of(TABLE).arrays() | {name: array}, 4, 3)


def test_a_missing_list_is_refused():
    arrays = ClassCounts.of(TABLE).arrays()
    del arrays["counts.classes"]
    with pytest.raises(DataError, match=r"counts\.classes"):
        ClassCounts.stored(arrays, 4, 3)


@pytest.mark.parametrize("classes", [1, 3, 300])
def test_what_counts_take_at_least_is_told_without_making_them(classes):
    rng = np.random.default_rng(classes)
    for highest in (1, 2, 1000):
        sums = rng.integers(0, highest + 1, (50, classes)).astype(np.float32)
        least, taken = fewest_bytes(sums), ClassCounts.of(sums).n_bytes
        assert taken / 4 < least <= taken

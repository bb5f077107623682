"""Accuracy by length: groups of about equal size, equal lengths together, nothing lost."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordloom.errors import DataError, UsageError
from wordloom.evaluation.by_length import accuracy_by_length, error_by_length


def test_groups_by_hand():
    groups = accuracy_by_length(np.array([1, 2, 3, 4, 9]), np.array([True, True, False, True, False]), 2)
    assert [(one.shortest, one.longest, one.count, one.right) for one in groups] == [
        (1, 3, 3, 2),
        (4, 9, 2, 1),
    ]
    assert groups[0].accuracy == 2 / 3
    assert groups[0].accuracy_interval[0] < 2 / 3 < groups[0].accuracy_interval[1]


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1), st.integers(1, 9))
def test_every_text_is_in_one_group_and_equal_lengths_are_together(texts, n):
    lengths, right = np.array([one for one, _ in texts]), np.array([one for _, one in texts])
    groups = accuracy_by_length(lengths, right, n)
    assert 1 <= len(groups) <= n
    assert sum(group.count for group in groups) == len(texts)
    assert sum(group.right for group in groups) == right.sum()
    assert all(group.shortest <= group.longest for group in groups)
    assert all(one.longest < other.shortest for one, other in itertools.pairwise(groups))


def test_no_texts_and_no_groups_are_refused():
    with pytest.raises(DataError, match="at least one"):
        accuracy_by_length(np.zeros(0, int), np.zeros(0, bool))
    with pytest.raises(UsageError, match="1 or more"):
        accuracy_by_length(np.ones(1, int), np.ones(1, bool), 0)


def test_errors_are_means_of_groups_with_intervals_around_them():
    groups = error_by_length(np.array([1, 1, 1, 2, 2]), np.array([-1.0, 1.0, 1.0, 3.0, -1.0]), groups=2)
    assert [(one.shortest, one.longest, one.count, one.error) for one in groups] == [
        (1, 1, 3, 1.0),
        (2, 2, 2, 2.0),
    ]
    assert groups[0].error_interval == (1.0, 1.0)
    low, high = groups[1].error_interval
    assert 0 <= low < 2 < high

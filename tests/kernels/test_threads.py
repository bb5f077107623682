"""Ranges of documents for threads."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels.threads import over_ranges


@pytest.mark.parametrize(("least", "ranges"), [(1, 4), (25, 4), (26, 3), (50, 2), (51, 1), (1000, 1)])
def test_no_more_threads_begin_than_there_is_work_for(least, ranges):
    offsets = np.arange(0, 101, 10)
    found = over_ranges(lambda first, last: (first, last), offsets, 4, least)
    assert len(found) == ranges
    assert found[0][0] == 0
    assert found[-1][1] == 10
    assert [last for _, last in found[:-1]] == [first for first, _ in found[1:]]

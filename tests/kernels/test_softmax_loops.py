"""Exponentials in vectors, beside those of the C library."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from wordloom.kernels.softmax_loops import LOWEST, exponentials


@numba.njit
def found_of(z, highest, found):
    return exponentials(z, highest, found, len(z))


def test_they_are_right_to_the_last_bits():
    z = -np.abs(np.random.default_rng(1).normal(0, 30, 4_000))
    z[:2] = 0.0, -1e-300
    found = np.empty_like(z)
    total = found_of(z + 5.0, 5.0, found)
    np.testing.assert_allclose(found, np.exp(z + 5.0 - 5.0), rtol=1e-15)
    assert total == pytest.approx(found.sum(), rel=1e-13)
    assert found[0] == 1.0


def test_what_is_far_below_counts_next_to_nothing_and_what_is_no_number_stays_none():
    found = np.empty(4)
    assert found_of(np.array([0.0, -1e5, -np.inf, 2 * LOWEST]), 0.0, found) == 1.0
    assert found[1:].min() > 0
    assert found[1:].max() < 1e-300
    assert np.isnan(found_of(np.array([0.0, np.nan, -1.0, -2.0]), 0.0, found)), (
        "diverging training is noticed"
    )

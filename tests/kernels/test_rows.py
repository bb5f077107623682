"""Sums and steps of named rows, beside NumPy's; the logistic function of compiled loops."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels.compiling import entry
from wordloom.kernels.rows import add_rows, aligned, fetch, move_rows
from wordloom.kernels.sigmoid import sigmoid_less_half, sigmoid_terms
from wordloom.kernels.tiles import VECTOR


@entry
def _both(table, ids, ids_first, weights, place, single, first, terms):  # type: ignore[no-untyped-def]
    add_rows(table, ids, ids_first, weights, place, single, first, terms)
    move_rows(table, ids, ids_first, weights, place, single, first, terms)
    fetch(ids, ids_first)


@entry
def _sigmoids(x, found):  # type: ignore[no-untyped-def]
    terms = sigmoid_terms(x)
    for i in range(len(x)):
        found[i] = sigmoid_less_half(x[i], terms)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-13)])
@pytest.mark.parametrize("terms", [0, 1, 6])
@pytest.mark.parametrize("width", [VECTOR, 4 * VECTOR, 5 * VECTOR])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_sums_and_steps(width, terms, step, dtype, tolerance):
    """A row that is named twice counts, and moves, twice; all around stays as it is."""
    rng = np.random.default_rng(terms)
    table, single = rng.normal(size=(7, width)).astype(dtype), rng.normal(size=2 * width).astype(dtype)
    weights = rng.normal(size=14).astype(dtype)
    ids = np.array([6, 4, 0, 4, 2, 1, 4, 3], dtype=np.int32)
    chosen, counted = ids[1 : 1 + terms], weights[1 + step * np.arange(terms)]
    expected, moved = single.astype(np.float64), table.astype(np.float64)
    expected[width // 2 : width // 2 + width] += counted @ table[chosen].astype(np.float64)
    np.add.at(moved, chosen, counted[:, None] * expected[width // 2 : width // 2 + width])
    found = aligned(table)
    _both(found, ids, 1, weights, (1, step), single, width // 2, terms)
    np.testing.assert_allclose(single, expected, rtol=0, atol=tolerance)
    np.testing.assert_allclose(found, moved, rtol=0, atol=10 * tolerance)


def test_aligned():
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    copy = aligned(array)
    assert copy.ctypes.data % 64 == 0
    assert copy.flags.c_contiguous
    np.testing.assert_array_equal(copy, array)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid(dtype):
    above = np.append(np.linspace(0, 30, 501), np.inf).astype(dtype)
    x = np.concatenate([above, -above])
    found = np.empty_like(x)
    _sigmoids(x, found)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-x.astype(np.float64))) - 0.5, rtol=0, atol=3e-7)
    np.testing.assert_array_equal(found[: len(above)], -found[len(above) :])

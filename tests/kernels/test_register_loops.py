"""Loops whose sums stay in registers, beside NumPy's; the logistic function of compiled loops."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels.compiling import entry
from wordloom.kernels.register_loops import ROWS, VECTOR, add_rows, aligned, move_rows, prefetch, product
from wordloom.kernels.sigmoid import sigmoid_less_half, sigmoid_terms


@entry
def _product(a, row_step, term_step, b, c, shape):  # type: ignore[no-untyped-def]
    product(a.reshape(-1), row_step, term_step, b, c, *shape)


@entry
def _both(table, ids, ids_first, weights, place, single, first, terms):  # type: ignore[no-untyped-def]
    add_rows(table, ids, ids_first, weights, place, single, first, terms)
    move_rows(table, ids, ids_first, weights, place, single, first, terms)
    prefetch(ids, ids_first)


@entry
def _sigmoids(x, found):  # type: ignore[no-untyped-def]
    terms = sigmoid_terms(x)
    for i in range(len(x)):
        found[i] = sigmoid_less_half(x[i], terms)


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-13)])
@pytest.mark.parametrize("terms", [0, 1, 7, 64])
@pytest.mark.parametrize("columns", [VECTOR, 3 * VECTOR, 5 * VECTOR])
def test_products_and_what_lies_around_them(columns, terms, dtype, tolerance):
    """Tiles of every width occur; the rows and columns beyond the product stay as they are."""
    rng = np.random.default_rng(terms)
    rows = 3 * ROWS
    a = rng.normal(size=(rows + 2, terms + 3)).astype(dtype)
    b = rng.normal(size=(terms + 1, columns + 5)).astype(dtype)
    expected = a[:rows, :terms].astype(np.float64) @ b[:terms, :columns]
    for matrix, steps in ((a, (a.shape[1], 1)), (np.ascontiguousarray(a.T), (1, a.shape[0]))):
        found = np.full((rows + 1, columns + 2), 9.0, dtype)
        _product(matrix, *steps, b, found, (rows, columns, terms))
        np.testing.assert_allclose(found[:rows, :columns], expected, rtol=0, atol=tolerance)
        assert (found[rows:] == 9).all()
        assert (found[:, columns:] == 9).all()


def test_not_a_number_stays_so():
    a, b, c = (
        np.ones((ROWS, 2), np.float32),
        np.ones((2, VECTOR), np.float32),
        np.zeros((ROWS, VECTOR), np.float32),
    )
    a[1, 0], b[1, 2] = np.nan, np.inf
    _product(a, 2, 1, b, c, (ROWS, VECTOR, 2))
    assert np.isnan(c[1]).all()
    assert np.isinf(c[0, 2])
    assert (np.delete(c, 1, axis=0)[:, 3:] == 2).all()


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid(dtype):
    above = np.append(np.linspace(0, 30, 501), np.inf).astype(dtype)
    x = np.concatenate([above, -above])
    found = np.empty_like(x)
    _sigmoids(x, found)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-x.astype(np.float64))) - 0.5, rtol=0, atol=3e-7)
    np.testing.assert_array_equal(found[: len(above)], -found[len(above) :])

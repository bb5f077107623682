"""Products of small matrices in registers, beside NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels.compiling import entry
from wordloom.kernels.tiles import ROWS, VECTOR, product


@entry
def _product(a, row_step, term_step, b, c, shape):  # type: ignore[no-untyped-def]
    product(a.ravel(), row_step, term_step, b, c, *shape)


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

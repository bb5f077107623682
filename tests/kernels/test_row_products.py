"""Products of rows: right, and each row's last bits its own; also run with other linear algebra kernels."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels import row_products, row_products_compiled

pytestmark = [
    pytest.mark.blas,
    pytest.mark.parametrize("kernels", [row_products, row_products_compiled], ids=["plain", "compiled"]),
]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", [1, 2, 7, 50, 129, 1000, 4096, 4097, 9000, 20_001])
def test_a_row_does_not_depend_on_the_others(kernels, dtype, width):
    for units in (1, 2, 16, 33):
        rng = np.random.default_rng(width)
        weights = rng.normal(size=(units, width)).astype(dtype)
        rows = rng.normal(size=(67, width)).astype(dtype)
        together = kernels.row_products(rows, weights)
        assert together.dtype == dtype
        exact = rows.astype(float) @ weights.astype(float).T
        np.testing.assert_allclose(together, exact, atol=1e-3, rtol=1e-3, err_msg=f"{units} units")
        for place in (0, 1, 32, 65, 66):
            for some in (rows[place : place + 1], rows[place:]):
                alone, says = kernels.row_products(some, weights)[0], f"{units} units, row {place}"
                np.testing.assert_array_equal(alone, together[place], err_msg=says)


def test_where_arrays_lie_does_not_matter(kernels):
    rng = np.random.default_rng(0)
    rows, weights = rng.normal(size=(5, 90)), rng.normal(size=(3, 90))
    expected = kernels.row_products(rows, weights)
    memory = np.empty(rows.nbytes + 64, dtype=np.uint8)
    for shift in (1, 4, 8, 24):
        moved = memory[shift : shift + rows.nbytes].view(rows.dtype).reshape(rows.shape)
        moved[:] = rows
        np.testing.assert_array_equal(kernels.row_products(moved, weights), expected)
    np.testing.assert_array_equal(
        kernels.row_products(np.asfortranarray(rows), np.asfortranarray(weights)), expected
    )


def test_nothing_and_infinities(kernels):
    assert kernels.row_products(np.zeros((0, 4)), np.ones((2, 4))).shape == (0, 2)
    assert kernels.row_products(np.zeros((3, 0)), np.ones((2, 0))).tolist() == [[0, 0]] * 3
    found = kernels.row_products(np.array([[np.inf, 1], [np.nan, 1], [1, 2]]), np.ones((1, 2)))
    assert np.isinf(found[0, 0])
    assert np.isnan(found[1, 0])
    assert found[2, 0] == 3

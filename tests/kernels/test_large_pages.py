"""Tables in large pages: the same numbers, and weights that are read there."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels.large_pages import in_large_pages


@pytest.mark.parametrize("shape", [(0, 1), (5,), (1000, 3), (20, 0, 2)])
@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8])
def test_a_copy_in_large_pages_holds_the_same_numbers(shape, dtype) -> None:
    array = np.random.default_rng(0).integers(0, 200, shape).astype(dtype)
    copy = in_large_pages(array)
    assert (copy.dtype, copy.shape, copy.flags.c_contiguous) == (array.dtype, shape, True)
    assert copy.tobytes() == array.tobytes()
    assert not np.shares_memory(copy, array)

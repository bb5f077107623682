"""Named weights, compared with the sizes that a shape asks for before anything is indexed by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError

_CELLS_AT_ONCE = 1 << 20


def check_sizes(arrays: Mapping[str, NDArray[Any]], sizes: Mapping[str, tuple[int, ...]]) -> None:
    """DataError that names an array which is missing or has another shape."""
    for name, size in sizes.items():
        found = arrays[name].shape if name in arrays else None
        if found != size:
            raise DataError(f"the weights {name!r} should have the shape {size}, found {found}.")


def stored_weights(
    arrays: Mapping[str, NDArray[Any]],
    sizes: Mapping[str, tuple[int, ...]],
    kinds: Mapping[str, type[np.generic]] | None = None,
) -> dict[str, NDArray[Any]]:
    """The arrays of `sizes` from a file, float32 but for those that `kinds` gives another type.

    Raises DataError that names an array which is missing, has another shape or type, or holds a number that
    is not finite.
    """
    check_sizes(arrays, sizes)
    chosen = {name: arrays[name] for name in sizes}
    for name, array in chosen.items():
        wanted = np.dtype((kinds or {}).get(name, np.float32))
        if array.dtype != wanted:
            raise DataError(f"the weights {name!r} should be {wanted}, found {array.dtype}.")
        if wanted.kind == "f" and not _all_finite(array):
            raise DataError(f"the weights {name!r} hold a number that is NaN or infinite.")
    return chosen


def _all_finite(array: NDArray[Any]) -> bool:
    flat = array.reshape(-1)
    return all(
        np.isfinite(flat[first : first + _CELLS_AT_ONCE]).all()
        for first in range(0, len(flat), _CELLS_AT_ONCE)
    )

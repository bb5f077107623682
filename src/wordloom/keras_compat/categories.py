"""The functions of `keras.utils.np_utils`: numbers of classes as rows, and vectors of length 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError


def to_categorical(y: Any, num_classes: int | None = None, dtype: Any = "float32") -> NDArray[Any]:
    """(..., C): 1 in the column of each class, 0 elsewhere; a last axis of length 1 is dropped first.

    Raises DataError for what is no number and for a number without a column (Keras counts those below 0 from
    the end).

    Parameters
    ----------
    y : whole numbers from 0 to C-1, of any shape
    num_classes : C; None means one more than the highest number
    dtype : of the result, Keras 2's default (Keras 3 gives float64)
    """
    numbers, num_classes = _classes(y, num_classes, "to_categorical")
    return np.asarray(np.arange(num_classes) == numbers[..., None], dtype=dtype)


def to_ordinal(y: Any, num_classes: int | None = None, dtype: Any = "float32") -> NDArray[Any]:
    """(..., C-1): class c as c ones, then zeros: an answer for each step, whether the class is beyond it.

    Parameters and errors as `to_categorical`.
    """
    numbers, num_classes = _classes(y, num_classes, "to_ordinal")
    return np.asarray(np.arange(num_classes - 1) < numbers[..., None], dtype=dtype)


def normalize(x: Any, axis: int = -1, order: int = 2) -> NDArray[Any]:
    """Vectors along `axis` divided by their norm of that order; those of norm 0 stay."""
    norms = np.atleast_1d(np.linalg.norm(x, order, axis))
    norms[norms == 0] = 1
    return np.asarray(x / np.expand_dims(norms, axis))


def _classes(y: Any, num_classes: int | None, function: str) -> tuple[NDArray[np.int64], int]:
    """The numbers of the classes without a last axis of length 1, and how many classes there are."""
    try:
        numbers = np.array(y, dtype=np.int64)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{function}: whole numbers from 0 on expected ({error}). Number the classes."
        ) from None
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    flat = numbers.reshape(-1)
    if not num_classes:
        if not len(flat):
            raise DataError(f"{function}: there are no numbers, so num_classes must be given.")
        num_classes = int(flat.max()) + 1
    wrong = np.flatnonzero((flat < 0) | (flat >= num_classes))
    if len(wrong):
        raise DataError(
            f"{function}, row {wrong[0]}: the class {flat[wrong[0]]} is outside 0 to {num_classes - 1}. "
            "Number the classes from 0, or give a larger num_classes."
        )
    return numbers, num_classes

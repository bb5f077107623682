"""`keras.utils.to_categorical`: numbers of classes as rows with a single 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError


def to_categorical(y: Any, num_classes: int | None = None, dtype: Any = "float32") -> NDArray[Any]:
    """(..., C): 1 in the column of each class, 0 elsewhere; a last axis of length 1 is dropped first.

    Parameters
    ----------
    y : whole numbers from 0 to C-1, of any shape
    num_classes : C; None means one more than the highest number
    dtype : of the result, Keras 2's default (Keras 3 gives float64)

    Raises DataError for what is no number and for a number without a column (Keras counts those below 0 from
    the end).
    """
    try:
        numbers = np.array(y, dtype=np.int64)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"to_categorical: whole numbers from 0 on expected ({error}). Number the classes."
        ) from None
    shape = numbers.shape[:-1] if numbers.ndim > 1 and numbers.shape[-1] == 1 else numbers.shape
    flat = numbers.reshape(-1)
    if not num_classes:
        if not len(flat):
            raise DataError("to_categorical: there are no numbers, so num_classes must be given.")
        num_classes = int(flat.max()) + 1
    wrong = np.flatnonzero((flat < 0) | (flat >= num_classes))
    if len(wrong):
        raise DataError(
            f"to_categorical, row {wrong[0]}: the class {flat[wrong[0]]} is outside 0 to {num_classes - 1}. "
            "Number the classes from 0, or give a larger num_classes."
        )
    matrix = np.zeros((len(flat), num_classes), dtype=dtype)
    matrix[np.arange(len(flat)), flat] = 1
    return matrix.reshape(*shape, num_classes)

"""Which documents are held out for validation."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Label, held_out_rows
from wordloom.errors import WordloomWarning

FEWEST = 20
"""With fewer held-out texts than this the validation loss is mostly noise, so nothing is held out."""


def validation_rows(
    labels: Sequence[Label], fraction: float, mode: str, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows (training, held out) of N labelled documents.

    `mode` is "stratified" (shuffled, seeded, each class in proportion) or "tail" (the last `fraction`, as
    Keras' `validation_split` takes them before it shuffles). Nothing is held out if `fraction` is 0 or
    would hold out fewer than `FEWEST` documents in the stratified mode. Warns if the tail has one class.
    """
    n = len(labels)
    everything, nothing = np.arange(n), np.zeros(0, dtype=np.int64)
    if not fraction or (mode == "stratified" and fraction * n < FEWEST):
        return everything, nothing
    if mode == "stratified":
        held_out = held_out_rows(labels, fraction, seed)
        inside = np.zeros(n, dtype=bool)
        inside[held_out] = True
        return np.flatnonzero(~inside), held_out
    first = int(n * (1.0 - fraction))
    tail = {labels[row] for row in range(first, n)}
    if len(tail) == 1 and len(set(labels)) > 1:
        warnings.warn(
            f"The last {n - first:,} texts, held out for validation, all have the label {tail.pop()!r}: the "
            "texts are sorted by label. Shuffle them, or use validation_mode='stratified'.",
            WordloomWarning,
            stacklevel=2,
        )
    return everything[:first], everything[first:]

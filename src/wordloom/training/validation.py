"""Which documents are held out for validation.

Measuring their loss is left to whoever trains.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.draws import held_out_rows
from wordloom.errors import UsageError, WordloomWarning
from wordloom.targets import GRADED, labels_in, target_of

FEWEST = 20
"""With fewer held-out texts than this the validation loss is mostly noise, so nothing is held out."""


def validation_rows(
    labels: Sequence[Any], fraction: float, mode: str, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows (training, held out) of N labelled documents.

    `mode` is "stratified" (shuffled, seeded, each class in proportion) or "tail" (the last `fraction`, as
    Keras' `validation_split` takes them before it shuffles). Nothing is held out if `fraction` is 0 or
    would hold out fewer than `FEWEST` documents in the stratified mode.

    Raises UsageError if the tail would leave nothing to train on; warns if the tail, or what stands before
    it, lacks classes as it does in sorted data.
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
    if not first:
        raise UsageError(
            f"validation_split={fraction:g} in the tail mode leaves none of {n:,} texts to train on."
        )
    _warn_about_missing_classes(labels[:first], labels[first:])
    return everything[:first], everything[first:]


def _warn_about_missing_classes(training: Sequence[Any], tail: Sequence[Any]) -> None:
    if target_of(training) == GRADED:
        return
    seen, held_out = set(labels_in(training)), set(labels_in(tail))
    way_out = "Shuffle the texts, or use validation_mode='stratified'."
    if unseen := sorted(map(str, held_out - seen)):
        message = (
            f"The label {unseen[0]!r} stands only among the last {len(tail):,} texts, which are held out for "
            f"validation, so it is not learned: the texts seem to be sorted. {way_out}"
        )
    elif len(held_out) == 1 and len(seen) > 1:
        message = (
            f"The last {len(tail):,} texts, held out for validation, all have the label "
            f"{next(iter(held_out))!r}: the texts seem to be sorted. {way_out}"
        )
    else:
        return
    warnings.warn(message, WordloomWarning, stacklevel=3)

"""float32 numbers as decimal text and back, without losing a bit."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_NUMBER_BYTES = b"0123456789+-.eE"


def shortest(rows: npt.NDArray[np.float32]) -> list[list[bytes]]:
    """The shortest decimal text of each number that `parse` and a cast to float32 turn back into it.

    rows : float32 (B, D), finite. Returns B lists of D ASCII texts ("0.1", "-0.0", "1e-45").
    """
    text = rows.astype("S")
    # Shortest for float32 means read straight into float32. Most readers (C's strtod, Python's float)
    # go through float64 and round twice; text that this would change gets its float64 digits instead.
    changed = text.astype(np.float64).astype(np.float32) != rows
    if changed.any():
        text[changed] = rows[changed].astype(np.float64).astype("S")
    return text.tolist()  # type: ignore[no-any-return]


def is_decimal(field: bytes) -> bool:
    """Whether the field is a plain decimal number: no NaN, infinity, underscore or white space."""
    if not field or field.translate(None, _NUMBER_BYTES):
        return False
    try:
        float(field)
    except ValueError:
        return False
    return True


def decimals_at_end(fields: Sequence[bytes]) -> int:
    """How many of the last fields are plain decimal numbers, without a gap."""
    if fields and not b"".join(fields).translate(None, _NUMBER_BYTES):
        with contextlib.suppress(ValueError):  # all of them, most often, which is known quickly
            list(map(float, fields))
            return len(fields)
    return next((i for i, field in enumerate(reversed(fields)) if not is_decimal(field)), len(fields))


def parse(fields: Sequence[bytes]) -> npt.NDArray[np.float32] | None:
    """float32 (n,), each number the same as `np.float32(float(field))`.

    None if a field is not a finite plain decimal number in float32's range; `what_is_wrong` says why.
    """
    if b"".join(fields).translate(None, _NUMBER_BYTES):
        return None
    try:
        numbers = np.array(list(map(float, fields)), dtype=np.float64)
    except ValueError:
        return None
    with np.errstate(over="ignore"):
        rounded = numbers.astype(np.float32)
    return rounded if np.isfinite(rounded).all() else None


def what_is_wrong(field: bytes) -> str | None:
    """Why `parse` refuses this field, as the end of a sentence; None if it does not."""
    shown = repr(field.decode("utf-8", "backslashreplace")[:40])
    if field.lower().lstrip(b"+-") in (b"nan", b"inf", b"infinity"):
        return f"{shown} is not a finite number"
    if field == b"":
        return "an empty field where a number should be (two separators in a row?)"
    if not is_decimal(field):
        return f"{shown} is not a number"
    with np.errstate(over="ignore"):
        finite = np.isfinite(np.float32(float(field)))
    return None if finite else f"{shown} is too large for float32"

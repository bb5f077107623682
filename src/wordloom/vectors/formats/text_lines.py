"""Lines of text files of vectors: float32 numbers as decimal text and back without losing a bit, how many
numbers a line has, and whether the first one is a header.

Whole files are read in `glove_text`, most lines by the kernels of `wordloom.kernels.vector_text`.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError

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


LINES_TO_LOOK_AT = 200
_HEADER = re.compile(rb"([0-9]{1,18}) ([0-9]{1,9})")


@dataclass(frozen=True)
class TextLayout:
    """What the beginning of a text file says: D, the rows a header announces (None without one)."""

    dimensions: int
    announced: int | None

    def reason(self) -> str:
        """Where D comes from, for messages."""
        return "as most lines have" if self.announced is None else "as the first line says"


def header_of(line: bytes) -> tuple[int, int] | None:
    """(V, D) if the line is exactly two whole numbers, as word2vec's first line is."""
    found = _HEADER.fullmatch(line.rstrip(b"\r\n "))
    return (int(found[1]), int(found[2])) if found else None


def are_text_rows(rest: bytes, dimensions: int) -> bool:
    """Whether what follows a header is text: the first row's numbers are decimal, or all is printable.

    The second case is a text file with a mistake in its first row, which deserves the text reader's
    message. rest : the bytes after the header, perhaps cut off.
    """
    row, line_end, _ = rest.partition(b"\n")
    fields = row.rstrip(b"\r ").split(b" ")[1:]
    if not line_end:
        fields = fields[:-1]
    if fields and all(map(is_decimal, fields[-dimensions:])):
        return True
    try:
        text = rest[: rest.rfind(b" ") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(char < " " and char not in "\t\n\r" for char in text)


def layout_of(path: Path, head: Sequence[bytes], header: bool | None) -> TextLayout:
    """The layout of a file that begins with the lines `head`; `header` says whether it has one, None to look.

    Raises DataError if there is no header where one is said to be, or no line with numbers.
    """
    found = None if header is False else header_of(head[0])
    if found is None:
        if header:
            raise DataError(
                f"{path}, line 1: a header of two whole numbers expected (rows, dimensions), found "
                f"{shown(head[0])}. A file without one is GloVe text: format='glove'."
            )
        return TextLayout(_usual_width(path, head), None)
    if found[1] == 0:
        raise DataError(f"{path}, line 1: the header says that vectors have 0 dimensions.")
    return TextLayout(found[1], found[0])


def doubt_of(layout: TextLayout, head: Sequence[bytes]) -> str:
    """Why a file may not be what it is taken for, as a sentence; empty if there is no doubt."""
    if layout.announced == 0:
        return f"the header {shown(head[0].rstrip())} announces no rows, so the table is empty. Is it whole?"
    fields = [line.rstrip(b"\r\n ").rpartition(b" ")[2] for line in head if line.strip()]
    if layout.announced is None and layout.dimensions == 1 and all(map(bytes.isdigit, fields)):
        return (
            "each line is a word and one whole number, as in a list of counts; read as 1-dimensional "
            "vectors. If they are vectors, say header=False."
        )
    return ""


def _usual_width(path: Path, head: Sequence[bytes]) -> int:
    """How many numbers most lines have.

    Lines of a word and nothing but numbers vote; if there are none (all tokens hold spaces), the numbers
    at the end of each line do.
    """
    votes: Counter[int] = Counter()
    tails: Counter[int] = Counter()
    for line in head:
        fields = line.rstrip(b"\r\n ").split(b" ")[1:]
        numbers = decimals_at_end(fields)
        if numbers:
            (votes if numbers == len(fields) else tails)[numbers] += 1
    counted = votes or tails
    if not counted:
        raise DataError(
            f"{path}, line 1: no word followed by numbers, found {shown(head[0])}; this is not a "
            "text file of word vectors."
        )
    return max(counted, key=lambda width: (counted[width], width))


def shown(content: bytes) -> str:
    """The beginning of a line for messages."""
    return repr(content[:60].decode("utf-8", "backslashreplace"))

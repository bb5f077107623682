"""Lines of words and decimal numbers -> where the rows are, and their float32: the plain twin of
`vector_text_compiled`.

A piece of a file arrives as `data: uint8 (B,)`: whole lines from a place `begin` on, filled up with line
feeds so that B is a multiple of 64; the byte before `begin` is neither space nor line feed, nor is any other
in its 64. A row is regular if it is a word without space or tab, one space before each of D fields, and then
at most spaces and carriage returns. All other rows, and those with a number that is not understood or not
sure to be exact, are only marked: who reads the file looks at them one by one. So these functions raise
nothing and guess nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBER_BYTES = b"0123456789+-.eE"


def find_rows(
    data: NDArray[np.uint8], begin: int, end: int, dimensions: int, most: int
) -> tuple[NDArray[np.int64], int]:
    """Where the lines of `data[begin:end]` are, whole lines, but not more of them than `most`.

    Returns int64 (most, 4), places in `data`, and how many lines were found; only so many rows hold
    something. Column 0 is where each line begins, column 1 where its word ends, column 2 where its content
    ends (without spaces and carriage returns at its end), column 3 is 1 for regular rows.
    """
    places = np.empty((most, 4), dtype=np.int64)
    lines = data[begin:end].tobytes().split(b"\n")[:-1][:most]
    start = begin
    for row, line in enumerate(lines):
        content = line.rstrip(b"\r ")
        word = content.split(b" ", 1)[0]
        regular = content.count(b" ") == dimensions and word != b"" and b"\t" not in word
        places[row] = start, start + len(word), start + len(content), regular
        start += len(line) + 1
    return places, len(lines)


def gather_words(data: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The bytes of each row's word with a line feed after it; nothing before it for irregular rows."""
    blob = data.tobytes()
    words = [blob[start:end] if regular else b"" for start, end, _, regular in places.tolist()]
    return np.frombuffer(b"".join([word + b"\n" for word in words]), dtype=np.uint8)


def build_words(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Any:
    """The words `data[offsets[i]:offsets[i+1]]`, W of them, made ready for `look_up`."""
    blob = data.tobytes()
    return {blob[offsets[i] : offsets[i + 1]]: i + 1 for i in range(len(offsets) - 1)}


def look_up(blob: NDArray[np.uint8], n: int, index: Any) -> NDArray[np.int64]:
    """int64 (n,): which word each is of those that `gather_words` gave, from 1, or 0 for none of them."""
    return np.array([index.get(word, 0) for word in blob.tobytes().split(b"\n")[:n]], dtype=np.int64)


def parse_rows(
    data: NDArray[np.uint8], places: NDArray[np.int64], rows: NDArray[np.int64], numbers: NDArray[np.float32]
) -> NDArray[Any]:
    """Fill `numbers: float32 (R, D)` with those of the regular `rows: int64 (R,)` of `places`.

    A number is that of `np.float32(float(text))`. Returns bool (R,): False where a field is no plain
    decimal number in float32's range, or could not be rounded with certainty.
    """
    understood = np.zeros(len(rows), dtype=np.bool_)
    blob = data.tobytes()
    for i, row in enumerate(rows.tolist()):
        text = blob[places[row, 1] + 1 : places[row, 2]]
        if text.translate(None, NUMBER_BYTES + b" "):
            continue
        try:
            values = np.array(list(map(float, text.split(b" "))), dtype=np.float64)
        except ValueError:
            continue
        with np.errstate(over="ignore"):
            numbers[i] = values
        understood[i] = np.isfinite(numbers[i]).all()
    return understood

"""What the beginning of a text file of vectors says: how many numbers a line has, and if it has a header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wordloom.errors import DataError
from wordloom.vectors.formats import decimal_text

LINES_TO_LOOK_AT = 200
_HEADER = re.compile(rb"([0-9]{1,18}) ([0-9]{1,9})")


@dataclass(frozen=True)
class Layout:
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
    if fields and all(map(decimal_text.is_decimal, fields[-dimensions:])):
        return True
    try:
        text = rest[: rest.rfind(b" ") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(char < " " and char not in "\t\n\r" for char in text)


def layout_of(path: Path, head: Sequence[bytes], header: bool | None) -> Layout:
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
        return Layout(_usual_width(path, head), None)
    if found[1] == 0:
        raise DataError(f"{path}, line 1: the header says that vectors have 0 dimensions.")
    return Layout(found[1], found[0])


def doubt_of(layout: Layout, head: Sequence[bytes]) -> str:
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
        numbers = decimal_text.decimals_at_end(fields)
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

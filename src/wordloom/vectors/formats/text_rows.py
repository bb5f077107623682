"""Lines of a word and its numbers: what GloVe's, word2vec's and fastText's text forms share.

Lines are bytes: only a line feed ends one and only a space separates fields, because tokens may hold
U+00A0, U+0085 or U+2028, at which `str.split` and `str.splitlines` break. The word is what stands before
the last D fields, so it may hold spaces. Simple and exact, not yet fast: a line at a time, numbers in
blocks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.vectors.formats import decimal_text
from wordloom.vectors.formats.byte_streams import decoded, numbered_lines
from wordloom.vectors.formats.table import TableBuilder, Wanted, warn
from wordloom.vectors.word_vectors import WordVectors

_LINES_TO_LOOK_AT = 1000
_ROWS_IN_BLOCK = 1024
_HEADER = re.compile(rb"([0-9]{1,18}) ([0-9]{1,9})")
_ASCII_SPACE = re.compile(r"[ \t\n\v\f\r\x00]")

Line = tuple[int, bytes]


@dataclass(frozen=True)
class Layout:
    """What the beginning of a text file says: D, the rows a header announces (None without one)."""

    dimensions: int
    announced: int | None

    def reason(self) -> str:
        """Where D comes from, for messages."""
        return "as most lines have" if self.announced is None else "as the first line says"


@dataclass(frozen=True)
class _Row:
    number: int
    word: str
    fields: list[bytes]


def header_of(line: bytes) -> tuple[int, int] | None:
    """(V, D) if the line is exactly two whole numbers, as word2vec's first line is."""
    found = _HEADER.fullmatch(line.rstrip(b"\r\n "))
    return (int(found[1]), int(found[2])) if found else None


def read(path: Path, wanted: Wanted) -> WordVectors:
    """The table in a text file. Raises DataError naming file and line; see `formats.read`."""
    lines = numbered_lines(path)
    head = list(islice(lines, _LINES_TO_LOOK_AT))
    layout = _layout(path, head, wanted)
    if layout.announced is not None:
        head = head[1:]
    builder = TableBuilder(path, layout.dimensions, wanted)
    to_the_end = _read_rows(path, chain(head, lines), layout, builder)
    if to_the_end and layout.announced is not None and builder.read < layout.announced:
        raise DataError(
            f"{path}: the first line announces {layout.announced:,} rows, the file holds "
            f"{builder.read:,}; it is cut off or its header is wrong. Fetch it again, or take what is "
            f"there with limit={builder.read}."
        )
    return builder.finish()


def _layout(path: Path, head: Sequence[Line], wanted: Wanted) -> Layout:
    if not head:
        raise DataError(f"{path}: the file is empty.")
    header = None if wanted.header is False else header_of(head[0][1])
    if header is None:
        if wanted.header:
            raise DataError(
                f"{path}, line 1: a header of two whole numbers expected (rows, dimensions), found "
                f"{_shown(head[0][1])}. A file without one is GloVe text: format='glove'."
            )
        return Layout(_usual_width(path, head), None)
    if header[1] == 0:
        raise DataError(f"{path}, line 1: the header says that vectors have 0 dimensions.")
    return Layout(header[1], header[0])


def _usual_width(path: Path, head: Sequence[Line]) -> int:
    """How many numbers most lines have.

    Lines of a word and nothing but numbers vote; if there are none (all tokens hold spaces), the numbers
    at the end of each line do.
    """
    votes: Counter[int] = Counter()
    tails: Counter[int] = Counter()
    for _, line in head:
        fields = line.rstrip(b"\r\n ").split(b" ")[1:]
        numbers = next(
            (i for i, field in enumerate(reversed(fields)) if not decimal_text.is_decimal(field)), len(fields)
        )
        if numbers:
            (votes if numbers == len(fields) else tails)[numbers] += 1
    counted = votes or tails
    if not counted:
        raise DataError(
            f"{path}, line 1: no word followed by numbers, found {_shown(head[0][1])}; this is not a "
            "text file of word vectors."
        )
    return max(counted, key=lambda width: (counted[width], width))


def _read_rows(path: Path, lines: Iterator[Line], layout: Layout, builder: TableBuilder) -> bool:
    """Fill the builder; False if all that was wanted is there, so that rows may be missing."""
    block: list[_Row] = []
    blank = 0
    line = b"\n"
    for number, line in lines:
        if builder.complete():
            break
        content = line.rstrip(b"\r\n ")
        if not content:
            blank = blank or number
            continue
        if blank:
            raise DataError(f"{path}, line {blank:,}: the line is empty, but rows follow it. Remove it.")
        if layout.announced is not None and builder.read == layout.announced:
            warn(
                f"{path}, line {number:,}: more rows than the {layout.announced:,} that the first line "
                "announces; the rest is left out."
            )
            break
        row = _split(path, number, content, layout)
        if builder.takes(row.word, number):
            block.append(row)
            if len(block) == _ROWS_IN_BLOCK:
                builder.fill(_numbers(path, block, layout))
                block.clear()
    else:
        if not line.endswith(b"\n"):
            warn(f"{path}: the last line has no line end; if the file was cut off there, a number is wrong.")
    builder.fill(_numbers(path, block, layout))
    return not builder.complete()


def _split(path: Path, number: int, content: bytes, layout: Layout) -> _Row:
    word, *fields = content.rsplit(b" ", layout.dimensions)
    place = f"{path}, line {number:,}"
    if len(fields) != layout.dimensions:
        raise DataError(
            f"{place}: {len(fields):,} numbers after {_shown(word)}, expected {layout.dimensions:,}, "
            f"{layout.reason()}.{_header_hint(number, layout)}"
        )
    if not word:
        raise DataError(f"{place}: no word before the {layout.dimensions:,} numbers.")
    if b" " in word or b"\t" in word:
        _check_spaced(word, fields, place, layout)
    return _Row(number, decoded(word, place), fields)


def _check_spaced(word: bytes, fields: list[bytes], place: str, layout: Layout) -> None:
    """Refuse a word with spaces if it looks like a row with too many numbers.

    "at name@domain.com" and "route 66" are words; "route 0.25" is a number too many, and so is
    "route 66" where all numbers of the row are whole ones.
    """
    last = word.replace(b"\t", b" ").rsplit(b" ", 1)[1]
    if not last or word[:1] in b" \t":
        raise DataError(
            f"{place}: {_shown(word)} begins or ends with white space; one space separates fields."
        )
    if decimal_text.is_decimal(last) and (not last.isdigit() or all(map(bytes.isdigit, fields))):
        raise DataError(
            f"{place}: more than {layout.dimensions:,} numbers ({_shown(word)} stands before them); "
            f"expected {layout.dimensions:,}, {layout.reason()}."
        )


def _header_hint(number: int, layout: Layout) -> str:
    if number == 2 and layout.announced is not None:
        return " If the file has no header, say header=False."
    return ""


def _numbers(path: Path, block: Sequence[_Row], layout: Layout) -> npt.NDArray[np.float32]:
    """float32 (B, D). Raises DataError naming the line of the first field that is not a number."""
    values = decimal_text.parse([field for row in block for field in row.fields])
    if values is not None:
        return values.reshape(len(block), layout.dimensions)
    row, wrong = next(
        (row, wrong) for row in block for field in row.fields if (wrong := decimal_text.what_is_wrong(field))
    )
    raise DataError(
        f"{path}, line {row.number:,}: {wrong} (after the word {row.word!r:.60}). Mend or remove the line."
    )


def _shown(content: bytes) -> str:
    return repr(content[:60].decode("utf-8", "backslashreplace"))


def unwritable(word: str) -> str | None:
    """Why text lines cannot hold the word, as the end of a sentence; None if they can.

    The C tools read a word up to ASCII white space, so a word with a space is refused although `read`
    would understand it.
    """
    if not word:
        return "it is empty"
    if found := _ASCII_SPACE.search(word):
        return f"it holds {found[0]!r}"
    return "it begins with a byte-order mark" if word[0] == "\ufeff" else None


def write_rows(stream: IO[bytes], vectors: WordVectors) -> None:
    """One line a word, without a trailing space, numbers as short as they read back bit-exactly."""
    for start in range(0, len(vectors), _ROWS_IN_BLOCK):
        words = vectors.words[start : start + _ROWS_IN_BLOCK]
        numbers = decimal_text.shortest(vectors.vectors[start : start + _ROWS_IN_BLOCK])
        stream.writelines(
            word.encode() + b" " + b" ".join(row) + b"\n" for word, row in zip(words, numbers, strict=True)
        )

"""GloVe text and word2vec text, which is also fastText's `.vec`: lines of a word and D decimal numbers.

GloVe's `-binary 0` and the Keras tutorials write no header; word2vec's first line holds V and D.

Lines are bytes: only a line feed ends one and only a space separates fields, because tokens may hold
U+00A0, U+0085 or U+2028, at which `str.split` and `str.splitlines` break. The word is what stands before
the last D fields, so it may hold spaces. Kernels read the plain rows; a row that they do not take is read
here, one at a time, with the messages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.kernels import decimal_kernels
from wordloom.vectors.formats.byte_streams import unpacked_size, writing
from wordloom.vectors.formats.codec import Codec, Sample
from wordloom.vectors.formats.table_builder import TableBuilder, Wanted
from wordloom.vectors.formats.text_lines import (
    LINES_TO_LOOK_AT,
    TextLayout,
    are_text_rows,
    doubt_of,
    is_decimal,
    layout_of,
    parse,
    shortest,
    shown,
    what_is_wrong,
)
from wordloom.vectors.formats.text_pieces import Block, Request, Span, blocks, sources
from wordloom.vectors.formats.word_decoder import WordDecoder, warn
from wordloom.vectors.word_vectors import WordVectors

_ROWS_IN_BLOCK = 1024
_ASCII_SPACE = re.compile(r"[ \t\n\v\f\r\x00]")


@dataclass(frozen=True)
class _Row:
    number: int
    word: str | None
    fields: list[bytes]


def read(path: Path, wanted: Wanted) -> WordVectors:
    """The table in a text file. Raises DataError naming file and line; see `formats.read`."""
    source = sources(path)
    first = next(source, None)
    if first is None or isinstance(first, Span):
        raise DataError(f"{path}: the file is empty.")
    head = first.lines(LINES_TO_LOOK_AT)
    layout = layout_of(path, head, wanted.header)
    if wanted.header is not False and (doubt := doubt_of(layout, head)):
        warn(f"{path}: {doubt}")
    size = unpacked_size(path)
    kernels = decimal_kernels(size)
    # Room for the rows is a guess from the first lines, and somewhat more: it costs nothing until rows are
    # put there, but a table that must grow may have to move, and is there twice meanwhile.
    lengths = [len(line) + 1 for line in head if line]
    expected = size * len(lengths) * 17 // (16 * sum(lengths)) + 1
    if wanted.words is not None:
        expected = min(expected, len(wanted.words))
    if layout.announced is not None:
        first = first.without_first()
        expected = min(expected, layout.announced)
    expected = min(expected, size // (2 * layout.dimensions))  # a number has a digit and a space
    builder = TableBuilder(path, layout.dimensions, wanted, expected=expected)
    look = Request(kernels, layout.dimensions, wanted.words, wanted.limit).look
    reader = _Reader(path, layout, builder, wanted.decoder(path))
    for block in blocks(chain([first], source), look, at_once=kernels.__name__.endswith("_compiled")):
        if builder.complete() or not reader.take(block):
            break
    else:
        reader.end()
    reader.decoder.finish()
    return builder.finish()


class _Reader:
    """Puts the rows of blocks into a builder, and reads those that the kernels did not take."""

    def __init__(self, path: Path, layout: TextLayout, builder: TableBuilder, decoder: WordDecoder) -> None:
        self.path, self.layout, self.builder, self.decoder = path, layout, builder, decoder
        self._blank = 0
        self._ended = True
        self._line = 1 if layout.announced is None else 2  # the number of the next block's first line

    def take(self, block: Block) -> bool:
        """The rows of the next block; False if no more are wanted."""
        more = self._take(block)
        self._line += block.n_rows
        return more

    def _take(self, block: Block) -> bool:
        self._ended &= block.piece.ended
        announced = self.layout.announced
        last = block.n_rows if announced is None else min(block.n_rows, announced - self.builder.read)
        begin = 0
        for row in (*block.odd, block.n_rows):
            if begin < (stop := min(row, last)):
                self._take_plain(block, begin, stop)
            if row >= last or self.builder.complete():
                break
            self._take_odd(block, row)
            begin = row + 1
        if self.builder.complete():
            return False
        return not (announced == self.builder.read and self._more_than_announced(block, last))

    def end(self) -> None:
        """All blocks were taken: was that all that the file announces?"""
        if not self._ended:
            warn(
                f"{self.path}: the last line has no line end; if the file was cut off there, a number is "
                "wrong."
            )
        found, announced = self.builder.read, self.layout.announced
        if announced is not None and found < announced:
            raise DataError(
                f"{self.path}: the first line announces {announced:,} rows, the file holds {found:,}; it is "
                f"cut off or its header is wrong. Fetch it again, or take what is there with limit={found}."
            )

    def _take_plain(self, block: Block, begin: int, stop: int) -> None:
        self._check_blank()
        first, end = np.searchsorted(block.rows, [begin, stop]).tolist()
        lines = block.rows[first:end] + self._line
        words, numbers = block.words[first:end], block.numbers[first:end]
        block.memory.leave(self.builder.extend(words, numbers, lines, stop - begin))

    def _take_odd(self, block: Block, row: int) -> None:
        content, number = block.content(row), self._line + row
        if not content:
            self._blank = self._blank or number
            return
        self._check_blank()
        found = _split(self.path, number, content, self.layout, self.decoder)
        if found.word is not None and self.builder.wants(found.word):
            numbers = _numbers(self.path, found)
            if self.builder.takes(found.word, number):
                self.builder.fill(numbers[np.newaxis])
        else:
            self.builder.pass_by()

    def _check_blank(self) -> None:
        if self._blank:
            raise DataError(
                f"{self.path}, line {self._blank:,}: the line is empty, but rows follow it. Remove it."
            )

    def _more_than_announced(self, block: Block, row: int) -> bool:
        """Whether rows follow from the line `row` on, which are left out with a warning."""
        rest = block.rest(row)
        content = rest.lstrip(b"\r\n ")
        if content:
            number = self._line + row + rest[: len(rest) - len(content)].count(b"\n")
            warn(
                f"{self.path}, line {number:,}: more rows than the {self.layout.announced:,} that the first "
                "line announces; the rest is left out."
            )
        return bool(content)


def _split(path: Path, number: int, content: bytes, layout: TextLayout, decoder: WordDecoder) -> _Row:
    """The row of a line; its word is None if it is to be left out."""
    word, *fields = content.rsplit(b" ", layout.dimensions)
    place = f"{path}, line {number:,}"
    if len(fields) != layout.dimensions:
        raise DataError(
            f"{place}: {len(fields):,} numbers after {shown(word)}, expected {layout.dimensions:,}, "
            f"{layout.reason()}.{_header_hint(number, layout)}"
        )
    wrong = ""
    if not word:
        wrong = f"no word before the {layout.dimensions:,} numbers"
    elif word[:1] in b" \t" or word[-1:] in b" \t":
        wrong = f"{shown(word)} begins or ends with white space; one space separates fields"
    elif b" " in word or b"\t" in word:
        _check_spaced(word, fields, place, layout)
    return _Row(number, decoder.decoded(word, number, wrong), fields)


def _check_spaced(word: bytes, fields: list[bytes], place: str, layout: TextLayout) -> None:
    """Refuse a word with spaces inside if it looks like a row with too many numbers.

    "at name@domain.com" and "route 66" are words; "route 0.25" is a number too many, and so is
    "route 66" where all numbers of the row are whole ones.
    """
    last = word.replace(b"\t", b" ").rsplit(b" ", 1)[1]
    if is_decimal(last) and (not last.isdigit() or all(map(bytes.isdigit, fields))):
        raise DataError(
            f"{place}: more than {layout.dimensions:,} numbers ({shown(word)} stands before them); "
            f"expected {layout.dimensions:,}, {layout.reason()}."
        )


def _header_hint(number: int, layout: TextLayout) -> str:
    if number == 2 and layout.announced is not None:
        return " If the file has no header, say header=False."
    return ""


def _numbers(path: Path, row: _Row) -> npt.NDArray[np.float32]:
    """float32 (D,). Raises DataError naming the line of the first field that is not a number."""
    values = parse(row.fields)
    if values is not None:
        return values
    wrong = next(filter(None, map(what_is_wrong, row.fields)))
    raise DataError(
        f"{path}, line {row.number:,}: {wrong} (after the word {row.word!r:.60}). Mend or remove the line."
    )


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
        numbers = shortest(vectors.vectors[start : start + _ROWS_IN_BLOCK])
        stream.writelines(
            word.encode() + b" " + b" ".join(row) + b"\n" for word, row in zip(words, numbers, strict=True)
        )


def _write_glove(vectors: WordVectors, path: Path) -> None:
    """`word 0.1 -0.2\\n`, UTF-8; compressed if the name ends in `.gz`."""
    with writing(path) as stream:
        write_rows(stream, vectors)


def _read_word2vec(path: Path, wanted: Wanted) -> WordVectors:
    """The table. Fewer rows than announced raise DataError; more are left out with a warning."""
    return read(path, replace(wanted, header=True) if wanted.header is None else wanted)


def _write_word2vec(vectors: WordVectors, path: Path) -> None:
    """`V D\\n`, then the lines of GloVe text; compressed if the name ends in `.gz`."""
    with writing(path) as stream:
        stream.write(b"%d %d\n" % (len(vectors), vectors.dimensions))
        write_rows(stream, vectors)


def _holds_word2vec(sample: Sample) -> bool:
    return sample.header is not None and are_text_rows(sample.rest, sample.header[1])


GLOVE = Codec(read, lambda sample: sample.header is None, _write_glove, unwritable)
"""A header, which newer GloVe tools can write, is found unless `Wanted.header` decides."""

WORD2VEC = Codec(_read_word2vec, _holds_word2vec, _write_word2vec, unwritable)

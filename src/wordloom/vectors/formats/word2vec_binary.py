"""word2vec binary: a line with V and D, then for each word its bytes, a space and D little-endian float32.

The C tool ends each row with a line feed, gensim with nothing; both are read, the C tool's is written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO

import numpy as np

from wordloom.compression import reading
from wordloom.errors import DataError
from wordloom.vectors.formats.byte_streams import writing
from wordloom.vectors.formats.codec import Codec, Sample
from wordloom.vectors.formats.table_builder import TableBuilder, Wanted
from wordloom.vectors.formats.text_lines import are_text_rows, header_of
from wordloom.vectors.formats.word_decoder import WordDecoder
from wordloom.vectors.word_vectors import WordVectors

_CHUNK = 1 << 22
_LONGEST_WORD = 1 << 16
_ROWS_IN_BLOCK = 1024
_REFUSED = re.compile(r"[ \n\x00]")


class _Bytes:
    """A stream read in chunks, of which words and vectors are taken."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._data, self._at = stream, b"", 0

    def _more(self, count: int) -> bool:
        """Try to have `count` bytes ahead."""
        if len(self._data) - self._at < count:
            parts = [self._data[self._at :]]
            missing = count - len(parts[0])
            # a piece at a time: a row that a damaged header makes wide must not claim memory
            while missing > 0 and (part := self._stream.read(_CHUNK)):
                parts.append(part)
                missing -= len(part)
            self._data, self._at = b"".join(parts), 0
        return len(self._data) - self._at >= count

    def take(self, count: int) -> bytes | None:
        """The next `count` bytes; None if there are fewer."""
        if not self._more(count):
            return None
        self._at += count
        return self._data[self._at - count : self._at]

    def until(self, mark: bytes) -> bytes | None:
        """The bytes before the next `mark`, which is passed; None if no word-sized piece ends in it."""
        for reach in (1 << 8, _LONGEST_WORD):
            self._more(reach)
            end = self._data.find(mark, self._at, self._at + reach)
            if end >= 0:
                piece = self._data[self._at : end]
                self._at = end + 1
                return piece
        return None

    def left(self) -> bytes:
        """Up to 64 of the bytes that follow, without line ends."""
        self._more(64)
        return self._data[self._at : self._at + 64].strip(b"\r\n")


def _unwritable(word: str) -> str | None:
    """Why the format cannot hold the word, as the end of a sentence; None if it can."""
    found = _REFUSED.search(word)
    return f"it holds {found[0]!r}" if found else None if word else "it is empty"


def _read(path: Path, wanted: Wanted) -> WordVectors:
    """The table. Raises DataError if the file does not hold exactly the rows its first line announces."""
    with reading(path) as stream:
        data = _Bytes(stream)
        first = data.until(b"\n")
        header = header_of(first) if first is not None else None
        if header is None or header[1] == 0:
            raise DataError(
                f"{path}: word2vec binary begins with a line of two whole numbers, rows and dimensions."
            )
        rows, dimensions = header
        builder, decoder = TableBuilder(path, dimensions, wanted, unit="row"), wanted.decoder(path, "row")
        taken: list[tuple[int, bytes]] = []
        for row in range(rows):
            if builder.complete():
                break
            word, numbers = _next_row(data, row, dimensions, decoder)
            if word is None:
                builder.pass_by()
            elif builder.takes(word, row):
                taken.append((row, numbers))
            if len(taken) == _ROWS_IN_BLOCK:
                _fill(builder, taken)
        if not builder.complete() and data.left():
            raise DataError(
                f"{path}: bytes follow the {rows:,} rows that the first line announces; the header's "
                f"counts are wrong. Fetch the file again, or take these rows with limit={rows}."
            )
    _fill(builder, taken)
    decoder.finish()
    return builder.finish()


def _next_row(data: _Bytes, row: int, dimensions: int, decoder: WordDecoder) -> tuple[str | None, bytes]:
    """The word of the next row, None if it is to be left out, and the bytes of its numbers."""
    word = data.until(b" ")
    numbers = data.take(4 * dimensions) if word is not None else None
    if word is None or numbers is None:
        raise DataError(
            f"{decoder.path}, row {row:,}: the file ends inside the row, or its dimensions are not "
            f"{dimensions:,}. Fetch the file again."
        )
    spelling = word.lstrip(b"\n")
    wrong = "" if spelling else f"no word before the numbers; are the dimensions {dimensions:,}?"
    return decoder.decoded(spelling, row, wrong), numbers


def _fill(builder: TableBuilder, taken: list[tuple[int, bytes]]) -> None:
    """Put the numbers of the rows that were taken last into the table, and forget them here."""
    table = np.frombuffer(b"".join(numbers for _, numbers in taken), dtype="<f4")
    table = table.reshape(len(taken), -1) if taken else table.reshape(0, builder.dimensions)
    finite = np.isfinite(table).all(axis=1)
    if not finite.all():
        place = int(np.argmin(finite))
        word = builder.words[place - len(taken)]
        raise DataError(
            f"{builder.path}, row {taken[place][0]:,} ({word!r:.60}): a number is NaN or infinite; is the "
            "file damaged?"
        )
    builder.fill(table)
    taken.clear()


def _write(vectors: WordVectors, path: Path) -> None:
    """Rows as the C tool writes them; compressed if the name ends in `.gz`."""
    table = vectors.vectors.astype("<f4", copy=False)
    with writing(path) as stream:
        stream.write(b"%d %d\n" % (len(vectors), vectors.dimensions))
        stream.writelines(
            word.encode() + b" " + row.tobytes() + b"\n"
            for word, row in zip(vectors.words, table, strict=True)
        )


def _holds(sample: Sample) -> bool:
    return sample.header is not None and not are_text_rows(sample.rest, sample.header[1])


WORD2VEC_BINARY = Codec(_read, _holds, _write, _unwritable)

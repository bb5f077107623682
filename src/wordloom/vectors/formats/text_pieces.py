"""A text file of vectors in pieces of whole lines, and what the kernels make of each piece.

The file is read once, a few MB at a time, so that memory stays near that of the table. Compiled kernels look
at several pieces at a time, each in a thread; the blocks come in the order of the file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.kernels.threads import thread_count
from wordloom.vectors.formats.byte_streams import BYTE_ORDER_MARK, reading

_PIECE = 1 << 21


@dataclass(frozen=True)
class Piece:
    """Some whole lines of a file.

    data : their bytes; each line ends with a line feed, and more follow up to a multiple of 64 bytes
    first_line : the number of the first, from 1
    n_lines : how many there are
    ended : False if the file does not end with a line feed (one was added)
    """

    data: bytes
    first_line: int
    n_lines: int
    ended: bool = True

    def without_first(self) -> Piece:
        """The piece after its first line."""
        rest = self.data[self.data.index(b"\n") + 1 :]
        return Piece(_padded(rest), self.first_line + 1, self.n_lines - 1, self.ended)


@dataclass(frozen=True)
class Block:
    """The rows of a piece.

    n_rows : how many of the piece's lines were looked at
    places : int64 (4, n_rows), see `kernels.decimals.find_rows`
    rows : int64 (R,), the lines that are plain rows of wanted words
    words, numbers : their R words and float32 (R, D)
    odd : the lines that need a closer look, in order
    """

    piece: Piece
    n_rows: int
    places: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    words: list[str]
    numbers: npt.NDArray[np.float32]
    odd: list[int]

    def content(self, row: int) -> bytes:
        """A line without what ends it."""
        return self.piece.data[self.places[0, row] : self.places[2, row]]

    def rest(self, row: int) -> bytes:
        """All bytes from the line `row` on."""
        if row == 0:
            return self.piece.data
        return self.piece.data[self.places[2, row - 1] :].partition(b"\n")[2]


@dataclass(frozen=True)
class Request:
    """What is looked for in a piece: rows of D numbers, only some words, only so many lines of the file.

    last_line : the number of the last line to look at; None for all
    """

    dimensions: int
    words: frozenset[str] | None
    last_line: int | None

    def look(self, kernels: ModuleType, piece: Piece) -> Block:
        """The rows of a piece."""
        n_rows = piece.n_lines
        if self.last_line is not None:
            n_rows = max(0, min(n_rows, self.last_line + 1 - piece.first_line))
        data = np.frombuffer(piece.data, dtype=np.uint8)
        places = kernels.find_rows(data, self.dimensions, n_rows)
        words = _words(kernels.gather_words(data, places).tobytes(), places)
        rows = np.flatnonzero(places[3])
        irregular = np.flatnonzero(places[3] == 0)
        if self.words is not None:
            rows = np.array([row for row in rows.tolist() if words[row] in self.words], dtype=np.int64)
        numbers = np.empty((len(rows), self.dimensions), dtype=np.float32)
        understood = kernels.parse_rows(data, places, rows, numbers)
        odd = np.sort(np.concatenate([irregular, rows[~understood]])).tolist()
        if not understood.all():
            rows, numbers = rows[understood], numbers[understood]
        if len(rows) < len(words):
            words = [words[row] for row in rows.tolist()]
        return Block(piece, n_rows, places, rows, words, numbers, odd)


def _words(blob: bytes, places: npt.NDArray[np.int64]) -> list[str]:
    """The words with line feeds between; rows whose word is not UTF-8 become irregular."""
    try:
        return blob.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError:
        words = [word.decode("utf-8", "replace") for word in blob.split(b"\n")[:-1]]
        for row, word in enumerate(words):
            if "\ufffd" in word:
                places[3, row] = 0
        return words


def pieces(path: Path) -> Iterator[Piece]:
    """The file in pieces, without a byte-order mark. Raises DataError for damaged gzip, naming the line."""
    line = 1
    try:
        with reading(path) as stream:
            while chunk := stream.read(_PIECE):
                piece = _piece(chunk, stream.readline(), line)
                yield piece
                line += piece.n_lines
    except DataError as error:
        raise DataError(f"{error} (after line {line - 1:,})") from None


def _piece(chunk: bytes, rest_of_line: bytes, line: int) -> Piece:
    if line == 1:
        chunk = chunk.removeprefix(BYTE_ORDER_MARK)
    ended = (rest_of_line or chunk).endswith(b"\n")
    n_lines = chunk.count(b"\n") + rest_of_line.count(b"\n") + (not ended)
    return Piece(_padded(chunk, rest_of_line), line, n_lines, ended)


def _padded(*parts: bytes) -> bytes:
    """The parts and then line feeds, at least one, up to a multiple of 64 bytes."""
    length = sum(map(len, parts))
    return b"".join((*parts, b"\n" * (64 - length % 64)))


def blocks(source: Iterator[Piece], look: Callable[[Piece], Block], at_once: bool) -> Iterator[Block]:
    """`look(piece)` of each piece, in order; `at_once` in as many threads as there are cores."""
    if not at_once:
        yield from map(look, source)
        return
    threads = thread_count(None)
    waiting: deque[Future[Block]] = deque()
    failure: DataError | None = None
    with ThreadPoolExecutor(threads) as pool:
        while failure is None:
            try:
                piece = next(source)
            except StopIteration:
                break
            except DataError as error:  # comes after the rows before it, in which there may be another
                failure = error
                break
            waiting.append(pool.submit(look, piece))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    if failure is not None:
        raise failure

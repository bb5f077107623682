"""A text file of vectors in pieces of whole lines, and what the kernels make of each piece.

The file is read once, a few MB at a time, so that memory stays near that of the table. Compiled kernels look
at several pieces at a time, each in a thread that also reads it; the blocks come in the order of the file.

Rows that the kernels do not take are only marked; `glove_text` reads them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import repeat
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from wordloom.compression import packing, reading
from wordloom.errors import DataError
from wordloom.kernels.threads import thread_count
from wordloom.text.counting import encoded_words
from wordloom.vectors.formats.byte_streams import BYTE_ORDER_MARK, LONGEST_LINE, too_long
from wordloom.vectors.formats.table_builder import Buffer

_PIECE = 3 << 19
_AHEAD = 1 << 14  # read beyond a piece, to have the end of its last line
_BLOCK = 64  # bytes that kernels take at a time
_LINE_FEED, _LETTER = 10, 120


@dataclass(frozen=True)
class Piece:
    """Some whole lines of a file, as the kernels want them.

    data : uint8, a multiple of 64 bytes; behind the lines there are line feeds
    begin, end : where the first line begins and the last one, its line feed included, ends
    ended : False if the file does not end with a line feed (one was added)
    """

    data: npt.NDArray[np.uint8]
    begin: int
    end: int
    ended: bool = True

    def without_first(self) -> Piece:
        """The piece after its first line."""
        return _piece(self.data, _line_end(self.data, self.begin, self.end), self.end, self.ended)

    def lines(self, most: int) -> list[bytes]:
        """The first lines; empty ones may follow those of the file."""
        return self.data[self.begin :].tobytes().split(b"\n", most)[:most]


def _piece(buffer: npt.NDArray[np.uint8], begin: int, end: int, ended: bool = True) -> Piece:
    """The lines `buffer[begin:end]`; the buffer has room for a block of line feeds behind them."""
    size = end + _BLOCK - end % _BLOCK
    buffer[end:size] = _LINE_FEED
    buffer[max(begin - 1, 0) // _BLOCK * _BLOCK : begin] = _LETTER  # neither space nor line feed
    return Piece(buffer[:size], begin, end if ended else end + 1, ended)


def _line_end(buffer: npt.NDArray[np.uint8], begin: int, end: int) -> int:
    """The place after the first line feed in `buffer[begin:end]`, or `end + 1` if there is none."""
    step = 1 << 12
    while begin < end:
        found = buffer[begin : min(begin + step, end)].tobytes().find(b"\n")
        if found >= 0:
            return begin + found + 1
        begin, step = begin + step, 2 * step
    return end + 1


@dataclass(frozen=True)
class Span:
    """A range of bytes of a file that is not compressed; `load` reads the lines that begin in it."""

    path: Path
    begin: int
    size: int

    def load(self, memory: Buffer) -> Piece:
        """The lines that begin in the span; there may be none."""
        back = 1 if self.begin else 0  # to see whether a line begins where the span does
        inside, ahead = self.size + back, _AHEAD
        while True:
            buffer = memory.data(inside + ahead + _BLOCK)
            with open(self.path, "rb") as stream:
                stream.seek(self.begin - back)
                length = stream.readinto(buffer[: inside + ahead].data)
            end = _line_end(buffer, min(inside, length) - 1, length) if length else 0
            if end <= length or length < inside + ahead:
                break
            if ahead > LONGEST_LINE:
                raise too_long(self.path)
            ahead *= 8
        begin = _line_end(buffer, 0, length) if back else _after_mark(buffer[:3].tobytes())
        if begin >= min(inside, length):
            return _piece(buffer, 0, 0)
        return _piece(buffer, begin, min(end, length), ended=end <= length)


def _after_mark(beginning: bytes) -> int:
    return len(BYTE_ORDER_MARK) if beginning == BYTE_ORDER_MARK else 0


@dataclass(frozen=True)
class Block:
    """The rows of a piece.

    memory : what holds the numbers, and most often the piece
    places : int64 (n, 4) of the n lines that were looked at, see `kernels.vector_text.find_rows`
    rows : int64 (R,), the lines, from 0, that are plain rows of wanted words
    words, numbers : their R words and float32 (R, D)
    odd : the lines that need a closer look, in order
    """

    piece: Piece
    memory: Buffer
    places: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    words: list[str]
    numbers: npt.NDArray[np.float32]
    odd: list[int]

    @property
    def n_rows(self) -> int:
        """How many lines were looked at: all of the piece's, or those up to the limit."""
        return len(self.places)

    def content(self, row: int) -> bytes:
        """A line without what ends it."""
        return self.piece.data[self.places[row, 0] : self.places[row, 2]].tobytes()

    def rest(self, row: int) -> bytes:
        """All bytes from the line `row` on."""
        if row == 0:
            return self.piece.data[self.piece.begin :].tobytes()
        return self.piece.data[self.places[row - 1, 2] :].tobytes().partition(b"\n")[2]


@dataclass(frozen=True)
class Request:
    """What is looked for in a piece: rows of D numbers; only some words; not more lines than `limit`.

    kernels : `kernels.vector_text` or `kernels.vector_text_compiled`
    """

    kernels: ModuleType
    dimensions: int
    words: frozenset[str] | None
    limit: int | None

    def look(self, source: Piece | Span, memory: Buffer) -> Block:
        """The rows of a piece, held in a buffer; the piece is read first if it is still in the file."""
        memory.empty()
        piece = source.load(memory) if isinstance(source, Span) else source
        data = piece.data
        places = self._places(piece)
        blob = self.kernels.gather_words(data, places)
        rows, words = self._every(blob, places) if self.words is None else self._wanted(blob, len(places))
        irregular = np.flatnonzero(places[:, 3] == 0)
        numbers = memory.numbers(len(rows), self.dimensions)
        understood = self.kernels.parse_rows(data, places, rows, numbers)
        odd = np.sort(np.concatenate([irregular, rows[~understood]])).tolist()
        if not understood.all():
            words = [word for word, kept in zip(words, understood.tolist(), strict=True) if kept]
            rows, numbers = rows[understood], numbers[understood]
        return Block(piece, memory, places, rows, words, numbers, odd)

    def _every(
        self, blob: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], list[str]]:
        """The regular rows and their words; rows whose word is not UTF-8 become irregular."""
        words = _words(blob.tobytes(), places)
        rows = np.flatnonzero(places[:, 3])
        return rows, words if len(rows) == len(words) else [words[row] for row in rows.tolist()]

    def _wanted(self, blob: npt.NDArray[np.uint8], n: int) -> tuple[npt.NDArray[np.int64], list[str]]:
        """The regular rows of wanted words, found by their bytes, and these words."""
        listed, index = self._index
        found = self.kernels.look_up(blob, n, index)
        rows = np.flatnonzero(found)
        return rows, [listed[number - 1] for number in found[rows].tolist()]

    @cached_property
    def _index(self) -> tuple[list[str], Any]:
        """The wanted words that UTF-8 can express, and what `look_up` finds them in."""
        listed = []
        for word in self.words or ():
            with suppress(UnicodeEncodeError):
                word.encode()
                listed.append(word)
        return listed, self.kernels.build_words(*encoded_words(listed))

    def _places(self, piece: Piece) -> npt.NDArray[np.int64]:
        """Where the lines are, not more of them than `limit`."""
        size = piece.end - piece.begin
        capacity = size // (2 * self.dimensions + 2) + 1  # all, unless some are shorter than rows can be
        for most in (capacity, size):
            capacity = most if self.limit is None else min(most, self.limit)
            places, found = self.kernels.find_rows(
                piece.data, piece.begin, piece.end, self.dimensions, capacity
            )
            if found < capacity or capacity == self.limit:
                break
        return places[:found]  # type: ignore[no-any-return]


def _words(blob: bytes, places: npt.NDArray[np.int64]) -> list[str]:
    """The words with line feeds between; rows whose word is not UTF-8 become irregular."""
    try:
        return blob.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError:
        words = [word.decode("utf-8", "replace") for word in blob.split(b"\n")[:-1]]
        for row, word in enumerate(words):
            if "\ufffd" in word:
                places[row, 3] = 0
        return words


def sources(path: Path) -> Iterator[Piece | Span]:
    """The file in pieces, the first one read, without a byte-order mark.

    Those of a file that is not compressed are spans, to be read where they are looked at. Raises DataError
    for damaged compressed bytes, naming the line.
    """
    if packing(path):
        yield from _unpacked(path)
        return
    size = path.stat().st_size
    for begin in range(0, size, _PIECE):
        span = Span(path, begin, min(_PIECE, size - begin))
        yield span if begin else span.load(Buffer())


def _unpacked(path: Path) -> Iterator[Piece]:
    line = 0
    try:
        with reading(path) as stream:
            while chunk := stream.read(_PIECE):
                parts = (chunk, stream.readline(LONGEST_LINE))
                if len(parts[1]) == LONGEST_LINE:
                    raise too_long(path)
                length = sum(map(len, parts))
                data = bytearray(b"").join((*parts, bytes(_BLOCK)))
                begin = 0 if line else _after_mark(bytes(data[:3]))
                ended = data[length - 1] == _LINE_FEED
                yield _piece(np.frombuffer(data, dtype=np.uint8), begin, length, ended)
                line += data.count(b"\n", 0, length)
    except DataError as error:
        raise DataError(f"{error} (after line {line:,})") from None


class _Look:
    """A look at a piece, in a thread of the pool or in that which wants the block, if it comes first."""

    def __init__(self, pool: ThreadPoolExecutor, look: Callable[[], Block]) -> None:
        self._look = look
        self._elsewhere = pool.submit(look)
        self._block: Block | None = None

    def done(self) -> bool:
        return self._block is not None or self._elsewhere.done()

    def begin_here(self) -> bool:
        """Look at the piece in this thread, unless that has begun already."""
        if self._block is not None or not self._elsewhere.cancel():
            return False
        self._block = self._look()
        return True

    def block(self) -> Block:
        return self._elsewhere.result() if self._block is None else self._block


def blocks(
    source: Iterator[Piece | Span], look: Callable[[Piece | Span, Buffer], Block], at_once: bool
) -> Iterator[Block]:
    """`look(piece, buffer)` of each piece, in order; `at_once` in as many threads as there are cores.

    The caller's thread is one of them: one more would only take turns with it. A block is valid until the
    next one is asked for.
    """
    threads = thread_count(None) if at_once else 1
    if threads == 1:
        yield from map(look, source, repeat(Buffer()))
        return
    buffers = [Buffer() for _ in range(threads + 2)]
    waiting: deque[_Look] = deque()
    failure: DataError | None = None
    with ThreadPoolExecutor(threads - 1) as pool:
        while True:
            while buffers and failure is None:
                try:
                    piece = next(source, None)
                except DataError as error:  # comes after the rows before it, in which there may be another
                    failure = error
                    break
                if piece is None:
                    break
                waiting.append(_Look(pool, partial(look, piece, buffers.pop())))
            if not waiting:
                break
            while not waiting[0].done() and any(later.begin_here() for later in waiting):
                pass
            block = waiting.popleft().block()
            yield block
            buffers.append(block.memory)
    if failure is not None:
        raise failure

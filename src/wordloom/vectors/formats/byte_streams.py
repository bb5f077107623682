"""Files of vectors as bytes, compressed by gzip or not, and the words in them."""

from __future__ import annotations

import contextlib
import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from wordloom.atomic import replacing_file
from wordloom.errors import DataError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def is_gzip(path: Path) -> bool:
    """Whether the file begins as gzip files do, whatever its name."""
    with open(path, "rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def unpacked_size(path: Path) -> int:
    """About how many bytes the file holds unpacked: its size, or for gzip what its end says, within reason.

    Only for choosing kernels and for guesses; a gzip file may say anything.
    """
    size = path.stat().st_size
    if not is_gzip(path):
        return size
    with open(path, "rb") as stream:
        stream.seek(max(0, size - 4))
        said = int.from_bytes(stream.read(4), "little")
    return said if size <= said <= 20 * size else 3 * size


@contextlib.contextmanager
def reading(path: Path) -> Iterator[IO[bytes]]:
    """Open for reading, through gzip if the file is compressed; damaged gzip raises DataError."""
    try:
        if is_gzip(path):
            with gzip.open(path, "rb") as unpacked:
                yield cast(IO[bytes], unpacked)
        else:
            with open(path, "rb") as stream:
                yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"{path}: the compressed data are damaged or cut off ({error}). Fetch or make the file again."
        ) from None


@contextlib.contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Open for writing; the file appears whole at the end. Compressed if its name ends in `.gz`."""
    with replacing_file(path) as temporary, open(temporary, "wb") as stream:
        if path.suffix.lower() == ".gz":
            # No name and no time inside: the same vectors give the same bytes.
            with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed:
                yield cast(IO[bytes], packed)
        else:
            yield stream


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line with its end) of each line; only `\\n` ends a line. No byte-order mark."""
    number = 0
    try:
        with reading(path) as stream:
            for line in stream:
                number += 1
                yield number, line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
    except DataError as error:
        raise DataError(f"{error} (after line {number:,})") from None


def first_bytes(path: Path, count: int) -> bytes:
    """At most `count` bytes from the beginning, unpacked."""
    with reading(path) as stream:
        return stream.read(count)


def decoded(word: bytes, place: str) -> str:
    """The word as a string; DataError naming the place if it is not UTF-8."""
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{place}: the word {word[:60]!r} is not UTF-8 (byte {error.start} of it). Convert the file to "
            "UTF-8, for example with iconv, or mend the line."
        ) from None


def name_of(path: str | os.PathLike[str]) -> str:
    """The file's name without `.gz`, as the name of the table in it."""
    return Path(path).name.removesuffix(".gz")

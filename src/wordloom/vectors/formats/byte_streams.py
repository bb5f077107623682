"""Files of vectors as bytes, compressed or not.

What they mean is left to the formats.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from wordloom.atomic import replacing_file
from wordloom.compression import located, packing, plain_name, reading
from wordloom.errors import DataError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


LONGEST_LINE = 1 << 26
"""No line of vectors is longer, and no damaged file may claim more memory for one."""

# On GloVe's rows level 4 packs to 0.43 of the size in an eighth of the time of level 9, which packs to 0.39.
_PACKING_LEVEL = 4
_MANY_BYTES = 1 << 30
_MOST_HOLES = 50


def check_file(path: Path) -> None:
    """Raise DataError for what is no file, cannot be read twice, or is next to nothing but holes."""
    file, _ = located(path)
    if not file.exists():
        raise DataError(f"{path}: no such file.")
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
        raise DataError(
            f"{path}: is {what}, and files of vectors are read more than once. Write it to a file and give "
            "its path."
        )
    written = getattr(status, "st_blocks", status.st_size // 512 + 1) * 512
    if status.st_size > _MANY_BYTES and written * _MOST_HOLES < status.st_size:
        raise DataError(
            f"{path}: of {status.st_size:,} bytes only {written:,} were ever written, the others are a hole "
            "in the file. Was a download stopped? Fetch the file again."
        )


def unpacked_size(path: Path) -> int:
    """About how many bytes the file holds unpacked: its size, or for gzip what its end says, within reason.

    Only for choosing kernels and for guesses; a packed file may say anything.
    """
    file, _ = located(path)
    size = file.stat().st_size
    packed = packing(path)
    if packed is None:
        return size
    said = 0
    if packed == "gzip":
        with open(file, "rb") as stream:
            stream.seek(max(0, size - 4))
            said = int.from_bytes(stream.read(4), "little")
    return said if size <= said <= 20 * size else 3 * size


@contextlib.contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Open for writing; the file appears whole at the end. Compressed if its name ends in `.gz`."""
    with replacing_file(path) as temporary, open(temporary, "wb") as stream:
        if path.suffix.lower() == ".gz":
            # No name and no time inside: the same vectors give the same bytes.
            with gzip.GzipFile("", "wb", _PACKING_LEVEL, stream, mtime=0) as packed:
                yield cast(IO[bytes], packed)
        else:
            yield stream


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line with its end) of each line; only `\\n` ends a line. No byte-order mark."""
    number = 0
    try:
        with reading(path) as stream:
            while line := stream.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise too_long(path)
                yield number, line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
    except DataError as error:
        raise DataError(f"{error} (after line {number:,})") from None


def too_long(path: Path) -> DataError:
    """For a file with a line beyond `LONGEST_LINE`."""
    return DataError(
        f"{path}: a line of more than {LONGEST_LINE:,} bytes; this is not a text file of word vectors, or it "
        "is damaged."
    )


def first_bytes(path: Path, count: int) -> bytes:
    """At most `count` bytes from the beginning, unpacked."""
    with reading(path) as stream:
        return stream.read(count)


def name_of(path: str | os.PathLike[str]) -> str:
    """The file's name without the ending of what it is packed with, as the name of the table in it."""
    _, member = located(Path(path))
    return plain_name(Path(member or path))

"""Compressed bytes, read as a stream: gzip, bzip2, xz, zstd, and a member of a zip archive.

What a file is packed with is told by its first bytes, never by its name. A member of a zip archive is named
as if the archive were a folder, `glove.6B.zip/glove.6B.100d.txt`, or after a colon, as some tools do; where
the archive holds one file, the path of the archive is enough. Archives that are formats of their own (npz)
are left as they are. Damage is a DataError, and so is a small file that unpacks without end.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from wordloom.errors import DataError, MissingExtraError

SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""Endings of the names of packed files."""

_MAGIC = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),  # a text could begin with BZh
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
    "zip": re.compile(rb"PK(?:\x03\x04|\x05\x06)"),
}
_MAGIC_BYTES = 10
_BUFFER_BYTES = 1 << 18
_ZSTD_BYTES = 1 << 11  # at a time: 4 bytes can stand for 128 KiB
_UNQUESTIONED = 1 << 30  # bytes that anything may unpack to
_MOST_FOLD = 250  # text packs 3- to 20-fold; what is made to fill a memory packs 1,000-fold and more
_TWO_SUFFIXES = {".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}
_NAMES_SHOWN = 8
_NO_ARCHIVE = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError)


def packing(path: Path) -> str | None:
    """What the file is packed with: "gzip", "bzip2", "xz", "zstd" or "zip"; None: it is not packed."""
    file, member = located(path)
    if member is not None:
        return "zip"
    with open(file, "rb") as stream:
        return packing_of(stream.read(_MAGIC_BYTES))


def packing_of(head: bytes) -> str | None:
    """What bytes that begin so are packed with, as `packing` says it."""
    return next((name for name, magic in _MAGIC.items() if magic.match(head)), None)


def plain_name(path: Path) -> str:
    """The name without the ending of what it is packed with: `a.csv` of `a.csv.gz`, `a.tar` of `a.tgz`."""
    suffix = path.suffix.lower()
    if suffix in _TWO_SUFFIXES:
        return path.stem + _TWO_SUFFIXES[suffix]
    return path.stem if suffix in SUFFIXES else path.name


def located(path: Path) -> tuple[Path, str | None]:
    """The file that holds what the path names, and its member where that file is a zip archive.

    A path that leads nowhere comes back as it is.
    """
    if not path.exists():
        for parent in path.parents:
            if parent.is_file():
                member = path.relative_to(parent).as_posix()
                return (parent, member) if zipfile.is_zipfile(parent) else (path, None)
        before, colon, member = str(path).partition(".zip:")
        archive = Path(f"{before}.zip")
        if colon and archive.is_file() and zipfile.is_zipfile(archive):
            return archive, member
    return path, None


def only_member(path: Path) -> str | None:
    """The name of the one file in a zip archive; None for everything else."""
    if not path.is_file() or packing(path) != "zip":
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = _files(archive)
    except _NO_ARCHIVE:
        return None  # reading it says what is wrong
    return names[0] if len(names) == 1 else None


@contextlib.contextmanager
def reading(path: Path, name: str | None = None) -> Iterator[io.BufferedReader]:
    """The unpacked bytes of a file, or of a member of a zip archive; `name` for messages, if not the path.

    Raises DataError for damage, for a file that cannot be read and for an archive of which a member is to be
    named; MissingExtraError for zstd without its package.
    """
    file, member = located(path)
    name = name or str(path)
    with read_errors(name), open(file, "rb", buffering=_BUFFER_BYTES) as stream:
        yield unpacked(cast(io.BufferedReader, stream), name, member)


def unpacked(stream: io.BufferedReader, name: str, member: str | None = None) -> io.BufferedReader:
    """The stream unpacked, or as it was where it is not packed; errors as in `reading`.

    name : of the source, for messages
    member : of a zip archive; None: its only one
    """
    start = stream.tell() if stream.seekable() else None
    magic = stream.read(_MAGIC_BYTES)
    found = packing_of(magic)
    if found == "zip":
        return _unzipped(stream, start, name, member)
    packed = put_back(magic, stream)
    if found is None:
        if start is None:
            return packed
        stream.seek(start)
        return stream
    raw = cast(_Rewound, packed.raw)
    return _bounded(_OPENERS[found](packed), lambda: raw.given, name)


def put_back(head: bytes, rest: io.BufferedReader) -> io.BufferedReader:
    """A stream with bytes put back in front of it, for streams that cannot seek."""
    return io.BufferedReader(_Rewound(head, rest), _BUFFER_BYTES)


@contextlib.contextmanager
def read_errors(name: str) -> Iterator[None]:
    """Turn the system's errors of reading into DataError."""
    try:
        yield
    except OSError as error:
        raise DataError(f"{name}: cannot be read: {error.strerror or error}.") from error


class _Rewound(io.RawIOBase):
    """Bytes, then the rest of a stream; `given` counts what was taken of both."""

    def __init__(self, head: bytes, rest: io.BufferedReader) -> None:
        self._head, self._rest, self.given = head, rest, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._head:
            chunk, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            chunk = self._rest.read1(len(buffer))
        buffer[: len(chunk)] = chunk
        self.given += len(chunk)
        return len(chunk)


class _Bounded(io.RawIOBase):
    """Unpacked bytes: damage raises DataError, and so does output out of all proportion to the input."""

    def __init__(self, stream: IO[bytes], packed: Callable[[], int], name: str) -> None:
        self._stream, self._packed, self._name, self._given = cast(Any, stream), packed, name, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            count = int(self._stream.readinto(buffer))
        except (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise damaged(self._name, error) from None
        self._given += count
        if self._given > _UNQUESTIONED and self._given > _MOST_FOLD * max(self._packed(), 1):
            raise DataError(
                f"{self._name}: unpacks to more than {_MOST_FOLD} times its size, as no text does. "
                "If you trust it, unpack it yourself and give the unpacked file."
            )
        return count


def damaged(name: str, error: Exception) -> DataError:
    """The error for packed bytes that cannot be unpacked, or that the system cannot read."""
    if isinstance(error, OSError) and error.errno is not None:
        return DataError(f"{name}: cannot be read: {error.strerror or error}.")
    return DataError(
        f"{name}: the compressed data is damaged or cut short ({error}). Download or copy the file again."
    )


def _bounded(stream: IO[bytes], packed: Callable[[], int], name: str) -> io.BufferedReader:
    return io.BufferedReader(_Bounded(stream, packed, name), _BUFFER_BYTES)


class _Zstd(io.RawIOBase):
    """The frames of a zstd stream, one after another; EOFError where the last one is cut short."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._decompressor, self._error = _zstd_decompressor()
        self._frame = self._decompressor()
        self._rest, self._ready, self._inside = b"", memoryview(b""), True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            packed = self._rest or self._stream.read(_ZSTD_BYTES)
            if not packed:
                if self._inside:
                    raise EOFError("its end is missing")
                return 0
            self._ready = memoryview(self._next(packed))
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        return count

    def _next(self, packed: bytes) -> bytes:
        if not self._inside:
            self._frame = self._decompressor()
        try:
            data = cast(bytes, self._frame.decompress(packed))
        except self._error as error:
            raise EOFError(str(error)) from None
        self._inside, self._rest = not self._frame.eof, self._frame.unused_data
        return data


def _zstd_decompressor() -> tuple[Callable[[], Any], type[Exception]]:
    """What makes a decompressor of one frame, and its error: Python's own, else the package `zstandard`."""
    if sys.version_info >= (3, 14):
        from compression import zstd

        return zstd.ZstdDecompressor, zstd.ZstdError
    try:
        import zstandard
    except ImportError:
        raise MissingExtraError("Reading zstd", "zstandard", "zstd") from None
    return lambda: zstandard.ZstdDecompressor().decompressobj(), zstandard.ZstdError


_OPENERS: dict[str, Callable[[io.BufferedReader], Any]] = {
    "gzip": lambda stream: gzip.GzipFile(fileobj=stream),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
    "zstd": _Zstd,
}


def _unzipped(
    stream: io.BufferedReader, start: int | None, name: str, member: str | None
) -> io.BufferedReader:
    if start is None:
        raise DataError(
            f"{name}: a zip archive cannot be read from a pipe, because its list of contents is at its end. "
            "Give its path, or unpack it first (unzip -p ARCHIVE MEMBER)."
        )
    stream.seek(start)
    try:
        archive = zipfile.ZipFile(stream)
    except _NO_ARCHIVE as error:
        raise damaged(name, error) from None
    names = _files(archive)
    if member is None and any(one.endswith(".npy") for one in names):
        stream.seek(start)
        return stream
    info = archive.getinfo(_chosen(names, name, member))
    try:
        return _bounded(archive.open(info), lambda: info.compress_size, name)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged(name, error) from None
    except (NotImplementedError, RuntimeError) as error:  # a packing of its own, or encrypted
        raise DataError(f"{name}: {error}. Unpack the archive first.") from None


def _files(archive: zipfile.ZipFile) -> list[str]:
    """The members that hold data: no folders, no hidden files, none of what macOS adds."""
    return [
        name
        for name in archive.namelist()
        if not name.endswith("/")
        and not name.startswith("__MACOSX/")
        and not PurePosixPath(name).name.startswith(".")
    ]


def _chosen(names: list[str], archive: str, member: str | None) -> str:
    if member is not None and member in names:
        return member
    if member is None and len(names) == 1:
        return names[0]
    if "[Content_Types].xml" in names:
        raise DataError(f"{archive}: is an Excel workbook or a like document. Save the sheet as CSV.")
    if not names:
        raise DataError(f"{archive}: is a zip archive with no file in it.")
    shown = ", ".join(name[:80] for name in names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
    if member is not None:
        raise DataError(f"{archive}: there is no such file in the archive. It holds {shown}{more}.")
    raise DataError(
        f"{archive}: is a zip archive of {len(names):,} files ({shown}{more}). "
        f"Name one of them: {archive}/{names[0][:80]}"
    )

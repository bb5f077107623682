"""Source: where the bytes come from: a file, a gzip-compressed file, a folder or standard input.

It gives bytes and looks ahead at the first of them; what they mean is for the readers. Compression is
recognised by its first two bytes, never by the file's name.
"""

from __future__ import annotations

import contextlib
import difflib
import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from wordloom.errors import DataError

STDIN = "-"
HEAD_BYTES = 1 << 16
_BUFFER_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"


class Source:
    """A file, a folder or standard input (`path` is None).

    Raises DataError if `path` does not exist, with the nearest names in its folder.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.name = "standard input" if path is None else str(path)
        self._stdin: io.BufferedReader | None = None
        if path is not None and not path.exists():
            raise DataError(f"{path}: no such file or folder.{_near_names(path)}")

    @classmethod
    def of(cls, source: str | os.PathLike[str]) -> Source:
        """The source that a path or `-` means."""
        return cls(None if source == STDIN else Path(source))

    @property
    def is_folder(self) -> bool:
        return self.path is not None and self.path.is_dir()

    @property
    def suffix(self) -> str:
        """The last suffix in lower case, `.gz` stripped: `.csv` of `Reviews.CSV.gz`; `.tar` of `a.tgz`."""
        if self.path is None:
            return ""
        name = self.path.name.lower()
        if name.endswith(".tgz"):
            return ".tar"
        return Path(name.removesuffix(".gz")).suffix

    def head(self) -> bytes:
        """The first bytes (up to 65,536) after decompression; they can be read again."""
        if self.path is not None:
            with self.open() as stream:
                return stream.read(HEAD_BYTES)
        with _damage_as_data_error(self.name):
            stream = self._standard_input()
            head = stream.read(HEAD_BYTES)
            self._stdin = _rewound(head, stream)
        return head

    @contextlib.contextmanager
    def open(self) -> Iterator[io.BufferedReader]:
        """The decompressed bytes as a buffered stream.

        Raises DataError where the compressed data is damaged or cut short, or the file cannot be read.
        """
        with contextlib.ExitStack() as stack, _damage_as_data_error(self.name):
            if self.path is None:
                yield self._standard_input()
            else:
                file = stack.enter_context(open(self.path, "rb", buffering=_BUFFER_BYTES))
                yield _decompressed(cast(io.BufferedReader, file))

    def _standard_input(self) -> io.BufferedReader:
        if self._stdin is None:
            self._stdin = _decompressed(cast(io.BufferedReader, sys.stdin.buffer))
        return self._stdin


class _Rewound(io.RawIOBase):
    """A stream with bytes put back in front of it, for streams that cannot seek."""

    def __init__(self, head: bytes, rest: io.BufferedReader) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._head:
            chunk, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            chunk = self._rest.read1(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _rewound(head: bytes, rest: io.BufferedReader) -> io.BufferedReader:
    return io.BufferedReader(_Rewound(head, rest), _BUFFER_BYTES)


def _decompressed(stream: io.BufferedReader) -> io.BufferedReader:
    magic = stream.read(len(_GZIP_MAGIC))
    whole = _rewound(magic, stream)
    if magic != _GZIP_MAGIC:
        return whole
    return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=whole)), _BUFFER_BYTES)


@contextlib.contextmanager
def _damage_as_data_error(name: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"{name}: the compressed data is damaged or cut short ({error}). Download or copy the file again."
        ) from error
    except OSError as error:
        raise DataError(f"{name}: cannot be read: {error.strerror or error}.") from error


def _near_names(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f" The folder {folder} does not exist either."
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=3)
    if not near:
        return f" Look at the spelling, or give the path from {Path.cwd()}." if folder == Path() else ""
    return f" Did you mean {' or '.join(repr(str(folder / name)) for name in near)}?"

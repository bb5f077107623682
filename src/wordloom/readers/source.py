"""Source: where the bytes come from: a file, compressed or not, a folder, an address, a pipe or standard
input. And ReadOptions: what the caller says about it; every reader takes both.

It gives bytes and looks ahead at the first of them; what they mean is for the readers. What can be read only
once (standard input, a named pipe, `<(command)` of a shell) is opened once, and the bytes that were looked at
come again when it is read.
"""

from __future__ import annotations

import codecs
import contextlib
import difflib
import io
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from wordloom.addresses import LocalCopy, is_address
from wordloom.compression import (
    located,
    only_member,
    packing,
    plain_name,
    put_back,
    read_errors,
    reading,
    unpacked,
)
from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.origin import Columns
from wordloom.targets import AUTO, GRADED, MULTILABEL, SINGLE, checked_target

STDIN = "-"
HEAD_BYTES = 1 << 16
_BUFFER_BYTES = 1 << 18
MISSING_LABEL = ("error", "skip", "unlabelled")
"""What can be done about a text without a label."""

_NOT_OF_FILES = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape")
"""Codecs that Python has for names and source code; they do not decode a file line by line."""


@dataclass(frozen=True)
class ReadOptions:
    """How labelled text is to be read.

    Raises UsageError for an encoding that Python does not know, and for another `missing_label`.

    Parameters
    ----------
    text : name of the column with the texts, or of several, which are joined in that order; also in one
        string with commas between. None: guessed from habitual names
    label : name of the column with the labels; None: guessed. Several names, in one string with commas
        between too, are columns of 0 and 1 that are a label each
    encoding : of the text, as Python names it; None: UTF-8
    missing_label : what a row without a label is, one of `MISSING_LABEL`; None: what is usual for the format,
        an error but for fastText's
    columns : those a model was trained on, looked for first where none are named
    label_prefix : what the labels in fastText's lines begin with; None: `__label__`
    target : what the labels are, one of `wordloom.targets.TARGETS`; "auto": found out
    label_separator : what stands between the labels of a text; None: found out
    """

    text: str | Sequence[str] | None = None
    label: str | Sequence[str] | None = None
    encoding: str | None = None
    missing_label: str | None = None
    columns: Columns | None = None
    label_prefix: str | None = None
    target: str = AUTO
    label_separator: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The names of columns that the caller gave."""
        both = [[one] if isinstance(one, str) else list(one or ()) for one in (self.text, self.label)]
        return tuple(name for given in both for one in given for name in one.split(","))

    @property
    def separator(self) -> str | None:
        """What stands between labels, if the caller said it or a model was trained with it."""
        trained = None if self.columns is None or self.target in (SINGLE, GRADED) else self.columns.separator
        return self.label_separator or trained

    @property
    def several(self) -> bool:
        """Whether a text may have several labels by what the caller said."""
        return self.target == MULTILABEL or self.separator is not None

    @property
    def expected(self) -> tuple[str, ...]:
        """The names of columns that are looked for, but need not be there."""
        return () if self.columns is None else self.columns.names

    def __post_init__(self) -> None:
        if self.text is not None and not self.text:
            raise UsageError("text= names no column. Leave it out, or name one.")
        checked_target(self.target)
        separator = self.label_separator
        if separator is not None and (self.target in (SINGLE, GRADED) or not separator):
            raise UsageError(
                "label_separator (--label-separator) is what stands between several labels of a text, such "
                f"as '|'; {separator!r:.20} with target={self.target!r} means nothing."
            )
        if self.missing_label not in (None, *MISSING_LABEL):
            raise UsageError(
                f"missing_label must be one of {', '.join(MISSING_LABEL)}, not {self.missing_label!r}. "
                f"{did_you_mean(str(self.missing_label), MISSING_LABEL)}"
            )
        if self.label_prefix is not None and (
            not self.label_prefix or any(map(str.isspace, self.label_prefix))
        ):
            raise UsageError(f"label_prefix must be the beginning of a word, not {self.label_prefix!r:.60}.")
        if self.encoding is None:
            return
        try:
            known = codecs.lookup(self.encoding).name not in _NOT_OF_FILES
            "x".encode(self.encoding)
        except (LookupError, ValueError):  # also for codecs that are not of text, such as rot13
            known = False
        if not known:
            raise UsageError(
                f"There is no encoding {self.encoding!r:.60}. Usual ones are utf-8, latin-1, cp1252, utf-16."
            )


class Source:
    """A file, a member of a zip archive, a folder, a pipe, or standard input (`path` is None).

    Of a file at an address `path` is a copy, `copy`, which is there as long as this is. Raises DataError if
    `path` does not exist, with the nearest names in its folder, and for a device.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.name = "standard input" if path is None else str(path)
        self.copy: LocalCopy | None = None
        self._pipe: io.BufferedReader | None = None
        self._files = contextlib.ExitStack()
        self._given = False
        mode = 0 if path is None else _mode(path)
        self.is_folder = stat.S_ISDIR(mode)
        self.is_pipe = not self.is_folder and not stat.S_ISREG(mode)
        """Whether its bytes can be read only once."""

    @classmethod
    def of(cls, source: str | os.PathLike[str]) -> Source:
        """The source that a path, an address or `-` means."""
        if not is_address(source):
            return cls(None if source == STDIN else Path(source))
        copy = LocalCopy(str(source))
        found = cls(copy.path)
        found.copy, found.name = copy, str(source)
        return found

    @property
    def suffix(self) -> str:
        """The last suffix in lower case, `.gz` and the like stripped: `.csv` of `Reviews.CSV.gz`.

        `.tar` of `a.tgz`; that of its only file for a zip archive.
        """
        if self.path is None:
            return ""
        member = None if self.is_pipe else only_member(self.path)
        return Path(plain_name(Path(member) if member else self.path)).suffix.lower()

    def whole_file(self, format: str) -> Path:
        """The path, for formats that are read at any place; DataError for a pipe and a packed file.

        format : for the message, as the start of a sentence ("Parquet")
        """
        if self.path is None or self.is_pipe:
            raise DataError(
                f"{format} cannot be read from {self.name}. Write it to a file and give its path."
            )
        if packing(self.path) not in (None, "zip") or located(self.path) != (self.path, None):
            raise DataError(f"{self.name}: {format} cannot be read while it is compressed. Unpack it first.")
        return self.path

    def head(self) -> bytes:
        """The first bytes (up to 65,536) after decompression; they can be read again."""
        if not self.is_pipe:
            with self.open() as stream:
                return stream.read(HEAD_BYTES)
        with read_errors(self.name):
            pipe = self._opened_once()
            head = pipe.read(HEAD_BYTES)
        self._pipe = put_back(head, pipe)
        return head

    @contextlib.contextmanager
    def open(self) -> Iterator[io.BufferedReader]:
        """The decompressed bytes as a buffered stream.

        Raises DataError where the compressed data is damaged or cut short, the file cannot be read, or a pipe
        has been read before.
        """
        if not self.is_pipe:
            assert self.path is not None
            with reading(self.path, self.name) as stream:
                yield stream
            return
        if self._given:
            raise DataError(f"{self.name}: can be read only once. Write it to a file and give its path.")
        self._given = True
        with read_errors(self.name), self._files:
            yield self._opened_once()

    def _opened_once(self) -> io.BufferedReader:
        if self._pipe is None:
            opened = standard_input() if self.path is None else self._files.enter_context(_pipe(self.path))
            self._pipe = unpacked(opened, self.name)
        return self._pipe


def standard_input() -> io.BufferedReader:
    """Standard input as bytes. Raises DataError if it is closed."""
    if sys.stdin is None or sys.stdin.closed:
        raise DataError("standard input is closed. Give a file, or connect standard input.")
    return cast(io.BufferedReader, sys.stdin.buffer)


@contextlib.contextmanager
def _pipe(path: Path) -> Iterator[io.BufferedReader]:
    with open(path, "rb", buffering=_BUFFER_BYTES) as file:
        if not stat.S_ISFIFO(os.fstat(file.fileno()).st_mode) and not file.isatty():
            raise DataError(f"{path}: is a device, not a file. Give a file of text.")
        yield cast(io.BufferedReader, file)


def _mode(path: Path) -> int:
    """The kind of file that a path leads to, as `stat` knows it; DataError if it leads nowhere."""
    try:
        return located(path)[0].stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path}: no such file or folder.{_near_names(path)}") from None


def _near_names(path: Path) -> str:
    folder = path.parent
    if path.is_symlink():
        return " It is a link to something that is not there."
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

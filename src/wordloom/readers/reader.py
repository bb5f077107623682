"""Reader: the functions of one format of labelled text; and FileHead, what tells formats apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from wordloom.corpus import Dataset
from wordloom.readers.relabelling import Relabelling
from wordloom.readers.source import HEAD_BYTES, ReadOptions, Source
from wordloom.readers.table import Table

ReadFile = Callable[[Path], Dataset]


@dataclass(frozen=True)
class Reader:
    """How a format is recognized and read. The file of a format gives one; its row in `formats` names it.

    Parameters
    ----------
    open : gives the rows, of a format that is a table
    read : gives the data set, of a format that is none
    read_with : gives the data set of a folder with files of other formats, by a function that reads one
    holds : whether a file that begins like this is of the format; None for one that its row tells alone
    holds_folder : whether a folder is of the format
    relabel : writes a file of the format again with other labels, of a format where that can be done
    """

    open: Callable[[Source, ReadOptions], Table] | None = None
    read: Callable[[Source, ReadOptions], Dataset] | None = None
    read_with: Callable[[Source, ReadFile], Dataset] | None = None
    holds: Callable[[FileHead], bool] | None = None
    holds_folder: Callable[[Path], bool] | None = None
    relabel: Callable[[Relabelling], None] | None = None


@dataclass(frozen=True)
class FileHead:
    """The beginning of a file, as bytes and as text.

    Parameters
    ----------
    data : the first bytes
    suffix : the ending of the file's name, `.csv`
    options : what the caller said; the encoding and the columns count here
    need_label : whether the source should have labels
    """

    data: bytes
    suffix: str
    options: ReadOptions
    need_label: bool

    @property
    def is_cut(self) -> bool:
        """Whether the file goes on behind it."""
        return len(self.data) >= HEAD_BYTES

    @cached_property
    def text(self) -> str:
        """The bytes as text; bad ones are left for the reader to name."""
        return self.data.decode(self.options.encoding or "utf-8-sig", errors="replace")

    @cached_property
    def lines(self) -> list[str]:
        """The whole lines that are not blank, with their ends."""
        lines = [line + "\n" for line in self.text.split("\n")]
        whole = lines[:-1] if self.is_cut and len(lines) > 1 else lines
        return [line for line in whole if line.strip()]

"""Codec: the functions of one format of vectors; Sample, what is looked at to tell formats apart.

Which formats there are stands in `wordloom.formats`, what their files hold in a module for each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wordloom.vectors.formats.table_builder import Wanted
from wordloom.vectors.formats.text_lines import header_of
from wordloom.vectors.word_vectors import WordVectors


@dataclass(frozen=True)
class Sample:
    """The beginning of a file, unpacked.

    Parameters
    ----------
    path : the file
    data : its first bytes
    """

    path: Path
    data: bytes

    @property
    def first_line(self) -> bytes:
        """The first line, without its end."""
        return self.data.partition(b"\n")[0]

    @property
    def rest(self) -> bytes:
        """What follows the first line."""
        return self.data.partition(b"\n")[2]

    @property
    def header(self) -> tuple[int, int] | None:
        """(V, D) if the first line is word2vec's."""
        return header_of(self.first_line)


@dataclass(frozen=True)
class Codec:
    """How a format is recognized, read and written. The file of a format gives one; its row names it.

    Parameters
    ----------
    read : the wanted part of a file
    holds : whether a file that begins like this is of the format
    write : a table that holds no word which the format cannot hold; None for a format that is only read.
        Of one that packs (see its row) through `byte_streams.writing`
    unwritable : why the format cannot hold a word, as the end of a sentence; None if it can
    holds_folder : whether a folder is of the format
    open_mapped : the whole table with its numbers left in the file, of a format that can
    """

    read: Callable[[Path, Wanted], WordVectors]
    holds: Callable[[Sample], bool]
    write: Callable[[WordVectors, Path], None] | None = None
    unwritable: Callable[[str], str | None] = lambda word: None
    holds_folder: Callable[[Path], bool] | None = None
    open_mapped: Callable[[Path, Wanted], WordVectors] | None = None

"""Format: what the rows of both tables have, and how formats are listed in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """What all formats have.

    Parameters
    ----------
    name : as `format=` and `--format` have it
    title : in a few words, for help and messages
    about : what it looks like, for the table in `docs`
    code : "module:NAME", where its functions are
    suffixes : endings of file names that mean it, in lower case
    magic : how such files begin, as (place, bytes); formats without are asked for after those with
    is_file, is_folder : what it can be
    """

    name: str
    title: str
    about: str
    code: str
    suffixes: tuple[str, ...] = ()
    magic: tuple[tuple[int, bytes], ...] = ()
    is_file: bool = True
    is_folder: bool = False

    def begins(self, head: bytes) -> bool:
        """Whether these bytes begin as such files do; a format without `magic` may begin in any way."""
        return all(head[at : at + len(mark)] == mark for at, mark in self.magic)


def listed(titles: Iterable[str], last: str = "or") -> str:
    """Some of them in a sentence: "CSV, TSV or Parquet"."""
    *before, end = titles
    return f"{', '.join(before)} {last} {end}" if before else end


def titles_of(rows: Iterable[Format], last: str = "or") -> str:
    """What formats are called, in a sentence."""
    return listed((row.title for row in rows), last)

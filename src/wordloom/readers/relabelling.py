"""Relabelling: a file of labelled text written again, with other labels in places and without some texts.

All that does not change stays byte for byte: what finds the labels in a format's text gives the text back in
pieces, and here they are encoded as the file was.
"""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wordloom.errors import DataError, shown
from wordloom.labels import Label, joined_labels
from wordloom.readers.source import ReadOptions, Source
from wordloom.targets import LabelSet


@dataclass(frozen=True)
class SetCell:
    """Several labels of a text, for a cell that holds a list, or a string with a separator between them."""

    labels: LabelSet
    separator: str

    def __str__(self) -> str:
        return joined_labels(self.labels, self.separator)


Edits = Mapping[int, Label | float | SetCell | None]
"""The place of a text in its file (a line, an item, a row) -> its new label, labels or grade; None for a text
to leave out."""

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Relabelling:
    """A file to write again.

    Parameters
    ----------
    source : the file
    options : how it is read
    edits : what changes
    target : where to write
    packed : whether to compress what is written with gzip
    """

    source: Source
    options: ReadOptions
    edits: Edits
    target: Path
    packed: bool = False

    def write(self, pieces: Iterable[tuple[str, bool]]) -> None:
        """Write the pieces of the new text, in the encoding of the source and with its byte order mark.

        pieces : each with whether it was edited. DataError if not all edits were made: the file is another
            one than it was when it was read
        """
        head = self.source.head()
        mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
        encoding, done = self._encoding(mark), 0
        with gzip.open(self.target, "wb") if self.packed else open(self.target, "wb") as stream:
            stream.write(mark)
            for piece, edited in pieces:
                done += edited
                stream.write(self._encoded(piece, encoding))
        if done != len(self.edits):
            raise DataError(f"{self.source.name}: has changed while it was read. Start again.")

    def _encoding(self, mark: bytes) -> str:
        """The encoding without a byte order mark of its own."""
        name = codecs.lookup(self.options.encoding or "utf-8").name
        if name == "utf-16":
            return "utf-16-be" if mark == codecs.BOM_UTF16_BE else "utf-16-le"
        return "utf-8" if name == "utf-8-sig" else name

    def _encoded(self, piece: str, encoding: str) -> bytes:
        try:
            return piece.encode(encoding)
        except UnicodeEncodeError as error:
            letter = piece[error.start]
            raise DataError(
                f"{self.source.name}: the letter {shown(letter)} of a label cannot be written in {encoding}, "
                "the encoding of the file. Choose another label, or convert the file to UTF-8."
            ) from None

"""ReadOptions: what the caller said about a source; every reader takes it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from wordloom.errors import UsageError

_NOT_OF_FILES = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape")
"""Codecs that Python has for names and source code; they do not decode a file line by line."""


@dataclass(frozen=True)
class ReadOptions:
    """How labelled text is to be read.

    Raises UsageError for an encoding that Python does not know.

    Parameters
    ----------
    text, label : names of the columns; None: guessed from habitual names
    encoding : of the text, as Python names it; None: UTF-8
    """

    text: str | None = None
    label: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
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

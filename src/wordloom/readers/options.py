"""ReadOptions: what the caller said about a source; every reader takes it."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from wordloom.errors import UsageError, did_you_mean
from wordloom.origin import Columns

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
    label : name of the column with the labels; None: guessed
    encoding : of the text, as Python names it; None: UTF-8
    missing_label : what a row without a label is, one of `MISSING_LABEL`; None: what is usual for the format,
        an error but for fastText's
    columns : those a model was trained on, looked for first where none are named
    label_prefix : what the labels in fastText's lines begin with; None: `__label__`
    """

    text: str | Sequence[str] | None = None
    label: str | None = None
    encoding: str | None = None
    missing_label: str | None = None
    columns: Columns | None = None
    label_prefix: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The names of columns that the caller gave."""
        given = [self.text] if isinstance(self.text, str) else list(self.text or ())
        texts = [name for one in given for name in one.split(",")]
        return tuple(texts) if self.label is None else (*texts, self.label)

    @property
    def expected(self) -> tuple[str, ...]:
        """The names of columns that are looked for, but need not be there."""
        return () if self.columns is None else self.columns.names

    def __post_init__(self) -> None:
        if self.text is not None and not self.text:
            raise UsageError("text= names no column. Leave it out, or name one.")
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

"""ReadOptions: what the caller said about a source; every reader takes it."""

from __future__ import annotations

from dataclasses import dataclass

from wordloom.errors import UsageError


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
            b"x".decode(self.encoding)
        except UnicodeError:  # one byte is half a letter of UTF-16: the encoding exists
            return
        except LookupError:  # also for codecs that are not of text, such as rot13
            raise UsageError(
                f"There is no encoding {self.encoding!r}. Usual ones are utf-8, latin-1, cp1252, utf-16."
            ) from None

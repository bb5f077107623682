"""WordDecoder: the bytes of a word as a string, and what becomes of words that cannot be read.

Readers and writers of vectors warn through `warn`.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal, get_args

from wordloom.errors import DataError, UsageError, WordloomWarning, did_you_mean


def warn(message: str) -> None:
    """A WordloomWarning from a reader or a writer."""
    warnings.warn(message, WordloomWarning, stacklevel=5)


Undecodable = Literal["error", "skip", "replace"]
_MARK = "\ufffd"


class WordDecoder:
    """Decodes the words of one file; counts those that are not UTF-8, or are no words at all.

    Parameters
    ----------
    path : the file, for messages
    policy : "error" raises DataError at the first such word; "skip" leaves them out; "replace" puts U+FFFD
        for bytes that are not UTF-8 and for a blank word, and takes white space off a word's ends
    unit : what places are numbers of: "line" or "row"
    """

    def __init__(self, path: Path, policy: Undecodable = "error", unit: str = "line") -> None:
        self.path, self.policy, self.unit = path, policy, unit
        self._count = 0
        self._first = ""

    def decoded(self, word: bytes, place: int, wrong: str = "") -> str | None:
        """The word as a string; None if it is to be left out.

        place : the number of its line or row
        wrong : what is wrong with the word apart from its encoding, as a clause; empty for nothing
        """
        if not wrong:
            try:
                return word.decode("utf-8")
            except UnicodeDecodeError as error:
                wrong = f"the word {word[:60]!r} is not UTF-8 (byte {error.start} of it)"
        told = f"{self.unit} {place:,}: {wrong}"
        if self.policy == "error":
            raise DataError(
                f"{self.path}, {told}. Leave out such words with undecodable='skip', or put U+FFFD for what "
                "cannot be read with 'replace' (--undecodable, also of `wordloom vectors convert`)."
            )
        self._count += 1
        self._first = self._first or told
        if self.policy == "skip":
            return None
        return word.decode("utf-8", "replace").strip(" \t") or _MARK

    def finish(self) -> None:
        """Warn of the words that could not be read, if there were any."""
        if not self._count:
            return
        words = "1 word" if self._count == 1 else f"{self._count:,} words"
        done = "left out" if self.policy == "skip" else "read with U+FFFD for what cannot be read"
        first = "" if self._count == 1 else "the first in "
        warn(f"{self.path}: {words} {done} ({first}{self._first}).")


def checked_policy(undecodable: str) -> Undecodable:
    """The policy of that name. Raises UsageError if there is none."""
    for policy in get_args(Undecodable):
        if undecodable == policy:
            return policy  # type: ignore[no-any-return]
    raise UsageError(
        f"undecodable={undecodable!r} is unknown. {did_you_mean(str(undecodable), get_args(Undecodable))}"
    )

"""The errors and warnings of wordloom: what went wrong with whose input.

Every message names the file, the row or line where there is one, what is wrong there, and the way out.
The command line turns `DataError` into exit code 3 and `UsageError` into exit code 2; any other
`WordloomError` ends with 1.
"""

from __future__ import annotations

import itertools
import reprlib
from collections.abc import Iterable
from typing import Any

LONGEST_MESSAGE = 2_000
"""Characters of a message: what it quotes of a file may be of any length."""
_LONGEST_VALUE = 60
_MOST_LISTED = 20
_MOST_COMPARED = 2_000


class WordloomError(Exception):
    """Any error that wordloom raises on purpose; a long message loses its middle."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*(_bounded(part) if isinstance(part, str) else part for part in args))


class DataError(WordloomError, ValueError):
    """Texts, labels, vectors or a model folder that cannot be used as they are."""


class UsageError(WordloomError, ValueError):
    """A parameter or an option with a value that has no meaning here."""


class MissingExtraError(WordloomError, ImportError):
    """A part of wordloom that needs a package of one of the extras.

    Parameters
    ----------
    purpose : what the caller wanted, as the start of a sentence ("Reading Parquet")
    package : the distribution that is missing
    extra : the extra of wordloom that installs it
    """

    def __init__(self, purpose: str, package: str, extra: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed. "
            f"Install it with:  pip install 'wordloom[{extra}]'"
        )


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in work of several parts.

    Parameters
    ----------
    found : what the work returns, made of the parts that were complete; never of one that was cut short
    """

    def __init__(self, found: Any) -> None:
        super().__init__()
        self.found = found


class WordloomWarning(UserWarning):
    """Something that is probably not what the user wants; the work goes on."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*(_bounded(part) if isinstance(part, str) else part for part in args))


def _bounded(message: str) -> str:
    if len(message) <= LONGEST_MESSAGE:
        return message
    begin, end = LONGEST_MESSAGE * 2 // 3, LONGEST_MESSAGE // 4
    return f"{message[:begin]} ... ({len(message):,} characters) ... {message[-end:]}"


class _Shown(reprlib.Repr):
    """`repr` for messages: of bounded length and depth, whatever the value."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother, self.maxlong = 3, _LONGEST_VALUE, _LONGEST_VALUE, 40

    def repr_int(self, x: int, level: int) -> str:
        if abs(x) >= 10**self.maxlong:  # Python refuses to write integers of more than 4,300 digits
            return "an integer of more than 40 digits"
        return str(x)


def shown(value: object) -> str:
    """The value as a message shows it: like `repr`, at most about 60 characters of it."""
    text = _Shown().repr(value)
    return text if len(text) <= _LONGEST_VALUE + 2 else f"{text[:_LONGEST_VALUE]}..."


def listed(names: Iterable[object]) -> str:
    """Names for a message, with commas between: the first twenty, and how many more there are."""
    all_names = list(names)
    more = len(all_names) - _MOST_LISTED
    first = ", ".join(shown(name) for name in all_names[:_MOST_LISTED])
    return f"{first} and {more:,} more" if more > 0 else first


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that offers the nearest known names, or lists them where none is near.

    Returns an empty string if `known` is empty.
    """
    import difflib

    every = [str(choice) for choice in known]
    # a comparison takes time by the product of the lengths: of very many or very long names only a part
    choices = [choice for choice in itertools.islice(every, _MOST_COMPARED) if len(choice) <= 200]
    name = name[:200]
    near = difflib.get_close_matches(name, choices, n=3, cutoff=0.6)
    if not near:
        lowered = {choice.lower(): choice for choice in choices}
        near = [lowered[key] for key in difflib.get_close_matches(name.lower(), lowered, n=3)]
    if near:
        return f"Did you mean {' or '.join(repr(choice) for choice in near)}?"
    return f"There are: {listed(every)}." if every else ""

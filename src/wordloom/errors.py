"""The errors and warnings of wordloom: what went wrong with whose input.

Every message names the file, the row or line where there is one, what is wrong there, and the way out.
The command line turns `DataError` into exit code 3 and `UsageError` into exit code 2; any other
`WordloomError` ends with 1.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class WordloomError(Exception):
    """Any error that wordloom raises on purpose."""


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


class WordloomWarning(UserWarning):
    """Something that is probably not what the user wants; the work goes on."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that offers the nearest known names, or lists them where none is near.

    Returns an empty string if `known` is empty.
    """
    choices = [str(choice) for choice in known]
    near = difflib.get_close_matches(name, choices, n=3, cutoff=0.6)
    if not near:
        lowered = {choice.lower(): choice for choice in choices}
        near = [lowered[key] for key in difflib.get_close_matches(name.lower(), lowered, n=3)]
    if near:
        return f"Did you mean {' or '.join(repr(choice) for choice in near)}?"
    return f"There are: {', '.join(repr(choice) for choice in choices)}." if choices else ""

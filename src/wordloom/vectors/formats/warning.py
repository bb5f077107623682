"""The one way in which readers and writers of vectors warn."""

from __future__ import annotations

import warnings

from wordloom.errors import WordloomWarning


def warn(message: str) -> None:
    """A WordloomWarning from a reader or a writer."""
    warnings.warn(message, WordloomWarning, stacklevel=5)

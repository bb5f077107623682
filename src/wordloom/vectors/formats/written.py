"""Written: what became of a table that was written, and of words that its format cannot hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OnUnwritable = Literal["error", "skip", "escape"]
"""What becomes of words that a format cannot hold."""


@dataclass(frozen=True)
class Written:
    """What `write` did.

    left_out : words that are not in the file (`on_unwritable="skip"`)
    escaped : pairs of a word and the name it has in the file (`on_unwritable="escape"`)
    subwords_left_out : whether the table has subwords that are not in the file
    """

    path: Path
    format: str
    rows: int
    dimensions: int
    left_out: tuple[str, ...] = ()
    escaped: tuple[tuple[str, str], ...] = ()
    subwords_left_out: bool = False

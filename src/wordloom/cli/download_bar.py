"""DownloadBar: how far a download is, on standard error.

A terminal gets a bar, anything else a line every ten per cent.
"""

from __future__ import annotations

import sys

from wordloom.cli.output import tell, tell_in_place
from wordloom.training.bar import shows_bar

_WIDTH = 30


class DownloadBar:
    """Called with the bytes that are there and the bytes in all, as `wordloom.datasets.download` does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._tenth = -1
        self._drawn = False

    def __enter__(self) -> DownloadBar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._drawn:
            tell_in_place("")

    def __call__(self, done: int, total: int | None) -> None:
        share = done / total if total else 0.0
        amounts = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
        if shows_bar(sys.stderr):
            bar = ("#" * int(share * _WIDTH)).ljust(_WIDTH)
            tell_in_place(f"{self.name}  [{bar}]  {amounts} ")
            self._drawn = True
        elif int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            tell(f"{self.name}: {amounts}")

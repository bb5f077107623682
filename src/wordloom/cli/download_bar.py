"""DownloadBar: how far a download is, on standard error.

A terminal gets a bar, anything else a line every ten per cent.
"""

from __future__ import annotations

import sys

import click

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
            click.echo(err=True)

    def __call__(self, done: int, total: int | None) -> None:
        share = done / total if total else 0.0
        amounts = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
        if sys.stderr.isatty():
            bar = ("#" * int(share * _WIDTH)).ljust(_WIDTH)
            click.echo(f"\r{self.name}  [{bar}]  {amounts} ", err=True, nl=False)
            self._drawn = True
        elif int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            click.echo(f"{self.name}: {amounts}", err=True)

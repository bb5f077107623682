"""StepProgress: how far the work before training has come, on standard error.

A terminal gets a bar while a step runs; every step leaves one line when it is over.
"""

from __future__ import annotations

import sys
import time
from typing import TextIO

from wordloom.cli.output import count, tell
from wordloom.training.progress import Bar, duration, shows_bar

_SECONDS_BETWEEN_DRAWINGS = 0.1


class StepProgress:
    """`Steps` that are shown; use it in a `with` block, so that an error takes the bar away.

    Parameters
    ----------
    stream : where to write, standard error if not given; None inside it (no console) is borne
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: Bar | None = None
        self._began = time.perf_counter()
        self._drawn = float("-inf")

    def __enter__(self) -> StepProgress:
        self._began = time.perf_counter()
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def at(self, step: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if now - self._drawn < _SECONDS_BETWEEN_DRAWINGS or not shows_bar(self._stream):
            return
        self._drawn = now
        self._bar = self._bar or Bar(self._stream)
        seconds = now - self._began
        left = f"{int(seconds * (total - done) / done)} s left" if total and done else ""
        self._bar.draw(step, (done, total or 1) if total else (0, 1), left, "" if total else f"{done:,}")

    def done(self, step: str, n: int, of_what: str) -> None:
        self._close()
        now = time.perf_counter()
        took, self._began = duration(now - self._began), now
        tell(f"{step}: {count(n, of_what)} ({took})", self._stream)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

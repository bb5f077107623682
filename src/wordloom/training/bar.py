"""Bar: two lines at the bottom of a terminal, and how long what is left will take."""

from __future__ import annotations

import os
import sys
import weakref
from collections import deque
from typing import TYPE_CHECKING, TextIO, TypeGuard

if TYPE_CHECKING:
    from rich.console import RenderableType

_NEWEST_REPORTS = 40  # about two epochs: old enough to be steady, new enough to forget compiling
_NARROWEST_FOR_A_BAR, _WIDEST_BAR_LINE = 64, 78


def shows_bar(stream: TextIO | None) -> TypeGuard[TextIO]:
    """Whether a stream is a terminal that can move its cursor."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


class RemainingTime:
    """Estimates how long work will take from its newest reports."""

    def __init__(self) -> None:
        self._reports: deque[tuple[float, float]] = deque(maxlen=_NEWEST_REPORTS)

    def report(self, now: float, done: float) -> None:
        """Note how much is done in all by now."""
        self._reports.append((now, done))

    def seconds_for(self, left: float) -> float | None:
        """How long what is left will take; None before two reports."""
        if len(self._reports) < 2:
            return None
        (began, first), (now, last) = self._reports[0], self._reports[-1]
        return left * (now - began) / max(last - first, 1e-9)


class Bar:
    """Two lines at the bottom of a terminal: the bar, and the numbers."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=stream, force_terminal=True, force_jupyter=False)
        # Warnings go through rich, which writes them above the bar. Standard output is left alone: it
        # may be a pipe, and what is printed there must not end up on standard error.
        to_stderr = stream is sys.stderr
        self._live = Live(
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=to_stderr,
        )
        self.close = weakref.finalize(self, self._live.stop)
        self._live.start()
        console.show_cursor(True)  # rich hides it; a killed process could not give it back

    def draw(self, name: str, done_of: tuple[float, float], left: str, numbers: str) -> None:
        from rich.console import Group
        from rich.text import Text

        first = self._first_line(name, done_of, left)
        second = Text(numbers or " ", no_wrap=True, overflow="ellipsis")
        self._live.update(Group(first, second), refresh=True)

    def _first_line(self, name: str, done_of: tuple[float, float], left: str) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        done, total = done_of
        percent = f"{done / max(total, 1):4.0%}"
        width = self._live.console.width
        if width < _NARROWEST_FOR_A_BAR:
            return Text(f"{name} {percent}  {left}", no_wrap=True, overflow="ellipsis")
        line = Table.grid(expand=True, padding=(0, 2, 0, 0))
        line.width = min(width, _WIDEST_BAR_LINE)
        for ratio in (None, 1, None, None):
            line.add_column(no_wrap=True, ratio=ratio)
        line.add_row(name, ProgressBar(total=max(total, 1), completed=done), percent, left)
        return line

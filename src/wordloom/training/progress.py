"""Progress: what training says while it runs, on standard error.

A terminal gets a bar that goes away at the end, anything else one line an epoch; both end with one line
on which epoch was kept and why training ended. It draws only when it is told something, so there is no
thread to outlive an error.
"""

from __future__ import annotations

import math
import os
import sys
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from wordloom.training.history import History
from wordloom.training.loop import MOST_EPOCHS

if TYPE_CHECKING:
    from rich.console import RenderableType

_SECONDS_BETWEEN_DRAWINGS = 0.1
_REPORTS_OF_THE_PACE = 40  # about two epochs: old enough to be steady, new enough to forget compiling
_NARROWEST_FOR_A_BAR, _WIDEST_BAR_LINE = 64, 78


class Progress:
    """A listener of `train` that shows how it goes.

    Use it in a `with` block, so that an error in training takes the bar away before its traceback is
    shown. Without one the bar goes when the object does, at the latest when Python ends.

    Parameters
    ----------
    stream : where to write; None takes `sys.stderr` when training starts
    at_most : whether training may stop before its last epoch. Then the time left is that of the epoch,
        not of the training. None assumes so if the number of epochs is MOST_EPOCHS.
    clock : seconds of a steady clock
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        at_most: bool | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._given_stream = stream
        self._given_at_most = at_most
        self._clock = clock
        self._bar: Bar | None = None
        self._running = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away, if there is one; may be called at any time and again."""
        self._running = False
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def started(self, epochs: int, documents: int) -> None:
        """Training begins: at most so many epochs over so many documents."""
        self.close()
        self._stream = self._given_stream or sys.stderr
        at_most = epochs == MOST_EPOCHS if self._given_at_most is None else self._given_at_most
        self._course = _Course(epochs, documents, at_most)
        self._pace = _Pace()
        self._last_row: dict[str, float] = {}
        self._epoch_began = self._clock()
        self._drawn = float("-inf")
        self._running = True
        if shows_bar(self._stream):
            self._bar = Bar(self._stream)
            self._draw(1, 0, "")

    def progressed(self, epoch: int, documents: int, loss: float, accuracy: float) -> None:
        """So many documents of this epoch (from 1) are done; loss and accuracy are means over them."""
        if self._bar is None:
            return
        self._pace.hear(self._clock(), self._course.done(epoch, documents))
        numbers = described({"loss": loss, "accuracy": accuracy})
        if validated := _of_validation(self._last_row):
            numbers += f"  last epoch: {described(validated)}"
        self._draw(epoch, documents, numbers)

    def finished_epoch(self, epoch: int, row: dict[str, float]) -> None:
        """An epoch (from 1) is over; `row` holds its metrics."""
        now = self._clock()
        seconds, self._epoch_began = now - self._epoch_began, now
        self._last_row = dict(row)
        if self._bar is None:
            self._write(f"{self._course.name(epoch)}  {described(row)}  {duration(seconds)}")
        else:
            self._draw(epoch, self._course.documents, described(row))

    def finished(self, history: History) -> None:
        """Training is over; heard once, more calls say nothing."""
        if not self._running:
            return
        self.close()
        self._write(ending(history))

    def _draw(self, epoch: int, documents: int, numbers: str) -> None:
        now = self._clock()
        if self._bar is None or now - self._drawn < _SECONDS_BETWEEN_DRAWINGS:
            return
        self._drawn = now
        course = self._course
        done, total = course.stretch(epoch, documents)
        left = self._pace.seconds_for(total - done)
        self._bar.draw(course.name(epoch), (done, total), course.left(left), numbers)

    def _write(self, line: str) -> None:
        if self._stream is not None:  # sys.stderr is None in a program without a console
            self._stream.write(line + "\n")
            self._stream.flush()


def shows_bar(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal that can move its cursor."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def described(row: dict[str, float]) -> str:
    """Metrics in one line: `loss 0.312  accuracy 0.871`."""
    return "  ".join(f"{name} {value:.3f}" for name, value in row.items())


def duration(seconds: float) -> str:
    """A time in words: `0.4 s`, from two minutes on `2:05 min`."""
    return f"{seconds:.1f} s" if seconds < 120 else f"{_minutes(round(seconds))} min"


def _minutes(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"


def ending(history: History) -> str:
    """One line: why training ended, after how long, and which epoch was kept."""
    made, best, took = len(history), history.best_epoch, duration(sum(history.seconds))
    if not best:
        return "interrupted in the first epoch; kept the weights as they were then"
    why = {"early": "stopped early", "interrupted": "interrupted"}.get(history.stopped, "finished")
    row = {name: values[best - 1] for name, values in history.history.items()}
    return f"{why} ({took}); kept epoch {best} of {made}: {described(_of_validation(row) or row)}"


def _of_validation(row: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in row.items() if name.startswith("val_")}


@dataclass(frozen=True)
class _Course:
    """How long training is: so many epochs, or at most so many, over so many documents."""

    epochs: int
    documents: int
    at_most: bool

    def name(self, epoch: int) -> str:
        return f"epoch {epoch}{' of at most ' if self.at_most else '/'}{self.epochs}"

    def done(self, epoch: int, documents: int) -> int:
        """Documents seen since training began, one counted once an epoch."""
        return (epoch - 1) * self.documents + documents

    def stretch(self, epoch: int, documents: int) -> tuple[int, int]:
        """(done, total) of what the bar covers: the epoch if the number of epochs is open, else all."""
        if self.at_most:
            return documents, self.documents
        return self.done(epoch, documents), self.epochs * self.documents

    def left(self, seconds: float | None) -> str:
        whole = "-:--" if seconds is None else _minutes(math.ceil(seconds))
        return f"{whole} left of the epoch" if self.at_most else f"{whole} left"


class _Pace:
    """Seconds a document, from the newest reports."""

    def __init__(self) -> None:
        self._reports: deque[tuple[float, int]] = deque(maxlen=_REPORTS_OF_THE_PACE)

    def hear(self, now: float, done: int) -> None:
        self._reports.append((now, done))

    def seconds_for(self, documents: int) -> float | None:
        """How long so many documents will take; None before two reports."""
        if len(self._reports) < 2:
            return None
        (began, first), (now, last) = self._reports[0], self._reports[-1]
        return documents * (now - began) / max(last - first, 1)


class Bar:
    """Two lines at the bottom of a terminal: the bar, and the numbers. The only user of rich here."""

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

    def draw(self, name: str, done_of: tuple[int, int], left: str, numbers: str) -> None:
        from rich.console import Group
        from rich.text import Text

        first = self._first_line(name, done_of, left)
        second = Text(numbers or " ", no_wrap=True, overflow="ellipsis")
        self._live.update(Group(first, second), refresh=True)

    def _first_line(self, name: str, done_of: tuple[int, int], left: str) -> RenderableType:
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

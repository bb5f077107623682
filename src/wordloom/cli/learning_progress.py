"""LearningProgress: what learning vectors says while it runs, on standard error.

A terminal gets a bar that goes away at the end, anything else one line an epoch.
"""

from __future__ import annotations

import sys
import time
from typing import TextIO

from wordloom.cli.output import count, tell
from wordloom.training.progress import Bar, duration, shows_bar

_SECONDS_BETWEEN_DRAWINGS = 0.1


class LearningProgress:
    """A `LearningListener` that shows how it goes; use it in a `with` block.

    Attributes: `words` that were read, `epochs` that are done, `interrupted`.

    Parameters
    ----------
    stream : where to write, standard error if not given; None inside it (no console) is borne
    silent : hear, and say nothing
    """

    def __init__(self, stream: TextIO | None = None, silent: bool = False) -> None:
        self._stream, self._silent = stream or sys.stderr, silent
        self._bar = Bar(self._stream) if not silent and shows_bar(self._stream) else None
        self._began = time.perf_counter()
        self._drawn = float("-inf")
        self.words, self.epochs, self.interrupted = 0, 0, False

    def __enter__(self) -> LearningProgress:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def read(self, words: int) -> None:
        self.words = words
        self._draw("reading", (0, 1), "", count(words, "word"))

    def started(self, epochs: int, words: int, done: float) -> None:
        self._began = time.perf_counter()
        self._total = epochs
        if done:
            self._write(f"going on from the checkpoint, {done:.1f} of {count(epochs, 'epoch')} done")

    def progressed(self, epoch: int, share: float, loss: float, words_a_second: float) -> None:
        numbers = f"loss {loss:.3f}  {words_a_second:,.0f} words/s"
        if self._bar is None:
            if share == 1.0:
                self._write(f"epoch {epoch}/{self._total}  {numbers}")
            return
        done, total = round((epoch - 1 + share) * self.words), self._total * self.words
        left = (total - done) / max(words_a_second, 1e-9)
        self._draw(
            f"epoch {epoch}/{self._total}",
            (done, total),
            f"{int(left) // 60}:{int(left) % 60:02} left",
            numbers,
        )

    def finished(self, epochs: int, interrupted: bool) -> None:
        self._close()
        self.epochs, self.interrupted = epochs, interrupted
        took = duration(time.perf_counter() - self._began)
        if interrupted:
            self._write(
                f"interrupted in epoch {epochs + 1} of {self._total} ({took}); what is learned is kept"
            )
        else:
            self._write(f"finished ({took})")

    def _draw(self, name: str, done_of: tuple[int, int], left: str, numbers: str) -> None:
        now = time.perf_counter()
        if self._bar is not None and now - self._drawn >= _SECONDS_BETWEEN_DRAWINGS:
            self._drawn = now
            self._bar.draw(name, done_of, left, numbers)

    def _write(self, line: str) -> None:
        if not self._silent:
            tell(line, self._stream)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

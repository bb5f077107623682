"""Steps: what hears how far a long piece of work has come, before there are epochs to count."""

from __future__ import annotations

from typing import Protocol


class Steps(Protocol):
    """Told of the steps of a piece of work, one after the other."""

    def at(self, step: str, done: int, total: int) -> None:
        """So much of a step is done; `total` is 0 if nobody knows how much there is."""

    def done(self, step: str, n: int, of_what: str) -> None:
        """A step is over; it went through `n` of something, "text" for example."""


class SilentSteps:
    """One that says nothing."""

    def at(self, step: str, done: int, total: int) -> None: ...
    def done(self, step: str, n: int, of_what: str) -> None: ...

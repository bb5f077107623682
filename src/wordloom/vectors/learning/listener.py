"""What hears of the progress of learning."""

from __future__ import annotations

from typing import Protocol


class LearningListener(Protocol):
    """Told how learning goes, a few times a second."""

    def read(self, words: int) -> None:
        """So many words have been read and counted, before learning begins."""

    def started(self, epochs: int, words: int, done: float) -> None:
        """Learning begins: so many epochs over texts of so many words.

        `done` epochs were learned before, where it goes on from a checkpoint; 0 otherwise.
        """

    def progressed(self, epoch: int, share: float, loss: float, words_a_second: float) -> None:
        """This share (0 to 1) of epoch `epoch` (from 1) is done; the mean loss of a target in it so far."""

    def finished(self, epochs: int, interrupted: bool) -> None:
        """Learning is over after so many whole epochs."""


class WholeOrNothing:
    """Passes on what it hears; learning that Ctrl-C cuts short ends in KeyboardInterrupt.

    For work of several parts, in which half-learned vectors would count as whole ones.
    """

    def __init__(self, other: LearningListener | None = None) -> None:
        self._other = other or Silence()

    def read(self, words: int) -> None:
        self._other.read(words)

    def started(self, epochs: int, words: int, done: float) -> None:
        self._other.started(epochs, words, done)

    def progressed(self, epoch: int, share: float, loss: float, words_a_second: float) -> None:
        self._other.progressed(epoch, share, loss, words_a_second)

    def finished(self, epochs: int, interrupted: bool) -> None:
        self._other.finished(epochs, interrupted)
        if interrupted:
            raise KeyboardInterrupt


class Silence:
    """A listener that says nothing."""

    def read(self, words: int) -> None: ...
    def started(self, epochs: int, words: int, done: float) -> None: ...
    def progressed(self, epoch: int, share: float, loss: float, words_a_second: float) -> None: ...
    def finished(self, epochs: int, interrupted: bool) -> None: ...

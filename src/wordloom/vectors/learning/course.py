"""The course of learning: epochs, stretch after stretch; Ctrl-C ends it and keeps what is learned so far.

What is learned stands behind `Course`. A stretch can be learned only when all before it are, and what it
learns depends on its place alone, so learning may end after any of them and go on later with the same result.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from wordloom.vectors.learning.checkpoint import Checkpoint, LearningState
from wordloom.vectors.learning.listener import LearningListener

_SECONDS_BETWEEN_SAVES = 300.0


class Course(Protocol):
    """What is learned, as stretches of a fraction of a second each."""

    epochs: int
    words: int

    def begin(self, epoch: int) -> int:
        """Make an epoch (from 0) ready; the number of its stretches."""

    def share(self, stretch: int) -> float:
        """The share of the epoch's words that stand before a stretch."""

    def learn(self, epoch: int, stretch: int) -> tuple[float, int]:
        """Learn a stretch; the sum of the losses that were measured, and how many there were."""

    def state(self, epoch: int, stretch: int) -> LearningState:
        """Where learning stands before this stretch."""


class _Place:
    """The next stretch. Moved by the thread that learns, at once with the tables."""

    def __init__(self, course: Course, epoch: int, stretch: int) -> None:
        self._course, self.epoch, self.stretch = course, epoch, stretch
        self.stretches = course.begin(epoch) if epoch < course.epochs else 0

    def step(self) -> tuple[float, int]:
        found = self._course.learn(self.epoch, self.stretch)
        self.stretch += 1
        return found

    def next_epoch(self) -> None:
        self.epoch, self.stretch = self.epoch + 1, 0
        self.stretches = self._course.begin(self.epoch) if self.epoch < self._course.epochs else 0


def run(
    course: Course,
    listener: LearningListener,
    checkpoint: Checkpoint | None = None,
    state: LearningState | None = None,
) -> None:
    """Learn to the end, from `state` if there is one.

    One Ctrl-C ends learning after the stretch that is being learned, a second one at once. The checkpoint is
    written after each epoch, every five minutes, and when learning is interrupted.
    """
    place = _Place(course, state.epoch if state else 0, state.stretch if state else 0)
    if state is not None:
        state.check_place(course.epochs, place.stretches)
    done = place.epoch + (course.share(place.stretch) if place.stretches else 0.0)
    listener.started(course.epochs, course.words, done)
    interrupted = False
    worker = ThreadPoolExecutor(1)
    try:
        _epochs(course, place, worker, listener, checkpoint)
    except KeyboardInterrupt:
        # The thread that learns does not hear of Ctrl-C, and is waited for: tables and place belong together.
        worker.shutdown()
        interrupted = True
        if checkpoint is not None:
            checkpoint.save(course.state(place.epoch, place.stretch))
    finally:
        worker.shutdown(wait=False)
    listener.finished(place.epoch, interrupted)


def _epochs(
    course: Course,
    place: _Place,
    worker: ThreadPoolExecutor,
    listener: LearningListener,
    checkpoint: Checkpoint | None,
) -> None:
    saved = time.monotonic()
    while place.epoch < course.epochs:
        began, first = time.perf_counter(), course.share(place.stretch)
        loss, measured = 0.0, 0
        while place.stretch < place.stretches:
            own_loss, own_measured = worker.submit(place.step).result()
            loss, measured = loss + own_loss, measured + own_measured
            share = course.share(place.stretch)
            pace = (share - first) * course.words / max(time.perf_counter() - began, 1e-9)
            listener.progressed(place.epoch + 1, share, loss / max(measured, 1), pace)
            if checkpoint is not None and time.monotonic() - saved > _SECONDS_BETWEEN_SAVES:
                checkpoint.save(course.state(place.epoch, place.stretch))
                saved = time.monotonic()
        worker.submit(place.next_epoch).result()
        if checkpoint is not None:
            checkpoint.save(course.state(place.epoch, place.stretch))
            saved = time.monotonic()

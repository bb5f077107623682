"""Learning chunk by chunk: epochs of chunks, checkpoints; Ctrl-C ends it and keeps what is learned so far.

What is learned stands behind `Chunks`. A chunk can be learned only when all before it are, and what it learns
depends on its place alone, so learning may end after any of them and go on later with the same result. The
epochs are those of `wordloom.loop`; apart from it are the checkpoints, and a thread that chunks are learned
in, so that Ctrl-C never parts the tables from the place they belong to: an epoch may take hours.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from wordloom.loop.callback import Callback, CallbackList, Logs
from wordloom.loop.epochs import Schedule, run_epochs
from wordloom.vectors.learning.checkpoint import Checkpoint, LearningState

_SECONDS_BETWEEN_SAVES = 300.0


class Chunks(Protocol):
    """What is learned, as chunks of a fraction of a second each."""

    epochs: int
    words: int

    def begin(self, epoch: int) -> int:
        """Make an epoch (from 0) ready; the number of its chunks."""

    def learn(self, epoch: int, chunk: int) -> tuple[float, int]:
        """Learn a chunk; the sum of the losses that were measured, and how many there were."""

    def state(self, epoch: int, chunk: int) -> LearningState:
        """Where learning stands before this chunk."""


def learn_chunks(
    chunks: Chunks,
    callbacks: Sequence[Callback],
    checkpoint: Checkpoint | None = None,
    state: LearningState | None = None,
    keep_interrupted: bool = True,
) -> None:
    """Learn to the end, from `state` if there is one.

    One Ctrl-C ends learning after the chunk that is being learned, a second one at once. The checkpoint is
    written after each epoch, every five minutes, and when learning is cut short.

    keep_interrupted : as in `loop.epochs.Schedule`
    """
    place = _Place(chunks, state.epoch if state else 0, state.chunk if state else 0)
    if state is not None:
        state.check_place(chunks.epochs, place.chunks)
    schedule = Schedule(
        chunks.epochs,
        keep_interrupted=keep_interrupted,
        initial_epoch=place.epoch,
        initial_step=place.chunk,
        params={"words": chunks.words},
    )
    run_epochs(_ChunkTraining(chunks, place, checkpoint), schedule, CallbackList(callbacks))


class _Place:
    """The next chunk. Moved by the thread that learns, at once with the tables."""

    def __init__(self, chunks: Chunks, epoch: int, chunk: int) -> None:
        self._source, self.epoch, self.chunk = chunks, epoch, chunk
        self.chunks = chunks.begin(epoch) if epoch < chunks.epochs else 0

    def learn(self) -> tuple[float, int]:
        found = self._source.learn(self.epoch, self.chunk)
        self.chunk += 1
        return found

    def next_epoch(self) -> None:
        self.epoch, self.chunk = self.epoch + 1, 0
        self.chunks = self._source.begin(self.epoch) if self.epoch < self._source.epochs else 0


class _ChunkTraining:
    """The epochs of learning; see `loop.epochs.Training`."""

    def __init__(self, chunks: Chunks, place: _Place, checkpoint: Checkpoint | None) -> None:
        self._source, self._place, self._checkpoint = chunks, place, checkpoint
        self._worker = ThreadPoolExecutor(1)
        self._saved = time.monotonic()

    def steps(self, epoch: int) -> int:
        return self._place.chunks

    def run(self, epoch: int, callbacks: CallbackList) -> Logs:
        place, loss, measured = self._place, 0.0, 0
        while place.chunk < place.chunks:
            own_loss, own_measured = self._worker.submit(place.learn).result()
            loss, measured = loss + own_loss, measured + own_measured
            callbacks.on_train_batch_end(place.chunk - 1, {"loss": loss / max(measured, 1)})
            if callbacks.stop_training:
                break
            if time.monotonic() - self._saved > _SECONDS_BETWEEN_SAVES:
                self._save()
        if place.chunk == place.chunks:
            self._worker.submit(place.next_epoch).result()
            self._save()
        return {"loss": loss / max(measured, 1)}

    def keep(self) -> None:
        """What is learned last is kept."""

    def settle(self, stopped: str) -> None:
        # The thread that learns does not hear of Ctrl-C, and is waited for: tables and place belong together.
        self._worker.shutdown()
        if stopped in ("interrupted", "callback"):
            self._save()

    def _save(self) -> None:
        if self._checkpoint is not None:
            self._checkpoint.save(self._source.state(self._place.epoch, self._place.chunk))
            self._saved = time.monotonic()

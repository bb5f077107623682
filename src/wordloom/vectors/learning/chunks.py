"""Learning chunk by chunk, with checkpoints: it may stop after any chunk and go on another time, with the
same result.

What is learned stands behind `Chunks`. A chunk can be learned only when all before it are, and what it learns
depends on its place alone. The epochs are those of `wordloom.loop`; apart from it are the checkpoints, and a
thread that chunks are learned in, so that Ctrl-C, which ends learning and keeps what is learned so far, never
parts the tables from the place they belong to: an epoch may take hours.

A checkpoint is one safetensors file with both tables and what they belong to: the settings and a fingerprint
of the texts. It appears whole or not at all, so a kill leaves the one before.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.loop.callback import Callback, CallbackList, Logs
from wordloom.loop.epochs import Schedule, run_epochs
from wordloom.tensor_file import reading_tensors, write_tensors
from wordloom.vectors.formats.byte_streams import check_file

VERSION = 1
_KEY = "learning_checkpoint"
_PLACE = ("epoch", "stretch", "steps")  # as the file names them: "stretch" is the chunk


@dataclass(frozen=True)
class LearningState:
    """Where learning stands.

    Parameters
    ----------
    epoch : epochs that are done
    chunk : chunks of the next epoch that are done
    steps : blocks or batches learned so far, which number the random streams
    inputs, outputs : float32 (V, D); the inputs have a row more for each n-gram of characters that is learned
    path : the file it was read from
    """

    epoch: int
    chunk: int
    steps: int
    inputs: NDArray[np.float32]
    outputs: NDArray[np.float32]
    path: Path | None = None

    def check_shapes(self, inputs: tuple[int, int], outputs: tuple[int, int]) -> None:
        """Raise DataError unless the tables have these shapes, as kernels take for granted."""
        if (self.inputs.shape, self.outputs.shape) != (inputs, outputs):
            raise damaged(
                self.path,
                f"tables of the shapes {self.inputs.shape} and {self.outputs.shape} where {inputs} and "
                f"{outputs} belong",
            )

    def check_place(self, epochs: int, chunks: int) -> None:
        """Raise DataError unless learning has so many epochs, and this epoch so many chunks."""
        if self.epoch > epochs or self.chunk > chunks:
            raise damaged(self.path, f"chunk {self.chunk:,} of epoch {self.epoch:,} does not exist")


def damaged(path: Path | None, why: str) -> DataError:
    """The error for a file that is no checkpoint, or a damaged one."""
    return DataError(
        f"{path}: is no checkpoint of learning, or a damaged one ({why}). Name another file, or remove "
        "this one to begin anew."
    )


class Checkpoint:
    """The file `path`, for learning that `about` describes: plain values by name, compared on reading."""

    def __init__(self, path: str | os.PathLike[str], about: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self._about = json.loads(json.dumps(about))

    def load(self) -> LearningState | None:
        """The state, or None if there is no file.

        Raises DataError for a file that is damaged or none of these, UsageError for one of other learning,
        naming what differs.
        """
        if not self.path.exists():
            return None
        try:
            check_file(self.path)
            with reading_tensors(self.path) as file:
                found = file.record(_KEY) or {}
                about, version = dict(found["about"]), int(found["version"])
                place = [found["place"][name] for name in _PLACE]
                tables = [file.load(name, ["F32"], 2) for name in ("inputs", "outputs")]
            if any(type(number) is not int or not 0 <= number < 1 << 62 for number in place):
                raise DataError(f"the place {place} is none")
        except (KeyError, ValueError, TypeError, OSError) as error:
            raise damaged(self.path, str(error)) from None
        if version != VERSION:
            raise DataError(
                f"{self.path}: a checkpoint of another wordloom (version {version} of the format, this one "
                f"reads {VERSION}). Remove it to begin anew."
            )
        self._compare(about)
        epoch, chunk, steps = place
        inputs, outputs = tables
        return LearningState(epoch, chunk, steps, inputs, outputs, self.path)

    def save(self, state: LearningState) -> None:
        """Write the state over the one before, which stays if that fails: a DataError that names the file."""
        place = dict(zip(_PLACE, (state.epoch, state.chunk, state.steps), strict=True))
        found = {"version": VERSION, "place": place, "about": self._about}
        tables = {"inputs": state.inputs, "outputs": state.outputs}
        try:
            write_tensors(self.path, tables, {_KEY: json.dumps(found, sort_keys=True)})
        except OSError as error:
            raise DataError(
                f"{self.path}: the checkpoint cannot be written: {error.strerror or error}. What was saved "
                "before is still there; make room, or name another file."
            ) from error

    def _compare(self, about: dict[str, Any]) -> None:
        names = sorted(name for name in {*about, *self._about} if about.get(name) != self._about.get(name))
        if not names:
            return
        what = "; ".join(
            f"other {name}"
            if len(f"{about.get(name)}{self._about.get(name)}") > 60
            else f"{name} {about.get(name)} there, {self._about.get(name)} now"
            for name in names
        )
        raise UsageError(
            f"{self.path}: a checkpoint of other learning ({what}). Go on with what it was made with, name "
            "another file, or remove this one to begin anew."
        )


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
        # Ctrl-C does not reach the thread that learns, which is waited for: tables and place belong together.
        self._worker.shutdown()
        if stopped in ("interrupted", "callback"):
            self._save()

    def _save(self) -> None:
        if self._checkpoint is not None:
            self._checkpoint.save(self._source.state(self._place.epoch, self._place.chunk))
            self._saved = time.monotonic()

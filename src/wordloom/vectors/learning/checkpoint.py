"""Checkpoint: a file that holds how far learning has come, so that it can go on another time.

One safetensors file with both tables and what they belong to: the settings and a fingerprint of the texts. It
appears whole or not at all, so a kill leaves the one before.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
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
    steps : blocks or batches learned so far, which number the random draws
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

"""Streams: standard input, output and error of the program, which others may close at any time.

`wordloom train ... | head -1` closes the pipe long before the model is saved, `>&-` closes it at once. What
is printed is then for nobody, which is no reason to lose the work: it is left out, and the work goes on. A
command whose work is what it prints asks for `output_is_the_work`.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from wordloom.errors import DataError

_NAMES = {1: "standard output", 2: "standard error"}


class _Pipe(io.FileIO):
    """A standard stream that goes on, into nothing, when its reader is gone."""

    stops = False

    def write(self, data: Any) -> int:  # type: ignore[override]
        try:
            return super().write(data)
        except OSError as error:
            self._into_nothing()  # what is in the buffers must not fail again
            if not isinstance(error, BrokenPipeError):  # a full disk behind `> file`
                raise OSError(error.errno, os.strerror(error.errno or 0), _NAMES[self.fileno()]) from None
            if self.stops:
                raise
            return memoryview(data).nbytes

    def _into_nothing(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def prepare_streams() -> None:
    """Make this process's standard streams bear a reader that goes, and letters that they cannot show.

    The descriptors of closed streams are taken, so that no file of ours gets one of them and is written to
    by whoever prints there.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(descriptor, True)
        os.close(descriptor)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            continue
        if not stream.isatty():
            pipe = io.BufferedWriter(cast(io.RawIOBase, _Pipe(stream.fileno(), "wb", closefd=False)))
            stream = io.TextIOWrapper(pipe, stream.encoding, line_buffering=name == "stderr")
            setattr(sys, name, stream)
        stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def output_is_the_work() -> Iterator[BinaryIO]:
    """Standard output as bytes, for a command that has nothing to save: a reader that goes ends it.

    Raises DataError if standard output is closed, BrokenPipeError when its reader is gone.
    """
    if sys.stdout is None:
        raise DataError("standard output is closed, and no file to write to is named.")
    sys.stdout.flush()
    raw = getattr(sys.stdout.buffer, "raw", None)
    if isinstance(raw, _Pipe):
        raw.stops = True
    try:
        yield cast(BinaryIO, sys.stdout.buffer)
    finally:
        if isinstance(raw, _Pipe):
            raw.stops = False


def end_streams() -> None:
    """Write what is left in standard output's buffer."""
    if sys.stdout is not None:
        with contextlib.suppress(ValueError):  # closed by somebody else
            sys.stdout.flush()

"""The processes under this one, those that others left behind included (Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from collections.abc import Iterator
from pathlib import Path

_ADOPT = 36  # PR_SET_CHILD_SUBREAPER


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Processes whose parents were killed become children of this one, so that it sees what is left."""
    ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)
    try:
        yield
    finally:
        ctypes.CDLL(None).prctl(_ADOPT, 0, 0, 0, 0)


def processes_under(process: int) -> dict[int, bytes]:
    """Number -> command line of all that a process has started, and these; none of those that have ended."""
    found: dict[int, bytes] = {}
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes()
                found.update(processes_under(child))
    return found


def left_alive(before: set[int], seconds: float, but: tuple[bytes, ...] = ()) -> dict[int, bytes]:
    """Which processes under this one are still there after so many seconds; it does not wait for nothing.

    but : those with any of these in their command line do not count
    """
    end = time.monotonic() + seconds
    while True:
        there = {one: line for one, line in processes_under(os.getpid()).items() if one not in before}
        for one in there:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(one, os.WNOHANG)  # has those go that have ended
        there = {one: line for one, line in there.items() if line and not any(part in line for part in but)}
        if not there or time.monotonic() > end:
            return there
        time.sleep(0.05)

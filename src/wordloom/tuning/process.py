"""The parent's side of the worker: sends trials, waits no longer than it may, starts it again if it dies."""

from __future__ import annotations

import json
import math
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from wordloom.comparison.peak_memory import memory_of
from wordloom.tuning.schedule import Trial
from wordloom.tuning.space import changes
from wordloom.tuning.trials import TrialResult

_LOOK_EVERY, _LONGEST_WAIT = 0.05, 3600.0
"""Seconds between two looks at the memory of the process if that is limited, and if it is not."""


class TimeIsUp(Exception):
    """The time is over before the trial is."""


class WorkerProcess:
    """A worker on the texts in a folder; use it in a `with` block, which ends it.

    Parameters
    ----------
    folder : with the texts
    seed, threads : of every trial
    memory : the most bytes it may use; None for no limit
    """

    def __init__(self, folder: Path, seed: int, threads: int | None, memory: int | None) -> None:
        self.folder, self.memory = folder, memory
        self.shared = {"random_state": seed, "threads": threads}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def end(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def run(self, trial: Trial, seconds: float | None) -> TrialResult:
        """Train and score; raises TimeIsUp after so many seconds, and the process is ended then."""
        process = self._started()
        assert process.stdin is not None
        order = {"settings": {**changes(trial.settings), **self.shared}, "share": trial.share}
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            line = self._answered(process.pid, seconds)
        except BrokenPipeError:
            line = ""
        except TimeIsUp:
            self.end()
            raise
        except MemoryError:
            self.end()
            return TrialResult(
                trial, failed=f"it needs more memory than the {self.memory or 0:,} bytes allowed"
            )
        if not line:
            self.end()
            return TrialResult(trial, failed="its process ended; the machine may have too little memory")
        answer: dict[str, Any] = json.loads(line)
        return TrialResult(trial, **answer)

    def _answered(self, pid: int, seconds: float | None) -> str:
        """The next line; raises TimeIsUp, or MemoryError when the process uses too much."""
        end = math.inf if seconds is None else time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            wait = min(left, _LOOK_EVERY if self.memory else _LONGEST_WAIT)
            try:
                return self._lines.get(timeout=wait)
            except queue.Empty:
                if self.memory and (memory_of(pid) or 0) > self.memory:
                    raise MemoryError from None
        raise TimeIsUp

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            command = [sys.executable, "-m", "wordloom.tuning.worker", str(self.folder)]
            # A session of its own: Ctrl-C is for the parent, which decides what to keep.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
            self._lines: queue.Queue[str] = queue.Queue()
            threading.Thread(target=_listen, args=(self._process.stdout, self._lines), daemon=True).start()
        return self._process


def _listen(stream: Any, lines: queue.Queue[str]) -> None:
    """Pass on every line, and an empty one at the end."""
    for line in stream:
        lines.put(line)
    lines.put("")

"""A process of its own for long work: asked and answering in lines of JSON, ended whatever it does.

The parent writes what it is about into a folder and starts `python -m MODULE FOLDER`. A request is a line on
the worker's standard input, its answers are lines on standard output, the last of them `_DONE`. What
libraries print goes to standard error.
"""

from __future__ import annotations

import json
import math
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from wordloom.errors import WordloomError
from wordloom.memory import memory_of

Answer = Callable[[dict[str, Any]], None]

_DONE: dict[str, Any] = {}
_LOOK_EVERY, _LONGEST_WAIT = 0.05, 3600.0
"""Seconds between two looks at the memory of the process if that is limited, and if it is not."""
_SHOWN_OF_AN_ERROR = 300
_WITHOUT_WORDS: dict[type[Exception], str] = {MemoryError: "there was not enough memory."}


class TimeIsUp(Exception):
    """The time is over before the worker is done."""


class WorkerFailed(Exception):
    """The worker is not there any more, or needs too much; says why."""


class WorkerProcess:
    """A worker on the texts in a folder; use it in a `with` block, which ends it.

    It is started by the first request, and after it was ended by the next one.

    Parameters
    ----------
    module : what it runs, a module that ends in `serve`
    folder : with the texts
    memory : the most bytes it may use; None for no limit
    environment : variables besides those of this process
    """

    def __init__(
        self,
        module: str,
        folder: Path,
        memory: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.command = [sys.executable, "-m", module, str(folder)]
        self.memory, self.environment = memory, {**os.environ, **(environment or {})}
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
            self._errors.close()
            self._process = None

    def kill(self) -> None:
        """Kill the process: from another thread than the one that asks, which then meets WorkerFailed."""
        if self._process is not None:
            self._process.kill()

    def ask(self, request: Mapping[str, Any], seconds: float | None = None) -> Iterator[dict[str, Any]]:
        """The answers to a request, as they come.

        Raises TimeIsUp after so many seconds, and WorkerFailed; the process is ended then, as by any other
        error between two answers.
        """
        end = math.inf if seconds is None else time.perf_counter() + seconds
        try:
            self._send(request)
            while (answer := self._answered(end)) != _DONE:
                yield answer
        except BaseException:
            self.end()
            raise

    def start(self) -> subprocess.Popen[str]:
        """The process, started if there is none."""
        if self._process is None:
            self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # `end` closes it
            # A session of its own: Ctrl-C is for the parent, which decides what to keep.
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=self.environment,
                text=True,
                start_new_session=True,
            )
            self._lines: queue.Queue[str] = queue.Queue()
            threading.Thread(target=_listen, args=(self._process.stdout, self._lines), daemon=True).start()
        return self._process

    def _send(self, request: Mapping[str, Any]) -> None:
        process = self.start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            raise WorkerFailed(self._reason(process)) from None

    def _answered(self, end: float) -> dict[str, Any]:
        process = self.start()
        while (left := end - time.perf_counter()) > 0:
            try:
                line = self._lines.get(timeout=min(left, _LOOK_EVERY if self.memory else _LONGEST_WAIT))
            except queue.Empty:
                if self.memory and (memory_of(process.pid) or 0) > self.memory:
                    raise WorkerFailed(
                        f"it needs more memory than the {self.memory:,} bytes allowed."
                    ) from None
                continue
            if not line:
                raise WorkerFailed(self._reason(process))
            answer: dict[str, Any] = json.loads(line)
            return answer
        raise TimeIsUp

    def _reason(self, process: subprocess.Popen[str]) -> str:
        """Why a process is over: a signal, or the last line of its errors."""
        code = process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        if code < 0:
            return f"its process was ended by signal {-code}; the machine may have too little memory for it."
        return lines[-1][:_SHOWN_OF_AN_ERROR] if lines else f"its process ended with exit code {code}."


def _listen(stream: Any, lines: queue.Queue[str]) -> None:
    """Pass on every line, and an empty one at the end."""
    for line in stream:
        lines.put(line)
    lines.put("")


def serve(handle: Callable[[dict[str, Any], Answer], None]) -> None:
    """The worker's side: handle every request until the input ends, which ends whatever is being done: then
    the one that asks is gone.

    handle : is called with the request and what takes an answer; of its errors those that the data or the
        settings mean are answers too, as `failed`
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer

    def answer(values: dict[str, Any]) -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(requests,), daemon=True).start()
    while True:
        try:
            handle(json.loads(requests.get()), answer)
        except (WordloomError, ImportError, ValueError, MemoryError) as error:
            answer({"failed": str(error) or _WITHOUT_WORDS.get(type(error), type(error).__name__)})
        answer(_DONE)


def _take(requests: queue.SimpleQueue[str]) -> None:
    """Take requests; end the process with the input, as SIGKILL would."""
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)

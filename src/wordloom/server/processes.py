"""Processes: several that answer on one socket, each with its own copy of the model, for more than one core.

uvicorn's supervisor starts them, starts another one for each that dies, and ends them when it is told to.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import SIGNALS

from wordloom.errors import WordloomError
from wordloom.server.limits import Limits
from wordloom.server.listening import configuration

_START_SECONDS = 600.0
"""So long the processes may take until they answer; the first one may have to compile."""


@dataclass(frozen=True)
class ServedModel:
    """A model's folder and how it is served; called in a process, it makes the application."""

    folder: str
    name: str
    limits: Limits
    token: str

    def __call__(self) -> Starlette:
        from wordloom.server import application
        from wordloom.text_model import TextModel

        _end_with_parent()
        os.environ.setdefault("WORDLOOM_KERNELS", "compiled")  # as `compiled_throughout`
        return application(TextModel.load(self.folder), self.name, self.limits, self.token)


class _Processes(Multiprocess):
    """uvicorn's supervisor that says when all of its processes answer."""

    ready: Callable[[], None]
    failed = False

    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(_START_SECONDS) for process in self.processes):
            self.ready()
        else:
            self.failed = True
            self.should_exit.set()


def serve_in_processes(
    served: ServedModel, listening: socket.socket, processes: int, ready: Callable[[], None]
) -> None:
    """Answer in several processes until SIGTERM or Ctrl-C; in the main thread only.

    The limits on connections, requests and bodies hold in each process. Raises WordloomError if they cannot
    be started.

    ready : called when all of them answer
    """
    config = configuration(served, served.limits, factory=True, workers=processes)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        supervisor = _Processes(config, [listening])
        supervisor.ready = ready
        supervisor.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if supervisor.failed:
        raise WordloomError(
            "The processes that answer ended before they began; what they say above is why. One process "
            "(--processes 1) may need less memory."
        )


def _end_with_parent() -> None:
    """End this process when the one that started it is gone without a word, so that no port stays taken."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_for, args=(parent,), name="parent process", daemon=True).start()


def _wait_for(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)

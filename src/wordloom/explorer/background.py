"""Background: work that takes seconds is done once, beside the answers, and asked for until it is there."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from wordloom.errors import WordloomError, WordloomWarning
from wordloom.server.refusal import Refusal


class Background:
    """Pieces of work by name, each begun when it is first asked for, in a thread of its own."""

    def __init__(self) -> None:
        self._begun: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, work: Callable[[], Any]) -> Future[Any]:
        """The future of a piece of work, which begins if it has not."""
        with self._lock:
            if name not in self._begun:
                future = self._begun[name] = Future()
                threading.Thread(target=_do, args=(work, future), name=name, daemon=True).start()
            return self._begun[name]

    def done(self, name: str, work: Callable[[], Any]) -> Any:
        """What came of the work, or None while it goes on; Refusal (400) with the reason where it failed."""
        future = self.begin(name, work)
        if not future.done():
            return None
        try:
            return future.result()
        except WordloomError as error:
            raise Refusal(400, str(error)) from None


def _do(work: Callable[[], Any], future: Future[Any]) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WordloomWarning)
            future.set_result(work())
    except BaseException as error:
        future.set_exception(error)

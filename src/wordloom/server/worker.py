"""Worker: predicts the texts of requests; those that wait together are predicted together.

What takes a few milliseconds is predicted by the event loop itself: all that it has received in one round is
one batch, and no other thread has to be woken for it, which on a busy machine takes longer than to predict.
What takes longer is done by a thread of its own, so that the loop goes on answering. While that predicts,
further requests arrive; it then takes those that wait, up to a number of texts and characters. So no request
waits for others to come: one that comes alone is predicted at once and alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from wordloom.server.limits import Limits
from wordloom.server.refusal import Refusal

Result = TypeVar("Result")
Rows = NDArray[np.float64]
_STOP = None
_QUICK_SECONDS = 0.005
"""So long the event loop may predict by itself, since it answers nobody meanwhile."""
_SAMPLE = "the quick brown fox jumps over the lazy dog, again and again. " * 32


@dataclass(slots=True)
class _Job:
    """Texts to predict or, if there is a function, that with its arguments; and who waits for it."""

    texts: Sequence[str]
    function: Callable[..., Any] | None
    arguments: tuple[Any, ...]
    waiting: asyncio.Future[Any]
    characters: int
    latest: float


@dataclass(slots=True)
class _Outcome:
    job: _Job
    result: Any = None
    error: Exception | None = None

    def give(self) -> None:
        """Tell who waits, if anybody still does."""
        waiting = self.job.waiting
        if waiting.done():
            return
        if self.error is None:
            waiting.set_result(self.result)
        else:
            waiting.set_exception(self.error)


class Worker:
    """Predicts texts and runs other functions, in the order in which they are asked for.

    Parameters
    ----------
    predict : N texts to numbers (N, C); a row must not depend on the other texts
    limits : how much is predicted at once
    quick_characters : so many are predicted by the event loop itself; see `measure`
    """

    def __init__(
        self, predict: Callable[[Sequence[str]], Rows], limits: Limits, quick_characters: int = 0
    ) -> None:
        self._predict, self._limits, self.quick_characters = predict, limits, quick_characters
        self._gathered: list[_Job] = []
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def measure(self) -> None:
        """Find out how many characters are predicted within some milliseconds; the best of three counts."""
        seconds = []
        for _ in range(4):  # the first one loads what is needed
            began = time.perf_counter()
            self._predict([_SAMPLE])
            seconds.append(time.perf_counter() - began)
        self.quick_characters = int(len(_SAMPLE) * _QUICK_SECONDS / min(seconds[1:]))

    async def predictions(self, texts: Sequence[str]) -> Rows:
        """The numbers (N, C) of some texts."""
        return await self._done(texts, None, ())  # type: ignore[no-any-return]

    async def run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What a function returns for the arguments."""
        return await self._done((), function, arguments)  # type: ignore[no-any-return]

    def start(self) -> None:
        """Begin to work; does nothing in a worker that does."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="wordloom predictions", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End when what was asked for until now is done."""
        if self._thread is not None:
            self._jobs.put(_STOP)
            self._thread.join()
            self._thread = None

    async def _done(
        self, texts: Sequence[str], function: Callable[..., Any] | None, arguments: tuple[Any, ...]
    ) -> Any:
        loop = asyncio.get_running_loop()
        latest = time.monotonic() + self._limits.seconds
        job = _Job(texts, function, arguments, loop.create_future(), sum(map(len, texts)), latest)
        few = len(texts) <= self._limits.batch_texts and job.characters <= self.quick_characters
        if few and function is None:
            if not self._gathered:
                loop.call_soon(self._predict_gathered, loop)
            self._gathered.append(job)
        else:
            self.start()
            self._jobs.put(job)
        return await job.waiting

    def _predict_gathered(self, loop: asyncio.AbstractEventLoop) -> None:
        """Predict what has come in this round of the loop; what is too much at once, in the next rounds."""
        taken, texts, characters = 0, 0, 0
        for job in self._gathered:
            texts, characters = texts + len(job.texts), characters + job.characters
            if taken and (texts > self._limits.batch_texts or characters > self.quick_characters):
                break
            taken += 1
        jobs, self._gathered = self._gathered[:taken], self._gathered[taken:]
        if self._gathered:
            loop.call_soon(self._predict_gathered, loop)
        waited_for = [job for job in jobs if not job.waiting.cancelled()]
        if waited_for:
            _give(self._outcomes(waited_for))

    def _work(self) -> None:
        following = self._jobs.get()
        while following is not _STOP:
            jobs, following = self._together(following)
            self._do([job for job in jobs if not job.waiting.cancelled()])
            del jobs  # nothing of a request is held while waiting for the next one
            following = following or self._jobs.get()

    def _together(self, first: _Job) -> tuple[list[_Job], _Job | None]:
        """What is done at once, and what was taken from the queue but comes next."""
        jobs, texts, characters = [first], len(first.texts), first.characters
        while first.function is None:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is _STOP:
                self._jobs.put(_STOP)
                break
            texts, characters = texts + len(job.texts), characters + job.characters
            most = self._limits
            if job.function is not None or texts > most.batch_texts or characters > most.batch_characters:
                return jobs, job
            jobs.append(job)
        return jobs, None

    def _do(self, jobs: list[_Job]) -> None:
        """Do the jobs and give their outcomes in the loop of those who wait, in one call."""
        if jobs:
            loop = jobs[0].waiting.get_loop()
            with contextlib.suppress(RuntimeError):  # a loop that has been closed meanwhile
                loop.call_soon_threadsafe(_give, self._outcomes(jobs))

    def _outcomes(self, jobs: list[_Job]) -> list[_Outcome]:
        now = time.monotonic()
        if any(job.latest < now for job in jobs):
            in_time = [job for job in jobs if job.latest >= now]
            too_late = [_Outcome(job, error=self._too_late()) for job in jobs if job.latest < now]
            return too_late + (self._outcomes(in_time) if in_time else [])
        if jobs[0].function is not None:
            return [self._outcome(jobs[0])]
        try:
            rows = self._predict([text for job in jobs for text in job.texts])
        except Exception:  # each alone, so that the others do not pay for the one that fails
            return [self._outcome(job) for job in jobs]
        outcomes, at = [], 0
        for job in jobs:
            outcomes.append(_Outcome(job, rows[at : at + len(job.texts)]))
            at += len(job.texts)
        return outcomes

    def _too_late(self) -> Refusal:
        return Refusal.busy(f"The request has waited for more than {self._limits.seconds:g} s.")

    def _outcome(self, job: _Job) -> _Outcome:
        try:
            done = self._predict(job.texts) if job.function is None else job.function(*job.arguments)
            return _Outcome(job, done)
        except Exception as error:
            return _Outcome(job, error=error)


def _give(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        outcome.give()

"""Jobs done in this process, or by processes of this machine of which one that dies is replaced."""

from __future__ import annotations

import queue
import threading
from collections import deque
from pathlib import Path
from typing import Any

from wordloom.errors import UsageError
from wordloom.executors.job import TRIES, Job, Outcome, request_of, worn_out
from wordloom.worker_process import WorkerFailed, WorkerProcess

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class InProcess:
    """Does the jobs in this process, when their outcomes are asked for."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()

    def submit(self, job: Job) -> None:
        self._jobs.append(job)

    def next(self) -> Outcome:
        job = self._jobs.popleft()
        return Outcome(job, job.run())

    def close(self) -> None:
        self._jobs.clear()


class LocalProcesses:
    """Does the jobs in some processes of this machine; one that dies is replaced and its job done again.

    Parameters
    ----------
    processes : how many
    memory : the most bytes that one may use; None for no limit
    """

    def __init__(self, processes: int, memory: int | None = None) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        self._workers = [
            WorkerProcess("wordloom.executors.worker", Path(), memory, _ONE_THREAD) for _ in range(processes)
        ]
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, args=(worker,), daemon=True) for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        if self._closed:
            raise UsageError(
                "These processes have been ended: an executor is for one run. Make another one, "
                f"LocalProcesses({len(self._workers)})."
            )
        self._jobs.put(job)

    def next(self) -> Outcome:
        outcome = self._outcomes.get()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def close(self) -> None:
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
        for worker in self._workers:
            worker.kill()
        for thread in self._threads:
            thread.join()

    def _work(self, worker: WorkerProcess) -> None:
        with worker:
            while (job := self._jobs.get()) is not None and not self._closed:
                try:
                    self._outcomes.put(Outcome(job, self._result(worker, job)))
                except BaseException as error:
                    self._outcomes.put(error)
                    return

    def _result(self, worker: WorkerProcess, job: Job) -> dict[str, Any]:
        reason = ""
        for _ in range(TRIES):
            try:
                (answer,) = worker.ask(request_of(job))
                if "result" in answer:
                    return dict(answer["result"])
                return {"error": f"{job.name}: {answer['failed']}"}
            except WorkerFailed as error:
                reason = str(error)
                if self._closed:
                    break
        return worn_out(job, reason)

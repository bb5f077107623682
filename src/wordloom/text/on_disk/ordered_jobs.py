"""OrderedJobs: jobs on parts, done by an executor in any order, and told of in the order of the parts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wordloom.errors import DataError, UsageError
from wordloom.executors import Executor
from wordloom.loop.callback import CallbackList
from wordloom.text.on_disk.part_jobs import PartJob


@dataclass(frozen=True)
class Step:
    """A step of the work that callbacks are told of.

    Parameters
    ----------
    name, unit : as they are told
    sizes : of each part, in that unit
    """

    name: str
    unit: str
    sizes: Sequence[int]

    @property
    def total(self) -> int:
        """Of all parts."""
        return sum(self.sizes)


class OrderedJobs:
    """Has jobs done.

    Parameters
    ----------
    executor : who does them
    callbacks : told how far a step is
    """

    def __init__(self, executor: Executor, callbacks: CallbackList) -> None:
        self._executor, self._callbacks = executor, callbacks

    def in_order(self, jobs: Sequence[PartJob], step: Step | None = None) -> Iterator[int]:
        """Have jobs on parts, or on ranges, 0 to N-1 done. Gives the numbers of those that are done, rising:
        what is put together of the first ones need not wait for the last.

        Raises what the first one to fail raised: DataError or UsageError.
        """
        done, inside, first = set[int](), 0, 0

        def told(more: int) -> None:
            if step is not None and inside + more < step.total:
                self._callbacks.on_step(step.name, inside + more, step.total, step.unit)

        for job in jobs:
            self._executor.submit(dataclasses.replace(job, place=dataclasses.replace(job.place, told=told)))
        for _ in jobs:
            job, result = self._executor.next()
            if "error" in result:
                raise (UsageError if result.get("usage") else DataError)(result["error"])
            if step is not None:
                inside += step.sizes[job.part]
                told(0)
            done.add(job.part)
            while first in done:
                yield first
                first += 1

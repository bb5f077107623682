"""Job: what is to be done, as plain values. Executor: what has it done, anything with three methods."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from wordloom.errors import WordloomError

TRIES = 3
"""So often a job is begun whose worker dies."""


class Job(Protocol):
    """Something to be done, which may be done twice without harm."""

    @property
    def name(self) -> str:
        """What messages call it: the address of a shard."""

    def run(self) -> dict[str, Any]:
        """Do it. Gives plain values for JSON; `error` says in the place of them why there are none."""

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON, for `from_config` of its class."""

    @staticmethod
    def from_config(config: Mapping[str, Any]) -> Job:
        """What `to_config` gave."""


class Outcome(NamedTuple):
    """What has become of a job: what `run` gave."""

    job: Any
    result: dict[str, Any]


class Executor(Protocol):
    """Does jobs in any order, each at least once."""

    def submit(self, job: Job) -> None:
        """Have a job done; returns at once."""

    def next(self) -> Outcome:
        """The outcome of one of the jobs that were submitted, when there is one; each comes once."""

    def close(self) -> None:
        """End, whatever is being done."""


class WhenNeeded:
    """An executor that is made when there is a first job for it, so that nothing starts where all is done.

    Parameters
    ----------
    make : makes it
    """

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._made: Executor | None = None

    def submit(self, job: Job) -> None:
        if self._made is None:
            self._made = self._make()
        self._made.submit(job)

    def next(self) -> Outcome:
        assert self._made is not None
        return self._made.next()

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


def request_of(job: Job) -> dict[str, Any]:
    """A job as plain values, with the class that knows it."""
    kind = type(job)
    return {"kind": f"{kind.__module__}:{kind.__qualname__}", "job": job.to_config()}


def answered(request: Mapping[str, Any]) -> dict[str, Any]:
    """Do the job of a request; what a worker does. A job that cannot be made here, since a file is not there,
    has an error for its result."""
    try:
        job: Job = pkgutil.resolve_name(request["kind"]).from_config(request["job"])
    except WordloomError as error:
        return {"error": str(error)}
    return job.run()


def worn_out(job: Job, reason: str) -> dict[str, Any]:
    """The result of a job over which so many workers ended that it is given up."""
    return {"error": f"{job.name}: {TRIES} workers ended over it, the last one because {reason}"}

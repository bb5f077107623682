"""Executors: who does the jobs of work in shards: this process, processes of this machine, or a Ray cluster.

A `Job` is a pure function of plain values; it may be done twice without harm, so an executor does it again
when whoever did it is gone. What the jobs are is for those who submit them: `wordloom.scoring` has some.
"""

from __future__ import annotations

from wordloom.errors import UsageError
from wordloom.executors.job import Executor, Job, Outcome, WhenNeeded
from wordloom.executors.processes import InProcess, LocalProcesses
from wordloom.executors.ray_cluster import OnRay

__all__ = ["Executor", "InProcess", "Job", "LocalProcesses", "OnRay", "Outcome", "WhenNeeded", "executor_of"]


def executor_of(who: str, workers: int) -> Executor:
    """The executor that a user names; UsageError for another name.

    who : "local" for processes of this machine, of which one alone is this process; "processes" for others
        in any case; "ray" for a cluster of this machine's own, "auto" for the one that it is part of, or an
        address, "ray://host:10001"
    workers : how many processes of this machine
    """
    if who == "local":
        return InProcess() if workers == 1 else LocalProcesses(workers)
    if who == "processes":
        return LocalProcesses(workers)
    if who == "ray":
        return OnRay(processes=workers)
    if who == "auto" or who.startswith("ray://"):
        return OnRay(who)
    raise UsageError(
        f"executor={who!r:.60} is none of local, processes, ray, auto and ray://HOST:PORT (--executor)."
    )

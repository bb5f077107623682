"""Jobs on Ray: a cluster that is there, or one of this machine's own.

Ray starts the processes, begins a job again whose worker or machine died, and hands back what it gives.
Every machine must reach shards, models and folders that jobs name under the same paths.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from wordloom import __version__
from wordloom.errors import DataError, MissingExtraError, UsageError
from wordloom.executors.job import TRIES, Job, Outcome, answered, request_of, worn_out

_QUIET = {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}


class OnRay:
    """Does the jobs as tasks of Ray.

    Raises MissingExtraError without Ray, or without its client for an address, DataError for a cluster that
    cannot be reached, UsageError for one that runs another version of Python or of wordloom.

    Parameters
    ----------
    address : of a cluster, `ray://host:10001`, or "auto" for the one that this machine is part of; None: a
        cluster of this machine's own, or the one that this process is connected to already
    processes : how many of this machine's own; None: as many as it has cores
    """

    def __init__(self, address: str | None = None, processes: int | None = None) -> None:
        try:
            import ray
        except ImportError:
            raise MissingExtraError("Running on Ray", "ray", "ray") from None
        self._ray, self._jobs = ray, dict[Any, Job]()
        self._owns = not ray.is_initialized()
        if self._owns:
            self._connect(address, processes)
        try:
            self._check_versions()
            self._run = ray.remote(max_retries=TRIES - 1)(answered)
        except BaseException:
            self.close()
            raise

    def submit(self, job: Job) -> None:
        self._jobs[self._run.remote(request_of(job))] = job

    def next(self) -> Outcome:
        errors = self._ray.exceptions
        try:
            (ready,), _ = self._ray.wait(list(self._jobs), num_returns=1)
            job = self._jobs.pop(ready)
            return Outcome(job, self._ray.get(ready))
        except (errors.WorkerCrashedError, errors.NodeDiedError, errors.OutOfMemoryError) as error:
            return Outcome(job, worn_out(job, _line(error)))
        except (errors.RayError, ConnectionError) as error:
            raise DataError(
                f"The Ray cluster failed: {_line(error)} Give the command again when it is there; shards "
                "that are scored already are passed over then."
            ) from error

    def close(self) -> None:
        if self._owns:
            self._ray.shutdown()
        else:
            for reference in self._jobs:
                self._ray.cancel(reference, force=True)
        self._jobs.clear()

    def _connect(self, address: str | None, processes: int | None) -> None:
        if address is not None and "://" in address:
            _require_client()
        own: Mapping[str, Any] = {"num_cpus": processes, **_QUIET} if address is None else {}
        try:
            self._ray.init(address or "local", **own)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise DataError(
                f"{address or 'Ray'}: no cluster of Ray answers: {_line(error)} Look at the address, and at "
                "RAY_AUTH_TOKEN where the cluster asks for a token; --executor ray needs no other machine."
            ) from error

    def _check_versions(self) -> None:
        ours = _versions()
        theirs = self._ray.get(self._ray.remote(_versions).remote())
        if theirs != ours:
            raise UsageError(
                f"The Ray cluster runs {' and '.join(theirs)}, this machine {' and '.join(ours)}. Results "
                "would not be the same: install the same versions on both."
            )


def _require_client() -> None:
    """MissingExtraError without what Ray's client for other machines needs."""
    try:
        import grpc  # noqa: F401
    except ImportError:
        raise MissingExtraError("Running on a Ray cluster at an address", "grpcio", "ray") from None


def _versions() -> tuple[str, str]:
    python = ".".join(platform.python_version_tuple()[:2])
    return f"Python {python}", f"wordloom {__version__}"


def _line(error: BaseException) -> str:
    """The first line of a message, as a sentence."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    return first if first.endswith(".") else f"{first}."

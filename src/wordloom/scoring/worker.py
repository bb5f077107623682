"""A process that does jobs: asked in lines of JSON, see `wordloom.worker_process`."""

from __future__ import annotations

from typing import Any

from wordloom.kernels import compiled_throughout
from wordloom.scoring.job import run_job
from wordloom.worker_process import Answer, serve


def _handle(request: dict[str, Any], answer: Answer) -> None:
    answer({"result": run_job(request)})


def main() -> None:
    """Do jobs until there are no more."""
    with compiled_throughout():
        serve(_handle)


if __name__ == "__main__":
    main()

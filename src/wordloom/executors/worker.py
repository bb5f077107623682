"""A process that does jobs: asked in lines of JSON, see `wordloom.worker_process`."""

from __future__ import annotations

from typing import Any

from wordloom.executors.job import answered
from wordloom.worker_process import Answer, serve


def _handle(request: dict[str, Any], answer: Answer) -> None:
    answer({"result": answered(request)})


def main() -> None:
    """Do jobs until there are no more."""
    serve(_handle)


if __name__ == "__main__":
    main()

"""One contender's process: started, listened to, and ended if the comparison is."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from wordloom.comparison.contender import Contender
from wordloom.comparison.job import PREDICTIONS, Job
from wordloom.comparison.results import Entry, Failure, Run
from wordloom.comparison.splits import Material
from wordloom.errors import WordloomWarning

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_SHOWN_OF_AN_ERROR = 300


def run_contender(
    contender: Contender, job: Job, material: Material, folder: Path, heard: Callable[[Run], None]
) -> Entry | Failure:
    """Train and test a contender in a process of its own; `folder` holds the material (see `job`).

    heard : is called after each run
    """
    job.write(folder)
    answers: dict[str, Any] = {}
    runs: list[Run] = []
    with tempfile.TemporaryFile() as errors:
        command = [sys.executable, "-m", "wordloom.comparison.worker", str(folder)]
        with _ended(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=_environment(job), text=True)
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                answer = json.loads(line)
                if "run" in answer:
                    runs.append(Run(*answer["run"]))
                    heard(runs[-1])
                else:
                    answers |= answer
        if process.returncode:
            return Failure(contender, _reason(answers, process.returncode, errors))
    for message in answers["warnings"]:
        warnings.warn(f"{contender.name}: {message}", WordloomWarning, stacklevel=3)
    rows = material.tested
    return Entry(
        contender,
        np.load(folder / PREDICTIONS, allow_pickle=False),
        material.targets[rows],
        len(material.labels),
        tuple(runs),
        answers.get("first"),
        answers["size"],
        answers["peak"],
    )


@contextlib.contextmanager
def _ended(process: subprocess.Popen[str]) -> Any:
    """The process, which is over when the block ends, however it ends."""
    try:
        with process:
            yield process
    finally:
        if process.poll() is None:
            process.kill()


def _environment(job: Job) -> dict[str, str]:
    """This process's, with the number of threads for the libraries that take it from there."""
    if job.threads is None:
        return dict(os.environ)
    return {**os.environ, **dict.fromkeys(_THREADS, str(job.threads))}


def _reason(answers: dict[str, Any], code: int, errors: Any) -> str:
    """Why a process failed: what it said, or the last line of its errors."""
    if "failed" in answers:
        return str(answers["failed"])
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    if code < 0:
        return f"its process was ended by signal {-code}; the machine may have too little memory for it."
    return lines[-1][:_SHOWN_OF_AN_ERROR] if lines else f"its process ended with exit code {code}."

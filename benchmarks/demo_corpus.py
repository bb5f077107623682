"""A million short documents in 16 shards: scored, interrupted on purpose and resumed, filtered, reported on.

python benchmarks/demo_corpus.py FOLDER [DOCUMENTS]      as `make demo-corpus` does it

Everything is made by the project; the folder is made anew. It prints how long each step took.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wordloom.datasets import demo_corpus

SHARDS, WORKERS = 16, 2
INTERRUPTED, SUCCESS = 130, 0


def program(*words: Any) -> list[str]:
    """A command of the program in a process of its own."""
    return [sys.executable, "-m", "wordloom", *map(str, words)]


def timed(title: str, step: Callable[[], object]) -> float:
    """Seconds that a step took, which are printed."""
    print(f"== {title}", flush=True)
    began = time.perf_counter()
    step()
    seconds = time.perf_counter() - began
    print(f"   {seconds:.1f} s", flush=True)
    return seconds


def ran(command: list[str]) -> None:
    """Run a command, which must end well."""
    subprocess.run(command, check=True)


def interrupted(command: list[str], out: Path, after: int) -> None:
    """Run a command and interrupt it as Ctrl-C does when so many of its outputs are there."""
    with subprocess.Popen(command, start_new_session=True) as process:
        while process.poll() is None and len(list(out.glob("part-*"))) < after:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        code = process.wait()
    if code not in (INTERRUPTED, -signal.SIGINT):
        sys.exit(f"the run was to be interrupted, and ended with {code}")
    print(f"   interrupted: {len(list(out.glob('part-*')))} of {SHARDS} outputs are there", flush=True)


def main(folder: Path, documents: int) -> None:
    """All steps."""
    shutil.rmtree(folder, ignore_errors=True)
    corpus, model, scores, best = (folder / name for name in ("corpus", "model", "scores", "best"))
    common = ["--workers", WORKERS, "--no-progress"]
    scoring = program("score", model, corpus, "--out", scores, "--rows", *common)
    keeping = program("score", model, corpus, "--out", best, "--keep", "pos:top:10%", *common)
    steps = {
        f"{documents:,} documents in {SHARDS} shards": lambda: demo_corpus.write(corpus, documents, SHARDS),
        "a model": lambda: ran(program("train", "demo", "--seed", 1, "--out", model, "--no-progress")),
        "scored, and interrupted on purpose": lambda: interrupted(scoring, scores, SHARDS // 4),
        "resumed": lambda: ran(scoring),
        "again, with nothing left to do": lambda: ran(scoring),
        "the best tenth": lambda: ran(keeping),
        "a report": lambda: ran(program("score", "--out", scores, "--report")),
    }
    total = sum(timed(title, step) for title, step in steps.items())
    print(f"{total:.1f} s in all; {os.cpu_count()} cores. The results are in {folder}.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)

"""Local workers that are killed at what a test says."""

from __future__ import annotations

import os
import sys

from wordloom.executors import LocalProcesses

WORKER = """
import os, sys
from pathlib import Path
from wordloom.executors import worker

marks = Path(sys.argv[1])

def die():
    (marks / "died").touch()
    os.kill(os.getpid(), 9)

def died():
    return (marks / "died").exists()

{prepare}
worker.main()
"""


def deadly_processes(folder, monkeypatch, prepare):
    """Two processes that run some code first, which may have them call `die` and ask whether one has `died`.

    Whether one has died is in the folder "marks".
    """
    (folder / "marks").mkdir()
    (folder / "deadly_worker.py").write_text(WORKER.format(prepare=prepare))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
    processes = LocalProcesses(2)
    for worker in processes._workers:
        worker.command = [sys.executable, str(folder / "deadly_worker.py"), str(folder / "marks")]
    return processes

"""Whole processes: the first run with nothing compiled, `--help`, one prediction, and memory of training."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from side_by_side import imdb, report_figure

COMMAND = str(Path(sys.executable).parent / "wordloom")
TRAIN = """
import resource, sys, time
from wordloom import datasets
from wordloom.fit import fit
from wordloom.settings import Settings
data = datasets.load("imdb")
began = time.perf_counter()
model = fit(data.train, Settings(random_state=0))
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
model.save(sys.argv[1])
"""


def train(folder: str, kernels: str) -> tuple[float, float]:
    """Seconds of a fit with the defaults and the peak memory (MB) of its process."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": kernels}
    command = [sys.executable, "-c", TRAIN, folder]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    seconds, peak = finished.stdout.split()
    return float(seconds), float(peak)


def whole(command: list[str], rounds: int = 9) -> float:
    """Median seconds of a whole process, after one that warms the disk's cache."""
    seconds = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[1:])


def main() -> None:
    imdb()
    with tempfile.TemporaryDirectory() as folder:
        model, kernels = str(Path(folder) / "model"), str(Path(folder) / "kernels")
        first, peak = train(model, kernels)
        report_figure("first fit, kernels compiled on the way", first, "s", goal=15, at_most=True)
        again, peak_again = train(model, kernels)
        report_figure("second fit", again, "s", goal=15, at_most=True)
        report_figure("peak memory of training, first fit", peak, "MB", goal=600, at_most=True)
        report_figure("peak memory of training", peak_again, "MB", goal=600, at_most=True)
        predict = [COMMAND, "predict", model, "a film worth seeing twice"]
        report_figure("wordloom predict MODEL TEXT", whole(predict), "s", goal=0.5, at_most=True)
        report_figure("wordloom --help", whole([COMMAND, "--help"]), "s", goal=0.2, at_most=True)


if __name__ == "__main__":
    main()

"""Training on a streamed file beside training in memory: the same bits, the memory and the time it takes.

The reviews of IMDB as they are, and ten times as many drawn from them with repetition, each training in a
process of its own. Three figures of memory: what the process holds itself; that and the pages of files mapped
into it, which the system takes back when it needs them; and the temporary files on disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from side_by_side import imdb, report_figure
from wordloom.csv_writer import csv_writer

TIMES = (1, 10)
TRAIN = """
import contextlib, hashlib, json, os, re, sys, threading, time, warnings
from wordloom.fit import FitInput, fit
from wordloom.readers import read_corpus, stream_corpus
from wordloom.settings import Settings
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.on_disk.text_parts import Passes

most = {"RssAnon": 0, "VmRSS": 0, "scratch": 0}

def scratch_bytes():
    found = 0
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if os.readlink("/proc/self/fd/" + name).endswith(" (deleted)"):
                found += os.stat("/proc/self/fd/" + name).st_size
    return found

def watch():
    while True:
        text = open("/proc/self/status").read()
        now = {name: int(re.search(name + r":\\s+(\\d+)", text)[1]) / 1024 for name in ("RssAnon", "VmRSS")}
        now["scratch"] = scratch_bytes() / 1e6
        for name, value in now.items():
            most[name] = max(most[name], value)
        time.sleep(0.02)

def train(read, path):
    began = time.perf_counter()
    extra = FitInput(passes=Passes(Scratch(os.path.dirname(path))))
    model = fit(read(path).train, Settings(architecture="ngram", random_state=0), extra)
    return time.perf_counter() - began, model.network.arrays()

warnings.simplefilter("ignore")
how, path, small = sys.argv[1:]
read = {"streamed": stream_corpus, "in memory": read_corpus}[how]
train(read, small)  # loads what is compiled
threading.Thread(target=watch, daemon=True).start()
seconds, arrays = train(read, path)
digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays.values())).hexdigest()
print(json.dumps({"seconds": seconds, "digest": digest, "rows": len(arrays["weights"]), **most}))
"""


def write(path: Path, rows: list[int]) -> None:
    """A table of the reviews `rows`."""
    train = imdb().train
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv_writer(file)
        table.writerow(("text", "label"))
        table.writerows((train.texts[row], train.labels[row]) for row in rows)


def trained(how: str, path: Path, small: Path) -> dict[str, float]:
    """What a process that trains on the file says."""
    return answered([sys.executable, "-c", TRAIN, how, str(path), str(small)])


def answered(command: list[str]) -> dict[str, Any]:
    """The JSON document that a command prints."""
    finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode:
        sys.exit(finished.stderr)
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        n, small = len(imdb().train), Path(folder) / "small.csv"
        write(small, list(range(0, n, 8)))
        for times in TIMES:
            path = Path(folder) / f"imdb{times}.csv"
            drawn = np.random.default_rng(0).integers(0, n, times * n)
            write(path, list(range(n)) if times == 1 else drawn.tolist())
            compare(f"IMDB x{times}", path, small)


def compare(name: str, path: Path, small: Path) -> None:
    """Both ways to train on a file, one after the other."""
    found = {how: trained(how, path, small) for how in ("in memory", "streamed")}
    streamed, whole = found["streamed"], found["in memory"]
    megabytes = path.stat().st_size / 1e6
    name = f"{name} ({megabytes:,.0f} MB, {streamed['rows']:,.0f} words and n-grams)"
    same = float(streamed["digest"] == whole["digest"])
    report_figure(f"{name}: streamed, the same bits as in memory", same, "", goal=1, at_most=False)
    ratio = streamed["seconds"] / whole["seconds"]
    report_figure(f"{name}: time streamed / in memory", ratio, "x", goal=0, at_most=True)
    for how, figures in found.items():
        report_figure(f"{name}: {how}, time", figures["seconds"], "s", goal=0, at_most=True)
        report_figure(f"{name}: {how}, own memory", figures["RssAnon"], "MB", goal=0, at_most=True)
        report_figure(f"{name}: {how}, with mapped files", figures["VmRSS"], "MB", goal=0, at_most=True)
    report_figure(f"{name}: temporary files", streamed["scratch"], "MB", goal=0, at_most=True)


if __name__ == "__main__":
    main()

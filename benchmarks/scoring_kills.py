"""SIGKILL while a corpus is scored: of a worker, of the driver, and of both during a write.

After each kill every output that has its final name must be, byte for byte, what an undisturbed run writes.
A run whose worker was killed must end well by itself; one whose driver was killed, when it is given again.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wordloom.datasets import demo_corpus

SEED, KILLS = 12, 50
SHARDS, DOCUMENTS = 6, 6_000
KINDS = ("worker", "driver", "worker in a write", "driver in a write")
_LONGEST = 120.0


def outputs_in(out: Path) -> dict[str, bytes]:
    """Name -> content of everything under a final name; not what the run notes, nor what a kill left."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and "_wordloom" not in path.parts and not path.name.startswith(".")
    }


def workers_of(driver: int) -> list[int]:
    """The processes that a driver started."""
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{driver}/task/{driver}/children").read_text().split()] or [
            int(one)
            for task in Path(f"/proc/{driver}/task").iterdir()
            for one in (task / "children").read_text().split()
        ]
    return []


@dataclass
class Corpus:
    """A corpus, a model, and what an undisturbed run makes of them."""

    folder: Path
    model: Path
    documents: int = DOCUMENTS
    shards: int = SHARDS

    def __post_init__(self) -> None:
        demo_corpus.write(self.folder / "corpus", self.documents, self.shards)
        began = time.perf_counter()
        self.finish(self.folder / "undisturbed")
        self.seconds = time.perf_counter() - began
        self.expected = outputs_in(self.folder / "undisturbed")

    def start(self, out: Path) -> subprocess.Popen[bytes]:
        """A run with two workers."""
        words = ["score", str(self.model), str(self.folder / "corpus"), "--out", str(out)]
        command = [sys.executable, "-m", "wordloom", *words, "--rows", "--workers", "2", "--no-progress"]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def finish(self, out: Path) -> bool:
        """Whether a run that goes on where others ended does so well."""
        return self.start(out).wait(_LONGEST) == 0


def _until_a_write(run: subprocess.Popen[bytes], out: Path) -> None:
    """Wait until a file without its final name is there, which is one being written."""
    end = time.monotonic() + _LONGEST
    while run.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):  # it may be gone while it is looked at
            if any(path.stat().st_size for path in out.rglob(".*.partial")):
                return
        time.sleep(0.0005)


def kill_one(corpus: Corpus, out: Path, kind: str, draw: random.Random) -> Mapping[str, int]:
    """Kill once; "killed" whether it met a process, "wrong" whether anything is not as it should be."""
    run = corpus.start(out)
    if kind.endswith("in a write"):
        _until_a_write(run, out)
    else:
        time.sleep(draw.uniform(0.3, 1.0) * corpus.seconds)
    among = workers_of(run.pid) if kind.startswith("worker") else [run.pid]
    met = run.poll() is None and bool(among)
    if met:
        with contextlib.suppress(ProcessLookupError):
            os.kill(draw.choice(among), signal.SIGKILL)
    code = run.wait(_LONGEST)
    half = any(corpus.expected.get(name) != content for name, content in outputs_in(out).items())
    ended_ill = code != 0 and kind.startswith("worker")
    whole = corpus.finish(out) and outputs_in(out) == corpus.expected
    return {"killed": int(met), "wrong": int(half or ended_ill or not whole)}


def scoring_kills(corpus: Corpus, kills: int, kinds: Sequence[str] = KINDS) -> dict[str, Counter[str]]:
    """So many kills, of each kind by turns, each of a run from the beginning; counts for each kind."""
    draw = random.Random(SEED)
    found: dict[str, Counter[str]] = {kind: Counter(runs=0, killed=0, wrong=0) for kind in kinds}
    for number in range(kills):
        kind, out = kinds[number % len(kinds)], corpus.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        found[kind].update({"runs": 1, **kill_one(corpus, out, kind, draw)})
    return found


def report_scoring_kills() -> None:
    """The table and the figure."""
    from side_by_side import report_figure

    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "model")
        train = ["train", "demo", "--seed", "1", "--no-progress", "--out", str(model)]
        subprocess.run([sys.executable, "-m", "wordloom", *train], check=True, capture_output=True)
        found = scoring_kills(Corpus(Path(folder), model), KILLS)
    lines = [
        "| killed while scoring | runs | kills before the end | not as undisturbed |",
        "|---|---|---|---|",
    ]
    lines += [f"| {kind} | {n['runs']} | {n['killed']} | {n['wrong']} |" for kind, n in found.items()]
    print(json.dumps({"benchmark": "robustness: kills of scoring", "page": "\n".join(lines) + "\n"}))
    right = sum(n["runs"] - n["wrong"] for n in found.values())
    what = "robustness: kills of scoring after which the outputs are those of an undisturbed run"
    report_figure(what, right, "kills", goal=KILLS, at_most=False)


if __name__ == "__main__":
    report_scoring_kills()

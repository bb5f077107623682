"""SIGKILL while a corpus in shards is scored, or counted to train on: of a worker, of the driver, in a write.

Every kill comes at a random moment of the work, not of its start, and may be followed by others: a command
whose driver was killed is given again until it has ended. What stands under a final name right after each
kill must be, byte for byte, what an undisturbed run writes; and at the end all of it, with no stray file and
no process left. A run whose workers alone were killed must end well by itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from process_tree import adopting, left_alive, processes_under
from wordloom import datasets
from wordloom.atomic import previous_of
from wordloom.csv_writer import csv_writer
from wordloom.datasets import demo_corpus

SEED, KILLS, KILLS_OF_TRAINING = 12, 50, 10
SHARDS, DOCUMENTS = 24, 48_000
KINDS = ("worker", "driver", "worker in a write", "driver in a write")
_LONGEST, _LOOK_EVERY = 600.0, 0.02
_LOOK_FOR_WRITES_EVERY = 0.001
_UNTIL_LEFT = 10.0
_LATEST, _MOST_WORKERS = 0.6, 2
"""The share of an undisturbed run after which a kill comes at the latest; how many workers of one run are
killed, since three that end over one shard are its end."""
_RAY_S_OWN = (
    b"ray::DashboardAgent",
    b"ray::RuntimeEnvAgent",
    b"ray/dashboard/agent.py",
    b"runtime_env/agent/main.py",
)
_UNTIL_RAY_S_OWN_ARE_LEFT = 300.0
"""Ray's agents, which have their names once they have started, end by themselves: each tries for a minute to
tell a cluster that was killed about it, after it has looked for that if it was just starting."""
Contents = dict[str, bytes]


def outputs_in(place: Path) -> Contents:
    """Name -> content of every output of scoring; not what the run notes, nor what a kill left."""
    out = place / "out"
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and "_wordloom" not in path.parts and not path.name.startswith(".")
    }


def model_in(place: Path) -> Contents:
    """Name -> content of a model's files, without the time it took; of the one before if it stepped aside."""
    folder = place / "model"
    if not folder.exists():
        folder = previous_of(folder)
    found = {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.name != "config.json"}
    if found or folder.exists():
        config = json.loads((folder / "config.json").read_bytes())
        del config["sha256"], config["record"]["seconds"], config["training"]["seconds"]
        found["config.json"] = json.dumps(config, sort_keys=True).encode()
    return found


@dataclass
class Command:
    """A command on shards, and what an undisturbed run of it makes.

    Parameters
    ----------
    name : for the table
    words : how it is given, for a folder to write to
    content : what is there under final names in that folder
    writes : of a worker and of the driver, patterns of files that are being written
    worker : how the command line of a process that works begins, or what is in it
    folder : where the undisturbed run writes
    in_pieces : whether an interrupted run leaves a part of what an undisturbed one makes
    """

    name: str
    words: Callable[[Path], Sequence[object]]
    content: Callable[[Path], Contents]
    writes: Mapping[str, str]
    worker: bytes
    folder: Path
    in_pieces: bool
    expected: Contents = field(init=False)
    seconds: float = field(init=False, default=0.0)  # between the first and the last look at its workers

    def __post_init__(self) -> None:
        self.folder.mkdir()
        run = self.start(self.folder)
        self.wait_for_workers(run)
        began = time.perf_counter()
        while run.poll() is None:
            if self.workers(run):
                self.seconds = time.perf_counter() - began
            time.sleep(_LOOK_EVERY)
        if run.returncode:
            sys.exit(f"{self.name}: an undisturbed run ended with {run.returncode}")
        self.expected = self.content(self.folder)

    def start(self, place: Path) -> subprocess.Popen[bytes]:
        """A run with two workers."""
        line = [sys.executable, "-m", "wordloom", *map(str, self.words(place))]
        return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sound(self, place: Path) -> bool:
        """Whether everything under a final name is as an undisturbed run makes it."""
        there = self.content(place)
        if not self.in_pieces and there:
            return there == self.expected
        return all(self.expected.get(name) == content for name, content in there.items())

    def workers(self, run: subprocess.Popen[bytes]) -> list[int]:
        """The processes of a run that do its jobs."""
        return [one for one, line in processes_under(run.pid).items() if self.worker in line]

    def wait_for_workers(self, run: subprocess.Popen[bytes]) -> None:
        """Return when there are workers, or the run has ended."""
        _wait(lambda: run.poll() is not None or bool(self.workers(run)))

    def wait_for_a_write(self, run: subprocess.Popen[bytes], place: Path, who: str) -> None:
        """Return when a file without its final name holds something, or the run has ended."""
        _wait(
            lambda: run.poll() is not None or _holds_something(place, self.writes[who]),
            _LOOK_FOR_WRITES_EVERY,
        )


def _wait(until: Callable[[], bool], look_every: float = _LOOK_EVERY) -> None:
    end = time.monotonic() + _LONGEST
    while not until() and time.monotonic() < end:
        time.sleep(look_every)


def _holds_something(place: Path, pattern: str) -> bool:
    with contextlib.suppress(OSError):  # it may be gone while it is looked at
        return any(path.stat().st_size for path in place.glob(pattern) if path.is_file())
    return False


class Kills:
    """Kills of a command, of each kind by turns.

    Parameters
    ----------
    command : the command
    kinds : of KINDS
    """

    def __init__(self, command: Command, kinds: Sequence[str] = KINDS) -> None:
        self.found: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
        self._command, self._kinds, self._draw = command, kinds, random.Random(SEED)
        self._place = command.folder.with_name("killed")
        self._before = set(processes_under(os.getpid()))

    @property
    def done(self) -> int:
        """How many there have been."""
        return sum(counts["killed"] for counts in self.found.values())

    def until(self, kills: int) -> Kills:
        """So many, or one more."""
        while self.done < kills:
            self._course(kills)
        self._count("left", len(left_alive(self._before, _UNTIL_RAY_S_OWN_ARE_LEFT)))
        return self

    @property
    def _kind(self) -> str:
        return self._kinds[self.done % len(self._kinds)]

    def _count(self, name: str, number: int) -> None:
        """Count what belongs to the last kill."""
        self.found[self._kinds[(self.done - 1) % len(self._kinds)]][name] += number

    def _course(self, kills: int) -> None:
        """The command from the beginning, killed and given again until it is done."""
        shutil.rmtree(self._place, ignore_errors=True)
        self._place.mkdir()
        while not self._run_ended(kills):
            pass
        other = self._command.content(self._place) != self._command.expected
        self._count("other", int(other))
        self._count("left", len(left_alive(self._before, _UNTIL_LEFT, _RAY_S_OWN)))
        self._count("stray", sum(path.name.endswith(".partial") for path in self._place.rglob(".*")))

    def _run_ended(self, kills: int) -> bool:
        """Whether a run came to its end, with workers killed or not; else its driver was killed."""
        run, workers_killed = self._command.start(self._place), 0
        while self.done < kills and workers_killed < _MOST_WORKERS and run.poll() is None:
            kind = self._kind
            if self._killed(run, kind) and not kind.startswith("worker"):
                run.wait()
                return False
            workers_killed += 1
        ended_well = run.wait(_LONGEST) == 0
        self._count("ended ill", int(not ended_well))
        return ended_well

    def _killed(self, run: subprocess.Popen[bytes], kind: str) -> bool:
        """Whether a kill of a run met it."""
        command, who = self._command, kind.split()[0]
        command.wait_for_workers(run)
        if not kind.endswith("in a write") or command.in_pieces:
            time.sleep(self._draw.uniform(0, _LATEST) * command.seconds)
        if kind.endswith("in a write"):
            command.wait_for_a_write(run, self._place, who)
        among = command.workers(run) if who == "worker" else [run.pid]
        if run.poll() is not None or not among:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._draw.choice(among), signal.SIGKILL)
        self.found[kind]["killed"] += 1
        self._count("half", int(not command.sound(self._place)))
        print(f"{command.name}: {self.done} kills", file=sys.stderr, flush=True)
        return True


def scoring(folder: Path, model: Path, executor: str = "local") -> Command:
    """`wordloom score` on the shards in a folder."""
    who = {"local": b"wordloom.executors.worker", "ray": b"ray::answered"}[executor]
    corpus, partial = folder / "corpus", "out/**/.*.partial"
    options = ["--rows", "--workers", 2, "--executor", executor, "--no-progress"]
    return Command(
        f"score, {executor}",
        lambda place: ["score", model, corpus, "--out", place / "out", *options],
        outputs_in,
        {"worker": partial, "driver": partial},
        who,
        folder / f"scored-{executor}",
        in_pieces=True,
    )


def training(folder: Path, texts: int | None = None) -> Command:
    """`wordloom train` on files of labelled texts, so many or all, which are written first."""
    files = written_texts(folder / "texts", texts)
    options = ["--workers", 2, "--seed", 1, "--overwrite", "--no-progress"]
    return Command(
        "train",
        lambda place: ["train", *files, "--out", place / "model", *options],
        model_in,
        {"worker": ".wordloom-counting.*.partial/*", "driver": ".model.*.partial/*"},
        b"wordloom.executors.worker",
        folder / "trained",
        in_pieces=False,
    )


def written_texts(folder: Path, texts: int | None, files: int = 6) -> list[Path]:
    """Built-in reviews as a few files of CSV."""
    folder.mkdir()
    corpus = datasets.load("demo").train
    paths = [folder / f"part-{number}.csv" for number in range(files)]
    for number, path in enumerate(paths):
        with open(path, "w", newline="", encoding="utf-8") as file:
            table = csv_writer(file)
            table.writerow(("text", "label"))
            own = slice(number, texts, files)
            table.writerows(zip(corpus.texts[own], corpus.labels[own], strict=True))
    return paths


def idle_seconds(command: Command, runs: int = 5) -> float:
    """Of a run that finds everything done; the median."""
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        command.start(command.folder).wait(_LONGEST)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def report(command: Command, kills: int) -> None:
    """The table of one command, and its figure."""
    from side_by_side import report_figure

    found = Kills(command).until(kills).found
    wrong = {
        "half": "half-written under a final name",
        "ended ill": "ended by a killed worker",
        "other": "not as undisturbed at the end",
        "stray": "stray files",
        "left": "processes left",
    }
    titles = f"{command.name}: killed", "kills", *wrong.values()
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for kind, counts in found.items():
        cells = " | ".join(str(counts[name]) for name in ("killed", *wrong))
        lines.append(f"| {kind} | {cells} |")
    print(json.dumps({"benchmark": f"kills: {command.name}", "page": "\n".join(lines) + "\n"}), flush=True)
    whole = kills - sum(counts[name] for counts in found.values() for name in wrong)
    what = f"kills: {command.name}: ended as an undisturbed run, nothing half-written or left"
    report_figure(what, whole, "kills", goal=kills, at_most=False)


def main() -> None:
    from side_by_side import report_figure

    with tempfile.TemporaryDirectory() as name, adopting():
        folder, model = Path(name), Path(name, "model")
        train = ["train", "demo", "--seed", "1", "--no-progress", "--out", str(model)]
        subprocess.run([sys.executable, "-m", "wordloom", *train], check=True, capture_output=True)
        demo_corpus.write(folder / "corpus", DOCUMENTS, SHARDS)
        report(training(folder), KILLS_OF_TRAINING)
        for executor in ("local", "ray") if find_spec("ray") else ("local",):
            command = scoring(folder, model, executor)
            what = f"kills: {command.name}: a run that finds everything done"
            report_figure(what, idle_seconds(command), "s", goal=2, at_most=True)
            report(command, KILLS)


if __name__ == "__main__":
    main()

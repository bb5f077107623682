"""SIGKILL while a corpus in shards is scored, or counted to train on: of a worker, of the driver, in a write.

Every kill comes at a random moment of the work, not of its start. What stands under a final name right after
it, and when the run has ended, must be, byte for byte, what an undisturbed run writes. A run whose worker was
killed must end well by itself; one whose driver was killed, when it is given again. No process may be left,
and no stray file.
"""

from __future__ import annotations

import contextlib
import ctypes
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from wordloom import datasets
from wordloom.atomic import previous_of
from wordloom.csv_writer import csv_writer
from wordloom.datasets import demo_corpus

SEED, KILLS, KILLS_OF_TRAINING = 12, 50, 10
SHARDS, DOCUMENTS = 24, 48_000
KINDS = ("worker", "driver", "worker in a write", "driver in a write")
_LONGEST, _LOOK_EVERY = 300.0, 0.001
_UNTIL_LEFT = 10.0
_RAY_S_OWN, _UNTIL_RAY_S_OWN_ARE_LEFT = (b"ray::DashboardAgent", b"ray::RuntimeEnvAgent"), 120.0
"""Ray's agents end by themselves about a minute after a cluster that was killed."""
_ADOPT = 36  # PR_SET_CHILD_SUBREAPER
Contents = dict[str, bytes]


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Processes whose parents were killed become children of this one, so that it sees what is left."""
    ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)
    try:
        yield
    finally:
        ctypes.CDLL(None).prctl(_ADOPT, 0, 0, 0, 0)


def processes_under(process: int) -> dict[int, bytes]:
    """Number -> command line of all that a process has started, and these; none of those that have ended."""
    found: dict[int, bytes] = {}
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes()
                found.update(processes_under(child))
    return found


def left_alive(before: set[int], seconds: float, but: tuple[bytes, ...] = ()) -> dict[int, bytes]:
    """Which processes under this one are still there after so many seconds; it does not wait for nothing."""
    end = time.monotonic() + seconds
    while True:
        there = {one: line for one, line in processes_under(os.getpid()).items() if one not in before}
        for one in there:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(one, os.WNOHANG)  # has those go that have ended
        there = {one: line for one, line in there.items() if line and not line.startswith(but or b"\0")}
        if not there or time.monotonic() > end:
            return there
        time.sleep(0.05)


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
            time.sleep(10 * _LOOK_EVERY)
        if run.returncode:
            sys.exit(f"{self.name}: an undisturbed run ended with {run.returncode}")
        self.expected = self.content(self.folder)

    def start(self, place: Path) -> subprocess.Popen[bytes]:
        """A run with two workers."""
        line = [sys.executable, "-m", "wordloom", *map(str, self.words(place))]
        return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def finished(self, place: Path) -> bool:
        """Whether a run that goes on where others ended makes what an undisturbed one makes."""
        return self.start(place).wait(_LONGEST) == 0 and self.content(place) == self.expected

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
        _wait(lambda: run.poll() is not None or _holds_something(place, self.writes[who]))


def _wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONGEST
    while not until() and time.monotonic() < end:
        time.sleep(_LOOK_EVERY)


def _holds_something(place: Path, pattern: str) -> bool:
    with contextlib.suppress(OSError):  # it may be gone while it is looked at
        return any(path.stat().st_size for path in place.glob(pattern) if path.is_file())
    return False


def kill_one(command: Command, place: Path, kind: str, draw: random.Random) -> Counter[str]:
    """Kill once, and give the command again; counts of what was met and of what was wrong."""
    before, who = set(processes_under(os.getpid())), kind.split()[0]
    run = command.start(place)
    command.wait_for_workers(run)
    if not kind.endswith("in a write"):
        time.sleep(draw.uniform(0, 1) * command.seconds)
    else:
        time.sleep(draw.uniform(0, 1) * command.seconds if command.in_pieces else 0)
        command.wait_for_a_write(run, place, who)
    among = command.workers(run) if who == "worker" else [run.pid]
    met = run.poll() is None and bool(among)
    if met:
        with contextlib.suppress(ProcessLookupError):
            os.kill(draw.choice(among), signal.SIGKILL)
    sound = command.sound(place)
    ended_well = run.wait(_LONGEST) == 0
    found = Counter(killed=int(met), half=int(not (sound and command.sound(place))))
    found["ended ill"] = int(met and who == "worker" and not ended_well)
    found["other"] = int(not command.finished(place))
    found["left"] = len(left_alive(before, _UNTIL_LEFT, _RAY_S_OWN))
    found["stray"] = sum(path.name.endswith(".partial") for path in place.rglob(".*"))
    return found


def kills_of(command: Command, kills: int, kinds: Sequence[str] = KINDS) -> dict[str, Counter[str]]:
    """So many kills, of each kind by turns, each of a run from the beginning; counts for each kind."""
    draw = random.Random(SEED)
    found: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    before = set(processes_under(os.getpid()))
    for number in range(kills):
        kind, place = kinds[number % len(kinds)], command.folder.with_name("killed")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        found[kind].update({"runs": 1, **kill_one(command, place, kind, draw)})
    found[kinds[-1]]["left"] += len(left_alive(before, _UNTIL_RAY_S_OWN_ARE_LEFT))
    return found


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


def report(command: Command, found: Mapping[str, Counter[str]]) -> None:
    """The table of one command, and its figure."""
    from side_by_side import report_figure

    columns = "runs", "killed", "half", "ended ill", "other", "stray", "left"
    titles = "runs", "killed before the end", "half-written under a final name"
    titles += "ended by a killed worker", "not as undisturbed at the end", "stray files", "processes left"
    lines = [f"| {command.name}: killed | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    lines += [
        f"| {kind} | {' | '.join(str(counts[name]) for name in columns)} |" for kind, counts in found.items()
    ]
    print(json.dumps({"benchmark": f"kills: {command.name}", "page": "\n".join(lines) + "\n"}), flush=True)
    runs = sum(counts["runs"] for counts in found.values())
    wrong = sum(counts[name] for counts in found.values() for name in columns[2:])
    what = f"kills: {command.name}: ended as an undisturbed run, nothing half-written or left"
    report_figure(what, runs - wrong, "kills", goal=runs, at_most=False)


def main() -> None:
    from side_by_side import report_figure

    with tempfile.TemporaryDirectory() as name, adopting():
        folder, model = Path(name), Path(name, "model")
        train = ["train", "demo", "--seed", "1", "--no-progress", "--out", str(model)]
        subprocess.run([sys.executable, "-m", "wordloom", *train], check=True, capture_output=True)
        demo_corpus.write(folder / "corpus", DOCUMENTS, SHARDS)
        for executor in ("local", "ray") if find_spec("ray") else ("local",):
            command = scoring(folder, model, executor)
            report(command, kills_of(command, KILLS))
            what = f"kills: {command.name}: a run that finds everything done"
            report_figure(what, idle_seconds(command), "s", goal=2, at_most=True)
        command = training(folder)
        report(command, kills_of(command, KILLS_OF_TRAINING))


if __name__ == "__main__":
    main()

"""Damaged and hostile files, kills, and hard surroundings: what comes of them, counted.

Every damaged input is read in a worker process with compiled kernels; a worker that a signal ends, or that
takes too long, is counted as a crash and a new one goes on behind it. An input ends as

exact : what the whole one gives
error : DataError or UsageError
other : other content, read as it stands: the damage made another legitimate file (a digit of a text table, or
    an attacker who computed the checksums anew). Told by a warning, or confirmed by a reading without
    wordloom; a model by plain kernels, with probabilities that are finite and sum to 1
traceback, crash : any other exception; a signal, more memory or more time than is allowed
silent : other content without a word, although a checksum told, or nothing confirms it
"""

from __future__ import annotations

import collections
import json
import os
import resource
import selectors
import shutil
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from damage import damage_folder, damaged, of, removed
from subjects import BESIDE, Insane, Subject, make, subjects_in

SEED, CASES = 11, 20_000
OUTCOMES = "exact", "error", "other", "traceback", "crash", "silent"
_BAD = OUTCOMES[3:]
_SECONDS, _BYTES, _WORKERS = 120, 6 << 30, 4


class Case(NamedTuple):
    """What came of one damage."""

    number: int
    kind: str
    name: str
    outcome: str
    words: str


def outcome_of(subject: Subject, number: int, folder: Path) -> tuple[str, str]:
    """What damage number so-and-so ends in, and a few words about it."""
    draw = np.random.default_rng([SEED, number])
    path = folder / subject.path.name
    removed(path)
    if subject.path.is_dir():
        shutil.copytree(subject.path, path)
        sealed = damage_folder(path, draw)
    else:
        path.write_bytes(damaged(subject.path.read_bytes(), draw))
        sealed = subject.independent is None
    return _ended(subject, path, sealed)


def _ended(subject: Subject, path: Path, sealed: bool) -> tuple[str, str]:
    from wordloom.errors import DataError, UsageError, WordloomWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = subject.read(path)
        except (DataError, UsageError) as error:
            return "error", str(error)
        except Insane as error:
            return "silent", str(error)
        except Exception:
            return "traceback", traceback.format_exc()[-800:]
    if found == _whole(subject):
        return "exact", ""
    if any(issubclass(told.category, WordloomWarning) for told in caught):
        return "other", "told"
    if sealed:
        return "silent", "the checksum tells, and nobody says so"
    return _confirmed(subject, path, found)


@cache
def _whole(subject: Subject) -> Any:
    """What the subject gives undamaged."""
    return subject.read(subject.path)


def _confirmed(subject: Subject, path: Path, found: Any) -> tuple[str, str]:
    if subject.independent is None:
        return "other", "confirmed"  # a model, by its plain kernels
    try:
        expected = subject.independent(path)
    except Exception as error:
        return "silent", f"read without a warning; independently: {error!r}"
    return ("other", "confirmed") if found == expected else ("silent", "an independent reading differs")


def subject_of(subjects: list[Subject], number: int) -> Subject:
    """What case so-and-so damages: kinds take turns, and the subjects of a kind."""
    by_kind: dict[str, list[Subject]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, []).append(subject)
    kinds = list(by_kind)
    return of(np.random.default_rng([SEED, 1, number]), by_kind[kinds[number % len(kinds)]])


def work(whole: Path, first: int, last: int) -> None:
    """The worker: a line for every case when it begins and when it has ended."""
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    subjects = subjects_in(whole)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(whole / BESIDE, folder)
        for number in range(first, last):
            subject = subject_of(subjects, number)
            print(json.dumps([number, subject.kind, subject.path.name]), flush=True)
            print(json.dumps(outcome_of(subject, number, Path(folder))), flush=True)


class Worker:
    """A process that works on the cases from `first` on."""

    def __init__(self, whole: Path, first: int, last: int) -> None:
        command = [sys.executable, __file__, "work", str(whole), str(first), str(last)]
        environment = {**os.environ, "WORDLOOM_KERNELS": "compiled"}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, bufsize=0)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]

    def line(self) -> Any:
        """What it says next; None if it has ended or says nothing for too long."""
        assert self._process.stdout is not None
        if not self._selector.select(_SECONDS):
            return None
        line = self._process.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def end(self) -> int:
        """How it ended; it is ended if it has not."""
        self._process.kill()
        return self._process.wait()


def all_cases(last: int, make: Callable[[Path], None] = make) -> list[Case]:
    """What comes of every case; a few workers share them. `make` writes the subjects."""
    bounds = [share * last // _WORKERS for share in range(_WORKERS + 1)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_WORKERS) as pool:
        make(Path(folder))
        parts = pool.map(partial(_share, Path(folder)), bounds[:-1], bounds[1:])
        return [case for part in parts for case in part]


def _share(whole: Path, first: int, last: int) -> list[Case]:
    found: list[Case] = []
    while first + len(found) < last:
        found += _until_a_crash(Worker(whole, first + len(found), last), first + len(found), last)
    return found


def _until_a_crash(worker: Worker, first: int, last: int) -> list[Case]:
    found: list[Case] = []
    while first + len(found) < last:
        begun = worker.line()
        if begun is None:
            sys.exit(f"the worker ended with {worker.end()} before case {first + len(found)}")
        ended = worker.line()
        if ended is None:
            found.append(Case(*begun, "crash", f"the process ended with {worker.end()}"))
            break
        found.append(Case(*begun, *ended))
    worker.end()
    return found


def report(found: list[Case], title: str = "robustness: damaged inputs") -> None:
    """The table and the figures."""
    from side_by_side import report_figure

    counts = collections.Counter((case.kind, case.outcome) for case in found)
    lines = [f"| damaged | {' | '.join(OUTCOMES)} |", "|---" * (len(OUTCOMES) + 1) + "|"]
    for kind in dict.fromkeys(case.kind for case in found):
        cells = " | ".join(f"{counts[kind, outcome]:,}" for outcome in OUTCOMES)
        lines.append(f"| {kind} | {cells} |")
    print(json.dumps({"benchmark": title, "page": "\n".join(lines) + "\n"}), flush=True)
    well = sum(case.outcome not in _BAD for case in found)
    what = f"{title}: of {len(found):,}, no traceback, crash or silent difference"
    report_figure(what, well, "inputs", goal=len(found), at_most=False)
    for case in found:
        if case.outcome in _BAD:
            print(f"{case.number}, {case.kind}, {case.name}: {case.outcome}\n{case.words}", file=sys.stderr)


def main() -> None:
    from kills import report_kills
    from surroundings import report_surroundings

    report(all_cases(CASES))
    report_kills()
    report_surroundings()


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    elif len(sys.argv) > 1:
        report(all_cases(int(sys.argv[1])))
    else:
        main()

"""Kills at random moments while something is written: what stands under its name afterwards, what is left.

Each command runs in a process of its own that has everything loaded, so that a kill meets its work and not
its start. Half of the kills come anywhere in its course, half in the last fifth, where files are written.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from wordloom.atomic import previous_of

SEED, KILLS = 12, 100


def content_of(target: Path) -> Any:
    """What a target holds, None if it is absent; a model or a file that is not whole raises.

    A model that had stepped aside for a new one counts, as it does for whoever loads it (with a warning).
    """
    if not target.exists() and not previous_of(target).exists():
        return None
    if not target.is_file():
        from wordloom.text_model import TextModel

        arrays = TextModel.load(target).network.arrays()
        return hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()
    return hashlib.sha256(target.read_bytes()).hexdigest()


def forked(run: Callable[[], None]) -> int:
    """The process number of a copy of this process that runs something and ends."""
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        with contextlib.redirect_stdout(sys.__stdout__), contextlib.suppress(BaseException):
            run()
            os._exit(0)
        os._exit(1)
    return child


def course_of(run: Callable[[], None]) -> float:
    """Seconds that it takes undisturbed; it must end well."""
    began = time.perf_counter()
    _, status = os.waitpid(forked(run), 0)
    if status:
        sys.exit(f"a command ended with {status} without being killed")
    return time.perf_counter() - began


def kill_one(run: Callable[[], None], after: float) -> bool:
    """Whether it was killed before its end."""
    child = forked(run)
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def killed(runs: list[Callable[[], None]], target: Path, kills: int) -> dict[str, int]:
    """Kill runs, which write different things to one target, again and again; counts of what was found."""
    seconds, contents = [], [None]
    for run in runs:
        seconds.append(course_of(run))
        contents.append(content_of(target))
    draw, counts = np.random.default_rng(SEED), dict.fromkeys(("killed", "wrong", "left"), 0)
    for number in range(kills):
        if number % 10 == 0:
            _remove(target)
        share = draw.uniform(0, 1) if number % 2 else draw.uniform(0.8, 1.05)
        which = number % len(runs)
        before = content_of(target)
        counts["killed"] += kill_one(runs[which], share * seconds[which])
        try:
            found = content_of(target)
            counts["wrong"] += found not in (before, contents[which + 1])
        except Exception as error:
            print(f"{target.name}, kill {number}: {error!r}", file=sys.stderr)
            counts["wrong"] += 1
    counts["left"] = _left(runs[0], target)
    return counts


def _left(run: Callable[[], None], target: Path) -> int:
    """Stray files and folders after one more run."""
    course_of(run)
    return sum(path.name != target.name for path in target.parent.iterdir())


def _remove(target: Path) -> None:
    shutil.rmtree(previous_of(target), ignore_errors=True)  # what a killed save may not have removed yet
    shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)


def command(*words: str) -> Callable[[], None]:
    """A command of the program, to be run in this process."""

    def run() -> None:
        from wordloom.cli.program import program

        program.main(list(words), standalone_mode=False)

    return run


def all_kills(folder: Path, kills: int) -> dict[str, dict[str, int]]:
    """Kills of train, save, export and learning, each with a folder of its own for its target."""
    source, texts, model = folder / "texts.csv", folder / "texts.txt", folder / "model"
    write_source(source, texts)
    train = ["train", str(source), "--architecture", "mean", "--dimensions", "20", "--epochs", "4"]
    command(*train, "--out", str(model), "--seed", "0")()

    def places(name: str) -> Path:
        (folder / name.replace(".", "-")).mkdir()
        return folder / name.replace(".", "-") / name

    def trained(target: Path, seed: int) -> Callable[[], None]:
        return command(*train, "--out", str(target), "--overwrite", "--seed", str(seed))

    def learned(target: Path, seed: int) -> Callable[[], None]:
        settings = ["--dimensions", "20", "--epochs", "2", "--min-count", "1", "--seed", str(seed)]
        return command("vectors", "learn", str(texts), "--out", str(target), "--overwrite", *settings)

    exported = places("exported.txt")
    forms = ("glove", "word2vec")
    export = [
        command("export", str(model), "--vectors", str(exported), "--overwrite", "--format", form)
        for form in forms
    ]
    a, b, c = places("trained"), places("saved"), places("learned.txt")
    runs = {
        "train": ([trained(a, seed) for seed in (1, 2)], a),
        "save": ([_saving(model, b, factor) for factor in (0.5, 2.0)], b),
        "export": (export, exported),
        "vectors learn": ([learned(c, seed) for seed in (1, 2)], c),
    }
    return {name: killed(*both, kills) for name, both in runs.items()}


def _saving(model: Path, target: Path, factor: float) -> Callable[[], None]:
    from wordloom.text_model import TextModel

    loaded = TextModel.load(model)

    def run() -> None:
        import dataclasses

        dataclasses.replace(loaded, network=loaded.network.scaled(factor)).save(target)

    return run


def write_source(source: Path, texts: Path) -> None:
    """A table of labelled texts, and the texts alone."""
    draw = np.random.default_rng(0)
    words = [f"word{number}" for number in range(3000)]
    rows = [" ".join([*draw.choice(words, 12), ("good", "bad")[row % 2]]) for row in range(2000)]
    table = "".join(f"{row},{('pos', 'neg')[number % 2]}\n" for number, row in enumerate(rows))
    source.write_text("text,label\n" + table)
    texts.write_text("\n".join(rows) + "\n")


def report_kills() -> None:
    """The table and the figure."""
    from side_by_side import report_figure

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        found = all_kills(Path(folder), KILLS)
    lines = [
        "| killed | kills before the end | neither absent, old nor new | left behind |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {n['killed']} of {KILLS} | {n['wrong']} | {n['left']} |" for name, n in found.items()
    ]
    print(json.dumps({"benchmark": "robustness: kills", "page": "\n".join(lines) + "\n"}), flush=True)
    whole = sum(KILLS - n["wrong"] - n["left"] for n in found.values())
    what = "robustness: kills that left nothing, the old or the whole new one, and no stray file"
    report_figure(what, whole, "kills", goal=KILLS * len(found), at_most=False)


if __name__ == "__main__":
    report_kills()

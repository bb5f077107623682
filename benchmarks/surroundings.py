"""Hard surroundings, each tried by a command: pipes, closed streams, read-only installations, full disks."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from kills import content_of, write_source

COMMAND = str(Path(sys.executable).parent / "wordloom")
_NOBODY = 65534


class Surroundings:
    """A folder with a source and a trained model, and the situations that are tried there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_source(folder / "texts.csv", folder / "texts.txt")
        train = "--architecture mean --dimensions 8 --epochs 1 --seed 0"
        self.ran(f"{COMMAND} train texts.csv --out model {train}")
        self.train = f"{COMMAND} train texts.csv --out new --overwrite {train}"
        self.expected = self.ran(f"{COMMAND} predict model --input texts.txt --format lines").stdout
        self.model = content_of(folder / "model")

    def ran(self, line: str, **options: object) -> subprocess.CompletedProcess[bytes]:
        """A line of the shell, finished."""
        environment = {**os.environ, **options.pop("more", {})}  # type: ignore[dict-item]
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            timeout=300,
            **options,
        )  # type: ignore[call-overload, no-any-return]

    def pipe(self, line: str) -> bool:
        """Whether predicting from a pipe gives what the file gives."""
        return self.ran(line).stdout == self.expected

    def trains(self, line: str, **options: object) -> bool:
        """Whether the whole model is there afterwards, and the command says nothing of a bug."""
        done = self.ran(line, **options)
        return content_of(self.folder / "new") == self.model and b"Traceback" not in done.stderr

    def refuses(self, line: str, name: str, limit: int) -> bool:
        """Whether a disk that takes so many bytes a file ends in a message, and leaves what was there."""
        target = self.folder / name
        before, listed = content_of(target), sorted(os.listdir(self.folder))

        def full() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        done = self.ran(line, preexec_fn=full)
        same = content_of(target) == before and sorted(os.listdir(self.folder)) == listed
        return bool(done.returncode and done.stderr.strip() and b"Traceback" not in done.stderr and same)

    def situations(self) -> dict[str, list[Callable[[], bool]]]:
        """Name -> what is tried."""
        predict = f"{COMMAND} predict model --format lines --input"
        learn = f"{COMMAND} vectors learn texts.txt --out learned.txt --overwrite --epochs 1 --min-count 1"
        homeless = {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent", "WORDLOOM_KERNELS": "compiled"}
        return {
            "pipes": [
                lambda: self.pipe(f"{predict} <(cat texts.txt)"),
                lambda: self.pipe(f"cat texts.txt | {predict} -"),
                lambda: self.pipe(f"cat texts.txt | {predict} /dev/stdin"),
                lambda: self.pipe(f"mkfifo p; (cat texts.txt > p &) ; {predict} p; rm p"),
            ],
            "closed streams": [
                lambda: self.trains(f"rm -rf new; {self.train} >&-"),
                lambda: self.trains(f"rm -rf new; {self.train} <&-"),
                lambda: self.trains(f"rm -rf new; {self.train} | head -1"),
                lambda: self.trains(f"rm -rf new; {self.train} | true"),
                lambda: self.trains(f"rm -rf new; {self.train} >&- 2>&-"),
            ],
            "a read-only installation, no home": [
                lambda: self.trains(f"rm -rf new; {self.train}", more=homeless, **_as_nobody(self.folder))
            ],
            "a full disk": [
                lambda: self.refuses(self.train, "new", 4_000),
                lambda: self.refuses(learn, "learned.txt", 4_000),
                lambda: self.refuses(
                    f"{COMMAND} export model --vectors out.txt --overwrite", "out.txt", 4_000
                ),
                lambda: (
                    self.refuses(f"{predict} texts.txt > out.csv", "out.csv", 4_000)
                    or Path(self.folder / "out.csv").stat().st_size <= 4_000
                ),
            ],
        }


def _as_nobody(folder: Path) -> dict[str, object]:
    """Who may write to the folder alone, as far as this user can make that so."""
    if os.getuid():
        return {}
    os.chmod(folder, 0o777)
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


def report_surroundings() -> None:
    """The table and the figure."""
    from side_by_side import report_figure

    with tempfile.TemporaryDirectory() as folder:
        found = {
            name: [tried() for tried in all_tried]
            for name, all_tried in Surroundings(Path(folder)).situations().items()
        }
    lines = ["| surroundings | tried | as it should be |", "|---|---|---|"]
    lines += [f"| {name} | {len(well)} | {sum(well)} |" for name, well in found.items()]
    print(json.dumps({"benchmark": "robustness: surroundings", "page": "\n".join(lines) + "\n"}), flush=True)
    well = sum(map(sum, found.values()))
    total = sum(map(len, found.values()))
    report_figure("robustness: hard surroundings, as it should be", well, "cases", goal=total, at_most=False)
    for name, each in found.items():
        for number, one in enumerate(each):
            if not one:
                print(f"{name}, number {number}", file=sys.stderr)


if __name__ == "__main__":
    report_surroundings()

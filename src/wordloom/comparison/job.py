"""A job: what one contender has to do in a process of its own, as files in a folder.

The parent writes `job.json`, `texts.jsonl` (a line each: class and text) and `splits.npz`, and starts
`python -m wordloom.comparison.worker FOLDER`. The worker answers with lines of JSON and one array of
predictions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.comparison.contender import Contender
from wordloom.comparison.splits import Material, Split

PREDICTIONS = "predictions.npy"


@dataclass(frozen=True)
class Job:
    """What the worker is told besides texts and splits."""

    kind: str
    seeds: tuple[int, ...]
    n_classes: int
    threads: int | None
    warms_up: bool
    options: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(contender: Contender, seeds: tuple[int, ...], n_classes: int, threads: int | None) -> Job:
        """The job of a contender."""
        return Job(contender.kind, seeds, n_classes, threads, contender.compiles, contender.options)

    def write(self, folder: Path) -> None:
        """Write `job.json`."""
        (folder / "job.json").write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def read(folder: Path) -> Job:
        """Read what `write` wrote."""
        values = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        return Job(**{**values, "seeds": tuple(values["seeds"])})


def write_material(material: Material, folder: Path) -> None:
    """Write texts, classes and splits, for all contenders."""
    with open(folder / "texts.jsonl", "w", encoding="ascii") as stream:
        for target, text in zip(material.targets.tolist(), material.texts, strict=True):
            stream.write(json.dumps([target, text]) + "\n")
    arrays = {}
    for number, split in enumerate(material.splits):
        arrays[f"train{number}"], arrays[f"test{number}"] = split.train, split.test
    np.savez(folder / "splits.npz", **arrays)  # type: ignore[arg-type]


def read_material(folder: Path) -> tuple[list[str], NDArray[np.int32], list[Split]]:
    """Texts (N), classes (N,) and splits; line by line, so that little more memory is used than they take."""
    texts, targets = [], []
    with open(folder / "texts.jsonl", encoding="ascii") as stream:
        for line in stream:
            target, text = json.loads(line)
            texts.append(text)
            targets.append(target)
    with np.load(folder / "splits.npz", allow_pickle=False) as arrays:
        splits = [Split(arrays[f"train{i}"], arrays[f"test{i}"]) for i in range(len(arrays.files) // 2)]
    return texts, np.array(targets, dtype=np.int32), splits

"""Contender: one way of training a classifier that can be compared with others, ours or a peer's.

What it is called and what it needs is here and costs nothing to import; how it trains is a module of
`wordloom.comparison.contenders` that only its own process imports.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.labels import Label

PREDICTIONS = "predictions.npy"
"""The file in which a worker leaves them."""


@dataclass(frozen=True, eq=False)
class TrainingTask:
    """What a contender is to learn.

    Parameters
    ----------
    texts : N texts
    targets : int32 (N,), their classes, 0 to C - 1
    labels : the C labels; one may have no text here
    seed : of every random choice
    threads : to use; None for all cores
    """

    texts: Sequence[str]
    targets: NDArray[np.int32]
    labels: Sequence[Label]
    seed: int
    threads: int | None = None

    @property
    def n_classes(self) -> int:
        """C."""
        return len(self.labels)


class TrainedContender(Protocol):
    """What a contender's training gives."""

    def predict(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """(M,): the class of each of M texts."""

    def save(self, folder: Path) -> None:
        """Write the model as its users would, into an empty folder, whose size is then taken."""


@dataclass(frozen=True, eq=False)
class Contender:
    """A way of training.

    Parameters
    ----------
    name : short and unique
    about : what it does, in a few words
    kind : the module of `wordloom.comparison.contenders` whose `train(task, **options)` trains it
    options : for `train`, plain values
    packages : the distributions that it needs besides wordloom's own
    modules : as they are imported, one for each of `packages`
    compiles : whether its first training in a process compiles code, so that one more comes before those
        that are timed
    seconds : that one training and test took on the IMDB reviews with two cores (`make bench`), to tell about
        how long a comparison will take; None for what has not been measured
    one_seed : whether the seed changes next to nothing, so that training with the first one is enough
    trains : whether it learns from the training texts; a saved model does not
    """

    name: str
    about: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    compiles: bool = False
    one_seed: bool = False
    trains: bool = True
    seconds: float | None = None

    @property
    def is_ours(self) -> bool:
        """Whether wordloom trains it, or has trained it."""
        return self.kind in ("wordloom", "saved_model")

    @property
    def missing(self) -> tuple[str, ...]:
        """The packages that are not installed."""
        pairs = zip(self.packages, self.modules, strict=True)
        return tuple(package for package, module in pairs if importlib.util.find_spec(module) is None)

    @property
    def install(self) -> str:
        """The line that installs what is missing; empty if nothing is."""
        return f"pip install {' '.join(self.missing)}" if self.missing else ""

    @property
    def versions(self) -> dict[str, str]:
        """The package that does the work, with its version if it is known."""
        found = {}
        for package in self.packages or ("wordloom" if self.is_ours else "scikit-learn",):
            try:
                found[package] = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                continue
        return found


@dataclass(frozen=True)
class ContenderJob:
    """What one contender has to do: what its worker is told besides texts and splits."""

    kind: str
    seeds: Sequence[int]
    labels: Sequence[Label]
    threads: int | None
    warms_up: bool
    options: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(
        contender: Contender, seeds: Sequence[int], labels: Sequence[Label], threads: int | None
    ) -> ContenderJob:
        """The job of a contender."""
        return ContenderJob(contender.kind, seeds, labels, threads, contender.compiles, contender.options)

    def to_config(self) -> dict[str, Any]:
        """As plain values, from which `ContenderJob(**values)` is the same."""
        return asdict(self)

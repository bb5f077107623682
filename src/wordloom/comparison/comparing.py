"""Compare contenders on the same splits of the same texts with the same seeds."""

from __future__ import annotations

import os
import platform
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wordloom import __version__
from wordloom.comparison.comparison_report import megabytes, seconds_text, with_spread
from wordloom.comparison.contender import PREDICTIONS, Contender, ContenderJob
from wordloom.comparison.forecast import forecast
from wordloom.comparison.results import Comparison, ContenderResult, Failure, Run
from wordloom.comparison.splits import Material, material_of, write_material
from wordloom.corpus import Dataset
from wordloom.errors import DataError, Interrupted, UsageError, WordloomWarning
from wordloom.loop.callback import Callback, CallbackList
from wordloom.worker_process import WorkerFailed, WorkerProcess

SEEDS = 3
"""Seeds on one split; in cross-validation one is enough."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Where libraries take the number of threads from."""


@dataclass(frozen=True)
class ComparisonPlan:
    """How to compare.

    Parameters
    ----------
    seeds : how many; None for SEEDS on one split and 1 in cross-validation
    first_seed : the first of them; it also draws the folds or what is held out
    folds, test_share : how to test without a test part; see `material_of`
    threads : for each contender that takes a number; None for all cores
    """

    seeds: int | None = None
    first_seed: int = 0
    folds: int | None = None
    test_share: float | None = None
    threads: int | None = None

    def seeds_for(self, splits: int) -> tuple[int, ...]:
        """The seeds of training."""
        count = (SEEDS if splits == 1 else 1) if self.seeds is None else self.seeds
        if count < 1:
            raise UsageError(f"The number of seeds must be 1 or more, not {count}.")
        return tuple(range(self.first_seed, self.first_seed + count))


def compare(
    dataset: Dataset,
    contenders: Sequence[Contender],
    plan: ComparisonPlan | None = None,
    callbacks: Sequence[Callback] = (),
) -> Comparison:
    """Train and test every contender that is installed, each in a process of its own, one after the other.

    Times are those of raw texts in memory to a model, and of raw texts to classes. `callbacks` have a
    message for each seed. A contender that fails does not end the others.

    Raises UsageError for no contender or two of one name, for a saved model without a test part, and as
    `material_of`; DataError if none of them succeeds, with the reasons; Interrupted with the comparison of
    those that are done for Ctrl-C.
    """
    plan = plan or ComparisonPlan()
    _refuse_equal_names(contenders)
    material = material_of(dataset, plan.folds, plan.test_share, plan.first_seed)
    _refuse_untested_models(dataset, contenders)
    seeds = plan.seeds_for(len(material.splits))
    ready = [each for each in contenders if not each.missing]
    found, interrupted = _run_all(ready, material, seeds, plan.threads, CallbackList(callbacks))
    entries = tuple(each for each in found if isinstance(each, ContenderResult))
    failed = tuple(each for each in found if isinstance(each, Failure))
    missing = tuple(each for each in contenders if each.missing)
    if interrupted and not entries:
        raise KeyboardInterrupt
    if not entries:
        reasons = [f"{each.contender.name}: {each.reason}" for each in failed]
        reasons += [f"{each.name} is not installed ({each.install})" for each in missing]
        raise DataError(f"{dataset.name}: none of the contenders could be run. {' '.join(reasons)}")
    comparison = Comparison(
        dataset.name,
        material.how,
        material.labels,
        seeds,
        material.imbalanced,
        entries,
        missing,
        failed,
        machine(),
    )
    if interrupted:
        raise Interrupted(comparison)
    return comparison


def compare_each(
    datasets: Sequence[Dataset],
    contenders: Sequence[Contender],
    plan: ComparisonPlan | None = None,
    callbacks: Sequence[Callback] = (),
) -> list[Comparison]:
    """`compare` on each of several data sets, one after the other.

    Raises as it does; Interrupted with what was complete, the comparison that Ctrl-C cut short as far as it
    came.
    """
    found: list[Comparison] = []
    told = CallbackList(callbacks)
    for dataset in datasets:
        if len(datasets) > 1:
            told.on_message(f"{dataset.name}:")
        try:
            found.append(compare(dataset, contenders, plan, callbacks))
        except Interrupted as error:
            raise Interrupted([*found, error.found]) from None
        except KeyboardInterrupt:
            if not found:
                raise
            raise Interrupted(found) from None
    return found


def _refuse_equal_names(contenders: Sequence[Contender]) -> None:
    names = [each.name for each in contenders]
    if not names:
        raise UsageError("There is nothing to compare: name settings of ours or peers.")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UsageError(f"Two contenders are named {twice[0]!r}; each needs a name of its own.")


def _refuse_untested_models(dataset: Dataset, contenders: Sequence[Contender]) -> None:
    """A saved model may have learned from any text that is not kept apart for tests."""
    saved = [each.name for each in contenders if not each.trains]
    if saved and dataset.test is None:
        raise UsageError(
            f"{saved[0]} may have learned from the texts of {dataset.name}, which has no test part. Give "
            "texts that it has not seen as --test, or a source with a test part."
        )


def _run_all(
    contenders: Sequence[Contender],
    material: Material,
    seeds: tuple[int, ...],
    threads: int | None,
    callbacks: CallbackList,
) -> tuple[list[ContenderResult | Failure], bool]:
    """What the contenders gave, and whether Ctrl-C came before the last of them was done."""
    for line in forecast(contenders, material, seeds):
        callbacks.on_message(line)
    found: list[ContenderResult | Failure] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_material(material, folder)
        try:
            for contender in contenders:
                progress = _SeedProgress(contender.name, len(material.splits), callbacks)
                own_seeds = seeds[:1] if contender.one_seed else seeds
                job = ContenderJob.of(contender, own_seeds, material.labels, threads)
                found.append(run_contender(contender, job, material, folder, progress.on_run))
                callbacks.on_message(f"{finished_line(found[-1])} ({len(found)} of {len(contenders)})")
        except KeyboardInterrupt:
            return found, True
    return found, False


def run_contender(
    contender: Contender, job: ContenderJob, material: Material, folder: Path, on_run: Callable[[Run], None]
) -> ContenderResult | Failure:
    """Train and test a contender in a process of its own; `folder` holds the material (see `splits`).

    on_run : is called after each run
    """
    answers: dict[str, Any] = {}
    runs: list[Run] = []
    threads = {} if job.threads is None else dict.fromkeys(_THREADS, str(job.threads))
    with WorkerProcess("wordloom.comparison.contender_worker", folder, environment=threads) as worker:
        try:
            for answer in worker.ask(job.to_config()):
                if "run" in answer:
                    runs.append(Run(*answer["run"]))
                    on_run(runs[-1])
                else:
                    answers |= answer
        except WorkerFailed as error:
            return Failure(contender, str(error))
    if "failed" in answers:
        return Failure(contender, answers["failed"])
    for message in answers["warnings"]:
        warnings.warn(f"{contender.name}: {message}", WordloomWarning, stacklevel=3)
    rows = material.tested
    return ContenderResult(
        contender,
        np.load(folder / PREDICTIONS, allow_pickle=False),
        material.targets[rows],
        len(material.labels),
        tuple(runs),
        answers.get("first"),
        answers["size"],
        answers["peak"],
    )


def finished_line(result: ContenderResult | Failure) -> str:
    """What a contender gave, in a line."""
    if isinstance(result, Failure):
        return f"{result.contender.name} failed: {result.reason}"
    return (
        f"{result.contender.name} is done: accuracy {with_spread(result.accuracy, result.std)}, "
        f"{seconds_text(result.train_seconds)} s to train, {megabytes(result.size)}"
    )


class _SeedProgress:
    """Has a message for the runs of each seed."""

    def __init__(self, name: str, splits: int, callbacks: CallbackList) -> None:
        self.name, self.splits, self.callbacks = name, splits, callbacks
        self.runs: list[Run] = []

    def on_run(self, run: Run) -> None:
        self.runs.append(run)
        if len(self.runs) < self.splits:
            return
        accuracy = float(np.mean([each.accuracy for each in self.runs]))
        seconds = sum(each.train_seconds + each.predict_seconds for each in self.runs)
        folds = f", {self.splits} folds" if self.splits > 1 else ""
        self.callbacks.on_message(
            f"{self.name}, seed {run.seed}{folds}: accuracy {accuracy:.2%} in {seconds:.2f} s"
        )
        self.runs = []


def machine() -> str:
    """Processor, cores, Python and wordloom in a line."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        names = [line for line in information.read_text().splitlines() if line.startswith("model name")]
        processor = names[0].split(":")[1].strip() if names else processor
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}, wordloom {__version__}"

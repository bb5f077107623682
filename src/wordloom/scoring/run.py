"""A run: what is to be done for a corpus, in what order, and what has become of it.

Each shard is a job. With a percentile there are two for each: its scores are stored first, the exact
thresholds follow from all of them, and then the rows that are kept are written. What an earlier run has done
of exactly this is not done again.
"""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wordloom import __version__
from wordloom.atomic import remove_left_over
from wordloom.errors import DataError, UsageError
from wordloom.executors import Executor, InProcess
from wordloom.loop.callback import Callback, CallbackList
from wordloom.model_config import ModelConfig
from wordloom.scoring.job import NOTES, OUTPUT, SCORES, Job, names_of, stored_part
from wordloom.scoring.keeping import Top, read_keep
from wordloom.scoring.percentiles import exact_thresholds
from wordloom.scoring.settings import ScoreSettings
from wordloom.scoring.shards import Shard, find_shards
from wordloom.storage import read_config
from wordloom.target_names import SINGLE

_SMALL_GROUP = 10


@dataclass
class Summary:
    """What has become of a run.

    Attributes
    ----------
    shards : how many there are
    outputs : the results of the shards that have an output, as their notes have them
    failed : (address, reason) of the shards that have none
    skipped : how many of the outputs were there already
    changed : the shards whose output was there, made of something else, and was made anew
    thresholds : with a percentile, the lowest score that is kept in each group ("" without groups), and how
        many scores the group has
    others : with a percentile, the outputs in the folder that are of other shards: what they hold is not of
        these thresholds
    seconds, megabytes : of this run, and the bytes of the shards it read, in millions
    """

    shards: int = 0
    outputs: list[dict[str, Any]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: int = 0
    changed: list[str] = field(default_factory=list)
    thresholds: dict[str, tuple[float, int]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    seconds: float = 0.0
    megabytes: float = 0.0
    documents_read: int = 0

    @property
    def empty(self) -> list[str]:
        """The shards without documents."""
        return [note["shard"] for note in self.outputs if not note["documents"]]

    @property
    def columns(self) -> dict[tuple[str, ...], list[str]]:
        """The columns that texts were taken from, with the shards of each; of shards that name theirs."""
        found: dict[tuple[str, ...], list[str]] = {}
        for note in self.outputs:
            if note.get("text"):
                found.setdefault(tuple(note["text"]), []).append(note["shard"])
        return found

    @property
    def without_columns(self) -> list[str]:
        """The shards whose rows have no columns of a name, as lines of text, where those of others have."""
        without = [note["shard"] for note in self.outputs if note["documents"] and not note.get("text")]
        return without if self.columns else []

    @property
    def trained_on(self) -> tuple[str, ...]:
        """The columns that the model learned from, where they had names."""
        return next((tuple(note["trained_on"]) for note in self.outputs if note.get("trained_on")), ())

    def total(self, name: str) -> int:
        """The sum of an entry over all outputs: `documents`, `without_text`, `kept`, `repeated_ids`."""
        return sum(int(each[name]) for each in self.outputs)


class Stopped(DataError):
    """The run ended before all shards were looked at; a later one goes on where it ended."""


def score(
    model: str | Path,
    shards: Sequence[str | Path | Shard] | str | Path,
    out: str | Path,
    settings: ScoreSettings | None = None,
    executor: Executor | None = None,
    *,
    strict: bool = False,
    callbacks: Sequence[Callback] = (),
) -> Summary:
    """Score the texts of a corpus with a saved model, shard by shard.

    For each shard one file in `out`, of the same name: ids and scores, or whole rows. It appears whole or not
    at all. What has been done already is passed over, so a run that was ended in any way goes on where it
    was; what it left half-written, under hidden names, is removed. A shard that cannot be read is one of
    `Summary.failed`.

    Parameters
    ----------
    model : the folder of a model, or a file of fastText
    shards : files, folders, patterns and addresses, or the shards that `find_shards` found in them
    out : the output folder; made if it is missing
    settings : see `ScoreSettings`
    executor : who does the work; None: this process. It is closed at the end
    strict : whether a shard that cannot be read ends the run, with Stopped
    callbacks : are told of the bytes of the shards that are done

    Raises DataError for a model or places that cannot be read and for an output folder with other files;
    UsageError for settings that the model does not have; Stopped where nothing more can be written.
    """
    places = [shards] if isinstance(shards, str | Path) else list(shards)
    executor, folder = executor or InProcess(), Path(out).resolve()
    try:
        run = _Run.of(str(model), places, Path(out), settings or ScoreSettings())
        _sweep(folder)
        return run.done(executor, strict, CallbackList(callbacks))
    finally:
        executor.close()
        _sweep(folder)  # what workers were writing that ended before their time


@dataclass
class _Run:
    model: str
    fingerprint: str
    names: tuple[str, ...]
    shards: list[Shard]
    out: Path
    settings: ScoreSettings

    @staticmethod
    def of(model: str, places: Sequence[str | Path | Shard], out: Path, settings: ScoreSettings) -> _Run:
        """Everything that can be checked before the work begins."""
        fingerprint, names = _model(model)
        keep = None if settings.keep is None else read_keep(settings.keep, names)
        if settings.per is not None and not isinstance(keep, Top):
            raise UsageError("per names the groups of a percentile; give keep='top:10%' too (--keep).")
        shards = find_shards(places)
        _check_output(out, shards)
        return _Run(str(Path(model).resolve()), fingerprint, names, shards, out.resolve(), settings)

    def done(self, executor: Executor, strict: bool, callbacks: CallbackList) -> Summary:
        """Do what is to be done."""
        began, found = time.perf_counter(), Summary(len(self.shards))
        Path(self.out, NOTES).mkdir(parents=True, exist_ok=True)
        work = _Work(executor, strict, callbacks, found)
        jobs = [self._job(shard, OUTPUT) for shard in self.shards]
        keep = None if self.settings.keep is None else read_keep(self.settings.keep, self.names)
        if isinstance(keep, Top):
            scored = work.results([self._job(shard, SCORES) for shard in self.shards], "scoring")
            lowest = self._thresholds(scored, keep, found)
            there = {job.shard.name for job, _ in scored}
            jobs = [self._keeping(job, lowest) for job in jobs if job.shard.name in there]
        outputs = _of_one_shard_each(
            work.results(jobs, "writing" if isinstance(keep, Top) else "scoring"), found
        )
        found.outputs = [note for _, note in outputs]
        if isinstance(keep, Top):
            found.others = self._others({note["output"] for note in found.outputs})
        found.skipped = work.skipped
        found.seconds = time.perf_counter() - began
        return found

    def _job(self, shard: Shard, kind: str) -> Job:
        settings = self.settings.of_scores() if kind == SCORES else self.settings.to_config()
        made_of = [__version__, self.fingerprint, settings, shard.address, shard.size, shard.stamp]
        return Job(kind, shard, self.model, str(self.out), self.settings, _hash(made_of))

    def _others(self, own: Collection[str]) -> list[str]:
        """The outputs that notes in the folder tell of, but for these."""
        notes = (json.loads(path.read_bytes()) for path in Path(self.out, NOTES, OUTPUT).rglob("*.json"))
        names = {note["output"] for note in notes} - set(own)
        return sorted(name for name in names if Path(self.out, name).exists())

    def _keeping(self, job: Job, lowest: Mapping[str, float]) -> Job:
        return replace(job, lowest=lowest, fingerprint=_hash([job.fingerprint, lowest]))

    def _thresholds(
        self, scored: Sequence[tuple[Job, Mapping[str, Any]]], keep: Top, found: Summary
    ) -> dict[str, float]:
        """For each group the lowest score that is kept; the groups of all shards, in the order of names."""
        groups = sorted({name for _, note in scored for name in note["groups"]})
        numbers = {name: number for number, name in enumerate(groups)}
        if not sum(note["documents"] - note["without_text"] for _, note in scored):
            raise DataError(
                "No text has a score, so there is no percentile of them: "
                + (found.failed[0][1] if found.failed else "the shards hold no texts.")
            )

        def parts() -> Iterator[Any]:
            return (stored_part(job, note, keep.column, numbers) for job, note in scored)

        lowest, sizes = exact_thresholds(parts, len(groups), keep.share)
        both = zip(groups, lowest, sizes, strict=True)
        found.thresholds = {name: (value, size) for name, value, size in both}
        return {name: value for name, (value, size) in found.thresholds.items() if size}


class _Work:
    """Jobs given to an executor, and what comes back."""

    def __init__(self, executor: Executor, strict: bool, callbacks: CallbackList, found: Summary) -> None:
        self._executor, self._strict, self._callbacks, self._found = executor, strict, callbacks, found
        self.skipped = 0

    def results(self, jobs: Sequence[Job], step: str) -> list[tuple[Job, dict[str, Any]]]:
        """The jobs that could be done with their results, in their order."""
        notes = {job.shard.name: note for job in jobs if (note := job.done()) is not None}
        self.skipped = len(notes)
        open_ones = [job for job in jobs if job.shard.name not in notes]
        self._found.changed = [job.shard.address for job in open_ones if job.note.exists()]
        total = sum(job.shard.size for job in open_ones)
        for job in open_ones:
            self._executor.submit(job)
        done = 0
        for _ in open_ones:
            job, result = self._executor.next()
            done += job.shard.size
            self._callbacks.on_step(step, done, total, "byte")
            if "error" in result:
                self._failed(job, result)
                continue
            notes[job.shard.name] = result
            if job.lowest is None:  # else it has been counted when its scores were stored
                self._found.megabytes += job.shard.size / 1e6
                self._found.documents_read += result["documents"]
        return [(job, notes[job.shard.name]) for job in jobs if job.shard.name in notes]

    def _failed(self, job: Job, result: Mapping[str, Any]) -> None:
        error = str(result["error"])
        if result.get("machine", platform.node()) != platform.node():
            error += (
                f" So it is on {result['machine']}: every machine must reach shards, model and output folder "
                "under the same paths."
            )
        if self._strict or result.get("stop"):
            raise Stopped(f"{error} What is done is kept; give the command again when it can go on.")
        self._found.failed.append((job.shard.address, error))


def _of_one_shard_each(
    outputs: Sequence[tuple[Job, dict[str, Any]]], found: Summary
) -> list[tuple[Job, dict[str, Any]]]:
    """The results without those whose output has the name of another's, which count as failed.

    What a shard holds decides the ending of its output: that of `a.txt` is `a.txt.jsonl`.
    """
    by_name: dict[str, list[Job]] = {}
    for job, note in outputs:
        by_name.setdefault(note["output"], []).append(job)
    for name, jobs in by_name.items():
        for job in jobs if len(jobs) > 1 else ():
            for place in (job.note, Path(job.out, name)):
                place.unlink(missing_ok=True)
            others = " and ".join(other.name for other in jobs if other is not job)
            reason = f"{job.name}: its output is called {name}, as is that of {others}. Rename one of them."
            found.failed.append((job.name, reason))
    return [(job, note) for job, note in outputs if len(by_name[note["output"]]) == 1]


def small_groups(thresholds: Mapping[str, tuple[float, int]]) -> Iterable[str]:
    """The groups that have so few scores that a percentile of theirs says little."""
    return [name for name, (_, size) in thresholds.items() if size < _SMALL_GROUP]


def _model(model: str) -> tuple[str, tuple[str, ...]]:
    """What tells a model's content from others', and what its scores are called; a folder is not loaded."""
    if Path(model).is_file():  # a model of fastText
        from wordloom.text_model import TextModel

        with open(model, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        loaded = TextModel.load(model)
        return digest, names_of(loaded.labels, loaded.target)
    config = read_config(model)
    read = ModelConfig.read(config)
    return str(config["sha256"]), names_of(read.labels, str(read.network.get("target", SINGLE)))


def _check_output(out: Path, shards: Sequence[Shard]) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; the outputs go to a folder (--out).")
    if out.exists() and any(out.iterdir()) and not (out / NOTES).is_dir():
        raise UsageError(
            f"{out} holds other files, and no outputs of scoring. Name another folder, so that nothing is "
            "lost."
        )
    inside = next((one for one in shards if Path(one.address).resolve().is_relative_to(out.resolve())), None)
    if inside is not None:
        raise UsageError(f"{inside.address} lies in the output folder {out}, where outputs replace files.")


def _sweep(out: Path) -> None:
    """Remove from an output folder what nobody writes any more."""
    if Path(out, NOTES).is_dir():
        remove_left_over(out)


def _hash(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

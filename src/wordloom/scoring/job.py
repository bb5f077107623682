"""Jobs: pure functions that score a shard, or write the rows of it that are kept; any engine can run them.

A job and its result are plain values for JSON. All that a job leaves behind is its output, which appears
whole or not at all, and a note beside it that says what it was made of; a job that is run again makes the
same bytes. Notes and stored scores are in the folder `_wordloom` of the output folder.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import platform
import time
import warnings
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from wordloom.atomic import replacing_file
from wordloom.corpus import text_key
from wordloom.csv_writer import free_name
from wordloom.errors import WordloomError, WordloomWarning
from wordloom.kernels import compiled_throughout
from wordloom.plain_texts import text_chunks
from wordloom.prediction import Decisions
from wordloom.scoring.keeping import GRADE, Threshold, read_keep
from wordloom.scoring.outputs import OutputLayout, open_output, written_format
from wordloom.scoring.percentiles import ScoredPart
from wordloom.scoring.settings import ScoreSettings
from wordloom.scoring.shards import Shard
from wordloom.scoring.tables import Batch, ShardTable, id_of, open_shard, there
from wordloom.target_names import GRADED

if TYPE_CHECKING:
    from wordloom.text_model import TextModel

NOTES = "_wordloom"
SCORES, OUTPUT = "scores", "output"
_TEXTS, _CHARACTERS = 1024, 2_000_000
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class Job:
    """What is to be done with a shard.

    Parameters
    ----------
    kind : SCORES to store its scores, OUTPUT to write its output
    shard : the shard
    model : the model's folder
    out : the output folder
    settings : of the run
    fingerprint : of everything that the result depends on
    lowest : for each group the lowest score that is kept, where scores have been stored for that; else None
    """

    kind: str
    shard: Shard
    model: str
    out: str
    settings: ScoreSettings
    fingerprint: str
    lowest: Mapping[str, float] | None = None

    @property
    def name(self) -> str:
        """The shard, for messages."""
        return self.shard.address

    @property
    def note(self) -> Path:
        """The file that says what has been done."""
        return Path(self.out, NOTES, self.kind, f"{self.shard.name}.json")

    @property
    def stored(self) -> Path:
        """The file of its stored scores, float32; that of their groups ends in `.groups`, int32."""
        return Path(self.out, NOTES, SCORES, f"{self.shard.name}.scores")

    def done(self) -> dict[str, Any] | None:
        """The result of this very job, if it has been done and is still there."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            note: dict[str, Any] = json.loads(self.note.read_bytes())
            files = [Path(self.out, name).stat().st_size == size for name, size in note["files"].items()]
            if note["fingerprint"] == self.fingerprint and all(files):
                return note
        return None

    def run(self) -> dict[str, Any]:
        """Do it; see `run_job`."""
        with compiled_throughout():
            result = _result(self)
        return {**result, "machine": platform.node()} if "error" in result else result

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        settings = self.settings.to_config()
        return {**dataclasses.asdict(self), "settings": settings}

    @staticmethod
    def from_config(config: Mapping[str, Any]) -> Job:
        """What `to_config` gave."""
        shard, settings = Shard(**config["shard"]), ScoreSettings.from_config(config["settings"])
        return Job(**{**config, "shard": shard, "settings": settings})


def run_job(config: Mapping[str, Any]) -> dict[str, Any]:
    """Do a job, and give its result: what stands in its note, or `error`, why there is none, and on which
    `machine`.

    `stop` is there with an error that all shards would meet: no room to write, a model that cannot be read.
    """
    return Job.from_config(config).run()


def _result(job: Job) -> dict[str, Any]:
    try:
        model = _model(job.model)
    except (WordloomError, OSError, MemoryError) as error:
        return {"error": str(error) or type(error).__name__, "stop": True}
    try:
        return score_shard(job, model)
    except WordloomError as error:
        return {"error": str(error)}
    except OSError as error:
        reason = f"{error.filename or job.out}: {error.strerror or error}"
        return {"error": f"{reason}.", "stop": error.errno in _NO_ROOM and _is_output(error, job)}
    except MemoryError:
        return {"error": f"{job.shard.address}: there was not enough memory."}
    except UnicodeDecodeError as error:  # Parquet's strings are not looked at before they are needed
        return {"error": f"{job.shard.address}: a value is not UTF-8 ({error}). Write the file again."}


def _is_output(error: OSError, job: Job) -> bool:
    return error.filename is None or str(error.filename).startswith(job.out)


@lru_cache(maxsize=1)
def _model(folder: str) -> TextModel:
    from wordloom.text_model import TextModel

    return TextModel.load(folder)


def names_of(labels: Sequence[Any], target: str) -> tuple[str, ...]:
    """What the scores of a model are called in `keep`: its labels, or "grade"."""
    return (GRADE,) if target == GRADED else tuple(map(str, labels))


def score_shard(job: Job, model: TextModel) -> dict[str, Any]:
    """Store the scores of a shard's texts, or write its output; see `Job`.

    Raises DataError for a shard that cannot be read, OSError for one that cannot be written.
    """
    began = time.perf_counter()
    source = job.shard.source()
    with contextlib.ExitStack() as at_end:
        with warnings.catch_warnings():  # of columns, which are said once for all shards
            warnings.simplefilter("ignore", WordloomWarning)
            table = at_end.enter_context(open_shard(source, job.settings, model.columns))
        steps = _Scoring(job, model, table, cast(Path, source.path))
        result = steps.stored_scores() if job.kind == SCORES else steps.output()
    note = {"fingerprint": job.fingerprint, "shard": job.shard.address, **result}
    with replacing_file(job.note) as temporary:
        Path(temporary).write_text(json.dumps(note, ensure_ascii=False) + "\n", encoding="utf-8")
    return {**note, "seconds": time.perf_counter() - began}


class _Scoring:
    """A shard while it is read."""

    def __init__(self, job: Job, model: TextModel, table: ShardTable, path: Path) -> None:
        self._job, self._model, self._table, self._path = job, model, table, path
        self._names = names_of(model.labels, model.target)
        self._documents = self._without_text = 0

    def stored_scores(self) -> dict[str, Any]:
        """Write scores and groups as they are, one after the other."""
        job, groups = self._job, _Groups()
        per = job.settings.per
        if per is not None:
            there(per, self._table, job.shard.address, "--per")
        places = job.stored, job.stored.with_suffix(".groups")
        job.note.unlink(missing_ok=True)
        with contextlib.ExitStack() as stack:
            temporary = [stack.enter_context(replacing_file(place)) for place in places]
            scores, numbers = (stack.enter_context(open(file, "wb")) for file in temporary)
            for batch in self._table.batches([] if per is None else [per]):
                self._count(batch)
                scores.write(self._scores(batch).tobytes())
                found = [None] * len(batch.texts) if per is None else batch.values(per)
                numbers.write(groups.numbers(found).tobytes())
        files = {str(place.relative_to(job.out)): place.stat().st_size for place in places}
        return {**self._counts(), "groups": groups.names, "files": files}

    def output(self) -> dict[str, Any]:
        """Write ids or rows with scores; those that are kept, or all."""
        job, table, settings = self._job, self._table, self._job.settings
        where = job.shard.address
        whole = settings.rows or settings.keep is not None
        own_id = id_of(table, settings, where)
        carried = tuple(table.columns) if whole else tuple(filter(None, [own_id]))
        new = [GRADE] if self._names == (GRADE,) else [f"score_{name}" for name in self._names]
        titles = tuple(free_name(name, table.columns if whole else carried) for name in new)
        written = OutputLayout(*written_format(table, self._path, settings.output_format), carried, titles)
        target = Path(job.out, written.name(job.shard.name))
        kept, ids = 0, array("q")
        job.note.unlink(missing_ok=True)  # what it says will not be true from here on
        with replacing_file(target) as temporary, open_output(written, table, temporary) as writer:
            for batch, scores, rows in self._kept(None if whole else carried):
                writer.write(batch, scores, rows)
                kept += len(batch.texts) if rows is None else len(rows)
                if own_id is not None:
                    ids.extend(text_key(str(value)) for value in batch.values(own_id))
        repeated = len(ids) - len(np.unique(np.frombuffer(ids, dtype=np.int64))) if ids else 0
        name = str(target.relative_to(job.out))
        counts = {**self._counts(), "kept": kept, "repeated_ids": repeated}
        return {**counts, "columns": list(titles), "output": name, "files": {name: target.stat().st_size}}

    def _counts(self) -> dict[str, Any]:
        trained, table = self._model.columns, self._table
        named = trained is not None and not all(map(str.isdecimal, trained.text))
        return {
            "documents": self._documents,
            "without_text": self._without_text,
            "text": list(table.text) if table.names_columns else [],
            "trained_on": list(trained.text) if trained is not None and named else [],
        }

    def _kept(
        self, columns: Sequence[str] | None
    ) -> Iterator[tuple[Batch, NDArray[np.float32], NDArray[np.int64] | None]]:
        """Batches with their scores (N, C), and the rows that are kept; None for all."""
        job = self._job
        keep = None if job.settings.keep is None else read_keep(job.settings.keep, self._names)
        per = [] if job.settings.per is None else [job.settings.per]
        wanted = None if columns is None else (*columns, *per)
        scores_of = self._scores if job.lowest is None else _Stored(job, len(self._names)).scores
        for batch in self._table.batches(wanted):
            self._count(batch)
            scores = scores_of(batch)
            if keep is None:
                yield batch, scores, None
                continue
            score = scores[:, keep.column]
            inside = keep.kept(score) if isinstance(keep, Threshold) else self._best(batch, score, per)
            yield batch, scores, np.flatnonzero(inside)

    def _best(self, batch: Batch, score: NDArray[np.float32], per: list[str]) -> NDArray[np.bool_]:
        assert self._job.lowest is not None
        groups = batch.values(per[0]) if per else [None] * len(batch.texts)
        lowest = [self._job.lowest.get(group_name(group), np.inf) for group in groups]
        return np.asarray(score >= np.array(lowest, dtype=np.float32))

    def _count(self, batch: Batch) -> None:
        self._documents += len(batch.texts)
        self._without_text += sum(text is None for text in batch.texts)

    def _scores(self, batch: Batch) -> NDArray[np.float32]:
        """float32 (N, C), NaN for what has no text."""
        missing = np.array([text is None for text in batch.texts], dtype=bool)
        scores = scores_of(self._model, [text or "" for text in batch.texts], self._job.settings)
        scores[missing] = np.nan
        return scores


class _Stored:
    """Scores that have been stored, read batch by batch."""

    def __init__(self, job: Job, columns: int) -> None:
        self._all: Any = np.empty(0, np.float32)
        if job.stored.stat().st_size:
            self._all = np.memmap(job.stored, dtype=np.float32, mode="r")
        self._columns = columns

    def scores(self, batch: Batch) -> NDArray[np.float32]:
        begin = batch.first * self._columns
        found = np.array(self._all[begin : begin + len(batch.texts) * self._columns], dtype=np.float32)
        return found.reshape(len(batch.texts), self._columns)


class _Groups:
    """Values of a column, numbered as they come."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    @property
    def names(self) -> list[str]:
        return list(self._known)

    def numbers(self, values: Sequence[Any]) -> NDArray[np.int32]:
        known = self._known
        return np.array([known.setdefault(group_name(one), len(known)) for one in values], dtype=np.int32)


def group_name(value: Any) -> str:
    """A value as the name of a group; all that are missing are one."""
    return value if isinstance(value, str) else "" if value is None or value != value else str(value)


def stored_part(job: Job, note: Mapping[str, Any], column: int, numbers: Mapping[str, int]) -> ScoredPart:
    """The stored scores of a label, with the groups numbered as those of the corpus."""
    documents = note["documents"]
    if not documents:
        return ScoredPart(np.empty(0, np.float32), np.empty(0, np.int32))
    scores = np.memmap(job.stored, dtype=np.float32, mode="r").reshape(documents, -1)[:, column]
    own = np.fromfile(job.stored.with_suffix(".groups"), dtype=np.int32)
    translated = np.array([numbers[name] for name in note["groups"]], dtype=np.int32)
    return ScoredPart(np.asarray(scores), translated[own])


def scores_of(
    model: TextModel, texts: Sequence[str], settings: ScoreSettings | None = None
) -> NDArray[np.float32]:
    """float32 (N, C): the probability of each label, or (N, 1) the grade; of texts, or of their windows.

    settings : `windows` and `combine` count here
    """
    windows = None if settings is None else settings.parts
    if windows is None:
        return _plain_scores(model, texts).astype(np.float32)
    parts = [windows.of(text) for text in texts]
    scores = _plain_scores(model, [part for own in parts for part in own])
    return windows.combined(scores, list(map(len, parts))).astype(np.float32)


def _plain_scores(model: TextModel, texts: Sequence[str]) -> NDArray[np.float64]:
    columns = 1 if model.target == GRADED else len(model.labels)
    decisions = Decisions.of(model, None)
    found = [np.empty((0, columns))]
    for some in text_chunks(texts, _TEXTS, _CHARACTERS):
        probabilities = model.network.probabilities(model.encode(some, 1), 1)
        if model.target == GRADED:
            probabilities = np.array(decisions.values(probabilities))[:, None]
        found.append(probabilities)
    return np.concatenate(found)

"""fit on files that several processes count: the model of one process, byte for byte, whoever dies."""

from __future__ import annotations

import csv
import json
import os
import signal
from collections import deque
from pathlib import Path

import numpy as np
import pytest

from deadly_workers import deadly_processes
from wordloom.errors import DataError, UsageError
from wordloom.executors import LocalProcesses, OnRay, Outcome
from wordloom.executors.job import answered, request_of
from wordloom.fit import FitInput, fit
from wordloom.loop.callback import Callback
from wordloom.readers import stream_corpus
from wordloom.settings import Settings
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.on_disk.text_parts import Passes
from wordloom.training import sharded_loss

SHARDS = 5
SOLVERS = {"steps": {"epochs": 2}, "batch": {"solver": "batch", "characters": 0, "ngrams": 2}}
DEADLY = """
from {module} import {job}

plain = {job}.work

def work(self):
    if self.part == 1 and ({always} or not died()):
        if self.place.store.folder is not None:
            with self.place.store.new("half", "int32") as half:
                half.append(__import__("numpy").arange(5, dtype="int32"))
                die()
    plain(self)

{job}.work = work
"""


class ByPlainValues:
    """Does jobs in this process, each made of the plain values that a worker would get."""

    def __init__(self):
        self._jobs = deque()

    def submit(self, job):
        self._jobs.append(job)

    def next(self):
        job = self._jobs.pop()  # the last one first: no result depends on the order
        return Outcome(job, json.loads(json.dumps(answered(json.loads(json.dumps(request_of(job)))))))

    def close(self):
        self._jobs.clear()


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """Files of texts, some of them empty, repeated or with words that stand in one file only."""
    folder, rng = tmp_path_factory.mktemp("shards"), np.random.default_rng(0)
    paths = [folder / f"part-{number}.csv" for number in range(SHARDS)]
    for number, path in enumerate(paths):
        rows = [("", "c0"), ("été café 你好", "c1"), ("w1 " * 40, "c0"), (f"only{number} w1 w2", "c1")]
        for i in range(60 if number else 7):
            label = int(rng.integers(0, 2))
            words = rng.integers(0, 30 + 10 * label, rng.integers(0, 25))
            rows.append((" ".join([f"rare{number}-{i}", *map("w{}".format, words)]), f"c{label}"))
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "label"), *rows])
    return paths


@pytest.fixture(autouse=True)
def plain_kernels(monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")  # so that workers start fast
    monkeypatch.setattr(sharded_loss, "ROWS_OF_A_SHARD", 1000)


def deadly(job, always):
    """What has a worker die in a job on the second part."""
    module = "wordloom.training.shard_jobs" if job == "LossJob" else "wordloom.text.on_disk.ngram_jobs"
    return DEADLY.format(module=module, job=job, always=always)


def fitted(shards, folder, executor=None, callbacks=(), **changes):
    usual = {"architecture": "ngram", "ngrams": 4, "random_state": 3}
    settings = Settings(**(usual | (changes if "solver" in changes else {"epochs": 2} | changes)))
    passes = Passes(Scratch(str(folder)), texts_at_once=17, executor=executor)
    return fit(stream_corpus(shards).train, settings, FitInput(passes=passes, callbacks=callbacks))


def saved(model, folder):
    """The bytes of the model's folder; the record without the time it took."""
    model.save(folder)
    files = {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name not in ("config.json", "README.md")
    }
    return files, {**model.record, "seconds": 0}


@pytest.fixture(scope="module")
def by_solver(shards, tmp_path_factory):
    """What one process makes of them, by each solver."""
    found = {}
    for name, changes in SOLVERS.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WORDLOOM_KERNELS", "plain")
            patch.setattr(sharded_loss, "ROWS_OF_A_SHARD", 1000)
            folder = tmp_path_factory.mktemp("alone")
            found[name] = saved(fitted(shards, folder, **changes), folder / "model")
        assert [path.name for path in folder.iterdir()] == ["model"]
        assert len(found[name][0]) >= 2
    return found


@pytest.fixture(scope="module")
def alone(by_solver):
    """The model by steps."""
    return by_solver["steps"]


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("workers", [2, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in (1, 4))])
def test_any_number_of_processes_makes_the_same_model(shards, by_solver, tmp_path, workers, solver):
    model = fitted(shards, tmp_path, LocalProcesses(workers), **SOLVERS[solver])
    assert list(tmp_path.iterdir()) == []
    assert saved(model, tmp_path / "model") == by_solver[solver]


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("threads", [1, 3])
def test_several_files_in_memory_make_the_same_model(shards, by_solver, tmp_path, solver, threads):
    corpus = stream_corpus(shards).train.in_memory()
    assert not corpus.streamed
    usual = {"architecture": "ngram", "ngrams": 4, "random_state": 3}
    settings = Settings(**(usual | SOLVERS[solver]), threads=threads)
    model = fit(corpus, settings)
    model.record["settings"]["threads"] = None
    assert saved(model, tmp_path / "model") == by_solver[solver]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"characters": 3}, marks=pytest.mark.exhaustive),
        {"characters": 3, "num_words": 20},
        {"max_ngrams": 50},
        {"ngrams": 1, "validation_split": 0.0},
        pytest.param({"maxlen": 6, "skip_top": 2, "ids": "imdb"}, marks=pytest.mark.exhaustive),
        {"min_count": 4, "max_document_frequency": 0.3, "min_documents": 2},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:There is room for")
def test_every_setting_goes_to_the_workers(shards, tmp_path, changes):
    alone = saved(fitted(shards, tmp_path, **changes), tmp_path / "alone")
    shared = saved(fitted(shards, tmp_path, ByPlainValues(), **changes), tmp_path / "shared")
    assert shared == alone


@pytest.mark.parametrize("without_first_file", [False, True])
def test_a_part_of_the_texts_is_counted_as_in_memory(shards, tmp_path, without_first_file):
    settings = Settings(architecture="ngram", epochs=2, random_state=3, characters=3)
    whole = stream_corpus(shards).train
    train = whole.subset(range(11, len(whole))) if without_first_file else whole.split(0.3, seed=1)[0]
    passes = Passes(Scratch(str(tmp_path)), executor=ByPlainValues())
    shared = fit(train, settings, FitInput(passes=passes))
    assert saved(shared, tmp_path / "shared") == saved(fit(train.in_memory(), settings), tmp_path / "alone")


@pytest.mark.parametrize(
    ("job", "solver"), [("PairsJob", "steps"), ("RowsJob", "steps"), ("LossJob", "batch")]
)
def test_the_work_of_a_worker_that_was_killed_is_done_by_another(
    shards, by_solver, tmp_path, monkeypatch, job, solver
):
    (tmp_path / "scratch").mkdir()
    executor = deadly_processes(tmp_path, monkeypatch, deadly(job, always=False))
    model = fitted(shards, tmp_path / "scratch", executor, **SOLVERS[solver])
    assert (tmp_path / "marks" / "died").exists()
    assert list((tmp_path / "scratch").iterdir()) == []
    assert saved(model, tmp_path / "model") == by_solver[solver]


@pytest.mark.parametrize(("job", "named"), [("PairsJob", r"part-1\.csv"), ("LossJob", r"texts \d+ to \d+")])
def test_a_file_over_which_every_worker_dies_is_named(shards, tmp_path, monkeypatch, job, named):
    (tmp_path / "scratch").mkdir()
    executor = deadly_processes(tmp_path, monkeypatch, deadly(job, always=True))
    with pytest.raises(DataError, match=rf"{named}: 3 workers ended over it.*signal 9"):
        fitted(shards, tmp_path / "scratch", executor, **SOLVERS["batch"])
    with pytest.raises(UsageError, match="an executor is for one run"):
        executor.submit(None)
    assert list((tmp_path / "scratch").iterdir()) == []


class Interrupting(Callback):
    """Ctrl-C at a step."""

    def __init__(self, step):
        self._step = step

    def on_step(self, name, done, total, unit):
        if name == self._step:
            raise KeyboardInterrupt


def test_ctrl_c_leaves_no_file_and_no_process_behind(shards, tmp_path):
    executor = LocalProcesses(2)
    with pytest.raises(KeyboardInterrupt):
        fitted(shards, tmp_path, executor, [Interrupting("counting n-grams of 3 words")])
    assert list(tmp_path.iterdir()) == []
    assert [worker._process for worker in executor._workers] == [None, None]


class Watching(ByPlainValues):
    """Notes what is in a folder when it is ended for the first time; None before that."""

    def __init__(self, folder):
        super().__init__()
        self._folder, self.seen = folder, None

    def close(self):
        super().close()
        self.seen = list(self._folder.iterdir()) if self.seen is None else self.seen


@pytest.mark.parametrize("solver", SOLVERS)
def test_whoever_counts_has_ended_before_the_folder_goes_that_it_works_in(shards, tmp_path, solver):
    executor = Watching(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        fitted(shards, tmp_path, executor, [Interrupting("counting n-grams of 2 words")], **SOLVERS[solver])
    assert len(executor.seen) == 1
    assert list(tmp_path.iterdir()) == []


def test_whoever_counts_has_ended_also_if_nothing_is_to_be_counted(shards, tmp_path):
    executor, corpus = Watching(tmp_path), stream_corpus(shards).train
    extra = FitInput(passes=Passes(Scratch(str(tmp_path)), executor=executor))
    with pytest.raises(UsageError, match="needs its texts in memory"):
        fit(corpus, Settings(architecture="mean"), extra)
    assert executor.seen == []


def test_a_file_that_changes_while_it_is_counted_is_named(shards, tmp_path):
    copies = [tmp_path / path.name for path in shards[:2]]
    for path, copy in zip(shards, copies, strict=False):
        copy.write_bytes(path.read_bytes())
    corpus = stream_corpus(copies).train
    with open(copies[1], "a", encoding="utf-8") as file:
        file.write("one more,c0\n")
    with pytest.raises(DataError, match=r"part-1\.csv: had 64 texts and now has 65"):
        fit(corpus, Settings(), FitInput(passes=Passes(executor=ByPlainValues())))
    corpus = stream_corpus(copies[:1]).train
    copies[0].unlink()
    with pytest.raises(DataError, match=r"part-0\.csv: no such file"):
        fit(corpus, Settings(), FitInput(passes=Passes(executor=ByPlainValues())))


def test_processes_that_were_ended_say_so(shards, tmp_path):
    executor = LocalProcesses(1)
    executor.close()
    with pytest.raises(UsageError, match="an executor is for one run"):
        fitted(shards, tmp_path, executor)
    assert list(tmp_path.iterdir()) == []


def test_an_executor_needs_texts_that_stay_in_their_files(shards):
    corpus = stream_corpus(shards).train.in_memory()
    with pytest.raises(UsageError, match="Give what stream_corpus makes of the files"):
        fit(corpus, Settings(), FitInput(passes=Passes(executor=ByPlainValues())))


def words(text):
    return text.split()


def test_a_tokenizer_function_stays_in_its_process(shards, tmp_path):
    with pytest.raises(UsageError, match=r"tokenizer function .*words is in this process only"):
        fitted(shards, tmp_path, ByPlainValues(), tokenizer=words)


@pytest.mark.cluster
def test_ray_makes_the_same_model_also_when_workers_are_killed(shards, by_solver, tmp_path):
    ray = pytest.importorskip("ray", reason="needs the extra: pip install 'wordloom[ray]'")
    (tmp_path / "scratch").mkdir()
    ray.init(
        "local",
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        runtime_env={"worker_process_setup_hook": kills_itself(str(tmp_path))},
    )
    try:
        model = fitted(shards, tmp_path / "scratch", OnRay(), **SOLVERS["batch"])
    finally:
        ray.shutdown()
    assert all((tmp_path / f"died in {job}").exists() for job in ("PairsJob", "LossJob"))
    assert list((tmp_path / "scratch").iterdir()) == []
    assert saved(model, tmp_path / "model") == by_solver["batch"]


def kills_itself(folder):
    """Has the first process killed that counts pairs of the second file, and the first that works out the
    gradient of the second shard."""

    def prepare():
        from wordloom.text.on_disk.ngram_jobs import PairsJob
        from wordloom.training.shard_jobs import LossJob

        def dying(kind):
            plain, mark = kind.work, Path(folder, f"died in {kind.__name__}")

            def work(self):
                if self.part == 1 and not mark.exists():
                    mark.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                plain(self)

            kind.work = work

        dying(PairsJob)
        dying(LossJob)

    return prepare

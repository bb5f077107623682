"""Training on ten times IMDB beside engines' own learners, Spark ML and Dask-ML, on the same files.

Spark ML: HashingTF, IDF and logistic regression. Dask-ML: HashingVectorizer, and Incremental around
scikit-learn's SGDClassifier, as its documentation has it for text (its LogisticRegression takes no sparse
matrices). The reviews are drawn with repetition, in ten files of JSON Lines; all read these and learn with
two cores, and answer for the test reviews. wordloom learns twice: as by default, with n-grams of three words,
counted by two processes while the texts stay in their files; and with pairs of words from texts in memory.
Engines' regularization is chosen on a tenth of the reviews as they are, which is not timed. Needs pyspark and
Java, or dask-ml; what is not installed is left out. Processor time is there since other programs may use the
machine.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from side_by_side import imdb, report_figure
from streaming import answered
from wordloom.corpus import Corpus

TIMES, FILES = 10, 10
OURS = {"wordloom": ("", "{}"), "wordloom, pairs in memory": ("in memory", '{"ngrams": 2}')}
"""Whether texts are in memory, and the settings."""
SPARK = """
import json, os, sys, time
from pathlib import Path
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import IDF, HashingTF, RegexTokenizer
from pyspark.sql import SparkSession

def processor_time():
    tasks = Path("/proc/self/task").iterdir()
    pids = [pid for task in tasks for pid in (task / "children").read_text().split()]
    ticks = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids]
    return sum(int(tick) for own in ticks for tick in own) / os.sysconf("SC_CLK_TCK") + time.process_time()

def read(path):
    return session.read.schema("text string, label int").json(path)

def fitted(rows, strength):
    words = RegexTokenizer(inputCol="text", outputCol="words", pattern=r"\\W+")
    counts = HashingTF(inputCol="words", outputCol="counts", numFeatures=1 << 18)
    learner = LogisticRegression(regParam=strength)
    return Pipeline(stages=[words, counts, IDF(inputCol="counts", outputCol="features"), learner]).fit(rows)

def accuracy(model, rows):
    found = model.transform(rows).select("label", "prediction")
    return found.filter("label = prediction").count() / found.count()

files, once, test = sys.argv[1:]
began, memory = time.perf_counter(), "spark.driver.memory"
builder = SparkSession.builder.master("local[2]").config(memory, "6g").config("spark.ui.enabled", "false")
session = builder.getOrCreate()
session.sparkContext.setLogLevel("ERROR")
starting = time.perf_counter() - began
kept, held_out = read(once).randomSplit([0.9, 0.1], seed=0)
strengths = {strength: accuracy(fitted(kept, strength), held_out) for strength in (0.001, 0.01, 0.1)}
strength = max(strengths, key=strengths.get)
began, used = time.perf_counter(), processor_time()
model = fitted(read(files), strength)
seconds, used = starting + time.perf_counter() - began, processor_time() - used
found = {"seconds": seconds, "processor": used, "accuracy": accuracy(model, read(test)), "strength": strength}
print(json.dumps(found))
"""
DASK = """
import json, resource, sys, time
from pathlib import Path
import dask, dask.array, dask.bag, numpy as np
from dask.distributed import Client
from dask_ml.feature_extraction.text import HashingVectorizer
from dask_ml.wrappers import Incremental
from sklearn.linear_model import SGDClassifier

def read(paths):
    rows = dask.bag.read_text(paths).map(json.loads)
    counts = HashingVectorizer(n_features=1 << 18, alternate_sign=False).transform(rows.pluck("text"))
    parts = [
        dask.array.from_delayed(dask.delayed(np.array)(part), (np.nan,), dtype=int)
        for part in rows.pluck("label").to_delayed()
    ]
    return counts, dask.array.concatenate(parts, allow_unknown_chunksizes=True)

def fitted(paths, strength):
    learner = SGDClassifier(loss="log_loss", alpha=strength, random_state=0)
    return Incremental(learner, assume_equal_chunks=True).fit(*read(paths), classes=[0, 1])

def accuracy(model, paths):
    counts, labels = read(paths)
    return float((model.predict(counts) == labels).mean().compute())

def processor_time():
    both = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(of.ru_utime + of.ru_stime for of in both)

def started():
    return Client(n_workers=2, threads_per_worker=1, dashboard_address=None)

if __name__ == "__main__":
    files, once, test = sys.argv[1:]
    lines = Path(once).read_text(encoding="utf-8").splitlines(keepends=True)
    drawn = np.random.default_rng(0).random(len(lines)) < 0.1
    halves = [Path(once).with_name(name) for name in ("kept.jsonl", "held-out.jsonl")]
    for path, inside in zip(halves, (~drawn, drawn)):
        path.write_text("".join(line for line, here in zip(lines, inside) if here), encoding="utf-8")
    kept, held_out = map(str, halves)
    with started():
        strengths = {each: accuracy(fitted(kept, each), held_out) for each in (1e-6, 1e-5, 1e-4)}
    strength = max(strengths, key=strengths.get)
    began, used = time.perf_counter(), processor_time()
    with started():
        model = fitted(files + "/*.jsonl", strength)
        seconds = time.perf_counter() - began
    used = processor_time() - used
    with started():
        right = accuracy(model, test)
    print(json.dumps({"seconds": seconds, "processor": used, "accuracy": right, "strength": strength}))
"""
WORDLOOM = """
import json, resource, sys, time, warnings
from pathlib import Path
from wordloom.evaluation.on_corpus import score_on
from wordloom.executors import LocalProcesses
from wordloom.fit import FitInput, fit
from wordloom.readers import read_corpus, stream_corpus
from wordloom.settings import Settings
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.on_disk.text_parts import Passes

warnings.simplefilter("ignore")
files, test, in_memory, settings = sys.argv[1:]
began = time.perf_counter()
corpus = (read_corpus(files) if in_memory else stream_corpus(sorted(Path(files).iterdir()))).train
by_two = Passes(Scratch(str(Path(files).parent)), executor=LocalProcesses(2))
extra = FitInput() if in_memory else FitInput(passes=by_two)
model = fit(corpus, Settings(architecture="ngram", random_state=0, **json.loads(settings)), extra)
seconds = time.perf_counter() - began
both = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
used = sum(of.ru_utime + of.ru_stime for of in both)
found = {"seconds": seconds, "processor": used, "accuracy": score_on(model, read_corpus(test).train).accuracy}
print(json.dumps(found))
"""


def write(path: Path, corpus: Corpus, rows: Sequence[int]) -> str:
    """Some texts as JSON Lines."""
    path.parent.mkdir(exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(
                json.dumps({"text": corpus.texts[row], "label": int(corpus.labels[row] == "pos")}) + "\n"
            )
    return str(path)


ENGINES = {"Spark ML": ("pyspark", SPARK), "Dask-ML": ("dask_ml", DASK)}
"""What is measured beside us: the package that it needs, and its program."""
GOALS = {"Spark ML": 0.25}
"""The share of an engine's time that ours is to take."""


def there() -> dict[str, str]:
    """The programs of the engines that are installed."""
    found = {}
    for name, (package, program) in ENGINES.items():
        if importlib.util.find_spec(package) is None:
            print(f"not measured beside {name}: {package} is not installed", file=sys.stderr)
        else:
            found[name] = program
    return found


def measured(programs: Mapping[str, str], times: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What our ways say, and the programs of engines, on the same files in turn."""
    data = imdb()
    assert data.test is not None
    with tempfile.TemporaryDirectory() as folder:
        n, files = len(data.train), Path(folder, "train")
        drawn = np.random.default_rng(0).integers(0, n, times * n)
        for number, rows in enumerate(np.array_split(drawn, FILES)):
            write(files / f"part-{number}.jsonl", data.train, rows.tolist())
        once = write(Path(folder, "once.jsonl"), data.train, range(n))
        test = write(Path(folder, "test.jsonl"), data.test, range(len(data.test)))
        command = [sys.executable, "-c", WORDLOOM, str(files), test]
        ours = {name: answered([*command, *options]) for name, options in OURS.items()}
        theirs = {}
        for name, program in programs.items():
            path = Path(folder, "program.py")
            path.write_text(program, encoding="utf-8")  # Dask's processes import what they are started from
            theirs[name] = answered([sys.executable, str(path), str(files), once, test])
    return ours, theirs


def report(who: str, ours: Mapping[str, float], engine: str, theirs: Mapping[str, float]) -> None:
    """The figures of one of our ways beside an engine's."""
    name, goal = f"{who} beside {engine}", GOALS.get(engine, 0)
    report_figure(f"{name}: time", ours["seconds"] / theirs["seconds"], "x", goal, True)
    report_figure(f"{name}: processor time", ours["processor"] / theirs["processor"], "x", goal, True)
    points = 100 * (ours["accuracy"] - theirs["accuracy"])
    report_figure(f"{name}: accuracy", points, "points more", 1, False)


def main(times: int = TIMES) -> None:
    programs = there()
    if not programs:
        return
    ours, theirs = measured(programs, times)
    for engine, found in theirs.items():
        for who, own in ours.items():
            report(f"IMDB x{times}, {who}", own, engine, found)
    for side, found in {**ours, **theirs}.items():
        name = f"IMDB x{times}, {'Spark' if side == 'Spark ML' else side}"
        report_figure(f"{name}: accuracy", 100 * found["accuracy"], "%", 0, False)
        report_figure(f"{name}: processor time", found["processor"], "s", 0, True)
        report_figure(f"{name}: time", found["seconds"], "s", 0, True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

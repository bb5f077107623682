"""Counting n-grams of files by one and by two processes: the time, and the processor time of each side; then
the loss of their texts and its gradient, which `solver="batch"` lowers, shared out in the same way.

The reviews of IMDB three times over, drawn with repetition, in eight files. Runs take turns, each in a
process of its own. On a machine that other programs use, time says
little: the second figure is what two processes could save at most, by the processor time of the process that
puts together what others count, and of those.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from side_by_side import imdb, report_figure
from streaming import answered, write

TIMES, FILES, RUNS = 3, 8, 3
COUNT = """
import hashlib, json, resource, sys, time
import numpy as np
from wordloom.executors import LocalProcesses
from wordloom.kernels.linear import Examples
from wordloom.models.ngram import document_scales
from wordloom.models.output import Output
from wordloom.readers import stream_corpus
from wordloom.text.conventions import convention
from wordloom.text.ngrams import NgramSelection
from wordloom.text.on_disk.ngram_passes import count_stored_ngrams
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.on_disk.text_parts import Passes, work_place
from wordloom.text.on_disk.vocabulary_pass import store_words
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import WordSelection
from wordloom.training.sharded_loss import ShardedLoss

workers, folder, *paths = sys.argv[1:]
corpus = stream_corpus(paths).train
texts = corpus.texts
began, own = time.perf_counter(), time.process_time()
executor = LocalProcesses(int(workers)) if workers != "0" else None
passes, convention = Passes(Scratch(folder), executor=executor), convention("plain-start")
tokenizer = Tokenizer(unicode_punctuation=True)
with passes.closing():
    vocabulary, ids = store_words(texts, tokenizer, WordSelection(), convention, passes)
    word_counts = np.concatenate([[len(texts)], vocabulary.document_counts])
    counts, rows = count_stored_ngrams(ids, word_counts, convention.start, NgramSelection(4, 2, 10_000_000))
seconds, own = time.perf_counter() - began, time.process_time() - own
found = resource.getrusage(resource.RUSAGE_CHILDREN)
others = found.ru_utime + found.ru_stime
made = [counts.pairs, counts.document_counts, rows.mapped().ids]
executor = LocalProcesses(int(workers)) if workers != "0" else None
passes = Passes(Scratch(folder), threads=1, executor=executor)
targets, ones = np.array([label == "pos" for label in corpus.labels], np.int32), np.ones(len(texts))
mapped, n_rows, output = rows.mapped(), len(word_counts) + len(counts.pairs), Output(2)
scales = document_scales(mapped.lengths, mapped.lengths.mean())
examples = Examples(mapped.ids, mapped.offsets, targets, ones.astype(np.float32), scales)
at = np.random.default_rng(0).normal(size=n_rows + 1) / 10
with passes.closing():
    place, jobs, _ = work_place(passes)
    loss = ShardedLoss(examples, {"all": ones}, output, n_rows, place, jobs)
    made.append(loss.at(at, "all").gradient)  # which loads what is compiled
    began, evaluating = time.perf_counter(), time.process_time()
    for _ in range(5):
        loss.at(at, "all")
    evaluated = (time.perf_counter() - began) / 5
    evaluating = (time.process_time() - evaluating) / 5
digest = hashlib.sha256(b"".join(array.tobytes() for array in made))
result = {"seconds": seconds, "own": own, "others": others, "digest": digest.hexdigest()}
print(json.dumps({**result, "evaluated": evaluated, "evaluating": evaluating}))
"""


def counted(workers: int, folder: str, paths: list[Path]) -> dict[str, Any]:
    """Seconds, and those of processors: of the process that puts together, and of those that count.

    workers : 0 for this process alone
    """
    return answered([sys.executable, "-c", COUNT, str(workers), folder, *map(str, paths)])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        n = len(imdb().train)
        drawn = np.random.default_rng(0).integers(0, n, TIMES * n)
        paths = [Path(folder, f"part-{number}.csv") for number in range(FILES)]
        for path, rows in zip(paths, np.array_split(drawn, FILES), strict=True):
            write(path, rows.tolist())
        alone = counted(0, folder, paths)  # loads what is compiled, too
        runs = [{workers: counted(workers, folder, paths) for workers in (1, 2)} for _ in range(RUNS)]
    report(f"IMDB x{TIMES} in {FILES} files", alone, runs)


def report(name: str, alone: dict[str, Any], runs: list[dict[int, dict[str, Any]]]) -> None:
    """The ratio of both, and what it is made of."""
    same = all(found["digest"] == alone["digest"] for run in runs for found in run.values())
    report_figure(
        f"{name}: the same n-grams, rows and gradient as in one process",
        float(same),
        "",
        goal=1,
        at_most=False,
    )
    ratio = statistics.median(run[1]["seconds"] / run[2]["seconds"] for run in runs)
    report_figure(f"{name}: counting, 2 processes against 1", ratio, "x", goal=1.7, at_most=False)
    possible = statistics.median(
        (run[1]["own"] + run[1]["others"]) / (run[2]["own"] + run[2]["others"] / 2) for run in runs
    )
    report_figure(f"{name}: the same, by processor time", possible, "x", goal=1.7, at_most=False)
    for workers in (1, 2):
        for side, of in (("own", "the process that trains"), ("others", "those that count")):
            seconds = statistics.median(run[workers][side] for run in runs)
            title = f"{name}: {workers} counting, processor time of {of}"
            report_figure(title, seconds, "s", goal=0, at_most=True)
    faster = statistics.median(run[1]["evaluated"] / run[2]["evaluated"] for run in runs)
    report_figure(f"{name}: a gradient, 2 processes against 1", faster, "x", goal=0, at_most=False)
    for workers in (1, 2):
        for key, what in (
            ("evaluated", "time"),
            ("evaluating", "processor time of the process that adds up"),
        ):
            seconds = statistics.median(run[workers][key] for run in runs)
            title = f"{name}: a gradient by {workers}, {what}"
            report_figure(title, seconds, "s", goal=0, at_most=True)


if __name__ == "__main__":
    main()

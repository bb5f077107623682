"""Files of word vectors: a GloVe text file of 400,000 x 100, loaded, loaded in part, mapped and asked.

The peers read the same file: the loop of the Keras tutorials, and gensim where it is installed. The numbers
that wordloom reads are compared with those of Python's own `float`.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from side_by_side import compare, ratios, report, report_figure
from wordloom.vectors import WordVectors, neighbors

WORDS, DIMENSIONS, FEW = 400_000, 100, 10_000
ROWS_AT_A_TIME = 2_000
# The process's own high-water mark; what `resource` tells includes that of the parent before the exec.
PEAK = """
import sys
from wordloom.vectors import WordVectors
table = WordVectors.load(sys.argv[1])
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) * 1024, table.vectors.nbytes)
"""


def made_words() -> list[bytes]:
    """Different words of 3 to 12 letters."""
    draw = np.random.default_rng(0)
    letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
    words: dict[bytes, None] = {}
    while len(words) < WORDS:
        words[bytes(letters[draw.integers(0, 26, draw.integers(3, 13))])] = None
    return list(words)


def make_file(path: Path, words: list[bytes]) -> None:
    """Five decimals, as the published GloVe files have."""
    draw = np.random.default_rng(1)
    with open(path, "wb") as stream:
        for start in range(0, len(words), ROWS_AT_A_TIME):
            part = words[start : start + ROWS_AT_A_TIME]
            for word, row in zip(part, draw.normal(0, 0.4, (len(part), DIMENSIONS)).tolist(), strict=True):
                stream.write(word + b" " + b" ".join([b"%.5f" % number for number in row]) + b"\n")


def tutorial_loop(path: Path) -> dict[str, Any]:
    """As the tutorials do it."""
    index = {}
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            values = line.split()
            index[values[0]] = np.asarray(values[1:], dtype="float32")
    return index


def peak_in_tables(path: Path, small: Path) -> float:
    """Peak memory of loading a file, less that of loading a small one with the same code, in tables."""
    found = []
    for file in (path, small):
        finished = subprocess.run(
            [sys.executable, "-c", PEAK, str(file)],
            env={**os.environ, "WORDLOOM_KERNELS": "compiled"},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append([int(value) for value in finished.stdout.split()])
    (peak, table), (other, _) = found
    return (peak - other) / table


def median_seconds(thing: Callable[[], Any], rounds: int = 7) -> float:
    """Median of several runs, after one that warms up."""
    seconds = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        thing()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[1:])


def check_exact(path: Path, table: WordVectors) -> None:
    """Every 40th row has the numbers of `np.float32(float(text))`."""
    with open(path, "rb") as stream:
        for row, line in enumerate(stream):
            if row % 40 == 0:
                word, *fields = line.split()
                assert table.words[row] == word.decode()
                assert (table.vectors[row] == np.array([float(field) for field in fields]).astype("f4")).all()


def loading(path: Path, small: Path, words: list[str]) -> None:
    what = f"GloVe text, {WORDS:,} x {DIMENSIONS}"
    check_exact(path, WordVectors.load(path))
    timed = compare(
        {
            "wordloom": lambda: WordVectors.load(path),
            "tutorials' loop": lambda: tutorial_loop(path),
        },
        rounds=7,
        warm_up=False,
    )
    report(f"{what}, loaded", timed, against="tutorials' loop", goal=15)
    if importlib.util.find_spec("gensim"):
        from gensim.models import KeyedVectors

        timed = compare(
            {
                "wordloom": lambda: WordVectors.load(path),
                "gensim": lambda: KeyedVectors.load_word2vec_format(str(path), no_header=True),
            },
            rounds=2,
            warm_up=False,
        )
        report(f"{what}, loaded, beside gensim", timed, against="gensim", goal=10)
    timed = compare(
        {
            "wordloom": lambda: WordVectors.load(path, words=words),
            "wordloom, whole file": lambda: WordVectors.load(path),
        },
        rounds=7,
    )
    report(f"{what}, {FEW:,} words of it", timed, against="wordloom, whole file", goal=3)
    report_figure(
        f"{what}, seconds of a load", statistics.median(timed["wordloom, whole file"]), "s", 1, at_most=True
    )
    if Path("/proc/self/status").exists():
        report_figure(f"{what}, peak memory", peak_in_tables(path, small), "tables", goal=1.5, at_most=True)


def asking(path: Path) -> None:
    table = WordVectors.load(path, mmap=True)
    seconds = median_seconds(lambda: WordVectors.load(path, mmap=True))
    report_figure("mapped copy of the table, opened", 1000 * seconds, "ms", goal=50, at_most=True)
    table = WordVectors.load(path)
    words = iter(table.words)
    query = table.vectors[7].copy()
    timed = compare(
        {
            "wordloom": lambda: neighbors(table, next(words)),
            "one pass": lambda: table.vectors @ query,
        },
        rounds=21,
    )
    times = [1 / ratio for ratio in ratios(timed, "wordloom", "one pass")]
    report_figure(
        "nearest words of one word, beside one BLAS pass",
        statistics.median(times),
        "passes",
        goal=1.5,
        at_most=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WORDLOOM_CACHE"] = folder
        path, small = Path(folder, "glove.txt"), Path(folder, "small.txt")
        words = made_words()
        make_file(path, words)
        make_file(small, words[:1000])
        loading(path, small, [word.decode() for word in words[: 40 * FEW : 40]])
        asking(path)


if __name__ == "__main__":
    main()

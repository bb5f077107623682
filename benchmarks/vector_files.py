"""Files of word vectors: a GloVe text file of 400,000 x 100, loaded, loaded in part, mapped and asked.

The peers read the same file: the loop of the Keras tutorials, and gensim where it is installed. The numbers
that wordloom reads are compared with those of Python's own `float`.

wordloom and the peers take turns, and every load has a new process to itself, as it has for those who load a
file: memory that one left behind, whole or in shreds, would help or hinder the next. The process loads a file
of 1,000 rows first, for imports and compiled kernels, and then times the large one, which the system's cache
holds. What wordloom's first, small load takes is told beside it.
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

from side_by_side import compare, in_turn, ratios, report, report_figure
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


def gensim_load(path: Path) -> Any:
    from gensim.models import KeyedVectors

    return KeyedVectors.load_word2vec_format(str(path), no_header=True)


def few_words(path: Path) -> WordVectors:
    return WordVectors.load(path, words=path.with_name("words.txt").read_text().split())


LOADERS: dict[str, Callable[[Path], Any]] = {
    "wordloom": WordVectors.load,
    "words": few_words,
    "loop": tutorial_loop,
    "gensim": gensim_load,
}


def load_here(loader: str, path: Path, small: Path) -> None:
    """Print the seconds of a load of `small` and of one of `path` after it."""
    for file in (small, path):
        began = time.perf_counter()
        table = LOADERS[loader](file)
        print(time.perf_counter() - began)
        assert len(table) > 0


def load_elsewhere(loader: str, path: Path, small: Path) -> list[float]:
    """`load_here` in a new process."""
    return printed([__file__, loader, str(path), str(small)])


def printed(arguments: list[str]) -> list[float]:
    """The numbers that a new Python prints; small files, too, are read by compiled kernels in it."""
    environment = {**os.environ, "WORDLOOM_KERNELS": "compiled"}
    command = [sys.executable, *arguments]
    finished = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [float(value) for value in finished.stdout.split()]


def peak_in_tables(path: Path, small: Path) -> float:
    """Peak memory of loading a file, less that of loading a small one with the same code, in tables."""
    found = [printed(["-c", PEAK, str(file)]) for file in (path, small)]
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


def loading(path: Path, small: Path) -> None:
    what = f"GloVe text, {WORDS:,} x {DIMENSIONS}"
    check_exact(path, WordVectors.load(path))

    def load(loader: str) -> Callable[[], float]:
        return lambda: load_elsewhere(loader, path, small)[1]

    timed = in_turn({"wordloom": load("wordloom"), "tutorials' loop": load("loop")}, rounds=7)
    report(f"{what}, loaded", timed, against="tutorials' loop", goal=15)
    if importlib.util.find_spec("gensim"):
        timed = in_turn({"wordloom": load("wordloom"), "gensim": load("gensim")}, rounds=2)
        report(f"{what}, loaded, beside gensim", timed, against="gensim", goal=10)
    timed = in_turn({"wordloom": load("words"), "wordloom, whole file": load("wordloom")}, rounds=7)
    report(f"{what}, {FEW:,} words of it", timed, against="wordloom, whole file", goal=3)
    seconds = statistics.median(timed["wordloom, whole file"])
    report_figure(f"{what}, seconds of a load", seconds, "s", 1, at_most=True)
    firsts = [load_elsewhere("wordloom", path, small)[0] for _ in range(3)]
    report_figure("first load of a process, 1,000 x 100", statistics.median(firsts), "s", 0, at_most=True)
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
    if arguments := sys.argv[1:]:
        load_here(arguments[0], Path(arguments[1]), Path(arguments[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WORDLOOM_CACHE"] = folder
        path, small = Path(folder, "glove.txt"), Path(folder, "small.txt")
        words = made_words()
        make_file(path, words)
        make_file(small, words[:1000])
        Path(folder, "words.txt").write_bytes(b" ".join(words[: 40 * FEW : 40]))
        loading(path, small)
        asking(path)


if __name__ == "__main__":
    main()

"""From which size on compiled kernels are worth loading: what `wordloom.kernels` picks by.

For each pair of twins: the seconds until a new process has loaded the compiled one from its cache, and the
seconds that each takes for one unit (a byte, an id, a document or a prediction). The compiled one is finished
first from `load / (plain - compiled)` units on. Every number is the least of several processes, so that
what else the machine does counts little.

python kernel_choice.py            (all)
python kernel_choice.py linear     (some)
"""

from __future__ import annotations

import importlib
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

PROCESSES, ROUNDS = 4, 3
WORDS = 3000


@dataclass(frozen=True)
class Work:
    """Something to do with either twin.

    unit : what its size counts
    run : does it with a module of kernels; it returns the size, or None for nothing that counts
    """

    unit: str
    module: str
    run: Callable[[Any, int], int]
    size: int


def documents(n: int, length: int = 20) -> tuple[Any, Any]:
    """Ids int32 (T,) of n documents of so many words, frequent ones low, and their offsets."""
    ids = (WORDS * np.random.default_rng(0).random(n * length) ** 3).astype(np.int32)
    return ids, np.arange(n + 1, dtype=np.int64) * length


def texts(n_bytes: int) -> tuple[Any, Any]:
    """Bytes of texts of 20 words, and their offsets."""
    ids, offsets = documents(n_bytes // 120 + 1)
    words = [f"word{number}" for number in ids.tolist()]
    lines = [" ".join(words[a:b]) for a, b in itertools.pairwise(offsets)]
    data = np.array(bytearray("".join(lines), "utf-8"))
    return data, np.cumsum([0, *map(len, lines)], dtype=np.int64)


def tokens(kernels: Any, size: int) -> int:
    from wordloom.text.tokenizer import Tokenizer

    data, offsets = texts(size)
    found = kernels.index_words(data, offsets, Tokenizer().alphabet())
    index = kernels.build_index(*found[2:4])
    kernels.lookup_words(data, offsets, Tokenizer().alphabet(), index)
    return 2 * len(data)


def decimals(kernels: Any, size: int) -> int:
    numbers = np.random.default_rng(0).normal(size=(size // 450 + 1, 50))
    lines = "".join(f"w{i} " + " ".join(f"{x:.6f}" for x in row) + "\n" for i, row in enumerate(numbers))
    size = len(lines)
    data = np.array(bytearray(lines, "utf-8") + bytes(-size % 8))  # the compiled twin looks at 8 at a time
    places, n = kernels.find_rows(data, 0, size, 50, len(numbers))
    kernels.parse_rows(data, places, np.arange(n), np.empty((n, 50), np.float32))
    return size


def subwords(kernels: Any, size: int) -> int:
    data, offsets = np.full(size, 97, dtype=np.uint8), np.arange(size // 10 + 1, dtype=np.int64) * 10
    kernels.subword_ids(data[: offsets[-1]], offsets, np.array([3, 6, 5000], dtype=np.int64))
    return size


def ngrams(kernels: Any, size: int) -> int:
    ids, offsets = documents(size // 20 + 1)
    pairs = np.stack([np.repeat(np.arange(300), 20), np.tile(np.arange(20), 300)], axis=1).astype(np.int32)
    kernels.find_present(ids, offsets, 0, 2, kernels.build_index(pairs, WORDS))
    return len(ids)


def counting(kernels: Any, size: int) -> int:
    ids, offsets = documents(size // 20 + 1)
    text, places = kernels.laid_out(ids, offsets, 0), offsets + np.arange(len(offsets))
    begins = kernels.mark_repeats(text, WORDS, (0, len(text.words)))
    found = np.full(len(begins), -1, dtype=np.int32)
    kernels.pair_up(text, begins, 2, (0, WORDS), (1, WORDS), found)
    kernels.gathered((begins, found), np.array([0, WORDS]), places)
    return len(ids)


def averages(kernels: Any, size: int) -> int:
    ids, offsets = documents(size // 20 + 1)
    kernels.averages(ids, offsets, np.ones((WORDS, 100), np.float32), np.ones(WORDS, np.float32))
    return len(ids)


def row_products(kernels: Any, size: int) -> int:
    kernels.row_products(np.ones((size // 20 + 1, 200), np.float32), np.ones((20, 200), np.float32))
    return size


def linear(kernels: Any, size: int, classes: int, length: int) -> int:
    from wordloom.kernels.linear import Examples, Layer, LinearUpdateRule

    n, k = size, 1 if classes == 2 else classes
    ids, offsets = documents(n, length)
    ones = np.ones(n, np.float32)
    examples = Examples(ids, offsets, (np.arange(n) % classes).astype(np.int32), ones, ones)
    kernels.class_sums(examples, np.arange(n), (WORDS, classes))
    start = np.full((WORDS, k), 0.1, np.float32)
    layer = Layer.of(start, start, np.zeros(k, np.float32))
    for epoch in range(4):
        kernels.train(examples, layer, LinearUpdateRule(0.1, 128, np.uint64(1)), np.arange(n), epoch)
    return 4 * n


def linear_logits(kernels: Any, size: int) -> int:
    ids, offsets = documents(size)
    ones = np.ones(size, np.float32)
    kernels.logits(ids, offsets, ones, np.ones((WORDS, 4), np.float32), np.zeros(4, np.float32))
    return size


def pooled(kernels: Any, size: int, trained: bool) -> int:
    from wordloom.kernels.pooled import ADAM, MEAN, Documents, Parameters, UpdateRule

    ids, offsets = documents(size // 20 + 1)
    n, none = len(offsets) - 1, np.zeros((0, 32), np.float32)
    table, output = np.full((WORDS, 32), 0.1, np.float32), np.full((1, 32), 0.1, np.float32)
    parameters = Parameters(table, none, none[:, 0], output, output[:, 0])
    if not trained:
        kernels.logits(parameters, ids, offsets, MEAN)
        return len(ids)
    labelled = Documents(ids, offsets, (np.arange(n) % 2).astype(np.int32), np.ones(n))
    sampling = UpdateRule(MEAN, ADAM, 32, 0.001, 0.0, np.uint64(1))
    kernels.PooledTrainer(parameters, labelled, sampling, 1).run(np.arange(n), 0)
    return len(ids)


def document_cbow(kernels: Any, size: int) -> int:
    from wordloom.kernels.document_cbow import DocumentRows, SamplingProbabilities, TablePair, ViewSampling
    from wordloom.kernels.sampling import alias_table, fixed_point

    ids, offsets = documents(max(size // 400, 1), 200)
    places = np.tile(np.arange(200, dtype=np.int32), len(offsets) - 1)
    every = fixed_point(np.ones(WORDS))
    tables = TablePair(*(np.full((WORDS, 100), 0.1, np.float32) for _ in range(2)))
    sampling = ViewSampling(20, 8, 40, 5.0, 2, 32, np.uint64(1), 10)
    chances = SamplingProbabilities(every, every, *alias_table(np.ones(WORDS)))
    trainer = kernels.CbowTrainer(tables, DocumentRows(ids, offsets, places), chances, sampling, 1)
    views = np.arange(max(size // 8, 1)) % (len(offsets) - 1)
    trainer.run(views, (0.05, 0.01))
    return 8 * len(views)


def skipgram(kernels: Any, size: int) -> int:
    from wordloom.kernels.document_cbow import TablePair
    from wordloom.kernels.sampling import alias_table
    from wordloom.kernels.skipgram import SkipGramSampling

    ids, offsets = documents(size // 20 + 1)
    tables = TablePair(*(np.full((WORDS, 100), 0.1, np.float32) for _ in range(2)))
    sampling = SkipGramSampling(5, 5.0, *alias_table(np.ones(WORDS)), np.uint64(1), 10)
    kernels.SkipGramTrainer(tables, sampling, 1).run(ids, offsets, (0.05, 0.01))
    return len(ids)


WORKS = {
    "words of texts": Work("bytes", "tokens", tokens, 500_000),
    "decimal numbers": Work("bytes", "vector_text", decimals, 1_000_000),
    "subwords": Work("bytes", "subwords", subwords, 50_000),
    "n-grams found": Work("ids", "ngrams", ngrams, 100_000),
    "averages of vectors": Work("ids", "ngrams", averages, 100_000),
    "n-grams counted": Work("ids", "ngram_counting", counting, 100_000),
    "products with rows": Work("ids", "row_products", row_products, 100_000),
    "linear training, 2 classes, 10 rows": Work(
        "documents", "linear", partial(linear, classes=2, length=10), 500
    ),
    "linear training, 2 classes, 500 rows": Work(
        "documents", "linear", partial(linear, classes=2, length=500), 500
    ),
    "linear training, 77 classes, 10 rows": Work(
        "documents", "linear", partial(linear, classes=77, length=10), 500
    ),
    "linear logits": Work("documents", "linear", linear_logits, 2000),
    "network training": Work("ids", "pooled", partial(pooled, trained=True), 40_000),
    "network prediction": Work("ids", "pooled", partial(pooled, trained=False), 100_000),
    "document vectors": Work("targets", "document_cbow", document_cbow, 2000),
    "skip-grams": Work("words", "skipgram", skipgram, 4000),
}


def measure(name: str, twin: str) -> None:
    """In a process of its own: seconds to load and run the smallest, seconds and units of the work."""
    work = WORKS[name]
    importlib.import_module(f"wordloom.kernels.{work.module}")
    importlib.import_module("wordloom.text.tokenizer")
    began = time.perf_counter()
    kernels = importlib.import_module(f"wordloom.kernels.{work.module}{twin}")
    work.run(kernels, 20)
    load, seconds, units = time.perf_counter() - began, [], 0
    for _ in range(ROUNDS):
        spent = _Spent(kernels)
        units = work.run(spent, work.size)
        seconds.append(spent.seconds)
    print(json.dumps([load, min(seconds), units]))


class _Spent:
    """A module of kernels that adds up the seconds of its calls, so that making data does not count."""

    def __init__(self, kernels: Any) -> None:
        self._kernels, self.seconds = kernels, 0.0

    def __getattr__(self, name: str) -> Any:
        return partial(self._call, getattr(self._kernels, name))

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        found = function(*arguments)
        self.seconds += time.perf_counter() - began
        if not hasattr(found, "run"):
            return found
        trainer = _Spent(found)
        trainer._call = self._call  # type: ignore[method-assign]
        return trainer


def least(name: str, twin: str) -> tuple[float, float, int]:
    """Load seconds, work seconds and units, the least of several processes."""
    command = [sys.executable, __file__, "--measure", name, twin]
    found = [json.loads(subprocess.check_output(command)) for _ in range(PROCESSES)]
    return min(row[0] for row in found), min(row[1] for row in found), found[0][2]


def table(names: list[str]) -> str:
    """The measurements, in Markdown."""
    lines = [
        "| work | unit | load, ms | plain, us a unit | compiled, us a unit | compiled is done first from |",
        "|---|---|---|---|---|---|",
    ]
    for name in names:
        _, plain, units = least(name, "")
        load, compiled, _ = least(name, "_compiled")
        first = f"{load / (plain - compiled) * units:,.0f}" if plain > compiled else "never"
        lines.append(
            f"| {name} | {WORKS[name].unit} | {1e3 * load:.0f} | {1e6 * plain / units:.4g} | "
            f"{1e6 * compiled / units:.4g} | {first} |"
        )
        print(lines[-1], file=sys.stderr, flush=True)
    return "\n".join(lines)


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], sys.argv[3])
        return
    names = [name for name in WORKS if not sys.argv[1:] or any(part in name for part in sys.argv[1:])]
    page = table(names)
    print(json.dumps({"benchmark": "Plain or compiled kernels", "page": page}), flush=True)


if __name__ == "__main__":
    main()

"""Where the n-gram model's time goes on IMDB, beside what this machine's memory would allow.

Two limits are measured on one core: bytes read one after the other, and values fetched from random places of
tables of the sizes that the steps use. For every step, the bytes and fetches that it cannot do without make
the least time; its share of the time that the step took, over all threads, says how far it is from there.
"""

from __future__ import annotations

import functools
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from side_by_side import imdb, report_figure
from wordloom.fit import fit
from wordloom.kernels import linear_compiled, ngram_counting_compiled, ngrams_compiled, tokens_compiled
from wordloom.kernels.threads import thread_count
from wordloom.settings import Settings
from wordloom.text.tokenizer import Tokenizer

ROUNDS = 3
FETCHES = 4_000_000
SCANNED = 1 << 27


@numba.njit(nogil=True, fastmath=True)  # type: ignore[untyped-decorator]
def scanned(values: NDArray[np.int64]) -> int:
    total = 0
    for i in range(len(values)):
        total += values[i]
    return total


@numba.njit(nogil=True)  # type: ignore[untyped-decorator]
def fetched(table: NDArray[np.int64], places: NDArray[np.int32]) -> int:
    total = 0
    for i in range(len(places)):
        total += table[places[i]]
    return total


def seconds_of(thing: Callable[[], Any]) -> float:
    """The shortest of five rounds after one that warms up."""
    found = []
    for _ in range(6):
        began = time.perf_counter()
        thing()
        found.append(time.perf_counter() - began)
    return min(found[1:])


@functools.cache
def scan_rate() -> float:
    """Bytes a second."""
    values = np.ones(SCANNED // 8, dtype=np.int64)
    return SCANNED / seconds_of(lambda: scanned(values))


@functools.cache
def fetch_rate(size: int) -> float:
    """Fetches of 8 bytes a second from a table of `size` bytes."""
    table = np.ones(max(size // 8, 1), dtype=np.int64)
    places = np.random.default_rng(0).integers(0, len(table), FETCHES).astype(np.int32)
    return FETCHES / seconds_of(lambda: fetched(table, places))


@dataclass
class Step:
    """What one step did: seconds over all threads, bytes one after the other, fetches, and their table."""

    seconds: float = 0.0
    scanned: int = 0
    fetches: int = 0
    table: int = 0

    def least(self) -> float:
        """Seconds that bytes and fetches would take at this machine's limits."""
        size = 1 << max(int(np.ceil(np.log2(max(self.table, 1 << 16)))), 16)
        return self.scanned / scan_rate() + (self.fetches / fetch_rate(size) if self.fetches else 0.0)


STEPS: dict[str, Step] = {}
Work = tuple[int, int, int]  # bytes, fetches, bytes of the table


def watch(where: Any, name: str, what: str, work: Callable[..., Work]) -> None:
    """Time every call of a function, and add up what `work(result, *arguments)` says it had to do."""
    original = getattr(where, name)

    @functools.wraps(original)
    def timed(*arguments: Any) -> Any:
        began = time.thread_time()
        result = original(*arguments)
        step = STEPS.setdefault(what, Step())
        step.seconds += time.thread_time() - began
        done = work(result, *arguments)
        step.scanned, step.fetches = step.scanned + done[0], step.fetches + done[1]
        step.table = max(step.table, done[2])
        return result

    setattr(where, name, timed)


def within(offsets: NDArray[np.int64]) -> int:
    return int(offsets[-1] - offsets[0])


def watch_everything() -> None:
    """The steps in the order of the data's way."""
    tokens, counting, linear = tokens_compiled, ngram_counting_compiled, linear_compiled
    watch(Tokenizer, "to_bytes", "texts to bytes", lambda made, *_: (2 * len(made[0]), 0, 0))
    watch(
        tokens,
        "index_words",
        "bytes to words, counted",
        lambda made, data, offsets, _: (within(offsets), len(made[0]), 48 * len(made[4])),
    )
    watch(
        counting,
        "mark_repeats",
        "repeated words",
        lambda made, _, words, __: (8 * len(made), len(made), 4 * words),
    )
    watch(
        counting,
        "pair_up",
        "n-grams counted",
        lambda made, text, begins, *_: (
            8 * len(begins),
            3 * len(begins) // thread_count(None),
            4 * len(begins),
        ),
    )
    watch(
        counting,
        "gathered",
        "texts as rows",
        lambda made, found, bases, offsets: (4 * len(found) * within(offsets) + 4 * len(made[0]), 0, 0),
    )
    watch(
        linear,
        "class_sums",
        "rows counted by class",
        lambda made, examples, chosen, _: (4 * held(examples, chosen), held(examples, chosen), made.nbytes),
    )
    watch(
        linear,
        "train",
        "epochs",
        lambda made, examples, layer, rule, order, _: (
            4 * held(examples, order),
            held(examples, order) * (256 - rule.dropped) // 256,
            layer.table.nbytes,
        ),
    )
    watch(
        linear,
        "logits",
        "sums of weights",
        lambda made, rows, offsets, scales, weights, _: (
            4 * within(offsets),
            within(offsets),
            weights.nbytes,
        ),
    )
    watch(
        tokens,
        "lookup_words",
        "new texts: bytes to ids",
        lambda made, data, offsets, alphabet, index: (within(offsets), len(made[0]), index[2].nbytes),
    )
    watch(
        ngrams_compiled,
        "present_sums",
        "new texts: n-grams found and summed",
        lambda made, ids, offsets, first, longest, index, weights: (
            4 * within(offsets),
            3 * int(made[1].sum()),
            index[0].nbytes + index[1].nbytes + weights.nbytes,
        ),
    )


def held(examples: Any, chosen: NDArray[np.int64]) -> int:
    return int((examples.offsets[chosen + 1] - examples.offsets[chosen]).sum())


def table() -> str:
    """The page: one line for each step."""
    lines = [
        f"Limits of one core: {scan_rate() / 1e9:.1f} GB/s in order; fetches of 8 bytes from tables of "
        + ", ".join(f"{mb} MB {fetch_rate(mb << 20) / 1e6:,.0f}" for mb in (1, 4, 16, 64))
        + " million a second. Seconds are those of all threads, of training and prediction together.",
        "",
        "| step | seconds | MB in order | fetches, million | from a table of | at the limits | share |",
        "|---|---|---|---|---|---|---|",
    ]
    for what, step in STEPS.items():
        lines.append(
            f"| {what} | {step.seconds:.3f} | {step.scanned / 1e6:,.0f} | {step.fetches / 1e6:.1f} "
            f"| {step.table / 1e6:.1f} MB | {step.least():.3f} | {step.least() / step.seconds:.0%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    data = imdb()
    assert data.test is not None
    fit(data.train, Settings(architecture="ngram", epochs=1)).predict(data.test.texts)  # compiles
    watch_everything()
    walls, busy = [], []
    for seed in range(ROUNDS):
        STEPS.clear()
        began, worked = time.perf_counter(), time.process_time()
        fit(data.train, Settings(architecture="ngram", random_state=seed)).predict(data.test.texts)
        walls.append(time.perf_counter() - began)
        busy.append(time.process_time() - worked)
    print(json.dumps({"benchmark": "n-gram model: time and limits", "page": table()}), flush=True)
    least = sum(step.least() for step in STEPS.values())
    report_figure(
        "n-gram model, IMDB: training and prediction", statistics.median(walls), "s", 0, at_most=True
    )
    report_figure(
        "n-gram model, IMDB: the same over all threads", statistics.median(busy), "s", 0, at_most=True
    )
    report_figure("n-gram model, IMDB: least for its reads and fetches", least, "s", 0, at_most=True)
    print("\n" + table())


if __name__ == "__main__":
    main()

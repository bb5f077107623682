"""Classifiers of fastText's made small by wordloom and by fastText itself, with the same flags.

fastText trains on bank customers' questions, of 77 classes, with words and pairs of words; each model is
quantized by both, ours as was chosen on other texts. Then fastText answers the test questions with either
file, beside the exact model; and fastText and wordloom with ours, for all labels.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import fasttext
import numpy as np

from fasttext_models import Agreement, agreement
from side_by_side import report_figure
from texts_run import dataset
from wordloom.comparison.contenders.fasttext import _PREFIX, _line
from wordloom.corpus import Corpus
from wordloom.fasttext_quantizing import Quantizing, quantized_model
from wordloom.vectors.formats.fasttext_writer import write_fasttext

SEEDS = 3
TRAINED = {"dim": 10, "wordNgrams": 2, "epoch": 25, "lr": 0.5, "bucket": 300_000}
FLAGS: dict[str, dict[str, Any]] = {
    "none": {},
    "-qnorm -cutoff 20000": {"qnorm": True, "cutoff": 20_000},
    "-qnorm -cutoff 5000": {"qnorm": True, "cutoff": 5_000},
    "-qnorm -dsub 5": {"qnorm": True, "dsub": 5},
}
HEAD = [
    "| flags | bytes of either | accuracy, fastText's file | ours | probabilities away, fastText's file | "
    "ours | CPU seconds, fastText | ours |",
    "|---|---|---|---|---|---|---|---|",
]


class Pair(NamedTuple):
    """Of one model and the same flags, fastText's file and ours, two numbers each.

    sizes : bytes
    right : percent of the test questions
    away : mean difference of a probability from that of the exact model, in percent
    seconds : of CPU
    """

    sizes: list[float]
    right: list[float]
    away: list[float]
    seconds: list[float]


def lines_of(corpus: Corpus, order: Any) -> list[str]:
    """Lines with labels."""
    return [f"{_PREFIX}{corpus.labels[row]} {_line(corpus.texts[row]).strip()}" for row in order]


def right(path: Path, test: Path) -> float:
    """The share of lines that fastText's own program answers rightly, in percent."""
    return 100 * float(fasttext.load_model(str(path)).test(str(test))[1])


def timed(work: Callable[[], Any]) -> float:
    """CPU seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def by_fasttext(source: Path, target: Path, flags: dict[str, Any]) -> None:
    model = fasttext.load_model(str(source))
    model.quantize(**flags)
    model.save_model(str(target))


def by_wordloom(source: Path, target: Path, flags: dict[str, Any]) -> None:
    write_fasttext(quantized_model(source, Quantizing(**flags)), target)


def probabilities(path: Path, asked: list[bytes]) -> Any:
    """float (N, C): fastText's answers."""
    model = fasttext.load_model(str(path))
    labels = sorted(model.labels)
    found = [{label: p for p, label in model.f.predict(each + b"\n", -1, 0.0, "strict")} for each in asked]
    return np.array([[each[label] for label in labels] for each in found])


def make(folder: Path, seed: int) -> None:
    """A model and the lines that test it."""
    data = dataset("banking77")
    order = np.random.default_rng(seed).permutation(len(data.train.texts))
    (folder / "train.txt").write_text("\n".join(lines_of(data.train, order)) + "\n", encoding="utf-8")
    test = lines_of(data.test, range(len(data.test.texts)))
    (folder / "test.txt").write_text("\n".join(test) + "\n", encoding="utf-8")
    # with fewer threads some rows begin as what memory held
    model = fasttext.train_supervised(
        str(folder / "train.txt"), thread=10, seed=seed + 1, verbose=0, **TRAINED
    )
    model.save_model(str(folder / "exact.bin"))


def measured(folder: Path, seed: int) -> Iterator[tuple[str, Pair, Agreement]]:
    """Of one model and each of FLAGS, and how fastText and wordloom agree on our file."""
    make(folder, seed)
    exact, test = folder / "exact.bin", folder / "test.txt"
    asked = test.read_bytes().splitlines()
    expected, all_right = probabilities(exact, asked), right(exact, test)
    size = float(exact.stat().st_size)
    yield "the exact model", Pair([size] * 2, [all_right] * 2, [0, 0], [0, 0]), agreement(exact, asked)
    for name, flags in FLAGS.items():
        files = folder / "theirs.ftz", folder / "ours.ftz"
        pair = Pair(
            seconds=[
                timed(partial(by, exact, file, flags))
                for by, file in zip((by_fasttext, by_wordloom), files, strict=True)
            ],
            sizes=[float(file.stat().st_size) for file in files],
            right=[right(file, test) for file in files],
            away=[100 * float(np.abs(probabilities(file, asked) - expected).mean()) for file in files],
        )
        yield name, pair, agreement(files[1], asked)


def main() -> None:
    rows: dict[str, list[Pair]] = {}
    agreements = []
    for seed in range(SEEDS):
        with tempfile.TemporaryDirectory() as name:
            for flags, pair, found in measured(Path(name), seed):
                rows.setdefault(flags, []).append(pair)
                agreements.append(found)
                print(seed, flags, pair, file=sys.stderr, flush=True)
    lines = [*HEAD, *(_row(flags, np.array(pairs)) for flags, pairs in rows.items())]
    page = "\n".join(lines) + f"\n\nMean and standard deviation of {SEEDS} models; the largest files.\n"
    print(json.dumps({"benchmark": "fastText's models quantized, banking77", "page": page}), flush=True)
    _report(np.array([pair for flags in FLAGS for pair in rows[flags]]), agreements)


def _report(numbers: Any, agreements: list[Agreement]) -> None:
    what = "fastText models quantized by wordloom"
    other = sum(each.other for each in agreements)
    report_figure(f"{what}: other labels in fastText than in wordloom", other, "questions", 0, True)
    worst = 1e6 * max(each.worst for each in agreements)
    report_figure(f"{what}: largest difference of a probability", worst, "millionths", 1, True)
    sizes, accuracies, away, seconds = numbers.transpose(1, 2, 0)
    report_figure(f"{what}: bytes beside fastText's", float((sizes[1] / sizes[0]).max()), "times", 1, True)
    lost = float((accuracies[0] - accuracies[1]).mean())
    report_figure(f"{what}: accuracy lost beside fastText's", lost, "points", 0.3, True)
    further = float((away[1] / away[0]).mean())
    report_figure(f"{what}: away from the exact model, beside fastText's", further, "times", 1, True)
    times = float(seconds[1].sum() / seconds[0].sum())
    report_figure(f"{what}: CPU seconds beside fastText's", times, "times", 0, True)


def _row(flags: str, numbers: Any) -> str:
    sizes, accuracies, away, seconds = numbers.transpose(1, 2, 0)
    cells = [f"{sizes.max():,.0f}"]
    cells += [f"{each.mean():.2f} ± {each.std(ddof=1):.2f} %" for each in accuracies]
    cells += [f"{each.mean():.2f} ± {each.std(ddof=1):.2f} %" if each.any() else "-" for each in away]
    cells += [f"{each.mean():.1f}" if each.any() else "-" for each in seconds]
    return f"| {flags} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

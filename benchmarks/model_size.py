"""The n-gram model within a number of bytes: IMDB's test accuracy and the folder's size at each limit.

The limits stand by themselves: what a model leaves out is decided by its weights, never by test reviews.
Beside it, where it is installed, fastText with bigrams, as it is and quantized with retraining, as its own
documentation makes small models.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from side_by_side import imdb, report_figure
from wordloom.cli.command import SIZE
from wordloom.comparison.registry import PEERS
from wordloom.corpus import Dataset
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.text_model import TextModel

SEEDS = 3
LIMITS = (None, "8M", "4M", "2M", "1M", "500K", "200K", "100K", "50K", "20K")
CUTOFFS = (None, 100_000, 30_000, 10_000)
HEAD = [
    "| model | bytes on disk | accuracy | words | n-grams |",
    "|---|---|---|---|---|",
]


def bytes_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def ours(data: Dataset, limit: str | None, seed: int, folder: Path) -> dict[str, Any]:
    """Train, save, load and test."""
    most = None if limit is None else int(SIZE.convert(limit, None, None))
    model = fit(data.train, Settings(architecture="ngram", max_size=most, random_state=seed))
    model.save(folder)
    loaded = TextModel.load(folder)
    found = loaded.predict(data.test.texts)
    shape = loaded.network.shape
    return {"bytes": bytes_of(folder), "found": found, "words": shape.n_words, "ngrams": shape.n_ngrams}


def quantized(data: Dataset, cutoff: int | None, seed: int, folder: Path) -> dict[str, Any]:
    """fastText with bigrams; with a cutoff also quantized and retrained on so many rows."""
    import fasttext

    from wordloom.comparison.contenders.fasttext import _PREFIX, _line

    order = np.random.default_rng(seed).permutation(len(data.train.texts))
    file = folder / "train.txt"
    lines = [f"{_PREFIX}{data.train.labels[row]} {_line(data.train.texts[row])}\n" for row in order]
    file.write_text("".join(lines), encoding="utf-8")
    options = PEERS["fasttext-bigrams"].options
    model = fasttext.train_supervised(str(file), thread=10, seed=seed + 1, verbose=0, **options)
    saved = folder / "model.bin"
    if cutoff is not None:
        model.quantize(input=str(file), cutoff=cutoff, retrain=True, qnorm=True, thread=10, verbose=0)
        saved = folder / "model.ftz"
    model.save_model(str(saved))
    labels, _ = model.predict([_line(text) for text in data.test.texts])
    found = [each[0][len(_PREFIX) :] for each in labels]
    return {"bytes": saved.stat().st_size, "found": found, "words": None, "ngrams": None}


def measured(data: Dataset, what: str, trained: Any) -> tuple[str, float, int]:
    """A row of the table, the mean accuracy and the largest number of bytes."""
    labels = [str(label) for label in data.test.labels]
    rows = []
    for seed in range(SEEDS):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(trained(seed, Path(folder)))
        print(what, seed, rows[-1]["bytes"], file=sys.stderr, flush=True)
    right = [100 * np.mean([str(a) == b for a, b in zip(row["found"], labels, strict=True)]) for row in rows]
    mean, spread, most = statistics.mean(right), statistics.stdev(right), max(row["bytes"] for row in rows)
    words, ngrams = ("-" if rows[0][name] is None else f"{rows[0][name]:,}" for name in ("words", "ngrams"))
    return f"| {what} | {most:,} | {mean:.2f} ± {spread:.2f} % | {words} | {ngrams} |", mean, most


def main() -> None:
    data = imdb()
    lines, figures = list(HEAD), {}
    for limit in LIMITS:
        what = "n-grams, no limit" if limit is None else f"n-grams, --max-size {limit}"
        line, *figures[limit] = measured(data, what, lambda s, f, limit=limit: ours(data, limit, s, f))
        lines.append(line)
    if importlib.util.find_spec("fasttext") is None:
        print("fastText is not installed, so its rows are left out.", file=sys.stderr)
    else:
        for cutoff in CUTOFFS:
            what = "fastText, bigrams" + ("" if cutoff is None else f", quantized, cutoff {cutoff:,}")
            lines.append(measured(data, what, lambda s, f, cutoff=cutoff: quantized(data, cutoff, s, f))[0])
    page = (
        "\n".join(lines) + f"\n\nMean and standard deviation of {SEEDS} seeds; bytes: the largest of them.\n"
    )
    print(json.dumps({"benchmark": "Models within a size, IMDB test reviews", "page": page}), flush=True)
    report_figure("n-gram model without limit, on disk", figures[None][1] / 1e6, "MB", 40, at_most=True)
    report_figure("n-gram model with --max-size 2M, on disk", figures["2M"][1] / 1e6, "MB", 2, at_most=True)
    lost = figures[None][0] - figures["2M"][0]
    report_figure("accuracy lost with --max-size 2M", lost, "points", 0.3, at_most=True)


if __name__ == "__main__":
    main()

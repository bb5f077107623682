"""Scoring raw texts with n-gram models, one thread: megabytes a second, the peers, and where the time goes.

The IMDB test reviews are scored with the model as it is and with one of 2 MB, and 100,000 beginnings of their
sentences as short texts. Peers score the same reviews with word pairs, which is less than what wordloom looks
up. The scan limit is one pass over the bytes of the texts; every step's share of the time is beside it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ngram_limits import scan_rate
from side_by_side import imdb, in_turn, report, report_figure
from wordloom.fit import fit
from wordloom.kernels import tokens_compiled
from wordloom.memory import peak_memory
from wordloom.settings import Settings
from wordloom.text_model import TextModel

ROUNDS = 5
SIZES: dict[str, int | None] = {"IMDB model": None, "2 MB model": 2_000_000}
SHORT_TEXTS, SHORT_WORDS = 100_000, 15
MB = 1e6
MOST_MEMORY = 0.5  # GB
STEPS = "texts to bytes", "bytes to words", "n-grams found and summed"


def turns(things: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """Seconds of the processor, which other programs change little; all things work in one thread."""

    def spent(thing: Callable[[], Any]) -> float:
        began = time.process_time()
        thing()
        return time.process_time() - began

    for thing in things.values():
        thing()
    return in_turn({name: partial(spent, thing) for name, thing in things.items()}, ROUNDS)


def short_texts(texts: list[str]) -> list[str]:
    """As many texts of a few words each."""
    found: list[str] = []
    for text in texts:
        words = text.split(" ")
        found += [" ".join(words[i : i + SHORT_WORDS]) for i in range(0, len(words), SHORT_WORDS)]
        if len(found) >= SHORT_TEXTS:
            break
    return found[:SHORT_TEXTS]


def megabytes(texts: list[str]) -> float:
    return sum(len(text.encode()) for text in texts) / MB


def peers(lines: list[str], texts: list[str], labels: Any) -> dict[str, Callable[[], Any]]:
    """fastText with word pairs, trained once on `lines`, and its rewrite with the same model."""
    if importlib.util.find_spec("fasttext") is None:
        return {}
    import fasttext

    from wordloom.comparison.contenders.fasttext import _PREFIX, _line
    from wordloom.comparison.registry import PEERS

    asked = [_line(text) for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        file, saved = Path(folder, "train.txt"), str(Path(folder, "model.bin"))
        order = np.random.default_rng(0).permutation(len(lines)).tolist()
        rows = [f"{_PREFIX}{labels[row]} {_line(lines[row])}\n" for row in order]
        file.write_text("".join(rows), encoding="utf-8")
        model = fasttext.train_supervised(
            str(file), thread=2, seed=1, verbose=0, **PEERS["fasttext-bigrams"].options
        )
        model.save_model(saved)
        found = {"fastText, bigrams": lambda: model.predict(asked)}
        if importlib.util.find_spec("fasttext_new") is not None:
            import fasttext_new

            again = fasttext_new.load_model(saved)
            found["fasttext-new, predict_batch"] = lambda: again.predict_batch(asked, threads=1)
    return found


def steps(model: TextModel, texts: list[str]) -> dict[str, Callable[[], Any]]:
    """What a prediction is made of."""
    data, offsets = model.tokenizer.to_bytes(texts)
    ids = model.encode(texts, 1)
    index = vars(model.vocabulary)["_indexes"][tokens_compiled.__name__]
    alphabet = model.tokenizer.alphabet()
    todo = (
        lambda: model.tokenizer.to_bytes(texts),
        lambda: tokens_compiled.lookup_words(data, offsets, alphabet, index),
        lambda: model.network.probabilities(ids, 1),
    )
    return dict(zip(STEPS, todo, strict=True))


def main() -> None:
    data = imdb()
    assert data.test is not None
    texts = list(data.test.texts)
    size, short = megabytes(texts), short_texts(texts)
    others = peers(data.train.texts, texts, data.train.labels)
    columns = "model", "MB a second", "share of a scan", *STEPS
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, most in SIZES.items():
        model = fit(data.train, Settings(architecture="ngram", max_size=most, random_state=0))
        found = turns({"wordloom": lambda model=model: model.predict(texts, threads=1), **others})
        median = statistics.median(found["wordloom"])
        report_figure(
            f"scoring raw texts, {name}, one thread", size / median, "MB a second", 0, at_most=False
        )
        for other, goal in zip(others, (3, 1), strict=False):
            report(
                f"scoring raw texts, {name}, one thread",
                {side: found[side] for side in ("wordloom", other)},
                other,
                goal,
            )
        parts = turns(steps(model, texts))
        shares = [f"{statistics.median(part) / median:.0%}" for part in parts.values()]
        share = size * MB / scan_rate() / median
        lines.append(f"| {name} | {size / median:.1f} | {share:.1%} | {' | '.join(shares)} |")
        brief = turns({"short": lambda model=model: model.predict(short, threads=1)})["short"]
        report_figure(
            f"scoring {SHORT_TEXTS:,} texts of {SHORT_WORDS} words, {name}, one thread",
            SHORT_TEXTS / statistics.median(brief),
            "texts a second",
            0,
            at_most=False,
        )
    print(
        json.dumps({"benchmark": "Scoring raw texts: where the time goes", "page": page(lines)}), flush=True
    )
    report_figure(
        "scoring raw texts: peak memory of a worker", worker_memory(), "GB", MOST_MEMORY, at_most=True
    )


def page(lines: list[str]) -> str:
    note = (
        f"A scan is one pass over the bytes of the texts, {scan_rate() / 1e9:.1f} GB a second on one core. "
        "What is missing to 100 % is the numbering of words, the pages of new arrays and Python."
    )
    return "\n".join([*lines, "", note, ""])


def worker_memory() -> float:
    """GB that a process with the IMDB model and a shard of 5,000 texts takes at most."""
    with tempfile.TemporaryDirectory() as folder:
        fit(imdb().train, Settings(architecture="ngram", random_state=0)).save(Path(folder, "model"))
        command = [sys.executable, __file__, str(Path(folder, "model"))]
        finished = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    return float(finished.stdout.splitlines()[-1])


def scored(folder: str) -> None:
    """What a worker does: load the model, score a shard; prints its peak memory in GB."""
    rng = np.random.default_rng(0)
    model = TextModel.load(folder)
    words = model.vocabulary.words
    for _ in range(4):
        drawn = (len(words) * rng.random((5000, 250)) ** 3).astype(int).tolist()
        texts = [" ".join([words[number] for number in row]) for row in drawn]
        model.predict(texts, threads=1)
    print((peak_memory() or 0) / 1e9)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        scored(sys.argv[1])
    else:
        main()

"""The n-gram model on 10, 100 and 1,000 times as many reviews: seconds and peak memory per word.

Reviews are drawn from IMDB's training part with replacement; in each of them one word in fifty becomes a word
that has never been seen, so the vocabulary grows with the texts. Every size is fitted in a process of its
own, in four epochs; one that only makes the texts says what they take by themselves. Drawn again and again,
reviews have ever more n-grams that stand in two of them, so a word brings more rows to learn: seconds are
given by word and by row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from side_by_side import imdb, report_figure

SMALLEST = 250
TIMES = (10, 100, 1000)
FRESH = 50
MB = 1 << 20


def texts_of(count: int) -> tuple[list[str], list[object]]:
    """Texts and labels, the same for every run."""
    import numpy as np

    train = imdb().train
    rng = np.random.default_rng(count)
    texts, labels = [], []
    for number, row in enumerate(rng.integers(0, len(train), count).tolist()):
        words = train.texts[row].split(" ")
        for place in range(int(rng.integers(FRESH)), len(words), FRESH):
            words[place] = f"fresh{number}x{place}"
        texts.append(" ".join(words))
        labels.append(train.labels[row])
    return texts, labels


def measured(count: int, fitted: bool) -> None:
    """Print words, seconds and peak memory (bytes) of one size."""
    import resource
    import time

    from wordloom.corpus import Corpus
    from wordloom.fit import fit
    from wordloom.settings import Settings

    corpus = Corpus(*texts_of(count), name="grown")
    words = sum(len(text.split(" ")) for text in corpus.texts)
    seconds, kept, held = 0.0, 0, 0.0
    if fitted:
        warm = Corpus(*texts_of(SMALLEST), name="warm")
        settings = Settings(architecture="ngram", ngrams=3, min_documents=2, epochs=4, random_state=0)
        fit(warm, settings)  # loads what is compiled
        began = time.perf_counter()
        network = fit(corpus, settings).network
        seconds, kept = time.perf_counter() - began, len(network.arrays()["weights"])
        held = count * network.shape.mean_rows  # type: ignore[attr-defined]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"words": words, "seconds": seconds, "peak": peak, "rows": kept, "held": held}))


def in_a_process(count: int, fitted: bool) -> dict[str, float]:
    command = [sys.executable, __file__, str(count), "fit" if fitted else "texts"]
    environment = {**os.environ, "WORDLOOM_KERNELS": "compiled"}  # for the few reviews that warm up too
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return found


def main() -> None:
    imdb()
    columns = "reviews", "words", "rows", "rows in a text, by word", "seconds", "by million words"
    columns += "by million rows in texts", "peak memory", "bytes by word"
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    pace: list[float] = []
    row_pace: list[float] = []
    memory: list[float] = []
    for count in [SMALLEST * times for times in TIMES]:
        alone, own = in_a_process(count, fitted=False), in_a_process(count, fitted=True)
        pace.append(own["seconds"] / own["words"])
        row_pace.append(own["seconds"] / own["held"])
        memory.append((own["peak"] - alone["peak"]) / own["words"])
        texts, whole = alone["peak"] / MB, own["peak"] / MB
        lines.append(
            f"| {count:,} | {own['words']:,} | {own['rows']:,} | {own['held'] / own['words']:.2f} "
            f"| {own['seconds']:.2f} | {1e6 * pace[-1]:.3f} | {1e6 * row_pace[-1]:.3f} "
            f"| {whole:,.0f} MB, of these {texts:,.0f} MB texts | {memory[-1]:.0f} |"
        )
        print(lines[-1], file=sys.stderr, flush=True)
    print(json.dumps({"benchmark": "n-gram model: growth", "page": "\n".join(lines) + "\n"}), flush=True)
    what = f"n-gram model: seconds a word, {TIMES[-1] // TIMES[0]} times the reviews against the fewest"
    report_figure(what, pace[-1] / pace[0], "times", 1.5, at_most=True)
    what = (
        f"n-gram model: seconds a row in a text, {TIMES[-1] // TIMES[0]} times the reviews against the fewest"
    )
    report_figure(what, row_pace[-1] / row_pace[0], "times", 0, at_most=True)
    what = f"n-gram model: bytes a word beyond the texts, {SMALLEST * TIMES[-1]:,} reviews"
    report_figure(what, memory[-1], "bytes", 0, at_most=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measured(int(sys.argv[1]), sys.argv[2] == "fit")
    else:
        main()

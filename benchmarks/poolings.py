"""Mean, largest and smallest numbers side by side beside the mean and the largest alone; then networks that
pool and learn on from a tenth of the texts, beside networks of all of them.

python poolings.py                     (all)
python poolings.py sst5,banking77      (these)
python poolings.py update              (learning on, see updates.py)

sst5 and the IMDB reviews' ratings are grades, banking77 and tw_emotion have a label a text. All settings but
the architecture are the default ones; scores are those of the test parts, over seeds. Processor time is that
of all threads, of the fit alone.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from updates import spread, updates
from wordloom.corpus import Dataset
from wordloom.evaluation.by_target import evaluated_on
from wordloom.fit import fit
from wordloom.readers import read_corpus
from wordloom.settings import Settings
from wordloom.targets import GRADED, SINGLE

SEEDS = (0, 1, 2)
DATA = Path(os.environ.get("WORDLOOM_DATA", "data"))
GRADES = ("sst5", "imdb")
CONTENDERS = {
    "mean": {"architecture": "mean"},
    "max": {"architecture": "max"},
    **{
        f"pooled, {pooling}": {"architecture": "pooled", "pooling": pooling}
        for pooling in ("mean+max+min", "mean+max")
    },
}


def data_of(name: str, target: str = SINGLE) -> Dataset:
    source = "imdb" if name == "imdb" else str(DATA / "texts" / f"{name}.csv")
    return read_corpus(source, target=target)


def table(name: str) -> str:
    """A table of all contenders on one set."""
    graded = name in GRADES
    data = data_of(name, GRADED if graded else SINGLE)
    assert data.test is not None
    scores = ("Spearman", "MAE") if graded else ("accuracy", "log loss")
    lines = [
        f"**{name}{', grades' if graded else ''}**",
        "",
        f"| contender | {' | '.join(scores)} | training, s of processor time |",
        "|---|---|---|---|",
    ]
    for contender, own in CONTENDERS.items():
        found: list[tuple[float, float]] = []
        seconds = []
        for seed in SEEDS:
            began = time.process_time()
            model = fit(data.train, Settings(**own, random_state=seed))
            seconds.append(time.process_time() - began)
            each = evaluated_on(model, data.test)[0]
            found.append((each.spearman, each.mae) if graded else (each.accuracy, each.log_loss))  # type: ignore[union-attr]
        first, second = (spread(values) for values in zip(*found, strict=True))
        lines.append(f"| {contender} | {first} | {second} | {statistics.median(seconds):.1f} |")
        print(name, lines[-1], file=sys.stderr, flush=True)
    return "\n".join([*lines, ""])


def learning_on() -> Sequence[str]:
    """Tables of networks that learn on."""
    tables = []
    for name in ("banking77", "imdb"):
        data = data_of(name)
        for architecture in ("mean", "pooled"):
            tables.append(updates(name, data, 3, architecture=architecture))
    return tables


def main() -> None:
    pages: list[str] = []
    for name in (sys.argv[1] if len(sys.argv) > 1 else "sst5,banking77,tw_emotion,imdb,update").split(","):
        pages += learning_on() if name == "update" else [table(name)]
    print(json.dumps({"benchmark": "Several poolings, and networks that learn on", "page": "\n".join(pages)}))


if __name__ == "__main__":
    main()

"""Models that learn on from a tenth of the texts, beside models of all of them: part of `targets.py`.

A draw takes a tenth of the training texts for new; where labels are many, all texts of one of them are among
these. A model of the other nine tenths learns on from them (updated) and is compared, on the test part, with
one trained on everything (refit). Processor time is that of all threads, one after the other in one process.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from side_by_side import report_figure
from wordloom.corpus import Corpus, Dataset
from wordloom.evaluation.on_corpus import score_on
from wordloom.fit import fit
from wordloom.fit.update import learned_on
from wordloom.settings import Settings
from wordloom.text_model import TextModel

NEW = 0.1
MANY_LABELS = 10
"""With so many labels or more, one of them is in the new texts alone."""
CONTENDERS = ("nine tenths", "updated", "refit")


@dataclass(frozen=True)
class Draw:
    """What a draw gives for each of CONTENDERS: accuracy and log loss on the test part, seconds of processor
    time; and how many bytes of the first one's weights are counts."""

    accuracy: dict[str, float]
    log_loss: dict[str, float]
    seconds: dict[str, float]
    share_of_counts: float


def parts(train: Corpus, seed: int) -> tuple[Corpus, Corpus]:
    """Old and new texts."""
    rng = np.random.default_rng([seed, 7])
    order, wanted = rng.permutation(len(train)), round(NEW * len(train))
    first = np.zeros(len(train), dtype=bool)
    if len(train.classes) >= MANY_LABELS:
        chosen = train.classes[rng.integers(len(train.classes))]
        first = np.array([label == chosen for label in train.labels])
    order = np.concatenate([order[first[order]], order[~first[order]]])
    return train.subset(np.sort(order[wanted:])), train.subset(rng.permutation(order[:wanted]))


def timed(way: Callable[[], TextModel]) -> tuple[TextModel, float]:
    began = time.process_time()
    return way(), time.process_time() - began


def draw(data: Dataset, seed: int, **own: Any) -> Draw:
    """All contenders once."""
    assert data.test is not None
    old, new = parts(data.train, seed)
    settings = Settings(random_state=seed, **own)
    first, took = timed(lambda: fit(old, settings))
    models, seconds = [first], [took]
    for way in (lambda: learned_on(first, new), lambda: fit(data.train, settings)):
        model, took = timed(way)
        models.append(model)
        seconds.append(took)
    test, known = data.test, {str(label) for label in first.labels}
    scores: list[Any] = [score_on(model, test) for model in models[1:]]
    right = np.mean(
        [a == str(b) for a, b in zip(map(str, first.predict(test.texts)), test.labels, strict=True)]
    )
    losses = [float("nan") if len(known) < len(data.train.classes) else score_on(first, test).log_loss]
    arrays = first.network.arrays()
    counts = sum(array.nbytes for name, array in arrays.items() if "counts." in name)
    return Draw(
        dict(zip(CONTENDERS, [float(right), *(each.accuracy for each in scores)], strict=True)),
        dict(zip(CONTENDERS, [*losses, *(each.log_loss for each in scores)], strict=True)),
        dict(zip(CONTENDERS, seconds, strict=True)),
        counts / sum(array.nbytes for array in arrays.values()),
    )


def updates(name: str, data: Dataset, draws: int, **own: Any) -> str:
    """Reports the figures; the table. `own` are settings of all contenders."""
    name = ", ".join([name, *map(str, own.values())])
    found = []
    for seed in range(draws):
        found.append(draw(data, seed, **own))
        print(name, seed, found[-1], file=sys.stderr, flush=True)
    behind = [100 * (each.accuracy["refit"] - each.accuracy["updated"]) for each in found]
    shares = [each.seconds["updated"] / each.seconds["refit"] for each in found]
    what = f"{name}, learned on from a tenth"
    report_figure(f"{what}: behind a refit", statistics.mean(behind), "points", 0.3, at_most=True)
    report_figure(f"{what}: of a refit's processor time", statistics.median(shares), "", 1 / 3, at_most=True)
    head = ["contender", "accuracy", "log loss", "training, s of processor time"]
    lines = [f"**{name}, learned on from a tenth**", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for own in CONTENDERS:
        accuracy = spread([each.accuracy[own] for each in found])
        losses = spread([each.log_loss[own] for each in found])
        seconds = statistics.median(each.seconds[own] for each in found)
        lines.append(f"| {own} | {accuracy} | {losses} | {seconds:.2f} |")
    kept = statistics.mean(each.share_of_counts for each in found)
    said = f"{draws} draws; behind a refit by {spread(behind, 2)} points. Counts kept to learn on with:"
    return "\n".join([*lines, "", f"{said} {kept:.1%} of the weights' bytes.", ""])


def spread(values: Sequence[float], digits: int = 4) -> str:
    if any(np.isnan(values)):
        return "-"
    return f"{statistics.mean(values):.{digits}f} ± {statistics.stdev(values):.{digits}f}"

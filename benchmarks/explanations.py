"""Explanations of the 25,000 IMDB test reviews beside their predictions, and of one review alone."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from side_by_side import compare, imdb, ratios, report_figure
from wordloom.fit import fit
from wordloom.settings import Settings

_ALONE = 200


def main() -> None:
    data = imdb()
    assert data.test is not None
    texts = data.test.texts
    model = fit(data.train, Settings(random_state=0))
    things: dict[str, Callable[[], Any]] = {
        "predicted": lambda: sum(1 for _ in model.predict_stream(texts)),
        "explained": lambda: sum(1 for _ in model.explain_stream(texts)),
    }
    seconds = compare(things, rounds=5)
    report_figure(
        "25,000 explanations, numbers without names and places: times the time of predictions",
        statistics.median(ratios(seconds, "predicted", "explained")),
        "times",
        goal=2,
        at_most=True,
    )
    some = texts[:: len(texts) // _ALONE]
    for what, thing in (
        ("one explanation: numbers", model.explain),
        ("one explanation: numbers, names and places", lambda text: model.explain(text).contributions),
        ("one prediction", lambda text: model.predict_proba([text])),
    ):
        figure = milliseconds(thing, some)
        report_figure(f"{what}, median of {len(some)} reviews", figure, "ms", goal=0, at_most=True)


def milliseconds(thing: Callable[[str], Any], texts: list[str]) -> float:
    """The median over the texts, of each the best of three."""
    best = []
    for text in texts:
        spans = []
        for _ in range(3):
            began = time.perf_counter()
            thing(text)
            spans.append(time.perf_counter() - began)
        best.append(min(spans))
    return 1000 * statistics.median(best)


if __name__ == "__main__":
    main()

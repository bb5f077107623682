"""Measure things side by side in one run: in turn, several rounds, medians, and ratios round by round."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from wordloom import datasets
from wordloom.corpus import Dataset


def imdb() -> Dataset:
    """The reviews, or an end to the benchmark that says how to get them."""
    try:
        return datasets.load("imdb")
    except ValueError as error:
        sys.exit(str(error))


def compare(
    things: Mapping[str, Callable[[], Any]], rounds: int, warm_up: bool = True
) -> dict[str, list[float]]:
    """Seconds of each thing in each round; they take turns, so that a drift of the machine hits all alike."""
    if warm_up:
        for thing in things.values():
            thing()
    return in_turn({name: partial(_timed, thing) for name, thing in things.items()}, rounds)


def _timed(thing: Callable[[], Any]) -> float:
    began = time.perf_counter()
    thing()
    return time.perf_counter() - began


def in_turn(things: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """As `compare`, for things that say themselves how many seconds they took."""
    seconds: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(rounds):
        for name, thing in things.items():
            seconds[name].append(thing())
    return seconds


def ratios(seconds: Mapping[str, list[float]], ours: str, against: str) -> list[float]:
    """How many times faster `ours` was than `against`, round by round."""
    return [theirs / own for own, theirs in zip(seconds[ours], seconds[against], strict=True)]


def report(
    what: str,
    seconds: Mapping[str, list[float]],
    against: str,
    goal: float,
    ours: str = "wordloom",
    **more: Any,
) -> None:
    """Print one line of JSON for `run.py`: medians and ranges, the ratio against a peer, and its goal."""
    found = ratios(seconds, ours, against)
    row = {
        "benchmark": what,
        "seconds": {
            name: {"median": statistics.median(values), "min": min(values), "max": max(values)}
            for name, values in seconds.items()
        },
        "against": against,
        "ratio": {"median": statistics.median(found), "min": min(found), "max": max(found)},
        "goal": goal,
        **more,
    }
    print(json.dumps(row), flush=True)


def report_figure(what: str, value: float, unit: str, goal: float, at_most: bool, **more: Any) -> None:
    """Print one line of JSON for a figure that has a goal but no peer."""
    row = {"benchmark": what, "value": value, "unit": unit, "goal": goal, "at_most": at_most, **more}
    print(json.dumps(row), flush=True)

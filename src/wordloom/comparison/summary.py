"""Several comparisons of the same contenders in one table: who is best on which texts, and on average."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wordloom.comparison.results import Comparison, ContenderResult


@dataclass(frozen=True, eq=False)
class ContenderSummary:
    """A contender on several data sets.

    Parameters
    ----------
    name : of the contender
    entries : what it reached on each, in their order; None where it could not be run
    best_on : the names of the data sets on which it is the best
    """

    name: str
    entries: tuple[ContenderResult | None, ...]
    best_on: tuple[str, ...]

    @property
    def accuracy(self) -> float | None:
        """Mean over all data sets; None if it is not there on one of them, since means of others differ."""
        there = [entry.accuracy for entry in self.entries if entry is not None]
        return statistics.fmean(there) if len(there) == len(self.entries) else None

    @property
    def macro_f1(self) -> float | None:
        """As `accuracy`."""
        there = [entry.macro_f1 for entry in self.entries if entry is not None]
        return statistics.fmean(there) if len(there) == len(self.entries) else None

    def to_config(self) -> dict[str, Any]:
        """As plain values; the keys are stable."""
        return {
            "name": self.name,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "best_on": list(self.best_on),
        }


def summaries(comparisons: Sequence[Comparison]) -> list[ContenderSummary]:
    """A summary for each contender that could be run somewhere, in the order in which they were asked for."""
    found = [{entry.contender.name: entry for entry in each.entries} for each in comparisons]
    names = dict.fromkeys(name for entries in found for name in entries)
    return [
        ContenderSummary(
            name,
            tuple(entries.get(name) for entries in found),
            tuple(each.name for each in comparisons if each.best.contender.name == name),
        )
        for name in names
    ]


def summary_header(comparisons: Sequence[Comparison]) -> list[str]:
    """The names of the columns of `summary_rows`."""
    return ["contender", *(each.name for each in comparisons), "mean", "best on"]


def summary_rows(comparisons: Sequence[Comparison]) -> list[list[str]]:
    """A row a contender: accuracy / macro F1 on each data set in %, their means, on how many it is best."""
    return [
        [
            each.name,
            *("-" if entry is None else _both(entry.accuracy, entry.macro_f1) for entry in each.entries),
            _both(each.accuracy, each.macro_f1),
            str(len(each.best_on)),
        ]
        for each in summaries(comparisons)
    ]


def _both(accuracy: float | None, macro_f1: float | None) -> str:
    if accuracy is None or macro_f1 is None:
        return "-"
    return f"{100 * accuracy:.2f} / {100 * macro_f1:.2f}"

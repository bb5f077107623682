"""The tables of `texts.py`: every contender on every set, the best alternative, the default beside it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SCORES = {
    "accuracy": ("accuracy", 100.0, True),
    "macro_f1": ("macro F1", 100.0, True),
    "log_loss": ("log loss", 1.0, False),
    "calibration_error": ("calibration error", 100.0, False),
}
"""Measure -> what it is called, its factor, and whether more is better."""
SECONDS = {
    "fit": "fit, s",
    "predict": "predict, s",
    "calibrated_fit": "calibrated: fit, s",
    "calibrated_predict": "predict, s",
}
FIT_GOALS, PREDICT_GOALS = {"characters-svm": 3.0, "tfidf-svm": 1.0}, {"characters-svm": 5.0}
"""How many times faster than these the default is to be."""
Results = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Figure:
    """A mean with its standard error; None for a figure of a single run."""

    mean: float
    error: float | None

    def text(self, factor: float = 1.0, digits: int = 2) -> str:
        """ "72.41 ± 1.10"."""
        spread = "" if self.error is None else f" ± {factor * self.error:.{digits}f}"
        return f"{factor * self.mean:.{digits}f}{spread}"


def figure(found: Mapping[str, Any], name: str) -> Figure | None:
    """A measure or a time of a contender on a set: over its folds, or on a fixed test part over its seeds.

    There the standard error is that of other test texts; of a time it is over the runs in any case.
    """
    values = [run[name] for run in found.get("runs", []) if name in run]
    if not values:
        return None
    drawn = [run["errors"][name] for run in found["runs"] if name in run.get("errors", {})]
    if drawn:
        return Figure(statistics.fmean(values), drawn[0])
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return Figure(statistics.fmean(values), error)


def best_alternative(contenders: Mapping[str, Any], ours: str, measure: str) -> tuple[str, Figure] | None:
    """The name and figure of the best of the others."""
    found = {who: figure(row, measure) for who, row in contenders.items() if who != ours}
    there = {who: value for who, value in found.items() if value is not None}
    if not there:
        return None
    choose = max if SCORES[measure][2] else min
    who = choose(there, key=lambda name: there[name].mean)
    return who, there[who]


def is_reached(contenders: Mapping[str, Any], ours: str, measure: str) -> bool | None:
    """Whether ours is better than the best alternative, or behind it by one standard error at most."""
    own, best = figure(contenders[ours], measure), best_alternative(contenders, ours, measure)
    if own is None or best is None:
        return None
    behind = best[1].mean - own.mean if SCORES[measure][2] else own.mean - best[1].mean
    return behind <= (own.error or 0.0)


def times_faster(contenders: Mapping[str, Any], ours: str, other: str, name: str) -> float | None:
    """How many times faster ours is than another."""
    own, their = (figure(contenders.get(who, {}), name) for who in (ours, other))
    return their.mean / max(own.mean, 1e-9) if own and their else None


def reached(results: Results, ours: str) -> dict[str, int]:
    """What the default is to reach, in words -> on how many sets it does."""
    counts = {
        f"{title} at least the best alternative's, within one standard error": sum(
            is_reached(contenders, ours, measure) is True for contenders in results.values()
        )
        for measure, (title, _, _) in SCORES.items()
    }
    for name, goals in (("fit", FIT_GOALS), ("predict", PREDICT_GOALS)):
        for other, goal in goals.items():
            found = [times_faster(contenders, ours, other, name) for contenders in results.values()]
            what = f"{name} at least {goal:g} times faster than {other}"
            counts[what] = sum(value is not None and value >= goal for value in found)
    return counts


def page(results: Results, ours: str) -> str:
    """All tables, in Markdown."""
    parts = [_INTRODUCTION, *_beside_the_best(results, ours), "", *_speed(results, ours), ""]
    parts += ["## Means over the sets that a contender was measured on", "", *_means(results), ""]
    for name, contenders in results.items():
        parts += [f"## {name}", "", *_of_one_set(contenders), ""]
    machines = {row["machine"] for contenders in results.values() for row in contenders.values()}
    threads = {str(row["threads"]) for contenders in results.values() for row in contenders.values()}
    parts.append(f"Machine: {'; '.join(sorted(machines))}. Threads: {', '.join(sorted(threads))}.")
    return "\n".join(parts) + "\n"


_INTRODUCTION = """\
Written by `benchmarks/texts.py`. Sets with a test part of their own are tested on it: means over seeds for
wordloom, one training for those whose seed changes next to nothing, and the standard error is that of drawing
other test texts. All others are cross-validated in five folds (three times, if there are fewer than 2,000
texts), and the standard error is that of the folds' mean. "Yes": better than the best alternative, or behind
it by one standard error at most. Calibration error: 15 ranges, in points. Machines without probabilities get
them from `CalibratedClassifierCV`, whose seconds stand apart; accuracy and macro F1 are those without it.
The default and the two SVMs that its speed is compared with were measured one after the other, with nothing
beside them; the others, whose seconds no goal depends on, may have run side by side.

## Beside the best alternative
"""


def _beside_the_best(results: Results, ours: str) -> list[str]:
    rows = []
    for name, contenders in results.items():
        cells = [name]
        for measure, (_, factor, _) in SCORES.items():
            own, best = figure(contenders[ours], measure), best_alternative(contenders, ours, measure)
            mark = {True: "yes", False: "**no**", None: "-"}[is_reached(contenders, ours, measure)]
            digits = 3 if factor == 1 else 2
            beside = f"{best[1].text(factor, digits)} ({best[0]})" if best else "-"
            cells += [own.text(factor, digits) if own else "-", beside, mark]
        rows.append(cells)
    header = ["set"]
    for title, _, _ in SCORES.values():
        header += [title, "best alternative", "reached"]
    return _table(header, rows)


def _speed(results: Results, ours: str) -> list[str]:
    columns = [("fit", other, goal) for other, goal in FIT_GOALS.items()]
    columns += [("predict", other, goal) for other, goal in PREDICT_GOALS.items()]
    rows = []
    for name, contenders in results.items():
        fit = figure(contenders[ours], "fit")
        cells = [name, fit.text() if fit else "-"]
        for what, other, goal in columns:
            times = times_faster(contenders, ours, other, what)
            mark = "" if times is None or times >= goal else " **no**"
            cells.append("-" if times is None else f"{times:.1f}{mark}")
        rows.append(cells)
    titles = [f"{what}: times faster than {other} (goal {goal:g})" for what, other, goal in columns]
    return _table(["set", "fit, s", *titles], rows)


def _means(results: Results) -> list[str]:
    names = dict.fromkeys(who for contenders in results.values() for who in contenders)
    rows = []
    for who in names:
        found = [contenders[who] for contenders in results.values() if "runs" in contenders.get(who, {})]
        cells = [who, str(len(found))]
        for measure, (_, factor, _) in SCORES.items():
            values = [value.mean for row in found if (value := figure(row, measure)) is not None]
            cells.append(
                f"{factor * statistics.fmean(values):.{3 if factor == 1 else 2}f}" if values else "-"
            )
        rows.append(cells)
    return _table(["contender", "sets", *(title for title, _, _ in SCORES.values())], rows)


def _of_one_set(contenders: Mapping[str, Any]) -> list[str]:
    rows, notes = [], []
    for who, found in contenders.items():
        if "note" in found:
            notes.append(f"- {who}: {found['note']}")
        if "failed" in found:
            notes.append(f"- {who} failed: {found['failed']}")
            continue
        cells = [who]
        for measure, (_, factor, _) in SCORES.items():
            value = figure(found, measure)
            cells.append(value.text(factor, 3 if factor == 1 else 2) if value else "-")
        cells += [value.text() if (value := figure(found, name)) else "-" for name in SECONDS]
        rows.append(cells)
    titles = [title for title, _, _ in SCORES.values()]
    return [*_table(["contender", *titles, *SECONDS.values()], rows), "", *notes]


def _table(header: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]

"""Leaderboard: how a search goes, on standard error.

A terminal gets a table of the best so far that stays in its place, anything else a line a trial.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

from wordloom.cli.printing import tell
from wordloom.controls import visible
from wordloom.training.bar import shows_bar
from wordloom.training.progress import duration
from wordloom.tuning import Trial, TrialResult, TuningCallback, changes

if TYPE_CHECKING:
    from rich.console import RenderableType

_SHOWN = 8


class Leaderboard(TuningCallback):
    """The callback that shows a search; use it in a `with` block, so that an error takes the table away.

    stream : where to write; None takes `sys.stderr`
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._results: list[TrialResult] = []
        self._measure = "accuracy"
        self._now = ""
        self._live: Any = None

    def __enter__(self) -> Leaderboard:
        if shows_bar(self._stream):
            from rich.console import Console
            from rich.live import Live

            console = Console(file=self._stream, force_terminal=True)
            self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def on_trial_begin(self, trial: Trial, seconds_left: float | None) -> None:
        left = "" if seconds_left is None else f", {duration(seconds_left)} left"
        self._now = f"trial {trial.number}{left}: {described(changes(trial.settings))}{_share(trial)}"
        self._draw()

    def on_trial_end(self, result: TrialResult, measure: str) -> None:
        before = self._ranked()
        self._measure = measure
        self._results.append(result)
        if self._live is None:
            best = self._ranked()[:1] == [result] and bool(before)
            tell(line_of(result, measure) + ("  best so far" if best else ""), self._stream)
        self._draw()

    def _ranked(self) -> list[TrialResult]:
        whole = [result for result in self._results if result.whole]
        return sorted(whole, key=lambda result: result.order(self._measure))

    def _draw(self) -> None:
        if self._live is not None:
            self._live.update(self._table(), refresh=True)

    def _table(self) -> RenderableType:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        for name in ("trial", self._measure.replace("_", " "), "log loss", "seconds"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("settings", no_wrap=True, overflow="ellipsis", ratio=1)
        for result in self._ranked()[:_SHOWN]:
            value = f"{100 * getattr(result, self._measure):.2f} %"
            cells = (str(result.trial.number), value, f"{result.log_loss:.3f}", f"{result.seconds:.1f}")
            table.add_row(*cells, Text(visible(described(changes(result.trial.settings)))))
        return Group(table, Text(visible(self._now), no_wrap=True, overflow="ellipsis", style="dim"))


def line_of(result: TrialResult, measure: str) -> str:
    """A trial in a line."""
    start, about = f"trial {result.trial.number}", described(changes(result.trial.settings))
    if result.failed:
        return f"{start}: {about} failed: {result.failed}"
    value = f"{measure.replace('_', ' ')} {getattr(result, measure):.2%}"
    return f"{start}: {value} in {duration(result.seconds)}{_share(result.trial)}, {about}"


def described(values: Mapping[str, Any]) -> str:
    """Settings in a line, as --settings takes them."""
    return ",".join(f"{name}={value}" for name, value in values.items()) or "the defaults"


def _share(trial: Trial) -> str:
    return "" if trial.share == 1 else f" on 1/{round(1 / trial.share)} of the texts"

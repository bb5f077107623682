"""Kind: what of a report depends on what the labels of the texts are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wordloom.report.text_lists import TextLists

LONGEST_LABEL = 60


class Kind(Protocol):
    """The parts of a report on texts of one target.

    `name` is that of its template and script, `name.html` and `name.js`.
    """

    name: str

    @property
    def lists(self) -> TextLists:
        """Which texts stand in the page."""

    def parts(self) -> dict[str, Any]:
        """What its template shows, but for the texts."""

    def head(self) -> dict[str, Any]:
        """What its script knows beside the texts."""

    def entry(self, row: int) -> dict[str, Any]:
        """What the page says of a text, but for the text itself and where it stands."""

    def explained(self, row: int) -> Sequence[int]:
        """The columns of the labels whose words are highlighted in a text."""

    def suspect(self, row: int) -> tuple[str, str]:
        """The label that a suspect text has, and the one it may have, as the first screen shows them."""


@dataclass(frozen=True)
class ScoreBar:
    """A score in a chart: where it is drawn, from 0 to 1, and what is written beside it."""

    name: str
    text: str
    at: float
    low: float
    high: float


def chart(rows: Sequence[tuple[str, str, float, tuple[float, float]]], end: float | None) -> list[ScoreBar]:
    """Bars of scores with their intervals: (name, what is written, value, interval) each.

    end : where the scale ends, which begins shortly below the lowest score; None for one from 0 to the
        highest, where less is better
    """
    lows, highs = [low for *_, (low, _) in rows], [high for *_, (_, high) in rows]
    if end is None:
        start, end = 0.0, max(highs) * 1.05 or 1.0
    else:
        start = max(0.0, min(lows) - 0.08 * (end - min(lows)) - 0.01)

    def at(value: float) -> float:
        return min(max((value - start) / (end - start), 0.0), 1.0)

    return [ScoreBar(name, text, at(value), at(low), at(high)) for name, text, value, (low, high) in rows]


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 as a percentage."""
    return f"{100 * share:.{digits}f}\u00a0%"


def probability(share: float) -> str:
    """As a percentage that never says 100 of what is not certain."""
    return "> 99.9\u00a0%" if 0.9995 < share < 1 else percent(share)


def rounded(probability: float) -> float:
    """Six digits, and never 0 or 1 for what is neither."""
    value = float(probability)
    return round(value, 6) if value in (0.0, 1.0) else min(max(round(value, 6), 1e-6), 1 - 1e-6)


def cut(text: str, most: int, end: bool = False) -> str:
    """At most `most` characters of a text: its beginning, or with `end` its end, and a mark at the cut."""
    if len(text) <= most:
        return text
    return "\u2026" + text[1 - most :] if end else text[: most - 1] + "\u2026"


def label_name(label: object) -> str:
    """A label as the page shows it."""
    return cut(str(label), LONGEST_LABEL)

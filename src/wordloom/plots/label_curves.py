"""Accuracy against the number of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wordloom.errors import DataError
from wordloom.plots.figure import BLUE, GRAY, INK, ORANGE, TEXT, needed, new_axes, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The rest of Okabe and Ito's palette; lines also differ by their marks.
_COLORS = (BLUE, ORANGE, "#009E73", "#CC79A7", GRAY, "#E69F00", "#56B4E9", INK)
_MARKS = ("o", "D", "s", "^", "v", "P", "X", "*")


def label_curve(rows: Sequence[Mapping[str, Any]], ax: Axes | None = None) -> Axes:
    """A line for each setting: accuracy in per cent against labelled texts (log), bars of one deviation.

    rows : mappings with `setting`, `labels`, `mean` and `std` (shares of 1, or None), in any order
    """
    if not rows:
        raise DataError("There is no point to draw.")
    ax = ax or new_axes("Drawing accuracy against labels", 7.6, 4.8)
    names = list(dict.fromkeys(str(needed("setting", row)) for row in rows))
    last = {name: max(_line(rows, name), key=lambda row: row["labels"])["mean"] for name in names}
    for place, name in sorted(enumerate(names), key=lambda pair: -last[pair[1]]):
        line = _line(rows, name)
        ax.errorbar(
            [row["labels"] for row in line],
            [100 * row["mean"] for row in line],
            yerr=[100 * (row.get("std") or 0.0) for row in line],
            color=_COLORS[place % len(_COLORS)],
            marker=_MARKS[place % len(_MARKS)],
            label=name,
            linewidth=2.0,
            markersize=6,
            elinewidth=1.2,
            capsize=3,
        )
    ticks = sorted({int(needed("labels", row)) for row in rows})
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks], rotation=30)
    ax.minorticks_off()
    tidy(ax, "Labelled texts", "Test accuracy (%)")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=TEXT - 1)
    return ax


def _line(rows: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return sorted((row for row in rows if row["setting"] == name), key=lambda row: float(row["labels"]))

"""Published figures against our own, recipe by recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom.errors import DataError
from wordloom.plots.figure import BLUE, INK, ORANGE, TEXT, legend_above, needed, new_axes, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def reproduction(rows: Sequence[Mapping[str, Any]], ax: Axes | None = None) -> Axes:
    """A line for each recipe: the published figure and our mean with its standard deviation.

    rows : mappings with `recipe`, `metric`, `mean`, `std` and, where there are, `published` (a number, a
        pair from-to, or None) and `values` (one a seed); fractions. Drawn as percentages, first row on
        top.
    """
    if not rows:
        raise DataError("There is no recipe to draw.")
    ax = ax or new_axes("Drawing the reproduced figures", 8.4, 1.9 + 0.62 * len(rows))
    for place, row in enumerate(rows):
        _draw_row(row, place, ax)
    ax.set_yticks(range(len(rows)), [f"{needed('recipe', row)}\n{row.get('metric', '')}" for row in rows])
    ax.set_ylim(len(rows) - 0.45, -0.6)
    ax.margins(x=0.08)
    tidy(ax, "Accuracy (%)", "", grid="x")
    _add_legend(ax, seeds=any(len(row.get("values", ())) for row in rows))
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


def _draw_row(row: Mapping[str, Any], place: int, ax: Axes) -> None:
    """The published figure a little above the row's line, ours below it, then a tick for each seed."""
    mean, spread = 100 * float(needed("mean", row)), 100 * float(row.get("std") or 0.0)
    published = row.get("published")
    ax.axhline(place, color="#E6E6E6", linewidth=1, zorder=0)
    if published is not None:
        ends = 100 * np.atleast_1d(np.asarray(published, dtype=np.float64))
        above = np.full(len(ends), place - 0.14)
        ax.plot(ends, above, color=ORANGE, linewidth=5, alpha=0.45, solid_capstyle="round")
        ax.plot(ends, above, "D", color=ORANGE, markersize=8, markerfacecolor="white", markeredgewidth=2)
    values = 100 * np.asarray(row.get("values", ()), dtype=np.float64)
    ax.errorbar(mean, place + 0.14, xerr=spread, fmt="o", color=BLUE, markersize=7, capsize=4, linewidth=1.8)
    ax.plot(values, np.full(len(values), place + 0.34), "|", color=BLUE, markersize=6)
    _write_beside(_in_words(mean, spread, published), place, ax)


def _write_beside(text: str, place: float, ax: Axes) -> None:
    ax.annotate(
        text,
        (1.02, place),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=TEXT - 1,
        color=INK,
    )


def _in_words(mean: float, spread: float, published: Any) -> str:
    """ "86.4 ± 0.2 (+0.1)": ours, and its distance from the published figure or from its nearer end."""
    ours = f"{mean:.1f} ± {spread:.1f}"
    if published is None:
        return ours
    ends = 100 * np.atleast_1d(np.asarray(published, dtype=np.float64))
    difference = mean - float(np.clip(mean, ends.min(), ends.max()))
    return f"{ours}  ({difference:+z.1f})".replace("-", "\u2212")


def _add_legend(ax: Axes, seeds: bool) -> None:
    from matplotlib.lines import Line2D

    diamond: dict[str, Any] = {
        "color": ORANGE,
        "markerfacecolor": "white",
        "markeredgewidth": 2,
        "markersize": 8,
    }
    marks = [
        Line2D([], [], marker="D", linestyle="", label="published", **diamond),
        Line2D([], [], marker="o", linestyle="-", color=BLUE, label="ours, mean ± std"),
    ]
    if seeds:
        marks.append(Line2D([], [], marker="|", linestyle="", color=BLUE, label="each seed"))
    legend_above(ax, columns=3, handles=marks)
    ax.annotate(
        "ours (difference)",
        (1.02, 0.0),
        xytext=(0, -6),
        xycoords="axes fraction",
        textcoords="offset points",
        va="top",
        fontsize=TEXT - 1,
        color=INK,
    )

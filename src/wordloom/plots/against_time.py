"""Accuracy against time: which way of training gives the most in the least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom.errors import DataError
from wordloom.plots.figure import BLUE, ORANGE, TEXT, figure_of, legend_above, needed, new_axes, tidy
from wordloom.plots.point_names import name_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINT = 6.0


def accuracy_against_time(rows: Sequence[Mapping[str, Any]], ax: Axes | None = None) -> Axes:
    """A point for each contender: seconds of training and prediction together (log), accuracy in per cent.

    rows : mappings with `name`, `accuracy` and `interval` (shares of 1), `seconds`, and `ours`, whether it
        is drawn as one of ours. Up and to the left is better.
    """
    if not rows:
        raise DataError("There is no contender to draw.")
    own = ax is None
    ax = ax or new_axes("Drawing accuracy against time", 7.6, 5.0)
    from matplotlib.ticker import LogLocator, NullLocator

    for ours, color, marker, label in ((True, BLUE, "o", "wordloom"), (False, ORANGE, "D", "peers")):
        chosen = [row for row in rows if bool(row.get("ours")) == ours]
        if chosen:
            _draw(chosen, ax, color, marker, label)
    ax.set_xscale("log")
    ax.margins(x=0.12, y=0.10)
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    tidy(ax, "Seconds of training and prediction, from raw texts", "Test accuracy (%)", grid="both")
    legend_above(ax, columns=2)
    places = np.array([(float(row["seconds"]), 100 * float(row["accuracy"])) for row in rows])
    name_points([str(needed("name", row)) for row in rows], places, ax, 1.4 * _POINT, TEXT - 1)
    if own:
        # Names are placed for this size; the layout must not move the points again.
        figure_of(ax).set_layout_engine("none")
    return ax


def _draw(rows: Sequence[Mapping[str, Any]], ax: Axes, color: str, marker: str, label: str) -> None:
    accuracies = [100 * float(needed("accuracy", row)) for row in rows]
    ends = [needed("interval", row) for row in rows]
    below = [a - 100 * low for a, (low, _) in zip(accuracies, ends, strict=True)]
    above = [100 * high - a for a, (_, high) in zip(accuracies, ends, strict=True)]
    seconds = [float(needed("seconds", row)) for row in rows]
    ax.errorbar(
        seconds,
        accuracies,
        yerr=[below, above],
        fmt=marker,
        color=color,
        markersize=_POINT,
        capsize=3,
        linewidth=1.2,
        label=f"{label} (95 % interval)",
    )

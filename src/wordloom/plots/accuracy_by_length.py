"""Accuracy by length: a point with its interval for each group of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from wordloom.errors import DataError
from wordloom.plots.figure import BLUE, GRAY, new_axes, tidy
from wordloom.plots.lengths import range_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from wordloom.evaluation.by_length import ErrorGroup, LengthGroup


def length_accuracy(groups: Sequence[LengthGroup], ax: Axes | None = None) -> Axes:
    """Right answers among texts of similar length, with the 95 % interval, beside those among all.

    groups : as `wordloom.evaluation.by_length.accuracy_by_length` gives them, shortest texts first
    """
    if not groups:
        raise DataError("There are no texts whose accuracy by length could be drawn.")
    ax = ax or new_axes("Drawing accuracy by length")
    share = 100 * np.array([group.accuracy for group in groups])
    ends = 100 * np.array([group.accuracy_interval for group in groups])
    whole = 100 * sum(group.right for group in groups) / sum(group.count for group in groups)
    draw_by_length(ax, groups, share, ends, whole)
    tidy(ax, "Length (words)", "Right answers (%)", f"dashed: all texts, {whole:.1f} %")
    return ax


def draw_by_length(
    ax: Axes,
    groups: Sequence[LengthGroup] | Sequence[ErrorGroup],
    values: NDArray[np.float64],
    ends: NDArray[np.float64],
    whole: float,
) -> None:
    """A point for each group at its value (G,) with its interval (G, 2), and a line at that of all texts."""
    around = np.maximum([values - ends[:, 0], ends[:, 1] - values], 0)
    places = np.arange(len(groups))
    ax.axhline(whole, color=GRAY, linewidth=1.2, linestyle="--")
    ax.errorbar(places, values, yerr=around, fmt="o", color=BLUE, markersize=8, linewidth=1.6, capsize=4)
    wide = groups[-1].longest >= 1000
    ax.set_xticks(places, [range_name(group.shortest, group.longest, wide) for group in groups])
    ax.set_xlim(-0.6, len(groups) - 0.4)
    ax.margins(y=0.15)

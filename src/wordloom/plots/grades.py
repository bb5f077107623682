"""Pictures of grades: predicted beside true ones, how far they are apart, and for which lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom.errors import DataError
from wordloom.plots.accuracy_by_length import draw_by_length
from wordloom.plots.figure import BLUE, GRAY, INK, ORANGE, TEXT, legend_above, new_axes, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from wordloom.evaluation.by_length import ErrorGroup

_PURPOSE = "Drawing grades"
_BOXES, _MOST_POINTS, _BARS = 12, 1500, 41


def predicted_grades(predicted: NDArray[Any], grades: NDArray[Any], ax: Axes | None = None) -> Axes:
    """Predicted grades against true ones, (N,) each: a box for each grade of few, else a point for each text.

    A box holds the middle half of the predictions, with their median; its lines reach to the 5th and the 95th
    percentile. Of very many points every so many are drawn, in the order of the texts.
    """
    found, true = (np.asarray(values, dtype=np.float64) for values in (predicted, grades))
    if found.shape != true.shape or found.ndim != 1 or not len(true):
        raise DataError(f"{found.shape} predictions and {true.shape} grades; as many of both, at least one.")
    ax = ax or new_axes(_PURPOSE, 5.6, 5.0)
    different = np.unique(true)
    low, high = (float(end(np.r_[true, found])) for end in (np.min, np.max))
    room = 0.06 * ((high - low) or 1.0)
    ends = [low - room, high + room]
    ax.plot(ends, ends, "--", color=GRAY, linewidth=1.4, label="prediction as the grade")
    ax.set_xlim(*ends)
    if len(different) <= _BOXES:
        _boxes(ax, found, true, different)
    else:
        shown = np.arange(0, len(true), max(-(-len(true) // _MOST_POINTS), 1))
        ax.scatter(true[shown], found[shown], s=14, color=BLUE, alpha=0.45, linewidths=0, label="a text")
    ax.set_ylim(*ends)
    tidy(ax, "Grade of the text", "Predicted grade", grid="both")
    legend_above(ax, columns=2)
    return ax


def _boxes(ax: Axes, found: NDArray[Any], true: NDArray[Any], different: NDArray[Any]) -> None:
    nearest = float(np.diff(different).min()) if len(different) > 1 else 1.0
    ax.boxplot(
        [found[true == grade] for grade in different],
        positions=different.tolist(),
        widths=0.55 * nearest,
        whis=(5, 95),
        showfliers=False,
        patch_artist=True,
        boxprops={"facecolor": BLUE, "alpha": 0.85, "linewidth": 0},
        medianprops={"color": ORANGE, "linewidth": 2.4},
        whiskerprops={"color": BLUE, "linewidth": 1.4},
        capprops={"color": BLUE, "linewidth": 1.4},
        manage_ticks=False,
    )
    ax.plot([], [], color=ORANGE, linewidth=2.4, label="median prediction")
    ax.set_xlim(different[0] - 0.45 * nearest, different[-1] + 0.45 * nearest)
    ax.set_xticks(different.tolist(), [f"{grade:g}" for grade in different])


def grade_errors(errors: NDArray[Any], ax: Axes | None = None) -> Axes:
    """How many of N texts are predicted how much too high or low; errors : (N,), predictions less grades."""
    values = np.asarray(errors, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise DataError("A histogram of errors needs at least one text.")
    from matplotlib.ticker import MaxNLocator

    ax = ax or new_axes(_PURPOSE)
    widest = float(np.abs(values).max()) or 1.0
    heights, edges = np.histogram(values, np.linspace(-widest, widest, _BARS + 1))
    ax.bar(edges[:-1], heights, np.diff(edges), align="edge", color=BLUE, edgecolor="white", linewidth=0.4)
    ax.axvline(0, color=GRAY, linewidth=1.2, linestyle="--")
    mean = float(values.mean())
    ax.axvline(mean, color=ORANGE, linewidth=2)
    side = 1 if mean < 0.3 * widest else -1
    ax.annotate(
        f"mean {mean:+.2g}",
        (mean, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(8 * side, 0),
        textcoords="offset points",
        ha="left" if side > 0 else "right",
        va="top",
        fontsize=TEXT - 1,
        color=INK,
    )
    ax.set_ylim(0, 1.15 * heights.max())
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter("{x:,.0f}")
    tidy(ax, "Prediction less grade", "Texts")
    return ax


def length_errors(groups: Sequence[ErrorGroup], ax: Axes | None = None) -> Axes:
    """The mean error of texts of similar length, with its 95 % interval, beside that of all.

    groups : as `wordloom.evaluation.by_length.error_by_length` gives them, shortest texts first
    """
    if not groups:
        raise DataError("There are no texts whose error by length could be drawn.")
    ax = ax or new_axes(_PURPOSE)
    error, counts = (np.array([getattr(group, name) for group in groups]) for name in ("error", "count"))
    ends = np.array([group.error_interval for group in groups])
    whole = float(error @ counts / counts.sum())
    draw_by_length(ax, groups, error, ends, whole)
    tidy(ax, "Length (words)", "Mean error", f"dashed: all texts, {whole:.3g}")
    return ax

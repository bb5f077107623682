"""How far probabilities can be trusted: the reliability diagram, and accuracy against coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.evaluation.intervals import wilson_interval
from wordloom.plots.figure import BLUE, GRAY, INK, ORANGE, TEXT, legend_above, needed, new_axes, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PURPOSE = "Drawing calibration"
_MOST_POINTS = 1000
_EACH_MARKED = 30


def reliability(
    rows: Sequence[Mapping[str, Any]],
    error: float | None = None,
    ax: Axes | None = None,
    axes_names: tuple[str, str] = ("Probability of the predicted label (%)", "Right answers (%)"),
) -> Axes:
    """Share of right answers against the confidence of the model; on the line both are equal.

    rows : mappings with `low`, `high`, `count`, `confidence` and `accuracy` (shares of 1), a range of
        confidences each, as `Confidence.reliability` gives them; error : the calibration error, for the title
    axes_names : what is drawn across and upwards

    The area of a point stands for the number of texts; the bar is the 95 % interval.
    """
    if not rows:
        raise DataError("There are no texts whose probabilities could be drawn.")
    ax = ax or new_axes(_PURPOSE, 5.6, 5.0)
    sure, right, counts = (
        np.array([needed(key, row) for row in rows], dtype=np.float64)
        for key in ("confidence", "accuracy", "count")
    )
    start = min(float(sure.min()), float(right.min()), float(rows[0]["low"]))
    ends = [100 * start, 100.0]
    ax.plot(ends, ends, "--", color=GRAY, linewidth=1.4, label="as sure as right")
    low, high = np.transpose(
        [wilson_interval(round(r * n), int(n)) for r, n in zip(right, counts, strict=True)]
    )
    around = 100 * np.maximum([right - low, high - right], 0)
    ax.errorbar(100 * sure, 100 * right, yerr=around, fmt="none", color=BLUE, linewidth=1.2, capsize=3)
    sizes = 30 + 270 * counts / counts.max()
    ax.scatter(100 * sure, 100 * right, s=sizes, color=BLUE, alpha=0.85, linewidths=0, label="the model")
    ax.set_xlim(ends[0] - 2, 102)
    ax.set_ylim(max(min(ends[0], 100 * float(low.min())) - 3, -3), 103)
    title = "" if error is None else f"calibration error {100 * error:.1f} points"
    tidy(ax, *axes_names, grid="both")
    lower_right = (sure > start + 0.4 * (1 - start)) & (low < start + 0.15 * (1 - start))
    x, y, side, end = (0.02, 0.97, "left", "top") if lower_right.any() else (0.98, 0.03, "right", "bottom")
    ax.text(x, y, title, transform=ax.transAxes, ha=side, va=end, fontsize=TEXT - 1, color=INK)
    legend_above(ax, columns=2)
    return ax


def accuracy_coverage(
    shares: npt.ArrayLike, accuracies: npt.ArrayLike, marked: float = 0.8, ax: Axes | None = None
) -> Axes:
    """Accuracy on the share of the texts that the model is surest of; the rest would be passed on.

    shares, accuracies : (N,) shares of 1, the first rising to 1, as `Confidence.curve` gives them; marked :
        the share at which the accuracy is written, or the next that whole texts make
    """
    x, y = np.asarray(shares, dtype=np.float64), np.asarray(accuracies, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1 or not len(x):
        raise DataError(
            f"{x.shape} shares and {y.shape} accuracies; as many of both are needed, at least one."
        )
    ax = ax or new_axes(_PURPOSE)
    at = min(int(np.searchsorted(x, marked - 1e-9)), len(x) - 1)  # whole texts: the share or just above it
    marks = [(float(x[at]), float(y[at]), ORANGE)] if at < len(x) - 1 else []
    rows = np.unique(np.linspace(0, len(x) - 1, min(len(x), _MOST_POINTS)).astype(int))
    rows = rows[x[rows] >= min(0.02, x[-1])]
    marker = "." if len(x) <= _EACH_MARKED else ""
    ax.plot(100 * x[rows], 100 * y[rows], color=BLUE, linewidth=2.2, marker=marker, markersize=9)
    for share, value, color in (*marks, (1.0, float(y[-1]), INK)):
        ax.plot([100 * share], [100 * value], "o", color=color, markersize=8)
        ax.annotate(
            f"{100 * value:.1f} % of {'all' if share == 1 else f'{100 * share:.3g} %'}",
            (100 * share, 100 * value),
            xytext=(-8, -6),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=TEXT - 1,
            color=color,
        )
    ax.set_xlim(0, 103)
    ax.margins(y=0.15)
    tidy(ax, "Texts that the model is surest of (%)", "Right answers among them (%)", grid="both")
    return ax

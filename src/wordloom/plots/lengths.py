"""Histogram of text lengths, with the cut at `maxlen`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.plots.figure import BLUE, GRAY, INK, ORANGE, SMALL_TEXT, TEXT, new_axes, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BARS = 45
_SHOWN_SHARE = 0.99


def length_histogram(
    lengths: Sequence[int] | npt.NDArray[np.integer],
    maxlen: int | None = None,
    ax: Axes | None = None,
    noun: str = "texts",
) -> Axes:
    """How many texts have how many words; texts longer than `maxlen` in another color.

    lengths : words of each of N texts; maxlen : where texts are cut, None if they are not
    noun : what the texts are called, in the plural ("reviews")

    The longest 1 % of the texts are left out where they would squeeze the rest, and a note says so.
    """
    counts = np.asarray(lengths)
    if counts.ndim != 1 or len(counts) == 0:
        raise DataError("A histogram of lengths needs at least one text.")
    ax = ax or new_axes("Drawing a histogram of lengths")
    from matplotlib.ticker import MaxNLocator

    top = _end_of_axis(counts, maxlen)
    width = _nice_width(top)
    # Lengths are whole numbers: bars end between them, one of them just after maxlen.
    first = -1 if maxlen is None else maxlen % width - width
    edges = np.arange(first, top + width, width) + 0.5
    heights, _ = np.histogram(counts, edges)
    ax.bar(edges[:-1], heights, np.diff(edges), align="edge", color=BLUE, edgecolor="white", linewidth=0.4)
    if maxlen is not None:
        _mark_cut(counts, maxlen, edges[-1], ax, noun)
    else:
        middle = float(np.median(counts))
        _write_at_line(f"median {middle:,.0f}", middle, edges[-1], ax)
    ax.set_xlim(-0.5, edges[-1])
    # Room over the bars for the text.
    ax.set_ylim(0, heights.max() * (1.32 if maxlen is not None else 1.15))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    _note_tail(counts, edges[-1], ax, noun)
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    title = f"Lengths of {len(counts):,} {noun}"
    if maxlen is not None:
        title += f", median {np.median(counts):,.0f} words"
    per_bar = f"per {width:,} words" if width > 1 else "per length"
    tidy(ax, "Length (words)", f"{noun.capitalize()} {per_bar}", title)
    return ax


def range_name(shortest: int, longest: int, wide: bool) -> str:
    """A range of lengths as the name of a tick, in two lines where names are wide."""
    if shortest == longest:
        return f"{shortest:,}"
    return f"{shortest:,}\u2013" + "\n" * wide + f"{longest:,}"


def _end_of_axis(counts: npt.NDArray[np.integer], maxlen: int | None) -> int:
    """The longest length shown: that of all texts, unless the last 1 % would take over a third of it."""
    longest = int(counts.max())
    usual = int(np.quantile(counts, _SHOWN_SHARE, method="higher"))
    end = usual if longest > 1.5 * usual else longest
    return max(end, int(1.1 * (maxlen or 0)), 1)


def _nice_width(top: int) -> int:
    """A bar's width in words: 1, 2, 5, 10, 20, 25, 50 ..., so that about 45 bars fill the axis."""
    wanted = max(1.0, top / _BARS)
    power = 10 ** int(np.floor(np.log10(wanted)))
    steps = [step * power for step in (1, 2, 2.5, 5, 10) if step * power == int(step * power)]
    return int(min(steps, key=lambda step: abs(np.log(step / wanted))))


def _mark_cut(counts: npt.NDArray[np.integer], maxlen: int, end: float, ax: Axes, noun: str) -> None:
    cut = counts > maxlen
    for bar in ax.patches:
        if bar.get_x() > maxlen:  # type: ignore[attr-defined]
            bar.set_facecolor(ORANGE)
    share = 100 * cut.mean()
    lost = 100 * (counts[cut] - maxlen).sum() / max(1, counts.sum())
    text = (
        f"cut at {maxlen:,} words\n{share:.1f} % of the {noun} are longer;\n"
        f"{lost:.1f} % of all words are cut off"
    )
    _write_at_line(text, maxlen + 0.5, end, ax)


def _write_at_line(text: str, x: float, end: float, ax: Axes) -> None:
    """A line at x with a text at its top, on the side that has more room."""
    ax.axvline(x, color=INK, linewidth=1.4)
    right = x < end / 2
    ax.annotate(
        text,
        (x, 0.98),
        xycoords=("data", "axes fraction"),
        xytext=(8 if right else -8, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top",
        fontsize=TEXT - 1,
        color=INK,
    )


def _note_tail(counts: npt.NDArray[np.integer], end: float, ax: Axes, noun: str) -> None:
    beyond = counts > end
    if beyond.any():
        ax.annotate(
            f"not shown: {beyond.sum():,} {noun} ({100 * beyond.mean():.1f} %)\n"
            f"up to {counts.max():,} words \u2192",
            (0.995, 0.16),
            xycoords="axes fraction",
            ha="right",
            va="bottom",
            fontsize=SMALL_TEXT,
            color=GRAY,
        )

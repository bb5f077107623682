"""What all pictures share: a figure without pyplot, its look, its colors, and writing it to a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from wordloom.atomic import replacing_file
from wordloom.errors import DataError, MissingExtraError, UsageError, did_you_mean
from wordloom.plots.glyphs import make_readable, without_box_warnings

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Layout = Literal["constrained", "compressed"]
# Okabe & Ito's palette (2008), told apart with every common kind of color blindness.
BLUE, ORANGE, GRAY, INK = "#0072B2", "#D55E00", "#7F7F7F", "#222222"
TEXT, SMALL_TEXT = 12, 10
_DOTS_PER_INCH = 200
# No date inside: the same data give the same bytes.
_METADATA: dict[str, dict[str, Any]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def new_figure(
    purpose: str, width: float = 6.4, height: float = 4.2, layout: Layout = "constrained"
) -> Figure:
    """An empty figure, sizes in inches. Raises MissingExtraError if matplotlib is not installed.

    purpose : what the caller wants to draw, as the start of a sentence
    layout : "compressed" for Axes of a fixed shape, such as images
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise MissingExtraError(purpose, "matplotlib", "plot") from None
    return Figure(figsize=(width, height), dpi=_DOTS_PER_INCH, layout=layout)


def new_axes(purpose: str, width: float = 6.4, height: float = 4.2, layout: Layout = "constrained") -> Axes:
    """One empty Axes in a figure of its own."""
    return new_figure(purpose, width, height, layout).add_subplot()


def title_style() -> dict[str, Any]:
    """How titles are set."""
    return {"fontsize": TEXT + 1, "loc": "left", "color": INK}


def tidy(ax: Axes, xlabel: str, ylabel: str, title: str = "", grid: str | None = "y") -> None:
    """Labels in a size that stays readable on a slide, a light grid along one axis, no box."""
    ax.set_title(title, **title_style())
    ax.set_xlabel(xlabel, fontsize=TEXT)
    ax.set_ylabel(ylabel, fontsize=TEXT)
    ax.tick_params(labelsize=TEXT - 1)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis=cast(Any, grid), color="#DDDDDD", linewidth=0.8)


def legend_above(ax: Axes, columns: int, handles: Sequence[Artist] | None = None) -> None:
    """The legend in a line over the Axes, where it covers nothing."""
    ax.legend(
        handles=ax.get_legend_handles_labels()[0] if handles is None else handles,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.2,
        borderpad=0.2,
        ncols=columns,
        columnspacing=1.2,
        handlelength=2.4,
        handletextpad=0.5,
        frameon=False,
        fontsize=TEXT - 1,
    )


def figure_of(ax: Axes) -> Figure:
    """The whole figure that the Axes stands in."""
    return ax.figure.figure


def save(picture: Axes | Sequence[Axes] | Figure, path: str | os.PathLike[str]) -> Path:
    """Write a picture as `.png` (200 dots an inch), `.svg` or `.pdf`; the file appears whole or not at all.

    picture : what a function of this package returned, or a figure; of several Axes the figure of the
        first is written
    Raises UsageError for another ending. Warns of letters that no installed font has.
    """
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    target = Path(path)
    form = target.suffix.lower().removeprefix(".")
    if form not in _METADATA:
        raise UsageError(f"{target}: pictures are written as .png, .svg or .pdf, not {target.suffix!r}.")
    if not isinstance(picture, Axes | Figure):
        picture = picture[0]
    figure = picture if isinstance(picture, Figure) else figure_of(picture)
    make_readable(figure)
    with (
        replacing_file(target) as temporary,
        matplotlib.rc_context({"svg.hashsalt": "wordloom"}),
        without_box_warnings(),
    ):
        figure.savefig(temporary, format=form, dpi=_DOTS_PER_INCH, metadata=_METADATA[form])
    return target


def needed(key: str, record: Any) -> Any:
    """`record[key]`; DataError with the keys that are there."""
    try:
        return record[key]
    except KeyError:
        raise DataError(f"There is no {key!r} to draw. {did_you_mean(key, record)}") from None

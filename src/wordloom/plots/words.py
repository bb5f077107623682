"""Map of words: points of a plane with their words beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.plots.figure import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SMALL_TEXT,
    TEXT,
    figure_of,
    new_axes,
    tidy,
    title_style,
)
from wordloom.plots.label_places import Place, place_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

_LONGEST_WORD = 24
_POINT_SIZE = 26.0
_LARGEST_RATIO = 5.0


def word_map(
    words: Sequence[str],
    points: npt.ArrayLike,
    leaning: npt.ArrayLike | None = None,
    classes: tuple[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A map of words, coloured by the class they lean to.

    Parameters
    ----------
    words : n words, the most telling first: where there is no room, later words go without their name
    points : (n, 2), for example of `wordloom.vectors.project`
    leaning : (n,) below 0 for words of the first class, above 0 for the second; None for no colours
    classes : the names of the two classes, for the colour bar

    Names do not overlap each other or a point; a note counts the words without one. Both axes have one scale,
    unless the points lie almost on a line along one of them.
    """
    places = np.asarray(points, dtype=np.float64)
    if places.shape != (len(words), 2) or len(words) == 0:
        raise DataError(f"{len(words)} words, but points of the shape {places.shape}; (n, 2) expected.")
    own = ax is None
    ax = ax or new_axes("Drawing a map of words", 8.4, 6.2)
    if leaning is None:
        ax.scatter(places[:, 0], places[:, 1], s=_POINT_SIZE, color=BLUE, linewidths=0)
    else:
        _colour(places, np.asarray(leaning, dtype=np.float64), classes, ax)
    title = f"Map of {len(words):,} words"
    tidy(ax, "First principal component", "Second principal component", title, grid=None)
    ax.margins(0.09)
    if _is_compact(places):
        ax.set_aspect("equal", adjustable="datalim")
    unnamed = _name_points(words, places, ax)
    if unnamed:
        ax.set_title(f"{title} ({unnamed:,} without room for a name)", **title_style())
    if own:
        # Names are placed for this size; the layout must not move the points again.
        figure_of(ax).set_layout_engine("none")
    return ax


def _is_compact(places: npt.NDArray[np.float64]) -> bool:
    """Whether one scale for both axes leaves the points apart.

    Vectors learnt for two classes lie almost on a line; with one scale their names would pile up there.
    """
    smaller, larger = sorted(np.ptp(places, axis=0).tolist())
    return bool(larger <= _LARGEST_RATIO * smaller) or larger == 0


def _colour(
    places: npt.NDArray[np.float64],
    leaning: npt.NDArray[np.float64],
    classes: tuple[str, str] | None,
    ax: Axes,
) -> None:
    if leaning.shape != (len(places),):
        raise DataError(f"{len(places)} words, but leanings of the shape {leaning.shape}.")
    most = float(np.abs(leaning).max()) or 1.0
    dots = ax.scatter(
        places[:, 0],
        places[:, 1],
        s=_POINT_SIZE,
        c=leaning,
        cmap=_palette(),
        vmin=-most,
        vmax=most,
        linewidths=0,
    )
    bar = ax.figure.colorbar(dots, ax=ax, fraction=0.04, pad=0.02)
    low, high = classes or ("first class", "second class")
    bar.set_label(f"\u2190 {low}     leaning     {high} \u2192", fontsize=TEXT - 1, parse_math=False)
    bar.ax.tick_params(labelsize=SMALL_TEXT)


def _palette() -> Colormap:
    """Orange over grey to blue: the middle stays visible on white, unlike that of the usual palettes."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("leaning", [ORANGE, "#B9B2AC", BLUE])


def _name_points(words: Sequence[str], places: npt.NDArray[np.float64], ax: Axes) -> int:
    """Write the names where there is room; how many found none."""
    figure = figure_of(ax)
    figure.draw_without_rendering()
    pixel = figure.dpi / 72.0
    centres = [(x, y) for x, y in ax.transData.transform(places).tolist()]
    sizes = [_size(word, ax) for word in words]
    padded = [(width + 3 * pixel, height) for width, height in sizes]
    inside = ax.get_window_extent()
    radius = np.sqrt(_POINT_SIZE) / 2 * pixel
    found = place_labels(centres, padded, radius, (inside.x0, inside.y0, inside.x1, inside.y1))
    for word, centre, size, place in zip(words, centres, sizes, found, strict=True):
        if place is not None:
            _write(word, centre, size, place, ax)
    return found.count(None)


def _size(word: str, ax: Axes) -> tuple[float, float]:
    """Width and height of the written word in pixels."""
    text = ax.text(0, 0, _short(word), fontsize=SMALL_TEXT, parse_math=False)
    extent = text.get_window_extent()
    text.remove()
    return extent.width, extent.height


def _write(word: str, centre: tuple[float, float], size: tuple[float, float], place: Place, ax: Axes) -> None:
    """The word at its place, with a thin line from its point to the nearest part of it if it is not close.

    All positions are offsets in points from the word's own point, so they hold at any resolution.
    """
    data = ax.transData.inverted().transform(centre)
    per_point = 72.0 / figure_of(ax).dpi
    shift = np.subtract(place.middle, centre) * per_point
    ax.annotate(
        _short(word),
        (data[0], data[1]),
        xytext=(shift[0], shift[1]),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=SMALL_TEXT,
        color=INK,
        parse_math=False,
    )
    if place.joined:
        half = np.array(size) / 2 * per_point
        end = np.clip(0.0, shift - half, shift + half)
        ax.annotate(
            "",
            (data[0], data[1]),
            xytext=(end[0], end[1]),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0},
            zorder=1,
        )


def _short(word: str) -> str:
    return word if len(word) <= _LONGEST_WORD else word[: _LONGEST_WORD - 1] + "\u2026"

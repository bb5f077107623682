"""Map of words: points of a plane with their words beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.plots.figure import (
    BLUE,
    ORANGE,
    SMALL_TEXT,
    TEXT,
    figure_of,
    new_axes,
    tidy,
    title_style,
)
from wordloom.plots.point_names import name_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

_POINT_SIZE = 26.0
_LARGEST_RATIO = 5.0


def word_map(
    words: Sequence[str],
    points: npt.ArrayLike,
    leaning: npt.ArrayLike | None = None,
    classes: tuple[str, str] | None = None,
    ax: Axes | None = None,
    shares: npt.ArrayLike | None = None,
) -> Axes:
    """A map of words, colored by the class they lean to.

    Names do not overlap each other or a point; a note counts the words without one. Both axes have one scale,
    unless the points lie almost on a line along one of them.

    Parameters
    ----------
    words : n words, the most influential first: where there is no room, later words go without their name
    points : (n, 2), for example of `wordloom.vectors.project`
    leaning : (n,) below 0 for words of the first class, above 0 for the second; None for no colors
    classes : the names of the two classes, for the color bar
    shares : (2,) of the vectors' variance that each axis shows, as `wordloom.vectors.variance_shares` gives
        them, written at the axes; None where they are not known
    """
    places = np.asarray(points, dtype=np.float64)
    if places.shape != (len(words), 2) or len(words) == 0:
        raise DataError(f"{len(words)} words, but points of the shape {places.shape}; (n, 2) expected.")
    own = ax is None
    ax = ax or new_axes("Drawing a map of words", 8.4, 6.2)
    if leaning is None:
        ax.scatter(places[:, 0], places[:, 1], s=_POINT_SIZE, color=BLUE, linewidths=0)
    else:
        _color(places, np.asarray(leaning, dtype=np.float64), classes, ax)
    title = f"Map of {len(words):,} words"
    xlabel, ylabel = _axis_names(shares)
    tidy(ax, xlabel, ylabel, title, grid=None)
    ax.margins(0.09)
    if _is_compact(places):
        ax.set_aspect("equal", adjustable="datalim")
    unnamed = name_points(words, places, ax, np.sqrt(_POINT_SIZE) / 2)
    if unnamed:
        ax.set_title(f"{title} ({unnamed:,} without room for a name)", **title_style())
    if own:
        # Names are placed for this size; the layout must not move the points again.
        figure_of(ax).set_layout_engine("none")
    return ax


def _axis_names(shares: npt.ArrayLike | None) -> tuple[str, str]:
    first, second = "First principal component", "Second principal component"
    if shares is None:
        return first, second
    of_first, of_second = map(_percent, np.asarray(shares, dtype=np.float64).tolist())
    return f"{first} ({of_first} of the variance)", f"{second} ({of_second})"


def _percent(share: float) -> str:
    return "below 0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"


def _is_compact(places: npt.NDArray[np.float64]) -> bool:
    """Whether one scale for both axes leaves the points apart.

    Vectors learned for two classes lie almost on a line; with one scale their names would pile up there.
    """
    smaller, larger = sorted(np.ptp(places, axis=0).tolist())
    return bool(larger <= _LARGEST_RATIO * smaller) or larger == 0


def _color(
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
    """Orange over gray to blue: the middle stays visible on white, unlike that of the usual palettes."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("leaning", [ORANGE, "#B9B2AC", BLUE])

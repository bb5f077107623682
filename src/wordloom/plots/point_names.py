"""Names written beside points, where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from wordloom.plots.figure import GRAY, INK, SMALL_TEXT, figure_of
from wordloom.plots.glyphs import families_for, without_box_warnings
from wordloom.plots.label_places import Place, place_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_NAME = 24


def name_points(
    names: Sequence[str],
    places: npt.NDArray[np.float64],
    ax: Axes,
    radius: float,
    fontsize: float = SMALL_TEXT,
) -> int:
    """Write the names beside their points; how many found no room.

    names : n names, those that choose first first; places : (n, 2) in data; radius : of a point, in 1/72 inch

    The Axes must have their final limits. Names keep their places at any resolution, but not if the layout
    moves the points again.
    """
    figure = figure_of(ax)
    with without_box_warnings():
        figure.draw_without_rendering()
    pixel = figure.dpi / 72.0
    centers = [(x, y) for x, y in ax.transData.transform(places).tolist()]
    sizes = [_size(name, ax, fontsize) for name in names]
    padded = [(width + 3 * pixel, height) for width, height in sizes]
    inside = ax.get_window_extent()
    frame = (inside.x0, inside.y0, inside.x1, inside.y1)
    found = place_labels(centers, padded, radius * pixel, frame)
    for name, center, size, place in zip(names, centers, sizes, found, strict=True):
        if place is not None:
            _write(name, center, size, place, ax, fontsize)
    return found.count(None)


def _size(name: str, ax: Axes, fontsize: float) -> tuple[float, float]:
    """Width and height of the written name in pixels."""
    text = ax.annotate(_short(name), (0.5, 0.5), xycoords="axes fraction", **_style(name, fontsize))
    with without_box_warnings():
        extent = text.get_window_extent()
    text.remove()
    return extent.width, extent.height


def _style(name: str, fontsize: float) -> dict[str, Any]:
    return {"fontsize": fontsize, "parse_math": False, "fontfamily": families_for(_short(name))}


def _write(
    name: str, center: tuple[float, float], size: tuple[float, float], place: Place, ax: Axes, fontsize: float
) -> None:
    """The name at its place, with a thin line from its point to the nearest part of it if it is not close.

    All positions are offsets in points from the name's own point, so they hold at any resolution.
    """
    data = ax.transData.inverted().transform(center)
    per_point = 72.0 / figure_of(ax).dpi
    shift = np.subtract(place.middle, center) * per_point
    ax.annotate(
        _short(name),
        (data[0], data[1]),
        xytext=(shift[0], shift[1]),
        textcoords="offset points",
        ha="center",
        va="center",
        color=INK,
        **_style(name, fontsize),
    )
    if place.joined:
        half = np.array(size) / 2 * per_point
        end = np.clip(0.0, shift - half, shift + half)
        ax.annotate(
            "",
            (data[0], data[1]),
            xytext=(end[0], end[1]),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-", "color": GRAY, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0},
            zorder=1,
        )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "\u2026"

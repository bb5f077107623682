"""Confusion matrix: true classes down, predicted classes across."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.plots.figure import INK, SMALL_TEXT, TEXT, new_axes, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WITH_SHARES, _ALL_NAMED = 12, 50
_MOST_CONFUSED = 40
_LONGEST_LABEL = 24


def confusion_matrix(counts: npt.ArrayLike, labels: Sequence[str | int], ax: Axes | None = None) -> Axes:
    """Counts in the cells, colored by their share of the row, which is the share of the true class.

    counts : whole numbers (C, C), row = true class, column = predicted class; labels : C names

    Up to 12 classes each cell also says its percentage; above that the figure grows and cells say
    counts only, none where there is nothing. Of more than 50 classes the 40 with the most mistakes are
    shown, and the others together as one: its cell holds the texts that have a label among the others and
    were given one, the same or not.
    """
    table = np.asarray(counts)
    if table.ndim != 2 or table.shape != (len(labels), len(labels)) or len(labels) == 0:
        raise DataError(f"{len(labels)} labels, but counts of the shape {table.shape}; (C, C) expected.")
    correct = f"{np.trace(table):,} of {table.sum():,} correct"
    if len(labels) > _ALL_NAMED:
        correct += f"; the {_MOST_CONFUSED} classes with the most mistakes of {len(labels):,}"
        table, labels, _ = most_confused(table, labels)
    classes = len(labels)
    size = 4.4 if classes <= 3 else 2.8 + classes * (0.62 if classes <= _WITH_SHARES else 0.3)
    ax = ax or new_axes("Drawing a confusion matrix", size + 1.0, size, "compressed")
    totals = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, totals, out=np.zeros(table.shape), where=totals > 0)
    picture = ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    _write_cells(table, shares, ax)
    _name_classes(labels, ax)
    bar = ax.figure.colorbar(picture, ax=ax, aspect=28, shrink=0.9, pad=0.02, format="{x:.0%}")
    bar.set_label("Share of the true class", fontsize=TEXT - 1)
    bar.ax.tick_params(labelsize=SMALL_TEXT)
    tidy(ax, "Predicted class", "True class", correct, grid=None)
    ax.tick_params(labelsize=TEXT - 1 if classes <= _WITH_SHARES else SMALL_TEXT, length=0)
    ax.spines[:].set_visible(False)
    if classes > _WITH_SHARES:
        ax.set_xticks(np.arange(classes + 1) - 0.5, minor=True)
        ax.set_yticks(np.arange(classes + 1) - 0.5, minor=True)
        ax.grid(which="minor", color="#D5DCE4", linewidth=0.5)
        ax.tick_params(which="minor", length=0)
        ax.set_axisbelow(False)
    return ax


def most_confused(
    table: npt.NDArray[np.integer], labels: Sequence[str | int], most: int = _MOST_CONFUSED
) -> tuple[npt.NDArray[np.integer], list[str], npt.NDArray[np.int64]]:
    """The rows and columns of the classes with the most mistakes, then one of all others; and their names.

    A mistake counts for the true class and for the predicted one. Classes keep their order. Also the place
    of each of the C classes among them, int64 (C,); `most` is that of the others.
    """
    mistakes = table.sum(axis=0) + table.sum(axis=1) - 2 * np.diag(table)
    shown = np.sort(np.argsort(-mistakes, kind="stable")[:most])
    place = np.full(len(table), most)
    place[shown] = np.arange(len(shown))
    merged = np.zeros((most + 1, most + 1), dtype=np.int64)
    np.add.at(merged, (place[:, None], place[None, :]), table)
    return merged, [*(str(labels[i]) for i in shown), f"{len(table) - most:,} others"], place


def _write_cells(table: npt.NDArray[np.integer], shares: npt.NDArray[np.float64], ax: Axes) -> None:
    classes = len(table)
    small = classes > _WITH_SHARES
    for row, column in np.ndindex(*table.shape):
        count = int(table[row, column])
        if small and count == 0:
            continue
        text = f"{count:,}" if small else f"{count:,}\n{100 * shares[row, column]:.1f} %"
        ax.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=8 * min(1.0, 4 / len(text)) if small else TEXT if classes <= 6 else SMALL_TEXT - 1,
            color="white" if shares[row, column] > 0.55 else INK,
        )


def _name_classes(labels: Sequence[str | int], ax: Axes) -> None:
    names = [_short(str(label)) for label in labels]
    upright = max(map(len, names)) * len(names) > 40
    ax.set_xticks(range(len(names)), names, rotation=90 if upright else 0)
    ax.set_yticks(range(len(names)), names)
    for tick in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        tick.set_parse_math(False)  # a label with two dollar signs is not a formula


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "\u2026"

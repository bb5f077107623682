"""Training and validation accuracy and loss against epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.plots.figure import BLUE, INK, ORANGE, legend_above, needed, new_axes, new_figure, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Record = Mapping[str, Sequence[float]]
_PURPOSE = "Drawing a training history"


def history(record: Record, ax: tuple[Axes, Axes] | None = None) -> tuple[Axes, Axes]:
    """Accuracy and loss side by side; see `accuracy_curve` and `loss_curve`.

    ax : two Axes to draw into; None makes a figure
    """
    if ax is None:
        figure = new_figure(_PURPOSE, width=10.4)
        figure.set_layout_engine("constrained", wspace=0.07)
        ax = (figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2))
    return accuracy_curve(record, ax[0]), loss_curve(record, ax[1])


def accuracy_curve(record: Record, ax: Axes | None = None) -> Axes:
    """Accuracy in per cent against epochs, the epoch of the highest validation accuracy marked.

    record : `accuracy` and, if there was validation, `val_accuracy`: fractions, one an epoch
    """
    ax = ax or new_axes(_PURPOSE)
    _draw(record, "accuracy", ax, highest=True)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
    tidy(ax, "Epoch", "Accuracy (%)")
    return ax


def loss_curve(record: Record, ax: Axes | None = None) -> Axes:
    """Loss (cross-entropy in nats, as training minimises it) against epochs, the lowest marked.

    record : `loss` and, if there was validation, `val_loss`, one number an epoch
    """
    ax = ax or new_axes(_PURPOSE)
    _draw(record, "loss", ax, highest=False)
    tidy(ax, "Epoch", "Loss (nats per text)")
    return ax


def _draw(record: Record, key: str, ax: Axes, highest: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    training = _numbers(needed(key, record))
    if len(training) == 0:
        raise DataError(f"The history of {key!r} is empty: no epoch was finished.")
    every = max(1, len(training) // 20)
    line: dict[str, Any] = {"linewidth": 2.0, "markersize": 5.5, "markevery": every}
    ax.plot(np.arange(1, len(training) + 1), training, "o--", color=BLUE, label="training", **line)
    validation = _numbers(record.get(f"val_{key}", ()))
    if np.isfinite(validation).any():
        epochs = np.arange(1, len(validation) + 1)
        label = f"validation, {_mark_best(validation, ax, highest)}"
        ax.plot(epochs, validation, "s-", color=ORANGE, label=label, **line)
    ax.set_xlim(0.5, len(training) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))
    ax.margins(y=0.12)
    legend_above(ax, columns=1)


def _mark_best(values: npt.NDArray[np.float64], ax: Axes, highest: bool) -> str:
    """Ring and line at the best epoch; returns what to call it."""
    best = int(np.nanargmax(values) if highest else np.nanargmin(values))
    ax.axvline(best + 1, color=INK, linewidth=1, linestyle=":", zorder=0)
    ring: dict[str, Any] = {"markersize": 13, "markerfacecolor": "none", "markeredgecolor": INK}
    ax.plot([best + 1], [values[best]], "o", zorder=5, **ring)
    shown = f"highest {100 * values[best]:.1f} %" if highest else f"lowest {values[best]:.3f}"
    return f"{shown} at epoch {best + 1}"


def _numbers(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

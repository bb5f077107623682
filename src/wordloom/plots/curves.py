"""Training and validation accuracy and loss against epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.loop.history import History
from wordloom.plots.figure import BLUE, INK, ORANGE, legend_above, needed, new_axes, new_figure, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Record = Mapping[str, Sequence[float]]
_PURPOSE = "Drawing a training history"


def history(record: History | Record, ax: tuple[Axes, Axes] | None = None) -> tuple[Axes, Axes]:
    """Accuracy and loss side by side; see `accuracy_curve` and `loss_curve`.

    record : a `History`, whose kept epoch is marked in both, or its metrics alone
    ax : two Axes to draw into; None makes a figure
    """
    kept = None
    if isinstance(record, History):
        kept, record = record.best_epoch, record.history
    if ax is None:
        figure = new_figure(_PURPOSE, width=10.4)
        figure.set_layout_engine("constrained", wspace=0.07)
        ax = (figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2))
    return accuracy_curve(record, ax[0], kept), loss_curve(record, ax[1], kept)


def accuracy_curve(record: Record, ax: Axes | None = None, kept: int | None = None) -> Axes:
    """Accuracy in per cent against epochs, with the epoch of the highest validation accuracy.

    record : `accuracy` and, if there was validation, `val_accuracy`: fractions, one an epoch
    kept : the epoch (from 1) whose weights were kept; it is marked in the place of the best one
    """
    ax = ax or new_axes(_PURPOSE)
    _draw(record, "accuracy", ax, kept)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
    tidy(ax, "Epoch", "Accuracy (%)")
    return ax


def loss_curve(record: Record, ax: Axes | None = None, kept: int | None = None) -> Axes:
    """Loss (cross-entropy in nats, as training minimizes it) against epochs, with the lowest.

    record : `loss` and, if there was validation, `val_loss`, one number an epoch
    kept : as in `accuracy_curve`
    """
    ax = ax or new_axes(_PURPOSE)
    _draw(record, "loss", ax, kept)
    tidy(ax, "Epoch", "Loss (nats per text)")
    return ax


def _draw(record: Record, key: str, ax: Axes, kept: int | None) -> None:
    from matplotlib.ticker import MaxNLocator

    training = _numbers(needed(key, record))
    if len(training) == 0:
        raise DataError(f"The history of {key!r} is empty: no epoch was finished.")
    every = max(1, len(training) // 20)
    line: dict[str, Any] = {"linewidth": 2.0, "markersize": 5.5, "markevery": every}
    ax.plot(np.arange(1, len(training) + 1), training, "o--", color=BLUE, label="training", **line)
    validation = _numbers(record.get(f"val_{key}", ()))
    judged = np.isfinite(validation).any()
    if judged:
        best = int(np.nanargmax(validation) if key == "accuracy" else np.nanargmin(validation)) + 1
        word = "highest" if key == "accuracy" else "lowest"
        label = f"validation, {word} {_shown(key, validation[best - 1])} at epoch {best}"
        ax.plot(np.arange(1, len(validation) + 1), validation, "s-", color=ORANGE, label=label, **line)
    if kept is not None and 1 <= kept <= len(training):
        _mark(kept, validation if judged else training, ax, f"kept: epoch {kept}")
    elif judged:
        _mark(best, validation, ax)
    ax.set_xlim(0.5, len(training) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))
    ax.margins(y=0.12)
    legend_above(ax, columns=1)


def _mark(epoch: int, values: npt.NDArray[np.float64], ax: Axes, label: str | None = None) -> None:
    """A line at an epoch and a ring around its value."""
    ax.axvline(epoch, color=INK, linewidth=1, linestyle=":", zorder=0, label=label)
    ring: dict[str, Any] = {"markersize": 13, "markerfacecolor": "none", "markeredgecolor": INK}
    ax.plot([epoch], [values[epoch - 1]], "o", zorder=5, **ring)


def _shown(key: str, value: float) -> str:
    return f"{100 * value:.1f} %" if key == "accuracy" else f"{value:.3f}"


def _numbers(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

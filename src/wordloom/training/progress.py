"""Progress: the callback that shows how training and the work before it go, on standard error.

A terminal gets a bar that goes away at the end, anything else one line an epoch; both end with one line
on which epoch was kept and why training ended. It draws only when it is told something, so there is no
thread to outlive an error.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from wordloom.controls import in_a_line
from wordloom.loop.callback import Callback, Logs
from wordloom.loop.history import History
from wordloom.target_names import GRADED, MULTILABEL, SINGLE
from wordloom.training.bar import Bar, RemainingTime, shows_bar
from wordloom.training.networks import MOST_EPOCHS

_SECONDS_BETWEEN_DRAWINGS = 0.1


class Progress(Callback):
    """Shows how it goes.

    Use it in a `with` block, so that an error in training takes the bar away before its traceback is
    shown. Without one the bar goes when the object does, at the latest when Python ends.

    Parameters
    ----------
    stream : where to write; None takes `sys.stderr` when there is something to show
    at_most : whether training may stop before its last epoch. Then the time left is that of the epoch,
        not of the training. None assumes so if the number of epochs is MOST_EPOCHS.
    clock : seconds of a steady clock
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        at_most: bool | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._given_stream = stream
        self._given_at_most = at_most
        self._clock = clock
        self._bar: Bar | None = None
        self._running = False
        self._drawn = float("-inf")
        self._step_began = clock()

    def __enter__(self) -> Progress:
        self._step_began = self._clock()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away, if there is one; may be called at any time and again."""
        self._running = False
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def on_step(self, name: str, done: int, total: int | None, unit: str) -> None:
        now = self._clock()
        if done == total:
            self.close()
            took, self._step_began = duration(now - self._step_began), now
            self._write(f"{name}: {done:,} {unit}{'' if done == 1 else 's'} ({took})")
        elif shows_bar(stream := self._stream) and now - self._drawn >= _SECONDS_BETWEEN_DRAWINGS:
            self._drawn, self._bar = now, self._bar or Bar(stream)
            seconds = (now - self._step_began) * ((total or 0) - done) / max(done, 1)
            left = f"{_minutes(math.ceil(seconds))} left" if total else ""
            numbers = "" if total else f"{done:,} {unit}s"
            self._bar.draw(name, (done, total) if total else (0, 1), left, numbers)

    def on_message(self, message: str) -> None:
        self.close()
        self._write(in_a_line(message))

    def on_train_begin(self, logs: Logs) -> None:
        self.close()
        params = self.params
        at_most = params["epochs"] == MOST_EPOCHS if self._given_at_most is None else self._given_at_most
        self._extent = _Extent(params["epochs"], at_most)
        self._remaining = RemainingTime()
        self._last_logs: Logs = {}
        self._began = self._clock()
        self._drawn = float("-inf")
        self._running = True
        initial = params.get("initial_epoch", 0), params.get("initial_step", 0)
        if any(initial):
            done = initial[0] + initial[1] / max(params["steps"], 1)
            self._write(f"going on from the checkpoint, {done:.1f} of {_epochs(params['epochs'])} done")
        if shows_bar(stream := self._stream):
            self._bar = Bar(stream)
        self._begin_epoch(*initial)
        self._draw(self._first, "")

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        first = epoch == self.params.get("initial_epoch", 0)
        self._begin_epoch(epoch, self.params.get("initial_step", 0) if first else 0)

    def _begin_epoch(self, epoch: int, step: int) -> None:
        self._epoch, self._first = epoch, self._share(step)
        self._epoch_began = self._clock()

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        share = self._share(batch + 1)
        if self._bar is None:
            return
        self._remaining.report(self._clock(), self._epoch + share)
        numbers = self._described(logs) + self._speed(share)
        if validated := _of_validation(self._last_logs):
            numbers += f"  last epoch: {self._described(validated)}"
        self._draw(share, numbers)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self._last_logs = dict(logs)
        said = self._described(logs) + (
            self._speed(1.0) or f"  {duration(self._clock() - self._epoch_began)}"
        )
        if self._bar is None:
            self._write(f"{self._extent.name(epoch)}  {said}")
        else:
            self._draw(1.0, said if self._of_words else self._described(logs))

    def on_train_end(self, logs: Logs) -> None:
        if not self._running:
            return
        self.close()
        self._step_began = self._clock()
        if self.history is not None:
            self._write(self._ending_of_vectors() if self._of_words else ending(self.history, self._target))

    @property
    def _stream(self) -> TextIO | None:
        return self._given_stream or sys.stderr

    @property
    def _target(self) -> str:
        found: str = self.params.get("target", SINGLE)
        return found

    def _described(self, logs: Logs) -> str:
        return described(logs, self._target)

    @property
    def _of_words(self) -> bool:
        return "words" in self.params

    def _share(self, steps: int) -> float:
        return steps / max(int(self.params["steps"]), 1)

    def _speed(self, share: float) -> str:
        """Words a second in this epoch; empty where documents are learned from."""
        if not self._of_words:
            return ""
        seconds = max(self._clock() - self._epoch_began, 1e-9)
        return f"  {(share - self._first) * self.params['words'] / seconds:,.0f} words/s"

    def _ending_of_vectors(self) -> str:
        took, epochs = duration(self._clock() - self._began), self.params["epochs"]
        if self.history is not None and self.history.stopped in ("interrupted", "callback"):
            why = {"interrupted": "interrupted", "callback": "stopped by a callback"}[self.history.stopped]
            return f"{why} in epoch {self._epoch + 1} of {epochs} ({took}); what is learned is kept"
        return f"finished ({took})"

    def _draw(self, share: float, numbers: str) -> None:
        now = self._clock()
        if self._bar is None or now - self._drawn < _SECONDS_BETWEEN_DRAWINGS:
            return
        self._drawn = now
        extent = self._extent
        done, total = extent.covered(self._epoch, share)
        left = self._remaining.seconds_for(total - done)
        self._bar.draw(extent.name(self._epoch), (done, total), extent.left(left), numbers)

    def _write(self, line: str) -> None:
        stream = self._stream
        if stream is not None:  # sys.stderr is None in a program without a console
            stream.write(line + "\n")
            stream.flush()


def shown_metrics(logs: Mapping[str, Any], target: str) -> dict[str, Any]:
    """Metrics by the names that they have for a target.

    Of several labels the accuracy is that of each label by itself, Keras' binary accuracy; of grades, where
    it says only on which side of the middle they are, it is left out.
    """
    if target == GRADED:
        return {name: value for name, value in logs.items() if "accuracy" not in name}
    if target == MULTILABEL:
        return {name.replace("accuracy", "binary_accuracy"): value for name, value in logs.items()}
    return dict(logs)


def described(logs: Mapping[str, Any], target: str = SINGLE) -> str:
    """Metrics in one line: `loss 0.312  accuracy 0.871`; see `shown_metrics`."""
    return "  ".join(f"{name} {value:.3f}" for name, value in shown_metrics(logs, target).items())


def duration(seconds: float) -> str:
    """A time in words: `0.4 s`, from two minutes on `2:05 min`."""
    return f"{seconds:.1f} s" if seconds < 120 else f"{_minutes(round(seconds))} min"


def _minutes(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"


def _epochs(n: int) -> str:
    return "1 epoch" if n == 1 else f"{n:,} epochs"


_WHY = {"early": "stopped early", "interrupted": "interrupted", "callback": "stopped by a callback"}


def ending(history: History, target: str = SINGLE) -> str:
    """One line: why training ended, after how long, and which epoch was kept."""
    made, best, took = len(history), history.best_epoch, duration(sum(history.seconds))
    if not best:
        return "interrupted in the first epoch; kept the weights as they were then"
    row = {name: values[best - 1] for name, values in history.history.items()}
    shown = described(_of_validation(row) or row, target)
    return f"{_WHY.get(history.stopped, 'finished')} ({took}); kept epoch {best} of {made}: {shown}"


def _of_validation(logs: Logs) -> dict[str, float]:
    return {name: value for name, value in logs.items() if name.startswith("val_")}


@dataclass(frozen=True)
class _Extent:
    """How long training is: so many epochs, or at most so many."""

    epochs: int
    at_most: bool

    def name(self, epoch: int) -> str:
        return f"epoch {epoch + 1}{' of at most ' if self.at_most else '/'}{self.epochs}"

    def covered(self, epoch: int, share: float) -> tuple[float, float]:
        """(done, total) epochs of what the bar covers: one if the number of epochs is open, else all."""
        return (share, 1.0) if self.at_most else (epoch + share, float(self.epochs))

    def left(self, seconds: float | None) -> str:
        whole = "-:--" if seconds is None else _minutes(math.ceil(round(seconds, 6)))
        return f"{whole} left of the epoch" if self.at_most else f"{whole} left"

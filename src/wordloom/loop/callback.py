"""Callback: what is told how training and other long work goes, and may end it; it does nothing itself.

Names and arguments are those of Keras' callbacks. What has no epochs (reading, counting, downloading) tells
of its steps, and what trains many models (comparisons, curves, recipes) has a message on each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from wordloom.errors import UsageError

if TYPE_CHECKING:
    from wordloom.loop.history import History

Logs = Mapping[str, float]
"""What was measured, by Keras' names: `loss`, `accuracy`, `val_loss`, `val_accuracy`."""


class Callback:
    """The base of all callbacks: its events do nothing.

    Set `stop_training` to True, in any event of an epoch, to end training: epochs that are over count, and
    the best of them is kept. An exception that a callback raises ends the work and reaches the caller.

    Attributes: `params`, what is known when training begins and each epoch begins: `epochs` (how many there
    are at most), `steps` (batches of the epoch; documents where each is a batch), `initial_epoch` and
    `initial_step` (where it goes on from a checkpoint, else 0), `documents` or `words` (how many are learned
    from in an epoch), of documents also `target` (what their labels are, of `wordloom.targets.TARGETS`).
    `history`, a `History` that grows with each epoch; at the end it says why training
    stopped and which epoch was kept.
    """

    params: Mapping[str, Any] = {}
    history: History | None = None
    stop_training: bool = False

    def on_train_begin(self, logs: Logs) -> None:
        """Training begins; `logs` is empty."""

    def on_train_end(self, logs: Logs) -> None:
        """Training is over, also if it was stopped; `logs` are those of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        """An epoch (from 0) begins; `logs` is empty."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """An epoch (from 0) is over, and texts held out or given for validation are measured."""

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """All batches of the epoch up to this one (from 0) are learned; `logs` are the means over them.

        Told some ten times an epoch, since a batch takes less time than telling of it.
        """

    def on_step(self, name: str, done: int, total: int | None, unit: str) -> None:
        """So much of a step of the work outside training is done: `done` of `total` "text", "word", "byte",
        "epoch" (of another classifier), "evaluation" (of a loss and its gradient) or "fold".

        `total` is None as long as nobody knows it. The step is over when both are equal.
        """

    def on_message(self, message: str) -> None:
        """A sentence for people: what will be trained, or what one of many trainings gave."""


class CallbackList:
    """Callbacks that are told of the same, one after the other.

    Raises UsageError for anything that is no `Callback`.
    """

    def __init__(self, callbacks: Iterable[Callback] = ()) -> None:
        listed = () if isinstance(callbacks, Callback) else tuple(callbacks)
        wrong = callbacks if isinstance(callbacks, Callback) else _first_other(listed)
        if wrong is not None:
            raise UsageError(
                f"callbacks must be a list of wordloom.Callback, not {wrong!r:.60}. Derive a class from "
                "wordloom.Callback, which has Keras' events, and give [YourCallback()]."
            )
        self._callbacks = listed
        self._params: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Callback]:
        return iter(self._callbacks)

    @property
    def stop_training(self) -> bool:
        """Whether one of them wants training to end."""
        return any(callback.stop_training for callback in self._callbacks)

    def on_train_begin(self, params: Mapping[str, Any], history: History) -> None:
        """Training begins: give every callback its attributes first."""
        self._params = dict(params)
        for callback in self._callbacks:
            callback.params, callback.history, callback.stop_training = self._params, history, False
        for callback in self._callbacks:
            callback.on_train_begin({})

    def on_train_end(self, logs: Logs) -> None:
        for callback in self._callbacks:
            callback.on_train_end(logs)

    def on_epoch_begin(self, epoch: int, steps: int) -> None:
        self._params["steps"] = steps
        for callback in self._callbacks:
            callback.on_epoch_begin(epoch, {})

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        for callback in self._callbacks:
            callback.on_epoch_end(epoch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        for callback in self._callbacks:
            callback.on_train_batch_end(batch, logs)

    def on_step(self, name: str, done: int, total: int | None, unit: str) -> None:
        for callback in self._callbacks:
            callback.on_step(name, done, total, unit)

    def on_message(self, message: str) -> None:
        for callback in self._callbacks:
            callback.on_message(message)


def _first_other(callbacks: tuple[Any, ...]) -> Any:
    return next((one for one in callbacks if not isinstance(one, Callback)), None)

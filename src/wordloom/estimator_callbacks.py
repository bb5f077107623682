"""scikit-learn's callbacks (1.9 and newer) on `TextClassifier`: its fit is a task, each epoch a task in it.

scikit-learn's own code keeps the callbacks and their contexts; here the events of training are handed to it.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wordloom.errors import UsageError
from wordloom.loop.callback import Callback, Logs

_KEPT, _PARENT = "_skl_callbacks", "_parent_callback_ctx"  # where scikit-learn notes them on an estimator


def set_callbacks(estimator: Any, callbacks: Sequence[Any]) -> None:
    """Note callbacks of scikit-learn; UsageError if the one installed has none."""
    try:
        support = importlib.import_module("sklearn.callback")
    except ImportError:
        raise UsageError(
            "set_callbacks needs scikit-learn 1.9 or newer: pip install -U scikit-learn. Callbacks of "
            "wordloom need nothing: fit(X, y, callbacks=[...])."
        ) from None
    support.CallbackSupportMixin.set_callbacks(estimator, *callbacks)


@contextlib.contextmanager
def fit_task(estimator: Any, X: Any, y: Any, metadata: Mapping[str, Any]) -> Iterator[list[Callback]]:
    """The fit as a task of scikit-learn's callbacks; what tells them of the epochs, if there are any.

    X, y, metadata : what a callback is given that asks for it
    """
    if not (hasattr(estimator, _KEPT) or hasattr(estimator, _PARENT)):
        yield []
        return
    support = importlib.import_module("sklearn.callback._callback_support")
    with support.callback_management_context(estimator):
        context = support.CallbackSupportMixin._init_callback_context(estimator, max_subtasks=None)
        given = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        context.call_on_fit_task_begin(**given)
        yield [_EpochTasks(context, given)]
        names = ("model_", "classes_", "history_")
        fitted = {name: getattr(estimator, name) for name in names if hasattr(estimator, name)}
        context.call_on_fit_task_end(**given, reconstruction_attributes=fitted)


class _EpochTasks(Callback):
    """A task for each epoch. A callback that asks for a fitted estimator gets none before the fit is over."""

    def __init__(self, context: Any, given: Mapping[str, Any]) -> None:
        self._context, self._given = context, given

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        self._epoch = self._context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._given)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if self._epoch.call_on_fit_task_end(**self._given):
            self.stop_training = True

"""History: what training measured after each epoch, with stable names.

Names are Keras': `loss, accuracy, val_loss, val_accuracy`. The first edition's `acc` and `val_acc` are
understood when a history is read.

It only records: what stops training is decided in `epochs`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wordloom.atomic import replacing_file
from wordloom.errors import DataError
from wordloom.plain_values import check_ranges, from_plain

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
_OLD_SPELLINGS = {"acc": "accuracy", "val_acc": "val_accuracy"}


@dataclass
class History:
    """One list a metric, one number an epoch.

    Parameters
    ----------
    history : metric -> values; the `val_` metrics are missing if nothing was held out
    best_epoch : the epoch (from 1) whose weights were kept
    stopped : "epochs" (all were made), "early" (no better validation loss), "callback" (one wanted it) or
        "interrupted" (Ctrl-C)
    seconds : time of each epoch
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    best_epoch: int = 0
    stopped: str = "epochs"
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_ranges(self, best_epoch=(0, max(len(self), 1_000_000)))
        if len({len(values) for values in self.history.values()}) > 1:
            raise DataError("'history' has more values of one metric than of another.")

    def __len__(self) -> int:
        return len(self.history.get("loss", []))

    @property
    def last(self) -> dict[str, float]:
        """The metrics of the newest epoch; empty before the first."""
        return {name: values[-1] for name, values in self.history.items() if values}

    def add(self, row: dict[str, float], seconds: float) -> None:
        """Append the metrics of one epoch."""
        for name, value in row.items():
            self.history.setdefault(name, []).append(value)
        self.seconds.append(seconds)

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "history": self.history,
            "best_epoch": self.best_epoch,
            "stopped": self.stopped,
            "seconds": self.seconds,
        }

    @staticmethod
    def from_config(config: dict[str, Any]) -> History:
        """From `to_config`, or from the bare metrics of a Keras history."""
        whole = config if "history" in config else {"history": config}
        read = from_plain(History, whole, "training")
        read.history = {_OLD_SPELLINGS.get(name, name): values for name, values in read.history.items()}
        if "history" not in config:
            read.best_epoch = len(read)
        return read

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write as JSON."""
        with replacing_file(path) as temporary:
            temporary.write_text(json.dumps(self.to_config(), indent=1) + "\n", encoding="utf-8")

    @staticmethod
    def load(path: str | os.PathLike[str]) -> History:
        """Read what `save` wrote, or a JSON of Keras' `History.history`; DataError if it is neither."""
        try:
            config = json.loads(Path(path).read_text(encoding="utf-8"))
            return History.from_config(config)
        except (ValueError, AttributeError, TypeError) as error:
            raise DataError(f"{os.fspath(path)} is not a training history in JSON: {error}") from error

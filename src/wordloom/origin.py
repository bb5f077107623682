"""Where labelled texts come from: the columns of their table, and the file and line of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Columns:
    """The columns that texts and labels were read from: several of texts are joined in their order.

    Parameters
    ----------
    text : those of the texts
    label : that of the labels
    labels : in the place of `label`, columns that are a label each and say by 1 or 0 whether a text has it
    separator : what stands between the labels of a text in the column `label`
    """

    text: tuple[str, ...]
    label: str | None = None
    labels: tuple[str, ...] = ()
    separator: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.text, *([] if self.label is None else [self.label]), *self.labels)

    def __str__(self) -> str:
        named = " and ".join(map(repr, self.text))
        text = f"text from the column{'s' * (len(self.text) > 1)} {named}"
        if self.labels:
            return f"{text}, a label from each of {', '.join(map(repr, self.labels))}"
        return text if self.label is None else f"{text}, labels from {self.label!r}"

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        label = list(self.labels) if self.labels else self.label
        more = {} if self.separator is None else {"separator": self.separator}
        return {"text": list(self.text), "label": label, **more}

    @staticmethod
    def from_config(config: Any) -> Columns | None:
        """What `to_config` gave; None for anything else."""
        if not isinstance(config, Mapping):
            return None
        text, label, separator = config.get("text"), config.get("label"), config.get("separator")
        if not isinstance(text, list) or not text or not all(isinstance(name, str) for name in text):
            return None
        several = label if isinstance(label, list) and all(isinstance(name, str) for name in label) else []
        return Columns(
            tuple(text),
            label if isinstance(label, str) else None,
            tuple(several),
            separator if isinstance(separator, str) and separator else None,
        )


@dataclass(frozen=True, eq=False)
class Places:
    """Where N texts stand, in one or more files.

    Parameters
    ----------
    files : name and unit of each file; a unit is what a place counts, "line" or "row". It is empty for a file
        that is one text
    file : int32 (N,), the number of each text's file
    number : int64 (N,), its line or row there
    ids : N strings, what the source itself calls each text; None if it has no names for them
    """

    files: tuple[tuple[str, str], ...]
    file: NDArray[np.int32]
    number: NDArray[np.int64]
    ids: Sequence[str] | None = None

    @staticmethod
    def of(name: str, unit: str, numbers: Iterable[int], ids: Sequence[str] | None = None) -> Places:
        """Places in one file."""
        number = np.asarray(numbers, dtype=np.int64)
        return Places(((name, unit),), np.zeros(len(number), dtype=np.int32), number, ids)

    @staticmethod
    def of_files(names: Sequence[str]) -> Places:
        """Texts that are a file each."""
        n = len(names)
        return Places(
            tuple((name, "") for name in names), np.arange(n, dtype=np.int32), np.zeros(n, np.int64)
        )

    def __call__(self, row: int) -> str:
        """Where a text stands: "reviews.csv, line 7"."""
        name, unit = self.files[self.file[row]]
        return f"{name}, {unit} {self.number[row]}" if unit else name

    def subset(self, rows: Sequence[int]) -> Places:
        """The places of `rows`, in that order."""
        chosen = np.asarray(rows, dtype=np.int64)
        ids = None if self.ids is None else [self.ids[row] for row in chosen.tolist()]
        return Places(self.files, self.file[chosen], self.number[chosen], ids)


def joined_places(parts: Sequence[Places | None]) -> Places | None:
    """The places of one part after another; None if those of any part are not known."""
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    before = np.cumsum([0, *(len(part.files) for part in known)])
    file = [part.file + start for part, start in zip(known, before, strict=False)]
    ids = None
    if any(part.ids is not None for part in known):
        ids = [id_ for part in known for id_ in part.ids or [""] * len(part.number)]
    return Places(
        tuple(file for part in known for file in part.files),
        np.concatenate(file).astype(np.int32),
        np.concatenate([part.number for part in known]),
        ids,
    )

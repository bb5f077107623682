"""Keeping: which rows of a scored corpus are written, by a score's size or by its rank in the corpus."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError, did_you_mean
from wordloom.labels import places_among

_COMPARED = re.compile(r"\s*(?P<label>.*?)\s*(?P<sign>>=|<=|>|<)\s*(?P<value>[^<>=]+?)\s*$", re.DOTALL)
_TOP = re.compile(
    r"\s*(?:(?P<label>.+?)\s*:\s*)?top\s*:\s*(?P<share>[^%]+?)\s*(?P<percent>%?)\s*$", re.DOTALL
)
_SIGNS = {">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less}
GRADE = "grade"
_EXAMPLES = "Write 'pos>=0.9' or 'pos:top:10%'"


@dataclass(frozen=True)
class Threshold:
    """The rows whose score of the column compares so with a number."""

    column: int
    sign: str
    value: float

    def kept(self, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
        """bool (N,), of scores (N,); what has no score (NaN) is never kept."""
        return np.asarray(_SIGNS[self.sign](scores, np.float32(self.value)))


@dataclass(frozen=True)
class Top:
    """The share of all rows, or of the rows of each group, with the highest scores of the column.

    share : above 0, up to 1. As many rows are kept as it says, rounded up; where several have the lowest
        score that is kept, all of them are, so no order of rows matters
    """

    column: int
    share: float


Keep = Threshold | Top


def read_keep(text: str, names: Sequence[str]) -> Keep:
    """What `label>=0.9`, `top:10%` or `label:top:10%` means.

    Raises UsageError for anything else, for a label that the model does not have and for none where there
    is a choice.

    names : the labels of the model; ("grade",) of a model of grades
    """
    if compared := _COMPARED.match(text):
        column, value = _column(compared["label"], names, text), _number(compared["value"], text)
        if tuple(names) != (GRADE,) and not 0 <= value <= 1:
            raise UsageError(
                f"keep={text!r:.80}: a probability is between 0 and 1, not {value:g}. {_EXAMPLES}."
            )
        return Threshold(column, compared["sign"], value)
    if not (top := _TOP.match(text)):
        raise UsageError(f"keep={text!r:.80} is not understood. {_EXAMPLES} (--keep).")
    share = _number(top["share"], text) / (100 if top["percent"] else 1)
    if not 0 < share <= 1:
        raise UsageError(f"keep={text!r:.80}: a share is above 0 and at most 1, or 100 %. {_EXAMPLES}.")
    return Top(_column(top["label"], names, text), share)


def _column(label: str | None, names: Sequence[str], text: str) -> int:
    if not label:
        if len(names) == 1:
            return 0
        shown = ", ".join(names[:8])
        raise UsageError(
            f"keep={text!r:.80} does not say by which label. The model has {shown}: write "
            f"'{names[-1]}:{text}'."
        )
    column = places_among(names, [label])[label]
    if column < 0:
        raise UsageError(
            f"keep={text!r:.80}: the model has no label {label!r:.60}. {did_you_mean(label, names)}"
        )
    return column


def _number(value: str, text: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = np.nan
    if not np.isfinite(found):
        raise UsageError(f"keep={text!r:.80}: {value!r:.40} is not a number. {_EXAMPLES}.")
    return found

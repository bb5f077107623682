"""Windows: the parts of a long text that are scored in its place, and one score of theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError

COMBINE = {"mean": np.add, "max": np.maximum, "min": np.minimum}


@dataclass(frozen=True)
class Windows:
    """So many windows of so many characters, evenly spaced from a text's beginning to its end.

    Three are its beginning, its middle and its end. A text that is no longer than a window is scored whole,
    one that is shorter than all windows together by windows that overlap.

    Parameters
    ----------
    number, characters : of the windows
    combine : how the scores of a text's windows become one: "mean", "max" or "min", label by label
    """

    number: int
    characters: int
    combine: str = "mean"

    @staticmethod
    def read(text: str, combine: str = "mean") -> Windows:
        """What `3x2000` means; UsageError for anything else."""
        found = re.fullmatch(r"\s*(\d{1,6})\s*[x×*]\s*(\d{1,9})\s*", text)
        if not found or not int(found[1]) or not int(found[2]):
            raise UsageError(
                f"windows={text!r:.40} is not understood. Write 3x2000 for three windows of 2,000 "
                "characters, at the beginning, in the middle and at the end (--windows)."
            )
        if combine not in COMBINE:
            raise UsageError(f"combine must be one of {', '.join(COMBINE)}, not {combine!r:.40} (--combine).")
        return Windows(int(found[1]), int(found[2]), combine)

    def of(self, text: str) -> list[str]:
        """The windows of a text, one or more."""
        spare = len(text) - self.characters
        if spare <= 0:
            return [text]
        if self.number == 1:
            return [text[: self.characters]]
        starts = (round(spare * place / (self.number - 1)) for place in range(self.number))
        return [text[start : start + self.characters] for start in dict.fromkeys(starts)]

    def combined(self, scores: NDArray[np.float64], counts: Sequence[int]) -> NDArray[np.float64]:
        """(N, C) of N texts, from the scores (M, C) of their windows, `counts` (N,) of each text."""
        if not len(counts):
            return scores
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        found = COMBINE[self.combine].reduceat(scores, starts, axis=0)
        return found / np.asarray(counts)[:, None] if self.combine == "mean" else found

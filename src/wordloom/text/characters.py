"""Characters of words, numbered: what n-grams of characters are found in.

A word is spelled as a boundary, its characters one by one, and a boundary again, so "go" and the end of
"cargo" differ. Where n-grams are counted, words are set apart, so that none reaches from one word into the
next. Which n-grams there are is not known here (see `wordloom.text.ngrams`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.text.sequences import Ragged, offsets_of

MARKS = 2
"""Numbers before those of the characters: of an unknown character, and of the boundary."""
_HIGHEST = 0x10FFFF


@dataclass(frozen=True, eq=False)
class Alphabet:
    """The characters of a vocabulary.

    Parameters
    ----------
    codes : uint32 (A,), their code points, rising

    Numbers are 0 for a character that is not among them, 1 for the boundary of a word, 2 to A + 1 for the
    characters. Raises DataError for codes that do not rise or are none.
    """

    codes: NDArray[np.uint32]

    def __post_init__(self) -> None:
        codes = self.codes
        if codes.dtype != np.uint32 or codes.ndim != 1 or not (codes[1:] > codes[:-1]).all():
            raise DataError("the model's 'characters' are not code points that rise.")
        if len(codes) and codes[-1] > _HIGHEST:
            raise DataError(f"the model's 'characters' hold {codes[-1]}, which is no code point.")

    @staticmethod
    def of(words: Iterable[str]) -> Alphabet:
        """All characters of some words."""
        return Alphabet(np.flatnonzero(np.bincount(_codes("".join(words)))).astype(np.uint32))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def size(self) -> int:
        """How many numbers there are: A + 2."""
        return len(self.codes) + MARKS

    @cached_property
    def _numbers(self) -> NDArray[np.int32]:
        """The number of every code point up to the highest of them; the last one is that of all others."""
        table = np.zeros(int(self.codes.max(initial=0)) + 2, dtype=np.int32)
        table[self.codes] = np.arange(MARKS, self.size)
        return table

    def spelled(self, words: Sequence[str], apart: bool = False) -> Ragged:
        """The words, each as the numbers of its characters between two boundaries.

        Words that are set `apart` end with the number of an unknown character, over which no n-gram reaches.
        """
        codes = _codes("".join(words))
        numbers = self._numbers[np.minimum(codes, len(self._numbers) - 1)]
        lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
        marks = 3 if apart else 2
        offsets = offsets_of(lengths + marks)
        ids = np.ones(int(offsets[-1]), dtype=np.int32)
        inside = np.arange(len(codes)) + np.repeat(marks * np.arange(len(words)) + 1, lengths)
        ids[inside] = numbers
        if apart:
            ids[offsets[1:] - 1] = 0
        return Ragged(ids, offsets)


def _codes(text: str) -> NDArray[np.uint32]:
    # lone surrogates (broken JSON escapes) are characters like others
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)

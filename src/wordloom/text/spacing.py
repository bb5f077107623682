"""Many texts of any script set apart at once: what `wordloom.text.scripts` finds in each, in a tenth of the
time where each character is a word.

A pattern finds such characters one by one. Here all characters of many texts are looked up together: most say
by themselves whether they belong to a word, are one, or stand between two. A text that holds others, such as
marks and emoji, is left to the pattern.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.text.scripts import Rules, classes_of
from wordloom.text.sequences import offsets_of

_PART, _ALONE, _BETWEEN, _OTHER = range(4)
"""What a character is: part of a word, a word, between words, or what its neighbors say."""
_FAR = 0x10000
_CODE = "utf-32-le", "surrogatepass"  # lone surrogates are characters like others


def spaced(texts: Sequence[str], split: str, rules: Rules, by_pattern: Callable[[str], str]) -> list[str]:
    """Each text with `split` between its parts, and perhaps around them.

    by_pattern : does the same for a text that holds what is not told by itself
    """
    codes = np.frombuffer("".join(texts).encode(*_CODE), dtype=np.uint32)
    kinds = _kinds(rules)[np.minimum(codes, _FAR)]
    begins = kinds == _ALONE
    begins[1:] |= begins[:-1]
    places = offsets_of(1 + begins)
    set_apart = np.full(places[-1], ord(split), dtype=np.uint32)
    kept = kinds != _BETWEEN
    set_apart[places[1:][kept] - 1] = codes[kept]
    whole = set_apart.tobytes().decode(*_CODE)
    bounds = np.cumsum([0, *map(len, texts)])
    others = offsets_of(kinds == _OTHER)[bounds]
    pieces = itertools.pairwise(places[bounds].tolist())
    told = (others[1:] == others[:-1]).tolist()
    return [
        whole[start:end] if whole_text else by_pattern(text)
        for text, (start, end), whole_text in zip(texts, pieces, told, strict=True)
    ]


@functools.cache
def _kinds(rules: Rules) -> NDArray[np.uint8]:
    """uint8 (_FAR + 1,): what each character of the first 65,536 is; the last one stands for all beyond."""
    kinds, everything = np.full(_FAR + 1, _PART, dtype=np.uint8), "".join(map(chr, range(_FAR)))
    alone, between, others = classes_of(rules)
    for characters, kind in ((alone, _ALONE), (between, _BETWEEN), (others, _OTHER)):
        if characters:
            kinds[list(map(ord, re.findall(f"[{characters}]", everything)))] = kind
    kinds[_FAR] = _OTHER
    return kinds

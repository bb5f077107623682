"""Which number a word gets: the reserved ids and the id conventions, all in this one file.

plain   0 padding, words from 1 (Keras' `Tokenizer`); unknown words are left out
        (with an unknown id: 0 padding, 1 unknown, words from 2;
        with a start mark too: 0 padding, 1 unknown, 2 start, words from 3).
imdb    0 padding, 1 start, 2 unknown, 3 unused, words from 4 (`keras.datasets.imdb.load_data`).

A word's rank counts from 1 (most frequent); its id is `rank + index_from`.
Source: keras/src/datasets/imdb.py and the Tokenizer of keras-preprocessing.
"""

from __future__ import annotations

from dataclasses import dataclass

from wordloom.errors import UsageError
from wordloom.plain_values import check_ranges

_FARTHEST = 2**31 - 2
PADDING_ID = 0
START_ID = 1
"""The start mark, in conventions that have one."""
UNKNOWN_ID = 2
"""Words outside the vocabulary, in the IMDB convention."""
TOKENIZER_UNKNOWN_ID = 1
"""Words outside the vocabulary, in the plain convention with an unknown word (Keras' `oov_token`)."""
IMDB_INDEX_FROM = 3

PADDING_NAME = "<pad>"
START_NAME = "<start>"
UNKNOWN_NAME = "<unknown>"
UNUSED_NAME = "<unused>"


@dataclass(frozen=True)
class IdConvention:
    """How ranks become ids.

    Parameters
    ----------
    start : id put before every document, or None
    unknown : id of words outside the vocabulary, or None to leave them out
    index_from : what is added to a rank
    skip_top : ids below this count as unknown (the start mark too, as in Keras)
    """

    start: int | None = None
    unknown: int | None = None
    index_from: int = 0
    skip_top: int = 0

    def __post_init__(self) -> None:
        names = "start", "unknown", "index_from", "skip_top"
        check_ranges(self, **dict.fromkeys(names, (-_FARTHEST, _FARTHEST)))

    @property
    def reserved(self) -> dict[int, str]:
        """The ids that are not words, with the names they get in files of vectors."""
        names = {PADDING_ID: PADDING_NAME}
        names.update({i: UNUSED_NAME for i in range(1, self.index_from + 1)})
        if self.unknown is not None:
            names[self.unknown] = UNKNOWN_NAME
        if self.start is not None:
            names[self.start] = START_NAME
        return names


CONVENTIONS = {
    "plain": IdConvention(),
    "plain-unknown": IdConvention(unknown=TOKENIZER_UNKNOWN_ID, index_from=1),
    # The start mark lies next to the words, so that it can stand in n-grams as if it were one.
    "plain-start": IdConvention(start=2, unknown=TOKENIZER_UNKNOWN_ID, index_from=2),
    "imdb": IdConvention(start=START_ID, unknown=UNKNOWN_ID, index_from=IMDB_INDEX_FROM),
}


def convention(name: str, skip_top: int = 0) -> IdConvention:
    """The convention called `name` (one of `CONVENTIONS`), with `skip_top`.

    In the plain conventions `skip_top` counts words: the most frequent `skip_top` words are unknown. In
    the IMDB convention it is Keras' parameter and counts ids.
    """
    if name not in CONVENTIONS:
        raise UsageError(f"Unknown id convention {name!r}; there are {', '.join(CONVENTIONS)}.")
    chosen = CONVENTIONS[name]
    if name != "imdb" and skip_top:
        skip_top += chosen.index_from + 1
    return IdConvention(chosen.start, chosen.unknown, chosen.index_from, skip_top)

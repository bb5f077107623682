"""Leave one out: what the log-odds of a label lose when a word of the text is left out; for every network.

A word is left out with its characters, so the effects are exact for one word at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.explain.attribution import Terms
from wordloom.explain.parts import Parts, Positions
from wordloom.explain.text_words import UNKNOWN_WORD, WORD, TextWords
from wordloom.models.network import Network

MOST_WORDS_EXPLAINED = 20_000
_IDS_TOGETHER = 1 << 20


def word_effects(network: Network, words: TextWords, column: int) -> Terms:
    """The effect of each word of a text on the log-odds of the class `column`; a unit is a word.

    Raises DataError for a text of more than MOST_WORDS_EXPLAINED words.
    """
    n = len(words.words)
    if n > MOST_WORDS_EXPLAINED:
        raise DataError(
            f"The text has {n:,} words; explaining leaves out one after the other and takes at most "
            f"{MOST_WORDS_EXPLAINED:,}. Explain a part of it."
        )
    effects, whole, with_ids = np.zeros(n), words.all_ids, words.with_ids
    if len(with_ids):
        log_odds = network.shape.output.log_odds
        odds = log_odds(logits_without(network, words, [np.zeros(0, dtype=np.int64)]), column)[0]
        together = max(_IDS_TOGETHER // max(len(whole), 1), 1)
        for first in range(0, len(with_ids), together):
            some = with_ids[first : first + together]
            effects[some] = odds - log_odds(logits_without(network, words, some[:, None]), column)
    return Terms(np.arange(n, dtype=np.int32), effects)


def logits_without(
    network: Network, words: TextWords, left_out: Sequence[NDArray[np.int64]] | NDArray[np.int64]
) -> NDArray[np.float32]:
    """float32 (N, K): the logits of a text without some of its words, N times."""
    return network.logits(network.prepared(words.ids_without(left_out)))


def word_parts(words: TextWords, terms: Terms) -> Parts:
    """The words of a text, one by one."""
    each = terms.units
    kinds = [WORD if known else UNKNOWN_WORD for known in words.known]
    return Parts(
        kinds,
        words.words,
        terms.values,
        Positions(words, terms.units),
        each,
        each,
        np.ones(len(each), dtype=np.int64),
    )

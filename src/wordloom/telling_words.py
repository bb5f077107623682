"""The words that tell a model most: frequent words that alone move its answer furthest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.text_model import TextModel

_FREQUENT = 2000
_SMALLEST = 1e-300


@dataclass(frozen=True)
class TellingWords:
    """Words, the most telling first.

    Parameters
    ----------
    words : n words
    leaning : float64 (n,), for two classes the log-odds of the second class given the word alone; None for
        more classes
    """

    words: tuple[str, ...]
    leaning: NDArray[np.float64] | None


def telling_words(model: TextModel, n: int = 100, among: int = _FREQUENT) -> TellingWords:
    """The `n` most telling of the `among` most frequent words of a model.

    Each word is given to the model as a text of its own. What it tells is the evidence it adds to the empty
    text: the change of the log-probabilities, less its mean over the classes, at the class where that is
    largest. For two classes this is half the change of the log-odds; probabilities themselves would be near
    0 or 1 for most words and rank nothing. Rare words are left out: their vectors have learnt from a few
    texts only.

    Raises UsageError for n below 1, DataError for a model without words.
    """
    if n < 1:
        raise UsageError(f"The number of words must be 1 or more, not {n}.")
    words = [word for word in model.vocabulary.words[:among] if model.tokenizer.tokenize(word) == [word]]
    if not words:
        raise DataError("The model has no words to choose from.")
    logs = np.log(np.maximum(model.predict_proba(["", *words]), _SMALLEST))
    evidence = logs[1:] - logs[0]
    told = np.abs(evidence - evidence.mean(axis=1, keepdims=True)).max(axis=1)
    best = np.argsort(-told, kind="stable")[:n]
    leaning = logs[1:][best, 1] - logs[1:][best, 0] if logs.shape[1] == 2 else None
    return TellingWords(tuple(words[i] for i in best), leaning)

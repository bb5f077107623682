"""The most influential words of a model, and those whose influence changed in training."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.labels import Label
from wordloom.models.pooled import PooledNetwork
from wordloom.text_model import TextModel
from wordloom.vectors.word_vectors import WordVectors

_FREQUENT = 2000
_SMALLEST = 1e-300


@dataclass(frozen=True)
class InfluentialWords:
    """Words, the most influential first.

    Parameters
    ----------
    words : n words
    leaning : float64 (n,), for two classes the log-odds of the second class given the word alone; None for
        more classes
    """

    words: tuple[str, ...]
    leaning: NDArray[np.float64] | None


def influential_words(model: TextModel, n: int = 100, among: int = _FREQUENT) -> InfluentialWords:
    """The `n` most influential of the `among` most frequent words of a model.

    Each word is given to the model as a text of its own. Its influence is the evidence it adds to the empty
    text: the change of the log-probabilities, less its mean over the classes, at the class where that is
    largest. For two classes this is half the change of the log-odds; probabilities themselves would be near
    0 or 1 for most words and rank nothing. Rare words are left out: their vectors have learned from a few
    texts only.

    Raises UsageError for n below 1, DataError for a model without words.
    """
    if n < 1:
        raise UsageError(f"The number of words must be 1 or more, not {n}.")
    words = _words_of(model, among)
    logs = _logs_of(model, words)
    influence = np.abs(_evidence(logs)).max(axis=1)
    best = np.argsort(-influence, kind="stable")[:n]
    leaning = logs[1:][best, 1] - logs[1:][best, 0] if logs.shape[1] == 2 else None
    return InfluentialWords(tuple(words[i] for i in best), leaning)


@dataclass(frozen=True)
class LabelWord:
    """A word that speaks for a label.

    Parameters
    ----------
    word : the word
    evidence : what it adds to the empty text for the label, as in `influential_words`, above 0
    texts : how many training texts hold it; 0 where a small model does not know
    """

    word: str
    evidence: float
    texts: int


def words_of_labels(
    model: TextModel, n: int = 20, among: int = _FREQUENT
) -> dict[Label, tuple[LabelWord, ...]]:
    """For each label, the words that speak for it most, strongest first: up to `n` of the `among` most
    frequent ones.

    Raises UsageError for n below 1, DataError for a model without words.
    """
    if n < 1:
        raise UsageError(f"The number of words must be 1 or more, not {n}.")
    words = _words_of(model, among)
    evidence = _evidence(_logs_of(model, words))
    texts = dict(zip(model.vocabulary.words, model.vocabulary.document_counts.tolist(), strict=True))
    found = {}
    for column, label in enumerate(model.labels):
        best = np.argsort(-evidence[:, column], kind="stable")[:n].tolist()
        found[label] = tuple(
            LabelWord(words[i], float(evidence[i, column]), texts[words[i]])
            for i in best
            if evidence[i, column] > 0
        )
    return found


@dataclass(frozen=True)
class LeaningChange:
    """A word that speaks for a label more than it did.

    Parameters
    ----------
    word : the word
    label : the label that it gained most for
    before, after : its evidence, as in `influential_words`, for that label; below 0 it speaks against it
    """

    word: str
    label: Label
    before: float
    after: float


def leaning_changes(
    model: TextModel, before: WordVectors, n: int = 20, among: int = _FREQUENT
) -> tuple[LeaningChange, ...]:
    """The words whose leaning changed most between the vectors `before` and those of the model.

    The model's other weights are the same both times: the evidence of a frequent word is asked once with
    its own vectors, once with those of the table, from which training may have started. Words that the table
    does not hold are left out.

    Raises UsageError for n below 1 and for a network that has no such vectors, DataError for a table of
    another width or without the model's words.
    """
    if n < 1:
        raise UsageError(f"The number of words must be 1 or more, not {n}.")
    words = [word for word in _words_of(model, among) if word in before]
    if not words:
        raise DataError(f"{before.name or 'The table'} holds none of the model's frequent words.")
    earlier, later = (_evidence(_logs_of(asked, words)) for asked in (_with_vectors(model, before), model))
    gains = later - earlier
    best = gains.argmax(axis=1)
    order = np.argsort(-gains[np.arange(len(words)), best], kind="stable")[:n].tolist()
    return tuple(
        LeaningChange(words[i], model.labels[best[i]], float(earlier[i, best[i]]), float(later[i, best[i]]))
        for i in order
    )


def _words_of(model: TextModel, among: int) -> list[str]:
    words = [word for word in model.vocabulary.words[:among] if model.tokenizer.tokenize(word) == [word]]
    if not words:
        raise DataError("The model has no words to choose from.")
    return words


def _logs_of(model: TextModel, words: Sequence[str]) -> NDArray[np.float64]:
    """The log-probabilities of the empty text and of each word, (1 + n, C)."""
    return np.log(np.maximum(model.predict_proba(["", *words]), _SMALLEST))


def _evidence(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each word adds to the empty text, less the mean over the classes, (n, C)."""
    evidence = logs[1:] - logs[0]
    centered: NDArray[np.float64] = evidence - evidence.mean(axis=1, keepdims=True)
    return centered


def _with_vectors(model: TextModel, vectors: WordVectors) -> TextModel:
    """The model with the vectors of a table in the place of its own, where the table holds the word."""
    network = model.network
    if not isinstance(network, PooledNetwork):
        raise UsageError(f"The vectors of a model of the kind {network.kind!r} cannot be exchanged.")
    if vectors.dimensions != network.shape.dimensions:
        raise DataError(
            f"{vectors.name or 'The table'} has vectors of {vectors.dimensions} numbers, the model's have "
            f"{network.shape.dimensions}."
        )
    rows = network.embedding.copy()
    for word, id_ in model.vocabulary.word_index.items():
        if word in vectors:
            rows[id_] = vectors[word]
    exchanged = network.with_parameters(network.parameters._replace(embedding=rows))
    return dataclasses.replace(model, network=exchanged)

"""The most influential words of a model, and those whose influence changed in training."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.explain.ngrams import character_names, shown_characters
from wordloom.explain.parts import CHARACTERS, NGRAM
from wordloom.explain.text_words import WORD
from wordloom.labels import Label
from wordloom.models.documents import DocumentNetwork
from wordloom.models.ngram import NgramNetwork
from wordloom.models.pooled import PooledNetwork
from wordloom.targets import MULTILABEL
from wordloom.text.ngram_finder import NgramFinder
from wordloom.text_model import TextModel
from wordloom.vectors.word_vectors import WordVectors

_FREQUENT = 2000
_SMALLEST = 1e-300
KINDS = WORD, NGRAM, CHARACTERS


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
    influence = np.abs(_evidence(model, logs)).max(axis=1)
    best = np.argsort(-influence, kind="stable")[:n]
    of_two = () if model.target == MULTILABEL else model.labels
    leaning = logs[1:][best, 1] - logs[1:][best, 0] if len(of_two) == 2 else None
    return InfluentialWords(tuple(words[i] for i in best), leaning)


@dataclass(frozen=True)
class LabelWord:
    """A word, an n-gram, or an n-gram of characters, that speaks for a label.

    Parameters
    ----------
    word : the word, or the words of an n-gram; `<` and `>` in n-grams of characters are boundaries of words
    evidence : what it adds for the label, above 0 (see `words_of_labels`)
    texts : how many training texts hold it; 0 where the model does not know, as of n-grams
    kind : "word", "n-gram" or "characters"
    """

    word: str
    evidence: float
    texts: int
    kind: str = WORD


def words_of_labels(
    model: TextModel, n: int = 20, among: int = _FREQUENT, kinds: Collection[str] = (WORD, NGRAM)
) -> dict[Label, tuple[LabelWord, ...]]:
    """For each label, up to `n` words and n-grams that speak for it most, strongest first.

    Evidence is what a part adds to the log-probability of the label, less the mean over all labels; for two
    labels, and for the ends of a scale of grades, that is half of what it adds to the log-odds. For each of
    several labels that a text may have it is what it adds to the log-odds.

    An n-gram model and vectors of documents have a weight for every part, which counts as in a text of the
    usual length. In other networks a word says different things in different texts: there the `among` most
    frequent words are given to the model one by one, as texts of their own, since the vectors of rare ones
    have learned from a few texts only.

    kinds : of "word", "n-gram" and "characters", those that are wanted

    Raises UsageError for n below 1 and an unknown kind, DataError for a model without words.
    """
    if n < 1:
        raise UsageError(f"The number of words must be 1 or more, not {n}.")
    if unknown := sorted({*kinds} - {*KINDS}):
        raise UsageError(f"The kinds of words are {', '.join(KINDS)}; there is no {', '.join(unknown)}.")
    wanted = [(table, np.flatnonzero(np.isin(table.kinds, list(kinds)))) for table in _tables(model, among)]
    return {label: _strongest(wanted, column, n) for column, label in enumerate(model.labels)}


@dataclass(frozen=True)
class _Table:
    """R parts of a model.

    evidence : float (R,), for the label of a column
    kinds : (R,), each of KINDS, or empty for what is none
    named : the part of a row
    """

    evidence: Callable[[int], NDArray[Any]]
    kinds: NDArray[np.str_]
    named: Callable[[int, float], LabelWord]


def _strongest(
    tables: Sequence[tuple[_Table, NDArray[np.int64]]], column: int, n: int
) -> tuple[LabelWord, ...]:
    """The n parts that say most for the label of a column, among some rows of each table."""
    found: list[LabelWord] = []
    for table, rows in tables:
        evidence = table.evidence(column)[rows]
        best = np.argpartition(-evidence, n)[:n] if n < len(rows) else np.arange(len(rows))
        found += [table.named(int(rows[i]), float(evidence[i])) for i in best.tolist() if evidence[i] > 0]
    return tuple(sorted(found, key=lambda one: (-one.evidence, one.word))[:n])


def _tables(model: TextModel, among: int) -> list[_Table]:
    network = model.network
    if isinstance(network, NgramNetwork):
        tables = [_rows(model, network.finder, network.weights)]
        if network.characters is not None:
            tables.append(_rows(model, network.characters.finder, network.characters.weights, CHARACTERS))
        return tables
    if isinstance(network, DocumentNetwork):
        logits = network.rows if network.output is None else network.rows @ network.output.T
        centered = logits + network.biases[0] - network.biases[1]
        shares = network.weights / max(float(network.weights.mean()), _SMALLEST)
        return [_rows(model, network.finder, centered * shares[:, None])]
    words, texts = _words_of(model, among), _texts_of(model)
    evidence = _evidence(model, _logs_of(model, words))

    def named(row: int, value: float) -> LabelWord:
        return LabelWord(words[row], value, texts[words[row]])

    return [_Table(lambda column: evidence[:, column], np.full(len(words), WORD), named)]


def _rows(model: TextModel, finder: NgramFinder, weights: NDArray[np.float32], own: str = WORD) -> _Table:
    """The rows of a finder with what each adds to the logits, (R, K); `own` says what its words are."""
    output, vocabulary, texts = model.network.shape.output, model.vocabulary, _texts_of(model)
    longer = NGRAM if own == WORD else own
    kinds = np.where(finder.lengths > 1, longer, own)
    marks = 1 if own == CHARACTERS else max(vocabulary.convention.index_from + 1 - finder.first_word, 0)
    kinds[:marks] = ""  # the start of a text; the boundary of words
    mean, characters = weights.mean(axis=1), character_names(vocabulary)

    def evidence(column: int) -> NDArray[Any]:
        which, signs = output.signed_logits(np.array([column]))
        own = weights[:, which[0]]
        if output.n_logits < output.n_classes:
            return np.asarray(own * signs[0] / 2)
        return own - mean if output.activation == "softmax" else own

    def named(row: int, value: float) -> LabelWord:
        words = finder.words_of(row)
        if own == CHARACTERS:
            return LabelWord(shown_characters([characters[i] for i in words]), value, 0, CHARACTERS)
        text = " ".join(vocabulary.word(finder.first_word + i) for i in words)
        return LabelWord(text, value, texts[text] if len(words) == 1 else 0, str(kinds[row]))

    return _Table(evidence, kinds, named)


def _texts_of(model: TextModel) -> dict[str, int]:
    """How many training texts hold each word."""
    return dict(zip(model.vocabulary.words, model.vocabulary.document_counts.tolist(), strict=True))


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
    asked = _with_vectors(model, before), model
    earlier, later = (_evidence(one, _logs_of(one, words)) for one in asked)
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
    """(1 + n, C): the log-probabilities of the empty text and of each word; of several labels log-odds."""
    network, ids = model.network, model.encode(["", *words])
    output = network.shape.output
    if output.target == MULTILABEL:
        return np.asarray(output.class_logits(network.logits(network.prepared(ids))))
    return np.log(np.maximum(network.probabilities(ids), _SMALLEST))


def _evidence(model: TextModel, logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each word adds to the empty text, less the mean over classes of which a text has one, (n, C)."""
    evidence: NDArray[np.float64] = logs[1:] - logs[0]
    return evidence if model.target == MULTILABEL else evidence - evidence.mean(axis=1, keepdims=True)


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

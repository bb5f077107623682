"""A model's scores on labelled texts: joins the labels of the texts with the classes of the model."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.evaluation.scores import NO_CLASS, Scores, score
from wordloom.labels import Label, places_among
from wordloom.plain_texts import text_chunks
from wordloom.repeats import seen_in
from wordloom.targets import SINGLE

_NAMED_AT_MOST = 12
_TEXTS_AT_ONCE, _LETTERS_AT_ONCE = 50_000, 16_000_000


class ScoredModel(Protocol):
    """What is scored: C labels, and texts to probabilities (N, C). `TextModel` is one."""

    @property
    def labels(self) -> tuple[Label, ...]: ...
    def predict_proba(self, texts: Sequence[str], threads: int | None = None) -> NDArray[Any]: ...


UNKNOWN_LABELS = ("error", "wrong", "skip")
"""What can be done about texts with a label that the model does not have."""


def check_unknown_labels(way: str) -> None:
    """UsageError for what is none of `UNKNOWN_LABELS`."""
    if way not in UNKNOWN_LABELS:
        raise UsageError(f"unknown_labels must be one of {', '.join(UNKNOWN_LABELS)}, not {way!r:.60}.")


def score_on(
    model: ScoredModel, corpus: Corpus, threads: int | None = None, unknown_labels: str = "error"
) -> Scores:
    """Score a model on labelled texts.

    unknown_labels : what texts with a label that the model does not have are: an "error", "wrong" whatever
        the model says, or left out ("skip"); the last two with a warning that counts them

    Raises DataError for an empty corpus, for such a label, and if no text has a label of the model.
    """
    return scores_on(model, corpus, None, threads, unknown_labels)[0]


def scores_on(
    model: ScoredModel,
    corpus: Corpus,
    training: Corpus | None = None,
    threads: int | None = None,
    unknown_labels: str = "error",
) -> tuple[Scores, Scores | None]:
    """As `score_on`; and the scores without the texts that occur in `training`, None if none or all do."""
    answers = answered_on(model, corpus, threads, unknown_labels)
    return answers.scores(), None if training is None else answers.scores_without(seen_in(corpus, training))


@dataclass(frozen=True, eq=False)
class Answered:
    """N labelled texts with what a model said of them.

    Parameters
    ----------
    labels : the C labels of the model
    probabilities : float (N, C)
    targets : int32 (N,), the true classes; NO_CLASS for a label that the model does not have
    counted : bool (N,), the texts that scores count
    """

    labels: tuple[Label, ...]
    probabilities: NDArray[Any]
    targets: NDArray[np.int32]
    counted: NDArray[np.bool_]

    @property
    def predicted(self) -> NDArray[np.int64]:
        """int64 (N,): the likeliest class of each text."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def right(self) -> NDArray[np.bool_]:
        """bool (N,): whether each text's own label is the likeliest one."""
        return np.asarray(self.predicted == self.targets)

    @property
    def own(self) -> NDArray[np.float64]:
        """float64 (N,): the probability of each text's own label, 0 for one that the model does not have."""
        column = np.maximum(self.targets, 0)[:, None]
        found = np.take_along_axis(np.asarray(self.probabilities, dtype=np.float64), column, axis=1)[:, 0]
        return np.where(self.targets == NO_CLASS, 0.0, found)

    def scores(self) -> Scores:
        """Of the texts that count."""
        return self._scores(self.counted)

    def scores_without(self, seen: NDArray[np.bool_]) -> Scores | None:
        """Of the texts that count and are not `seen`, bool (N,); None if none or all are."""
        rest = self.counted & ~seen
        if not (self.counted & seen).any() or not (self.targets[rest] != NO_CLASS).any():
            return None
        return self._scores(rest)

    def _scores(self, rows: NDArray[np.bool_]) -> Scores:
        return score(self.probabilities[rows], self.targets[rows], self.labels, with_unknown=True)


def answered_on(
    model: ScoredModel, corpus: Corpus, threads: int | None = None, unknown_labels: str = "error"
) -> Answered:
    """The answers that `score_on` scores; it says what the parameters and errors are."""
    if not len(corpus):
        raise DataError(f"{corpus.name}: there are no texts to score.")
    targets = class_numbers(corpus, model.labels, unknown_labels=unknown_labels)
    counted = np.ones(len(corpus), dtype=bool) if unknown_labels != "skip" else targets != NO_CLASS
    return Answered(tuple(model.labels), probabilities_on(model, corpus, threads), targets, counted)


def probabilities_on(model: ScoredModel, corpus: Corpus, threads: int | None = None) -> NDArray[Any]:
    """The probabilities (N, C) of a corpus' texts, which may be streamed."""
    return in_batches(corpus, lambda texts: model.predict_proba(texts, threads))


def in_batches(corpus: Corpus, answer: Callable[[Sequence[str]], Any]) -> NDArray[Any]:
    """What `answer` gives for a corpus' texts, in one array; of streamed texts for some at a time."""
    if not corpus.streamed:
        return np.asarray(answer(corpus.texts))
    parts = text_chunks(corpus.texts, _TEXTS_AT_ONCE, _LETTERS_AT_ONCE)
    return np.concatenate([answer(part) for part in parts])


def was_trained_on(record: Mapping[str, Any], corpus: Corpus) -> bool:
    """Whether a model with this record was trained on exactly these texts."""
    known = (record.get("source_fingerprint"), record.get("data", {}).get("fingerprint"))
    return corpus.fingerprint() in known


def class_numbers(
    corpus: Corpus, labels: Sequence[Label], owner: str = "the model", unknown_labels: str = "error"
) -> NDArray[np.int32]:
    """int32 (N,): the place of each text's label among `labels`; NO_CLASS for one that is not there.

    Labels are the same however a number is written (`label_key`), since a file of comma-separated values
    gives "0" and "1" for what the model may know as 0 and 1. Raises DataError for a label that is not among
    `labels`, which are those of `owner`; if it is no error (see `score_on`), warns, and raises it only if no
    label is known.
    """
    check_unknown_labels(unknown_labels)
    corpus.require(SINGLE, what="This")
    places = places_among(labels, corpus.labels)
    found = [places[label] for label in corpus.labels]
    unknown = found.count(NO_CLASS)
    if unknown and (unknown_labels == "error" or unknown == len(found)):
        raise DataError(_unknown(corpus, found, labels, owner))
    if unknown:
        what = "left out" if unknown_labels == "skip" else "counted as wrong"
        message = f"{_unknown(corpus, found, labels, owner)} These texts are {what}."
        warnings.warn(message, WordloomWarning, stacklevel=3)
    return np.array(found, dtype=np.int32)


def _unknown(corpus: Corpus, found: Sequence[int], labels: Sequence[Label], owner: str) -> str:
    """The message about labels that were not found."""
    row, count = found.index(NO_CLASS), found.count(NO_CLASS)
    label, names = corpus.labels[row], [repr(known) for known in labels]
    by_key = {str(known).casefold().strip(): repr(known) for known in labels}
    near = difflib.get_close_matches(str(label).casefold().strip(), by_key, n=1)
    hint = f" Did you mean {by_key[near[0]]}?" if near else ""
    if count == len(corpus) and not near:
        hint = " If another column holds the labels, name it: label=NAME (--label NAME)."
    more = f", ... ({len(names)} in all)" if len(names) > _NAMED_AT_MOST else ""
    return (
        f"{corpus.place(row)}: {owner} has no label {label!r} ({count:,} of {len(corpus):,} texts have "
        f"labels that {owner} does not have).{hint} "
        f"Known labels: {', '.join(names[:_NAMED_AT_MOST])}{more}."
    )

"""A model's scores on labelled texts: joins the labels of the texts with the classes of the model."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus, Label
from wordloom.errors import DataError
from wordloom.evaluation.scores import Scores, score
from wordloom.streamed_texts import portions

_NAMED_AT_MOST = 12
_TEXTS_AT_ONCE, _LETTERS_AT_ONCE = 50_000, 16_000_000


class Predictor(Protocol):
    """What is scored: C labels, and texts to probabilities (N, C). `TextModel` is one."""

    @property
    def labels(self) -> tuple[Label, ...]: ...
    def predict_proba(self, texts: Sequence[str], threads: int | None = None) -> NDArray[Any]: ...


def score_on(model: Predictor, corpus: Corpus, threads: int | None = None) -> Scores:
    """Score a model on labelled texts.

    Raises DataError for an empty corpus and for a label that the model does not have (see `class_numbers`).
    """
    if not len(corpus):
        raise DataError(f"{corpus.name}: there are no texts to score.")
    targets = class_numbers(corpus, model.labels)
    if corpus.streamed:
        parts = portions(corpus.texts, _TEXTS_AT_ONCE, _LETTERS_AT_ONCE)
        found = np.concatenate([model.predict_proba(part, threads) for part in parts])
    else:
        found = model.predict_proba(corpus.texts, threads)
    return score(found, targets, model.labels)


def class_numbers(corpus: Corpus, labels: Sequence[Label], owner: str = "the model") -> NDArray[np.int32]:
    """int32 (N,): the place of each text's label among `labels`.

    Labels are compared as text, since a file of comma-separated values gives "0" and "1" for what the
    model may know as 0 and 1. Raises DataError for a label that is not among `labels`, which are those of
    `owner`.
    """
    number = {str(label): i for i, label in enumerate(labels)}
    found = [number.get(str(label), -1) for label in corpus.labels]
    if -1 in found:
        raise DataError(_unknown(corpus, found, labels, owner))
    return np.array(found, dtype=np.int32)


def _unknown(corpus: Corpus, found: Sequence[int], labels: Sequence[Label], owner: str) -> str:
    """The message about labels that were not found (-1)."""
    row, count = found.index(-1), found.count(-1)
    label, names = corpus.labels[row], [repr(known) for known in labels]
    by_key = {str(known).casefold().strip(): repr(known) for known in labels}
    near = difflib.get_close_matches(str(label).casefold().strip(), by_key, n=1)
    hint = f" Did you mean {by_key[near[0]]}?" if near else ""
    if count == len(corpus) and not near:
        hint = " If another column holds the labels, name it: label=NAME (--label NAME)."
    more = f", ... ({len(names)} in all)" if len(names) > _NAMED_AT_MOST else ""
    return (
        f"{corpus.name}: {owner} has no label {label!r} ({count:,} of {len(corpus):,} texts have labels that "
        f"{owner} does not have, the first in row {row} counted from 0).{hint} "
        f"Known labels: {', '.join(names[:_NAMED_AT_MOST])}{more}."
    )

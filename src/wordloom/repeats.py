"""Repeats: texts that stand more than once, in one part of a data set or in both.

Two texts are the same if they are equal but for blanks around them; empty ones do not count. A score on texts
that training has seen says little about others, and a text with two labels cannot be learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus, Dataset
from wordloom.target_names import GRADED


@dataclass(frozen=True, eq=False)
class Repeats:
    """What `repeats_in` found in N texts.

    Parameters
    ----------
    first : int64 (N,), the first text that each is equal to; empty ones are their own
    again : bool (N,), the texts that an earlier one is equal to
    conflicting : bool (N,), the texts that have another label, other labels or another grade elsewhere
    texts : how many different texts conflict
    """

    first: NDArray[np.int64]
    again: NDArray[np.bool_]
    conflicting: NDArray[np.bool_]
    texts: int


def repeats_in(corpus: Corpus) -> Repeats:
    """The repeated texts of a corpus."""
    keys = corpus.text_keys
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    first_of = np.where(keys == 0, np.arange(len(keys)), first[group])
    again = np.arange(len(keys)) != first_of
    conflicting = np.zeros(len(keys), dtype=bool)
    if not again.any():
        return Repeats(first_of, again, conflicting, 0)
    later, earlier = np.flatnonzero(again), first[group[again]]
    labels = corpus.labels  # one spelling for each class
    differ = [labels[row] != labels[one] for row, one in zip(later.tolist(), earlier.tolist(), strict=True)]
    torn = np.zeros(len(first), dtype=bool)
    torn[group[later[np.array(differ, dtype=bool)]]] = True
    return Repeats(first_of, again, torn[group], int(torn.sum()))


def seen_in(corpus: Corpus, training: Corpus) -> NDArray[np.bool_]:
    """bool (N,): the texts of a corpus that occur in `training`."""
    return np.asarray(np.isin(corpus.text_keys, training.text_keys) & (corpus.text_keys != 0))


def notes(dataset: Dataset) -> tuple[str, ...]:
    """What there is to say of repeated texts, at most a sentence a part and one on both."""
    parts = [corpus for corpus in (dataset.train, dataset.test) if corpus is not None]
    found = [_about_repeats(corpus) for corpus in parts]
    if dataset.test is not None:
        found.append(about_seen(dataset.test, dataset.train))
    return tuple(filter(None, found))


def about_seen(part: Corpus, train: Corpus, validates: bool = False) -> str:
    """That texts for testing, or to validate on, occur in training; empty if none does."""
    seen = int(seen_in(part, train).sum())
    if not seen:
        return ""
    texts = "texts to validate on" if validates else "test texts"
    return (
        f"{part.name}: {seen:,} of {len(part):,} {texts} occur in training as well, so a score on them is "
        "too good."
    )


def _about_repeats(corpus: Corpus) -> str:
    found = repeats_in(corpus)
    again = int(found.again.sum())
    if not again:
        return ""
    example = corpus.place(int(np.flatnonzero(found.again)[0]))
    text = f"{corpus.name}: {again:,} of {len(corpus):,} texts repeat an earlier one (the first: {example})"
    if not found.texts:
        return f"{text}."
    what = "grades" if corpus.target == GRADED else "labels"
    one = corpus.place(int(np.flatnonzero(found.conflicting & found.again)[0]))
    return f"{text}; {found.texts:,} of them with different {what} (the first: {one})."

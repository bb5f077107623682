"""Finishing: what holds for the texts and labels of every source, once they are read.

Marks of no label are no class, a number is a number where the format has no types, and what is empty or
repeated is noted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

from wordloom.checks import repeats
from wordloom.corpus import Corpus, Dataset
from wordloom.formats import TEXT_FORMATS
from wordloom.labels import (
    as_numbers,
    marks_unlabelled,
    warn_about_joined_labels,
    warn_about_similar_labels,
)


def finished(dataset: Dataset, format: str | None = None) -> Dataset:
    """The data set as users get it; `format` is that of its source, None for texts in memory.

    Warns about labels that differ only by case or spaces.
    """
    dataset = _unsup_apart(dataset)
    if format is not None and not TEXT_FORMATS[format].has_types:
        dataset = _with_numbers(dataset)
    parts = _parts(dataset)
    different = {label for corpus in parts for label in corpus.labels}
    warn_about_similar_labels(different, dataset.name)
    warn_about_joined_labels(different, dataset.name)
    notes = [*dataset.notes, *filter(None, map(_about_empty, parts)), *repeats.notes(dataset)]
    if dataset.unlabelled:
        notes.append(
            f"{dataset.name}: texts without a label are kept apart, {len(dataset.unlabelled):,} in all; the "
            "architecture 'documents' can learn from them."
        )
    unlike = tuple(dict.fromkeys(notes))
    return dataset if unlike == dataset.notes else replace(dataset, notes=unlike)


def _parts(dataset: Dataset) -> list[Corpus]:
    return [corpus for corpus in (dataset.train, dataset.test) if corpus is not None]


def _with_parts(dataset: Dataset, change: Callable[[Corpus], Corpus]) -> Dataset:
    test = None if dataset.test is None else change(dataset.test)
    return replace(dataset, train=change(dataset.train), test=test)


def _with_numbers(dataset: Dataset) -> Dataset:
    """The data set of a format without types: labels that are all whole numbers become numbers."""
    numbers = as_numbers({label for corpus in _parts(dataset) for label in corpus.labels})
    if not numbers:
        return dataset
    words = sorted(label for label in numbers if isinstance(label, str) and label.isalpha())
    if words:
        values = " and ".join(str(numbers[word]) for word in words)
        note = f"{dataset.name}: the labels {' and '.join(words)} are read as the numbers {values}."
        dataset = replace(dataset, notes=(*dataset.notes, note))
    return _with_parts(dataset, lambda corpus: corpus.respelled([numbers[label] for label in corpus.labels]))


def _unsup_apart(dataset: Dataset) -> Dataset:
    """The data set with texts whose label says that they have none among those without labels."""
    if not any(marks_unlabelled(label) for corpus in _parts(dataset) for label in set(corpus.labels)):
        return dataset
    unlabelled = list(dataset.unlabelled)
    for corpus in _parts(dataset):
        unlabelled += itertools.compress(corpus.texts, map(marks_unlabelled, corpus.labels))
    return replace(_with_parts(dataset, _without_marked), unlabelled=unlabelled)


def _without_marked(corpus: Corpus) -> Corpus:
    return corpus.subset(row for row, label in enumerate(corpus.labels) if not marks_unlabelled(label))


def _about_empty(corpus: Corpus) -> str:
    empty = int((corpus.text_keys == 0).sum())
    return f"{corpus.name}: {empty:,} of {len(corpus):,} texts are empty; they are kept." if empty else ""

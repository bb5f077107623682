"""Finishing: what holds for the texts and labels of every source, once they are read.

Marks of no label are no class, a number is a number where the format has no types, and what is empty or
repeated is noted.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from wordloom import repeats
from wordloom.corpus import Corpus, Dataset
from wordloom.formats import TEXT_FORMATS
from wordloom.labels import (
    Label,
    as_numbers,
    is_number,
    marks_unlabelled,
    warn_about_similar_labels,
)
from wordloom.readers.label_cells import as_targets, of_one_target
from wordloom.readers.source import ReadOptions
from wordloom.targets import AUTO, GRADED, MULTILABEL, SINGLE, checked_grade, labels_in, renamed


def finished(dataset: Dataset, options: ReadOptions, format: str | None = None) -> Dataset:
    """The data set as users get it; `format` is that of its source, None for texts in memory.

    Warns about labels that differ only by case or spaces. Raises DataError naming the place of a label that
    is no grade where grades are wanted.
    """
    dataset = _targeted(_unsup_apart(dataset), options)
    if format is not None and not TEXT_FORMATS[format].has_types:
        dataset = _with_numbers(dataset)
    parts = _parts(dataset)
    different = _different(parts)
    warn_about_similar_labels(different, dataset.name)
    notes = [*dataset.notes, *filter(None, map(_about_empty, parts)), *repeats.notes(dataset)]
    if options.target == AUTO and dataset.train.target == SINGLE:
        notes.append(_about_grades(different, dataset.name))
    notes += map(_about_sets, parts)
    notes = list(filter(None, notes))
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
    train = change(dataset.train)
    return replace(dataset, train=train, test=None if dataset.test is None else change(dataset.test))


def _with_numbers(dataset: Dataset) -> Dataset:
    """The data set of a format without types: labels that are all whole numbers become numbers."""
    numbers = as_numbers(_different(_parts(dataset)))
    if not numbers:
        return dataset
    words = sorted(label for label in numbers if isinstance(label, str) and label.isalpha())
    if words:
        values = " and ".join(str(numbers[word]) for word in words)
        note = f"{dataset.name}: the labels {' and '.join(words)} are read as the numbers {values}."
        dataset = replace(dataset, notes=(*dataset.notes, note))
    return _with_parts(dataset, lambda corpus: corpus.respelled(renamed(corpus.labels, numbers)))


def _different(parts: Iterable[Corpus]) -> set[Label]:
    """The different labels of all parts; grades are none."""
    return {label for corpus in parts if corpus.target != GRADED for label in labels_in(corpus.labels)}


def _targeted(dataset: Dataset, options: ReadOptions) -> Dataset:
    """The data set with labels of the target that is wanted, or that they clearly have; all parts alike."""
    if options.target == GRADED:
        return _with_parts(dataset, _graded)
    parts = _parts(dataset)
    if options.target == SINGLE:
        for corpus in parts:
            corpus.require(SINGLE, what="target='single' (--target single)")
    if all(corpus.target == SINGLE for corpus in parts):
        read = as_targets([corpus.labels for corpus in parts], options, dataset.name)
        if read.target == MULTILABEL:
            own = dict(zip(map(id, parts), read.parts, strict=True))
            dataset = _with_parts(dataset, lambda corpus: corpus.retargeted(own[id(corpus)], MULTILABEL))
            dataset = replace(dataset, notes=(*dataset.notes, *read.notes))
        return dataset
    aligned = dict(zip(map(id, parts), of_one_target(parts), strict=True))
    return _with_parts(dataset, lambda corpus: aligned[id(corpus)])


def _graded(corpus: Corpus) -> Corpus:
    if corpus.target == GRADED:
        return corpus
    corpus.require(SINGLE, what="target='graded' (--target graded)")
    grades = [checked_grade(label, corpus.place(row)) for row, label in enumerate(corpus.labels)]
    return corpus.retargeted(grades, GRADED)


_FEWEST_GRADES, _MOST_GRADES = 5, 11


def _about_grades(different: Collection[Label], name: str) -> str:
    """That labels look like grades: whole numbers in a row, as 1 to 5, or numbers with fractions."""
    way_out = "They are taken as classes; target='graded' (--target graded) learns them as numbers."
    if all(isinstance(label, int) for label in different):
        first, last = min(different, default=0), max(different, default=0)
        in_a_row = last - first + 1 == len(different) and first in (-5, -3, -2, 0, 1)  # type: ignore[operator]
        if in_a_row and _FEWEST_GRADES <= len(different) <= _MOST_GRADES:
            return f"{name}: the labels {first} to {last} look like grades. {way_out}"
        return ""
    fractions = [label for label in different if isinstance(label, str) and _FRACTION.fullmatch(label)]
    of_numbers = fractions and all(is_number(label) or label in fractions for label in different)
    if of_numbers and len(different) >= _FEWEST_GRADES:
        return f"{name}: the labels look like grades, such as {min(fractions)}. {way_out}"
    return ""


_FRACTION = re.compile(r"[-+]?\d*\.\d+")


def _about_sets(corpus: Corpus) -> str:
    """That texts have no label, or all have one label, where they may have several."""
    if corpus.target != MULTILABEL:
        return ""
    none = sum(not each for each in corpus.labels)
    everywhere = [label for label, count in corpus.counts().items() if count == len(corpus)]
    have, they_are = ("has", "it is") if none == 1 else ("have", "they are")
    found = [f"{none:,} of {len(corpus):,} texts {have} no label; {they_are} kept"] * bool(none)
    if everywhere and len(corpus) > 1:
        found.append(f"every text has the label {everywhere[0]!r}, so nothing can be learned of it")
    return f"{corpus.name}: {'; '.join(found)}." if found else ""


def _unsup_apart(dataset: Dataset) -> Dataset:
    """The data set with texts whose label says that they have none among those without labels."""
    if not any(map(marks_unlabelled, {label for corpus in _parts(dataset) for label in corpus.labels})):
        return dataset
    unlabelled = list(dataset.unlabelled)
    for corpus in _parts(dataset):
        unlabelled += itertools.compress(corpus.texts, map(marks_unlabelled, corpus.labels))
    return replace(_with_parts(dataset, _without_marked), unlabelled=unlabelled)


def _without_marked(corpus: Corpus) -> Corpus:
    return corpus.subset(row for row, label in enumerate(corpus.labels) if not marks_unlabelled(label))


def _about_empty(corpus: Corpus) -> str:
    empty = int((corpus.text_keys == 0).sum())
    are, they_are = ("is", "it is") if empty == 1 else ("are", "they are")
    note = f"{corpus.name}: {empty:,} of {len(corpus):,} texts {are} empty; {they_are} kept."
    return note if empty else ""

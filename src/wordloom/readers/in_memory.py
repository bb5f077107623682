"""Texts and labels that are in memory already: lists, NumPy arrays, columns and data frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError
from wordloom.labels import as_list, is_missing, one_column
from wordloom.plain_texts import checked_texts
from wordloom.readers.source import ReadOptions
from wordloom.readers.table import UNLABELLED, Table, labelled, missing_note
from wordloom.targets import AUTO, MULTILABEL

_NAME, _FRAME = "texts", "data frame"


def is_frame(source: object) -> bool:
    """Whether `source` is a data frame of pandas or polars, told by what it can do."""
    return hasattr(source, "columns") and hasattr(source, "head") and hasattr(source, "__getitem__")


def read_frame(frame: Any, options: ReadOptions) -> Dataset:
    """A data frame with named or guessed columns, as a table of a file is read; rows are counted from 0."""
    names = [str(column) for column in frame.columns]
    by_name = {
        name: column for name, column in zip(names, frame.columns, strict=True) if names.count(name) == 1
    }
    values = {name: _without_na(frame[column].to_list()) for name, column in by_name.items()}
    rows = (dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True))
    return labelled(Table(_FRAME, "frame", names, enumerate(rows), unit="row"), options)


def read_pair(texts: Iterable[Any], labels: Iterable[Any] | None, options: ReadOptions) -> Dataset:
    """N texts and N labels; `texts` may also be the pair `(texts, labels)`.

    Raises UsageError if there are no labels.
    """
    if labels is None and isinstance(texts, tuple) and len(texts) == 2 and not isinstance(texts[0], str):
        texts, labels = texts
    if labels is None:
        raise UsageError("Texts in memory need their labels: read_corpus(texts, labels).")
    given, named = _plain(texts), _plain(labels)
    if options.missing_label in ("skip", UNLABELLED) and not isinstance(labels, str | bytes):
        return _without_missing(as_list(given, _NAME), as_list(one_column(named), _NAME), options)
    corpus = Corpus(given, named, name=_NAME, target=_in_memory(options))
    if not len(corpus):
        raise DataError(f"{_NAME}: the list is empty. Give at least one text.")
    return Dataset(corpus, name=_NAME)


def _in_memory(options: ReadOptions) -> str:
    """The target to check the labels for; strings are split into several where all sources are finished."""
    return AUTO if options.target == MULTILABEL else options.target


def _without_missing(texts: list[Any], labels: list[Any], options: ReadOptions) -> Dataset:
    """The texts that have a label; the others are left out, or kept apart."""
    whole = checked_texts(texts, _NAME)
    there = [not is_missing(label) for label in labels]
    if len(whole) != len(there):
        raise DataError(f"{_NAME}: {len(whole):,} texts but {len(there):,} labels.")
    rows = [row for row, labelled in enumerate(there) if labelled]
    unlabelled = [text for text, labelled in zip(whole, there, strict=True) if not labelled]
    note = missing_note(_NAME, len(unlabelled), len(whole), str(options.missing_label))
    own = [labels[row] for row in rows]
    corpus = Corpus([whole[row] for row in rows], own, name=_NAME, target=_in_memory(options))
    kept = unlabelled if options.missing_label == UNLABELLED else ()
    return Dataset(corpus, None, _NAME, (note,) * bool(note), kept)


def _plain(values: Any) -> Any:
    """A column as a list with None for pandas' NA, which cannot be compared; anything else as it is."""
    return _without_na(values.to_list()) if hasattr(values, "to_list") else values


def _without_na(values: Sequence[Any]) -> list[Any]:
    return [None if is_missing(value) else value for value in values]

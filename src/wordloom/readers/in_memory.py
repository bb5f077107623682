"""Texts and labels that are in memory already: lists, NumPy arrays, columns and data frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError
from wordloom.readers.columns import choose_columns
from wordloom.readers.options import ReadOptions
from wordloom.readers.table import SAMPLE_ROWS

_NAME = "texts"


def is_frame(source: object) -> bool:
    """Whether `source` is a data frame of pandas or polars, told by what it can do."""
    return hasattr(source, "columns") and hasattr(source, "head") and hasattr(source, "__getitem__")


def read_frame(frame: Any, options: ReadOptions) -> Dataset:
    """A data frame with named or guessed columns; rows are counted from 0 in messages."""
    by_name = {str(column): column for column in frame.columns}
    first = frame.head(SAMPLE_ROWS)
    values = {name: list(first[column]) for name, column in by_name.items()}
    sample = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    chosen = choose_columns(list(by_name), options, sample, "data frame")
    texts = _without_na(frame[by_name[chosen.text]].to_list())
    labels = _without_na(frame[by_name[str(chosen.label)]].to_list())
    if not texts:
        raise DataError("data frame: holds no rows.")
    return Dataset(
        Corpus(texts, labels, name="data frame"), name="data frame", notes=chosen.note("data frame")
    )


def read_pair(texts: Iterable[Any], labels: Iterable[Any] | None) -> Dataset:
    """N texts and N labels; `texts` may also be the pair `(texts, labels)`.

    Raises UsageError if there are no labels.
    """
    if labels is None and isinstance(texts, tuple) and len(texts) == 2 and not isinstance(texts[0], str):
        texts, labels = texts
    if labels is None:
        raise UsageError("Texts in memory need their labels: read_corpus(texts, labels).")
    corpus = Corpus(_plain(texts), _plain(labels), name=_NAME)
    if not len(corpus):
        raise DataError(f"{_NAME}: the list is empty. Give at least one text.")
    return Dataset(corpus, name=_NAME)


def _plain(values: Any) -> Any:
    """A column as a list with None for pandas' NA, which cannot be compared; anything else as it is."""
    return _without_na(values.to_list()) if hasattr(values, "to_list") else values


def _without_na(values: Sequence[Any]) -> list[Any]:
    return [None if type(value).__name__ in ("NAType", "NaTType") else value for value in values]

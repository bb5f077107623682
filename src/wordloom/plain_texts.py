"""Texts as they are given: whether they are texts at all, and some of them at a time.

It knows nothing of labels or files (see `corpus` and `streamed_texts`), so that a model can answer without
either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from wordloom.errors import DataError
from wordloom.labels import as_list, is_missing


def checked_texts(texts: Any, name: str = "texts", first_row: int = 0) -> list[str]:
    """`texts` as a list of strings; a list, tuple, array or data-frame column is taken.

    Raises DataError (with scikit-learn's wording where it has one) for one single string, for None or
    NaN, and for anything else that is not a string, naming the row (counted from `first_row`).
    """
    refuse_single_text(texts)
    rows = texts if type(texts) is list else as_list(texts, name)
    if all(type(text) is str for text in rows):
        return rows
    return [
        text if type(text) is str else _plain_string(text, row, name)
        for row, text in enumerate(rows, first_row)
    ]


def refuse_single_text(texts: Any) -> None:
    """DataError for one string where many are expected: it would be taken for a list of its letters."""
    if isinstance(texts, str | bytes):
        raise DataError(
            "Iterable over raw text documents expected, string object received. "
            "Put a single text into a list: [text]."
        )


def _plain_string(text: Any, row: int, name: str) -> str:
    if isinstance(text, str):  # numpy.str_ and other subclasses
        return str(text)
    if is_missing(text):
        raise DataError(
            f"{name}, row {row}: {'np.nan' if text is not None else 'None'} is an invalid document, "
            "expected a string. Remove the row or fill it with an empty text."
        )
    hint = " Are texts and labels swapped?" if isinstance(text, int | np.integer) else ""
    raise DataError(
        f"{name}, row {row}: expected a string, found {type(text).__name__} ({text!r:.60}).{hint}"
    )


def text_chunks(texts: Iterable[str], texts_at_once: int, letters_at_once: int) -> Iterator[list[str]]:
    """The texts in their order, a list at a time that a little memory holds."""
    chunk: list[str] = []
    letters = 0
    for text in texts:
        chunk.append(text)
        letters += len(text) if isinstance(text, str) else 0
        if len(chunk) >= texts_at_once or letters >= letters_at_once:
            yield chunk
            chunk, letters = [], 0
    if chunk:
        yield chunk

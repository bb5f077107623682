"""What is handed to a Tokenizer: the rows that it cannot take, and what to say about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wordloom.errors import DataError
from wordloom.keras_compat.hashed_words import described


def check_rows(sequences: Any, method: str) -> None:
    """Raises DataError for what cannot be N sequences."""
    if isinstance(sequences, str) or not isinstance(sequences, Iterable):
        raise DataError(f"{method}: a list of sequences of ids expected, found {described(sequences)}.")


def checked_sequence(sequence: Any, row: int, method: str) -> Iterable[Any]:
    """The ids of one row. Raises DataError for what is no sequence."""
    if hasattr(sequence, "tolist"):  # NumPy's numbers are slow to look up
        sequence = sequence.tolist()
    if isinstance(sequence, str) or not isinstance(sequence, Iterable):
        raise DataError(
            f"{method}, row {row}: a sequence of ids expected, found {described(sequence)}. A single "
            "sequence stands in a list: [sequence]; texts go to texts_to_sequences."
        )
    return sequence


def what_is_wrong(text: Any) -> str:
    """What to say about a row that is neither a text nor a list of words."""
    if isinstance(text, list):
        wrong = next(word for word in text if not hasattr(word, "lower"))
        return (
            f"a list of words expected, found {described(wrong)} in it. Ids become words with "
            "sequences_to_texts, and a matrix with sequences_to_matrix."
        )
    if text is None or text != text:
        return f"there is no text ({text}). Remove the row, or fill it with an empty text."
    if isinstance(text, bytes):
        return f"bytes instead of a text ({text!r:.60}). Decode them first: text.decode()."
    hint = " Make it a list of words: list(row)." if isinstance(text, tuple) else ""
    return f"a text or a list of words expected, found {described(text)}.{hint}"

"""Which columns of a table hold the text and the label: as the caller says, else by habitual names.

A table of two columns needs no names: the one with more different and longer values
holds the texts. This file does not read tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wordloom.errors import DataError, did_you_mean
from wordloom.readers.options import ReadOptions

# fmt: off
TEXT_NAMES = (
    "text", "sentence", "review", "content", "comment", "body", "message", "document", "tweet", "utterance",
    "question", "description", "review_text", "reviewtext", "full_text", "sentence1", "title",
)
LABEL_NAMES = (
    "label", "labels", "class", "category", "sentiment", "target", "polarity", "rating", "stars", "score",
    "topic", "intent", "tag", "label_text", "class_name", "y",
)
# fmt: on


@dataclass(frozen=True)
class Columns:
    """The chosen columns, and which of them nobody named; `label` is None where none is needed or found."""

    text: str
    label: str | None
    guessed: tuple[str, ...] = ()

    def note(self, name: str) -> tuple[str, ...]:
        """A note about the guess, if there was one."""
        if not self.guessed:
            return ()
        which = "(guessed)" if len(self.guessed) == 2 else f"(the {self.guessed[0]} column is guessed)"
        return (f"{name}: text from the column {self.text!r}, labels from {self.label!r} {which}.",)


def is_habitual(name: str) -> bool:
    """Whether a column of this name usually holds texts or labels."""
    return _normalised(name) in TEXT_NAMES or _normalised(name) in LABEL_NAMES


def choose_columns(
    names: Sequence[str],
    options: ReadOptions,
    sample: Sequence[Mapping[str, Any]],
    place: str,
    need_label: bool = True,
) -> Columns:
    """Choose among `names`; `sample` is a few rows, `place` the table's name for messages.

    Raises DataError for a name that is not there ("did you mean") and where a guess is not possible.
    """
    text = _named(options.text, names, place, "text")
    label = _named(options.label, names, place, "label")
    if text is not None and text == label:
        raise DataError(f"{place}: the column {text!r} cannot hold both the texts and the labels.")
    open_ones = {"text": text is None, "label": label is None and need_label}
    text = text or _by_habit(TEXT_NAMES, [name for name in names if name != label])
    label = label or _by_habit(LABEL_NAMES, [name for name in names if name != text])
    if len(names) == 2:
        text, label = _of_two(names, text, label, sample)
    elif len(names) == 1 and not need_label:
        text = text or names[0]
    if text is None:
        raise _cannot_guess("texts", "text", names, place)
    if label is None and need_label:
        raise _cannot_guess("labels", "label", names, place)
    # a column that is called as what it holds needs no note
    named = {"text": text, "label": label}
    guessed = [one for one, is_open in open_ones.items() if is_open]
    return Columns(text, label, tuple(guessed) if any(named[one] != one for one in guessed) else ())


def _named(wanted: str | None, names: Sequence[str], place: str, option: str) -> str | None:
    if wanted is None or wanted in names:
        return wanted
    raise DataError(
        f"{place}: there is no column {wanted!r} ({option}={wanted!r}, --{option}). "
        f"{did_you_mean(wanted, names)}"
    )


def _by_habit(habitual: Sequence[str], names: Sequence[str]) -> str | None:
    known = {_normalised(name): name for name in reversed(names)}
    return next((known[habit] for habit in habitual if habit in known), None)


def _normalised(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_")


def _of_two(
    names: Sequence[str], text: str | None, label: str | None, sample: Sequence[Mapping[str, Any]]
) -> tuple[str, str]:
    first, second = names
    if text is None and label is None:
        text = max(names, key=lambda name: _variety(name, sample))
    if text is None:
        text = first if label == second else second
    return text, label or (first if text == second else second)


def _variety(name: str, sample: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """How many different values a column has, then how long they are: texts have more of both."""
    values = [str(row.get(name, "")) for row in sample]
    return len(set(values)), sum(map(len, values))


def _cannot_guess(what: str, option: str, names: Sequence[str], place: str) -> DataError:
    listed = ", ".join(repr(name) for name in names)
    return DataError(
        f"{place}: which column holds the {what}? There {'is' if len(names) == 1 else 'are'}: {listed}. "
        f"Say it with {option}=NAME (--{option} NAME)."
    )

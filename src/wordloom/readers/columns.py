"""Which columns of a table hold the text, the label and the part: as the caller says, else by habitual names.

Where a model is known, the columns that it was trained on come before any guess. A table of two columns needs
no names: the one with more different and longer values holds the texts, and identifiers never do. This file
does not read tables.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wordloom.errors import DataError, UsageError, WordloomWarning, did_you_mean
from wordloom.origin import Columns
from wordloom.readers.source import ReadOptions
from wordloom.targets import GRADED, SINGLE

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
PART_WORDS = {
    "train": "train|training",
    "validation": "validation|valid|dev|val",
    "test": "test|testing|eval|evaluation",
}
"""Part -> what it is called in columns and in names of files, as a pattern."""
SPLIT_NAMES = ("split", "type", "set", "subset", "partition", "part", "fold")
"""What columns are called that say to which part a row belongs."""
_WORDS = {word: split for split, words in PART_WORDS.items() for word in words.split("|")}
_WORDS |= dict.fromkeys(("unsup", "unsupervised", "unlabelled", "unlabeled"), "unlabelled")
_IDENTIFIER = re.compile(r"(?:^|_)(?:id|ids|uuid|guid|index|idx|key|no|nr|num|number|unnamed:_\d+)$")
_CAMEL_IDENTIFIER = re.compile(r"[a-z](?:ID|Id|Key|Index)$")


@dataclass(frozen=True)
class ChosenColumns:
    """The chosen columns, and which of them nobody named."""

    columns: Columns
    guessed: tuple[str, ...] = ()

    def note(self, name: str) -> tuple[str, ...]:
        """A note about a guess, or about texts of several columns, if there is anything to note."""
        if not self.guessed:
            return (f"{name}: {self.columns}.",) if len(self.columns.text) > 1 else ()
        which = "(guessed)" if len(self.guessed) == 2 else f"(the {self.guessed[0]} column is guessed)"
        return (f"{name}: {self.columns} {which}.",)


def is_habitual(name: str) -> bool:
    """Whether a column of this name usually holds texts or labels."""
    return normalized(name) in TEXT_NAMES or normalized(name) in LABEL_NAMES


def is_identifier(name: str) -> bool:
    """Whether a column of this name usually numbers the rows or names them: "id", "ticket_id", "rowIndex"."""
    bare = name.strip()
    return not bare or bool(_IDENTIFIER.search(normalized(name)) or _CAMEL_IDENTIFIER.search(bare))


def choose_columns(
    names: Sequence[str],
    options: ReadOptions,
    sample: Sequence[Mapping[str, Any]],
    place: str,
    need_label: bool = True,
) -> ChosenColumns:
    """Choose among `names`: what the caller named, else what a model was trained on, else a guess.

    `sample` is a few rows, `place` the table's name for messages. What looks like an identifier is never
    guessed. Raises DataError for a name that is not there ("did you mean"), for one that two columns have,
    and where a guess is not possible. Warns if columns of the training are not there.
    """
    texts = _named_several(options.text, names, place, "text") or _trained_texts(options, names, place)
    labels = _named_labels(options, names, place) or _trained_labels(options, names, texts)
    both = next((label for label in labels if label in texts), None)
    if both is not None:
        raise DataError(f"{place}: the column {both!r} cannot hold both the texts and the labels.")
    label = labels[0] if len(labels) == 1 else None
    open_ones = {"text": not texts, "label": not labels and need_label}
    text = texts[0] if texts else _by_habit(TEXT_NAMES, [name for name in names if name not in labels])
    if open_ones["label"]:
        label = _by_habit(LABEL_NAMES, [name for name in names if name != text and name not in texts])
    if not texts and text is None:
        rest = [name for name in names if name not in labels or name == label]
        text = _guessed_text(rest, label, sample, place, need_label and len(labels) < 2)
    if label is None and open_ones["label"]:
        label = _the_other(names, texts or (str(text),), sample, place)
    chosen = Columns(texts or (str(text),), label, labels if len(labels) > 1 else (), options.separator)
    _refuse_repeated(chosen, names, place)
    if open_ones["text"] and len(names) > 1:
        _warn_of_other_columns(options, chosen, place)
    # a column that is called as what it holds needs no note
    named = {"text": chosen.text[0], "label": label}
    guessed = [one for one, is_open in open_ones.items() if is_open]
    return ChosenColumns(chosen, tuple(guessed) if any(named[one] != one for one in guessed) else ())


def _named_several(
    wanted: str | Sequence[str] | None, names: Sequence[str], place: str, option: str
) -> tuple[str, ...]:
    """The columns that the caller named; a name with commas that no column has is a list of names."""
    found: list[str] = []
    for one in (wanted,) if isinstance(wanted, str) else wanted or ():
        parts = [one] if one in names or "," not in one else [part.strip() for part in one.split(",")]
        found += [str(_named(part, names, place, option)) for part in parts]
    twice = next((name for name in found if found.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{place}: the column {twice!r} is named twice for the {option}s; name it once.")
    return tuple(found)


def _named_labels(options: ReadOptions, names: Sequence[str], place: str) -> tuple[str, ...]:
    """The columns of labels that the caller named; several are a label each."""
    found = _named_several(options.label, names, place, "label")
    if len(found) > 1 and (options.target in (SINGLE, GRADED) or options.label_separator is not None):
        raise UsageError(
            f"{place}: several columns of labels, {' and '.join(map(repr, found[:2]))}, are a label each, "
            f"which a text has or not; that does not go with {_other_way(options)}. Name one column."
        )
    return found


def _other_way(options: ReadOptions) -> str:
    if options.target in (SINGLE, GRADED):
        return f"target={options.target!r} (--target {options.target})"
    return "label_separator (--label-separator)"


def _trained_texts(options: ReadOptions, names: Sequence[str], place: str) -> tuple[str, ...]:
    """The columns of texts that a model was trained on; none if the table has none of them."""
    wanted = () if options.columns is None or options.text is not None else options.columns.text
    found = {name: _spelled_like(name, names) for name in wanted}
    there = [name for name in found.values() if name is not None]
    if there and len(there) < len(wanted):
        lacks = " and ".join(repr(name) for name, other in found.items() if other is None)
        raise DataError(
            f"{place}: has no column {lacks}, which the model was trained on together with "
            f"{' and '.join(map(repr, there))}. Add it, or name the columns with text=NAME (--text NAME)."
        )
    return tuple(there)


def _trained_labels(options: ReadOptions, names: Sequence[str], texts: Collection[str]) -> tuple[str, ...]:
    """The columns of labels that a model was trained on; none unless the table has all of them."""
    if options.columns is None:
        return ()
    label = options.columns.label
    wanted = options.columns.labels if label is None else (label,)
    if len(wanted) > 1 and options.target in (SINGLE, GRADED):
        return ()
    found = [one for name in wanted if (one := _spelled_like(name, names)) is not None and one not in texts]
    return tuple(found) if len(found) == len(wanted) else ()


def _spelled_like(wanted: str, names: Sequence[str]) -> str | None:
    """The column of this name, else the only one whose name differs by case, blanks or dashes alone."""
    if wanted in names:
        return wanted
    alike = [name for name in names if normalized(name) == normalized(wanted)]
    return alike[0] if len(alike) == 1 else None


def _warn_of_other_columns(options: ReadOptions, chosen: Columns, place: str) -> None:
    if options.columns is not None and not all(map(str.isdecimal, options.columns.text)):
        trained = " and ".join(map(repr, options.columns.text))
        warnings.warn(
            f"{place}: has no column {trained}, which the model was trained on; taken instead: "
            f"{Columns(chosen.text)}. If that is wrong, name the column with text=NAME (--text NAME).",
            WordloomWarning,
            stacklevel=4,
        )


def _refuse_repeated(chosen: Columns, names: Sequence[str], place: str) -> None:
    twice = next((name for name in chosen.names if list(names).count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{place}: two columns are named {twice!r}. Rename one of them.")


def _named(wanted: str | None, names: Sequence[str], place: str, option: str) -> str | None:
    if wanted is None or wanted in names:
        return wanted
    raise DataError(
        f"{place}: there is no column {wanted!r} ({option}={wanted!r}, --{option}). "
        f"{did_you_mean(wanted, names)}"
    )


def _by_habit(habitual: Sequence[str], names: Sequence[str]) -> str | None:
    known = {normalized(name): name for name in reversed(names)}
    return next((known[habit] for habit in habitual if habit in known), None)


def normalized(name: str) -> str:
    """A name without what one table writes and another does not: case, blanks around it, `-` for `_`."""
    return name.strip().casefold().replace(" ", "_").replace("-", "_")


def _guessed_text(
    names: Sequence[str],
    label: str | None,
    sample: Sequence[Mapping[str, Any]],
    place: str,
    need_label: bool,
) -> str:
    """The column of one or two that may hold the texts, the one with more different and longer values."""
    possible = [name for name in names if name != label and not is_identifier(name)]
    if len(names) > 2 or not possible or (need_label and len(names) < 2):
        raise _cannot_guess("texts", "text", names, place)
    of_words = [name for name in possible if not _numbers_rows(name, sample)]
    return max(of_words or possible, key=lambda name: _variety(name, sample))


def _the_other(
    names: Sequence[str], texts: Sequence[str], sample: Sequence[Mapping[str, Any]], place: str
) -> str:
    """The column of labels where there is only one besides the texts."""
    rest = [name for name in names if name not in texts]
    if len(names) != 2 or len(rest) != 1 or is_identifier(rest[0]):
        error = _cannot_guess("labels", "label", names, place)
        flags = [name for name in rest if all(str(row.get(name)) in ("0", "1") for row in sample)]
        if len(flags) < 2:
            raise error
        raise DataError(
            f"{error} If each of {', '.join(map(repr, flags))} is a label that a text has (1) or not (0), "
            f"name them all: label={','.join(flags)!r} (--label {','.join(flags)})."
        )
    return rest[0]


def _numbers_rows(name: str, sample: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all values are numbers, or codes with digits and without blanks that never come again."""
    values = [str(row.get(name, "")).strip() for row in sample]
    if all(re.fullmatch(r"[-+]?[0-9.,]*", value) for value in values):
        return any(values)
    codes = (value.isascii() and any(map(str.isdigit, value)) and " " not in value for value in values)
    return len(set(values)) == len(values) and all(codes)


def _variety(name: str, sample: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """How many different values a column has, then how long they are: texts have more of both."""
    values = [str(row.get(name, "")) for row in sample]
    return len(set(values)), sum(map(len, values))


def _cannot_guess(what: str, option: str, names: Sequence[str], place: str) -> DataError:
    listed = ", ".join(repr(name) for name in names)
    if list(names) == [str(number) for number in range(1, len(names) + 1)]:
        listed += " (by their numbers, since the first line does not look like names)"
    return DataError(
        f"{place}: which column holds the {what}? There {'is' if len(names) == 1 else 'are'}: {listed}. "
        f"Say it with {option}=NAME (--{option} NAME)."
    )


def named_part(value: object) -> str | None:
    """ "train", "validation", "test" or "unlabelled", if the value of a column says so."""
    return _WORDS.get(value.strip().casefold()) if isinstance(value, str) else None


def split_column(
    names: Sequence[str], sample: Sequence[Mapping[str, object]], taken: Sequence[str]
) -> tuple[str | None, str | None]:
    """The column that says of each row to which part it belongs, and one that looks like it and does not.

    names : of all columns; sample : a few rows; taken : columns that hold texts and labels
    """
    unused = None
    for name in names:
        if name.strip().casefold() not in SPLIT_NAMES or name in taken:
            continue
        parts = [named_part(row.get(name)) for row in sample]
        named = [part for part in parts if part is not None]
        # a slip in a few rows is for the reader to name, not to train on what is for testing
        if named and (len(named) == len(parts) or (2 * len(named) > len(parts) and len(set(named)) > 1)):
            return name, None
        if named or name.strip().casefold() == "split":
            unused = name
    return None, unused


def id_column(names: Sequence[str], taken: Collection[str | None]) -> str | None:
    """The first column with a name that ids have, and that holds no texts, labels or parts; None for none."""
    free = (name for name in names if name not in taken)
    return next((name for name in free if name.strip() and is_identifier(name)), None)

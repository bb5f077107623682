"""Labels: what is one, and when two of them are the same.

A label is a string or a whole number. A number is the same label however it is written: 1, 1.0, True, "1" and
"1.0" are one class, and so are False and 0. So is a letter with an accent, as one character or as two, which
look the same (folders' names on a Mac have the latter). `label_key` is that rule, and whatever brings labels
of two sources together goes by it. Numbers are plain ones only: "01" and "1e0" are strings like any other.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np

from wordloom.errors import DataError, WordloomWarning

Label = str | int

_MOST_DIGITS = 1000
_NUMBER = re.compile(rf"(-?)(0|[1-9][0-9]{{0,{_MOST_DIGITS - 1}}})(?:\.0*)?")
_NUMBERS_BEGIN = frozenset("-0123456789TtFf")
_TRUTH = {
    **dict.fromkeys(("True", "true", "TRUE"), "1"),
    **dict.fromkeys(("False", "false", "FALSE"), "0"),
}
UNLABELLED = ("unsup", "unsupervised")
"""What data sets write in the place of a label that a text does not have; never a class."""


def label_key(label: Label) -> str:
    """The text that all spellings of a label share; two labels are the same if their keys are equal."""
    if not isinstance(label, str):
        return str(int(label))
    return _number(label) or unicodedata.normalize("NFC", label)


def _number(label: str) -> str | None:
    """The whole number that a string spells, in digits; None if it spells none."""
    if label[:1] not in _NUMBERS_BEGIN:  # most labels: a table may have as many as rows
        return None
    match = _NUMBER.fullmatch(label)
    if match is None:
        return _TRUTH.get(label)
    return "0" if match[2] == "0" else match[1] + match[2]


def is_number(label: Label) -> bool:
    """Whether a label is a whole number or spells one."""
    return not isinstance(label, str) or _number(label) is not None


def places_among(classes: Sequence[Label], labels: Iterable[Label]) -> dict[Label, int]:
    """Each label -> its place among `classes`, -1 for one that is not there.

    As it is written where a class is written so, else by `label_key`.
    """
    by_key = {label_key(label): i for i, label in reversed(list(enumerate(classes)))}
    as_written = {str(label): i for i, label in enumerate(classes)}
    return {
        label: as_written.get(str(label), by_key.get(label_key(label), -1)) for label in dict.fromkeys(labels)
    }


def marks_unlabelled(label: Label) -> bool:
    """Whether a label says that the text has none; see `UNLABELLED`."""
    return isinstance(label, str) and "nsup" in label.casefold() and label.strip().casefold() in UNLABELLED


def as_numbers(different: Iterable[Label]) -> dict[Label, Label]:
    """Each label of a file that has no types -> its whole number; empty unless all of them spell one."""
    numbers: dict[Label, Label] = {}
    for label in different:
        number = _number(label) if isinstance(label, str) else str(label)
        if number is None:
            return {}
        numbers[label] = int(number)
    return numbers


def checked_labels(labels: Any, name: str = "labels") -> list[Label]:
    """`labels` as a list of `str` or `int`, all of one kind, with one spelling for each class.

    NumPy and boolean scalars become plain ones; whole floats become integers; a table of one column is taken
    as that column. Numbers beside strings that spell numbers make all of them numbers. Raises DataError
    naming the row for None, NaN, a fraction, or a second kind of label. Warns where two spellings of a number
    meet.
    """
    if isinstance(labels, str | bytes):
        raise DataError(f"{name}: one label for each text expected, a single string received.")
    rows = as_list(one_column(labels), name)
    plain: list[Label] = [
        label if type(label) is str or type(label) is int else plain_label(label, f"{name}, row {row}")
        for row, label in enumerate(rows)
    ]
    return of_one_kind(plain, name)


def of_one_kind(plain: list[Label], name: str, rows: Sequence[int] | None = None) -> list[Label]:
    """Plain labels with one spelling for each class; DataError for labels of two kinds.

    rows : the row of each label, for messages; None: they are counted
    """
    different = dict.fromkeys(plain)
    kinds = set(map(type, different))
    if kinds <= {int}:
        return plain
    if len(kinds) > 1 and not all(map(is_number, different)):
        raise _two_kinds(plain, name, rows)
    spelling = _one_spelling(list(different), name)
    return [spelling[label] for label in plain] if spelling else plain


def _one_spelling(different: list[Label], name: str) -> dict[Label, Label]:
    """Each label -> the spelling of its class; empty where every label has a class of its own."""
    mixed = len({type(label) for label in different}) > 1
    classes: dict[str, list[Label]] = {}
    for label in different:
        classes.setdefault(label_key(label), []).append(label)
    if len(classes) == len(different) and not mixed:
        return {}
    chosen: dict[Label, Label] = {}
    for key, spellings in classes.items():
        one: Label = int(key) if mixed else key if key in spellings else spellings[0]
        chosen.update(dict.fromkeys(spellings, one))
        if len(spellings) > 1:
            warnings.warn(f"{name}: {_about_spellings(spellings, one)}", WordloomWarning, stacklevel=5)
    return chosen


def _about_spellings(spellings: Sequence[Label], one: Label) -> str:
    if is_number(one):
        return (
            f"the labels {' and '.join(map(repr, spellings))} are spellings of one number and are taken as "
            f"one class, {one!r}. Write other words if they mean different classes."
        )
    return (
        f"the label {one!r} is written in {len(spellings)} Unicode forms, which look the same, and is taken "
        "as one class. The normal form NFC makes them equal."
    )


def _two_kinds(plain: Sequence[Label], name: str, rows: Sequence[int] | None) -> DataError:
    first = type(plain[0])
    place = next(i for i, label in enumerate(plain) if type(label) is not first)
    row = place if rows is None else rows[place]
    return DataError(
        f"{name}, row {row}: label {plain[place]!r} is {type(plain[place]).__name__}, the labels before "
        f"it are {first.__name__}. Use one kind, for example str(label) for all."
    )


def plain_label(label: Any, place: str) -> Label:
    """The label as a `str` or an `int`. DataError naming the place for what is no label."""
    if isinstance(label, str):
        return str(label)
    if isinstance(label, bool | np.bool_ | int | np.integer):
        return int(label)
    if is_missing(label):
        raise DataError(f"{place}: the label is missing ({label}). Remove the row or label it.")
    if isinstance(label, float | np.floating) and float(label).is_integer():
        return int(label)
    kind, way_out = _kind_of_target(label)
    raise DataError(
        f"{place}: a label must be a string or a whole number, found {label!r:.60} "
        f"({type(label).__name__}). Unknown label type: {kind}.{way_out}"
    )


def _kind_of_target(label: Any) -> tuple[str, str]:
    """What scikit-learn calls it, whose users look for these words; and what to do."""
    if isinstance(label, float | np.floating):
        return "continuous", (
            " Numbers that are grades are learned with target='graded' (--target graded), by TextRegressor."
        )
    if isinstance(label, list | tuple | Set | np.ndarray):
        return "multilabel-sequences", (
            " Texts with several labels are learned with target='multilabel' (--target multilabel), which "
            "takes a list of labels for every text."
        )
    return "unknown", ""


def is_missing(value: Any) -> bool:
    """None, NaN, or what pandas has for them (which refuses to be compared)."""
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def one_column(values: Any) -> Any:
    """The column of an array or data frame that has one; anything else as it is."""
    if len(getattr(values, "shape", ())) == 2 and values.shape[1] == 1:
        return np.asarray(values)[:, 0]
    return values


def as_list(values: Any, name: str) -> list[Any]:
    """The values of a list, array or data-frame column. DataError for what has no order or is no column."""
    if hasattr(values, "to_list"):  # pandas and polars columns
        return list(values.to_list())
    if hasattr(values, "columns") or isinstance(values, Mapping):  # iterating would give the columns' names
        raise DataError(
            f"{name}: one column expected, found a whole table ({type(values).__name__}). "
            "Name the column, for example data['text']."
        )
    if isinstance(values, Set):
        raise DataError(f"{name}: a list expected, found a {type(values).__name__}, which has no order.")
    if hasattr(values, "__array__"):  # arrays of NumPy and of others
        values = np.asarray(values)
        if values.ndim != 1:
            raise DataError(f"{name}: one dimension expected, found the shape {values.shape}.")
        return list(values.tolist()) if values.dtype != object else list(values)
    if not isinstance(values, Iterable):
        raise DataError(f"{name}: a list expected, found {type(values).__name__}.")
    return list(values)


def similar_labels(labels: Iterable[Label]) -> list[list[str]]:
    """The groups of labels that differ only by case or by spaces around or inside them, each sorted."""
    groups: dict[str, list[str]] = {}
    different = {label_key(label): label for label in labels if isinstance(label, str)}
    for key, label in sorted(different.items()):
        groups.setdefault(" ".join(key.split()).casefold(), []).append(label)
    return [group for group in groups.values() if len(group) > 1]


def warn_about_similar_labels(labels: Iterable[Label], name: str) -> None:
    """Warn about labels that differ only by case or by spaces around or inside them."""
    for first, *others in similar_labels(labels):
        for label in others:
            warnings.warn(
                f"{name}: the labels {first!r} and {label!r} differ only by case or spaces and are "
                "treated as two classes. Make them equal if they mean the same.",
                WordloomWarning,
                stacklevel=3,
            )


SEPARATORS = ("|", ";", ",")
"""What may stand between the labels of a text in one cell."""


def separator_in(labels: Iterable[Label]) -> tuple[str, list[str]] | None:
    """The separator of labels that are several in one: "joy|love" where "joy" and "love" are labels as well.

    With it those labels; they are more than half of those that hold the separator. None where there are none.
    """
    known = {label for label in labels if isinstance(label, str)}
    for mark in SEPARATORS:
        joined = [label for label in known if mark in label.strip(mark)]
        several = [label for label in joined if all(part.strip() in known for part in label.split(mark))]
        if several and 2 * len(several) > len(joined):
            return mark, several
    return None


def warn_about_joined_labels(labels: Iterable[Label], name: str) -> None:
    """Warn about labels that are several in one; see `separator_in`."""
    different = set(labels)
    found = separator_in(different)
    if found is not None:
        several = found[1]
        warnings.warn(
            f"{name}: {len(several):,} of {len(different):,} labels are several in one, such as "
            f"{min(several, key=lambda label: (len(label), label))!r}, and each such combination is a class "
            "of its own. Give lists of labels if a text may have several (read_corpus makes them with "
            "target='multilabel', --target multilabel).",
            WordloomWarning,
            stacklevel=3,
        )


def split_labels(cell: str, separator: str) -> list[str]:
    """The labels of a cell, without the blanks around them; an empty one for nothing between separators.

    A label in double quotes may hold the separator, and two double quotes for one, as in CSV.
    """
    if '"' not in cell:
        return [label.strip() for label in cell.split(separator)]
    between = re.escape(separator)
    label = re.compile(rf'\s*"((?:[^"]|"")*)"\s*(?:{between}|$)|(.*?)(?:{between}|$)', re.DOTALL)
    found, at = [], 0
    while True:
        match = label.match(cell, at)
        assert match is not None  # the second part matches anything
        quoted, plain = match.groups()
        found.append(plain.strip() if quoted is None else quoted.replace('""', '"'))
        if match.end() == len(cell) and not cell.endswith(separator, match.start(), match.end()):
            return found
        at = match.end()


def joined_labels(labels: Iterable[Label], separator: str) -> str:
    """One cell for labels, of which `split_labels` makes the same ones."""
    return separator.join(_quoted(str(label), separator) for label in labels)


def _quoted(label: str, separator: str) -> str:
    ends_early = (label + separator).index(separator) < len(label)  # also '|' before the separator '||'
    if ends_early or label.startswith('"') or label != label.strip() or not label:
        return '"' + label.replace('"', '""') + '"'
    return label


_FEW_TEXTS = 10
"""Of so many texts each may have a label of its own, in a first trial for example."""


def warn_about_single_texts(counts: Mapping[Label, int], name: str) -> None:
    """Warn about classes with one text only."""
    single = [label for label, count in counts.items() if count == 1]
    if not single:
        return
    named = ", ".join(repr(label) for label in single[:5])
    way_out = "Add texts, or merge or drop the class."
    if len(single) == sum(counts.values()) > _FEW_TEXTS:
        way_out = (
            "No label stands with a second text: are these labels, or the texts' numbers? Name the column "
            "that holds the labels: label=NAME (--label NAME)."
        )
    warnings.warn(
        f"{name}: {len(single):,} class(es) with one text only ({named}{', ...' * (len(single) > 5)}): too "
        f"few to learn from, and none is left to validate on. {way_out}",
        WordloomWarning,
        stacklevel=3,
    )

"""Corrections: what a person decided about texts with something wrong, as a table to fill in, read back.

A table of corrections has a row for each text. In its column `action` stands what becomes of the text: `keep`
or nothing, `drop`, `change` for the label in the column `suggested`, or `change to LABEL` for another. Where
texts have several labels there are also `add LABEL` and `remove LABEL`, and several labels stand in one cell
with the source's separator between them.

Which text is meant say `part` and `row`; `fingerprint` says of which source they count. `label` and `line`,
if they are there, must be those of the source, so a table of which one column alone was sorted is refused.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from wordloom.checks.checking import TEST, TRAIN, Checked, Finding, place_of, source_fingerprint
from wordloom.checks.faults import SUSPECT, WRONG_LABEL
from wordloom.corpus import Corpus, Dataset
from wordloom.csv_writer import csv_writer
from wordloom.errors import DataError, did_you_mean, shown
from wordloom.labels import Label, joined_labels, label_key, split_labels
from wordloom.target_names import SEPARATOR
from wordloom.targets import GRADED, MULTILABEL, checked_grade, labels_in

COLUMNS = (
    *("part", "row", "file", "line", "id", "faults", "label", "suggested"),
    *("probability_label", "probability_suggested", "words_for_label", "words_for_suggested"),
    *("nearest", "text", "action", "fingerprint"),
)
_NEEDED = ("part", "row", "action", "fingerprint")
_SHOWN_LETTERS = 300
_NAMED = re.compile(r"(change\s+to|add|remove)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_LONGEST_CELL = 1 << 28


@dataclass(frozen=True)
class Change:
    """What becomes of a text: another label, set of labels or grade, or None for a text that is dropped."""

    label: Any


@dataclass(frozen=True, eq=False)
class Corrections:
    """Decisions about the texts of a source.

    Parameters
    ----------
    changes : (part, row) -> what becomes of this text; texts that stay as they are are not there
    kept : texts of which it was said that they stay
    undecided : texts without an action, which stay too
    """

    changes: Mapping[tuple[str, int], Change]
    kept: int = 0
    undecided: int = 0

    @property
    def dropped(self) -> int:
        """How many texts are dropped."""
        return sum(change.label is None for change in self.changes.values())

    @property
    def relabelled(self) -> int:
        """How many texts get another label."""
        return len(self.changes) - self.dropped


def write_corrections(checked: Checked, stream: TextIO, actions: Mapping[int, str] | None = None) -> None:
    """The findings as CSV with a column `action` to fill in.

    actions : number of a text among all -> what stands in this column already
    """
    rows, actions = csv_writer(stream), actions or {}
    rows.writerow(COLUMNS)
    for finding in checked.findings:
        rows.writerow(_cells(checked, finding, actions.get(finding.row, "")))


def _cells(checked: Checked, finding: Finding, action: str) -> list[str]:
    corpus, evidence = checked.corpus, finding.evidence
    file, line, id_ = place_of(corpus, finding.row)
    of_evidence = [""] * 5
    if evidence is not None:
        of_evidence = [
            *("" if value is None else f"{value:.6f}" for value in evidence.probabilities),
            *(" ".join(word.word for word in words) for words in evidence.words),
            "; ".join(checked.place(near.row) for near in evidence.nearest),
        ]
    return [
        *(finding.part, str(finding.part_row), file, line, id_),
        "; ".join(described(checked, finding)),
        spelled(corpus.labels[finding.row], corpus),
        "" if finding.suggested is None else spelled(finding.suggested, corpus),
        *of_evidence,
        excerpt(corpus.texts[finding.row]),
        *(action, checked.fingerprint),
    ]


def described(checked: Checked, finding: Finding) -> Iterator[str]:
    """What is wrong with a text, fault by fault: "repeated: reviews.csv, line 7"."""
    for fault in finding.faults:
        about = [] if fault.other is None else [checked.place(fault.other)]
        about += [] if fault.similarity is None else [f"{100 * fault.similarity:.0f} % alike"]
        about += [fault.detail] * bool(fault.detail)
        if fault.kind in SUSPECT and finding.evidence is not None:
            about.append(f"rank {finding.evidence.rank}")
        yield f"{fault.kind}: {', '.join(about)}" if about else fault.kind


def spelled(label: Any, corpus: Corpus) -> str:
    """A label of a corpus in one cell; several with the separator of the source between them, a grade without
    needless zeros."""
    if isinstance(label, tuple):
        return joined_labels(label, separator_of(corpus))
    return f"{label:.15g}" if isinstance(label, float) else str(label)


def separator_of(corpus: Corpus) -> str:
    """What stands between the labels of a text in one cell."""
    return (corpus.columns.separator if corpus.columns is not None else None) or SEPARATOR


def excerpt(text: str, letters: int = _SHOWN_LETTERS) -> str:
    """The beginning of a text in one line."""
    line = " ".join(text[: 8 * letters].split())
    return line if len(line) <= letters and len(text) <= 8 * letters else line[: letters - 1].rstrip() + "…"


def read_corrections(path: Path, dataset: Dataset, new_labels: bool = False) -> Corrections:
    """The decisions in a table about the texts of a source.

    new_labels : whether a text may get a label that no text of the source has

    Raises DataError, with file and line, for a table of another source, for texts and labels that the source
    does not have, for a label or line that is not the source's, for two decisions about one text, and for an
    action that is none.
    """
    reading = _Reading(path, dataset, new_labels)
    changes: dict[tuple[str, int], Change] = {}
    seen: dict[tuple[str, int], tuple[Change | None, str]] = {}
    words: Counter[str] = Counter()
    for where, row in _rows(path):
        key = reading.text_of(row, where)
        action = row["action"].strip()
        change = reading.change(row, where)
        before, place = seen.setdefault(key, (change, where))
        if before != change:
            raise DataError(f"{where}: decides otherwise about the text of {place}. Leave one of them.")
        words["kept" if action and change is None else "" if change is None else "changed"] += place == where
        if change is not None:
            changes[key] = change
    return Corrections(changes, words["kept"], words[""])


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """(file and line, cells) for every row."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            head = stream.readline()
            stream.seek(0)
            reader = csv.reader(stream, delimiter=_delimiter(head), strict=True)
            names = next(reader, [])
            _refuse_columns(path, names)
            for cells in reader:
                where = f"{path}, line {reader.line_num}"
                if not any(cells):
                    continue
                if len(cells) != len(names):
                    raise DataError(f"{where}: {len(cells)} cells, but the first line names {len(names)}.")
                yield where, dict(zip(names, cells, strict=True))
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8 ({error.reason}). Save it as CSV in UTF-8.") from None
    except csv.Error as error:
        raise DataError(f"{path}: is not CSV: {error}.") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}.") from None


def _delimiter(head: str) -> str:
    """Spreadsheets of some countries write semicolons, others tabs."""
    return max(",;\t", key=head.count)


def _refuse_columns(path: Path, names: Sequence[str]) -> None:
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise DataError(
            f"{path}, line 1: has no column {missing[0]!r}. A table of corrections is one that `wordloom "
            f"check SOURCE --csv FILE` wrote, with its column 'action' filled in."
        )
    twice = next((name for name in names if list(names).count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{path}, line 1: two columns are named {twice!r}. Rename or remove one of them.")


class _Reading:
    """Joins the rows of a table of corrections with the texts of a source."""

    def __init__(self, path: Path, dataset: Dataset, new_labels: bool) -> None:
        self._path, self._name, self._new_labels = path, dataset.name, new_labels
        self._fingerprint = source_fingerprint(dataset)
        self._parts: dict[str, Corpus] = {TRAIN: dataset.train}
        if dataset.test is not None:
            self._parts[TEST] = dataset.test
        self._target = dataset.train.target
        everything = [label for part in self._parts.values() for label in part.labels]
        self._grades = (min(everything), max(everything)) if self._target == GRADED else None
        own = [] if self._grades else labels_in(everything)
        self._labels = {label_key(label): label for label in own}
        self._are_numbers = all(isinstance(label, int) for label in own)

    def text_of(self, row: Mapping[str, str], where: str) -> tuple[str, int]:
        """Part and row of the text that is meant; DataError if the source has no such text."""
        if row["fingerprint"].strip() != self._fingerprint:
            raise DataError(
                f"{where}: these are corrections of another source, or {self._name} has changed since it was "
                "checked: the fingerprints differ. Check it again, with the same options for reading it."
            )
        part, number = self._parts.get(row["part"].strip()), row["row"].strip()
        if part is None:
            raise DataError(
                f"{where}: {self._name} has no part {shown(row['part'])}. "
                f"{did_you_mean(row['part'], self._parts)}"
            )
        if not re.fullmatch(r"[0-9]{1,15}", number) or int(number) >= len(part):
            raise DataError(
                f"{where}: {self._name} has no row {shown(row['row'])} in its part {row['part'].strip()!r}, "
                f"whose {len(part):,} texts are counted from 0."
            )
        self._refuse_other(row, part, int(number), where)
        return row["part"].strip(), int(number)

    def _refuse_other(self, row: Mapping[str, str], part: Corpus, number: int, where: str) -> None:
        """DataError where the table says something else of the text than the source."""
        _, line, _ = place_of(part, number)
        for name, own in (("label", spelled(part.labels[number], part)), ("line", line)):
            said = row.get(name, "").strip()
            if said and said != own.strip():
                raise DataError(
                    f"{where}: says that the text of row {number} has the {name} {shown(said)}, but in "
                    f"{part.place(number)} it has {shown(own)}. Was a column of the table sorted without the "
                    "others?"
                )

    def change(self, row: Mapping[str, str], where: str) -> Change | None:
        """What becomes of the text; None if it stays as it is. DataError for an action that is none."""
        action = row["action"].strip()
        if action.lower() in ("", "keep"):
            return None
        if action.lower() == "drop":
            return Change(None)
        own = self._parts[row["part"].strip()].labels[int(row["row"])]
        named = _NAMED.fullmatch(action)
        verb, named_label = ("", "") if named is None else (named[1].lower(), named[2] or "")
        if action.lower() == "change":
            verb, named_label = "change", row.get("suggested", "")
        if not verb or (verb in ("add", "remove") and self._target != MULTILABEL):
            several = ", add LABEL and remove LABEL" if self._target == MULTILABEL else ""
            raise DataError(
                f"{where}: the action {shown(action)} is none of keep, drop, change and change to "
                f"LABEL{several}."
            )
        empties = verb == "change" and self._target == MULTILABEL and WRONG_LABEL in row.get("faults", "")
        if not named_label.strip() and not empties:
            raise DataError(
                f"{where}: says no label to {verb.split()[0]}{' to' * (verb[0] == 'c')}. Write: "
                f"{'change to' if verb[0] == 'c' else verb} LABEL."
            )
        found = self._changed(own, verb, named_label, where)
        return None if found == own else Change(found)

    def _changed(self, own: Any, verb: str, named: str, where: str) -> Any:
        """What a text has instead of its `own`, by an action and what it names."""
        if self._grades is not None:
            return self._grade(named, where)
        if self._target != MULTILABEL:
            return self._known(named, where)
        separator = separator_of(self._parts[TRAIN])
        labels = [self._known(label, where) for label in split_labels(named, separator) if label]
        keys = set(map(label_key, labels))
        if verb in ("add", "remove"):
            labels = [label for label in own if label_key(label) not in keys] + labels * (verb == "add")
        return tuple(sorted(set(labels)))

    def _grade(self, named: str, where: str) -> float:
        """A grade; DataError for what is none, and for one beyond those of the source."""
        grade, (low, high) = checked_grade(named.strip(), where), self._grades or (0.0, 0.0)
        if not low <= grade <= high and not self._new_labels:
            raise DataError(
                f"{where}: the grades of {self._name} go from {low:g} to {high:g}, and {grade:g} is beyond. "
                "One like that is allowed with new_labels=True (--new-labels)."
            )
        return grade

    def _known(self, label: str, where: str) -> Label:
        """A label as the source spells it; DataError for one that it does not have."""
        known = self._labels.get(label_key(label), self._labels.get(label_key(label.strip())))
        if known is None and not self._new_labels:
            raise DataError(
                f"{where}: no text of {self._name} has the label {shown(label.strip())}. "
                f"{did_you_mean(label.strip(), map(str, self._labels.values()))} A new label is allowed with "
                "new_labels=True (--new-labels)."
            )
        return self._new_label(label.strip(), where) if known is None else known

    def _new_label(self, label: str, where: str) -> Label:
        if not self._are_numbers:
            return label
        if not re.fullmatch(r"-?[0-9]{1,18}", label):
            raise DataError(f"{where}: the labels of {self._name} are whole numbers, not {shown(label)}.")
        return int(label)


def corrected(dataset: Dataset, corrections: Corrections) -> Dataset:
    """The data set with the decisions carried out. Raises DataError if no text for training is left."""
    parts = [
        None if part is None else _corrected(part, name, corrections)
        for name, part in ((TRAIN, dataset.train), (TEST, dataset.test))
    ]
    train, test = parts
    if train is None or not len(train):
        raise DataError(f"{dataset.name}: all texts would be dropped. Keep some of them.")
    return replace(dataset, train=train, test=test if test is not None and len(test) else None)


def _corrected(part: Corpus, name: str, corrections: Corrections) -> Corpus:
    labels, kept = list(part.labels), np.ones(len(part), dtype=bool)
    for (of, row), change in corrections.changes.items():
        if of != name:
            continue
        if change.label is None:
            kept[row] = False
        else:
            labels[row] = change.label
    return replace(part, labels=labels).subset(np.flatnonzero(kept).tolist())

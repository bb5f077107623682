"""Questions on the texts of the source: those that match, and those whose label is probably wrong."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wordloom.atomic import replacing_file
from wordloom.checks.checking import Checked, Finding
from wordloom.checks.corrections import described, excerpt, spelled, write_corrections
from wordloom.checks.evidence import MOST_GRADES
from wordloom.errors import DataError
from wordloom.explorer.explored import Explored
from wordloom.explorer.listed import Listed, shown
from wordloom.plain_values import check_choices, check_ranges
from wordloom.server.refusal import Refusal
from wordloom.targets import GRADED, MULTILABEL, labels_in

if TYPE_CHECKING:
    from wordloom.report import Subject

PAGE = 50
_MOST = 2**53
SHOWN = ("all", "errors", "right")
SORTED = ("row", "surest error", "least sure", "surest", "longest", "shortest")


@dataclass(frozen=True)
class TextsQuestion:
    """Which texts are asked for.

    show : all of them, errors, or those with the right answer
    label, predicted : the places of labels, -1 for any
    search : what stands in the text, in any case
    least_sure, most_sure : the range of the predicted label's probability
    shortest, longest : the range of lengths in words
    sort : one of SORTED
    start : so many of them are passed over
    """

    show: str = "all"
    label: int = -1
    predicted: int = -1
    search: str = ""
    least_sure: float = 0.0
    most_sure: float = 1.0
    shortest: int = 0
    longest: int = _MOST
    sort: str = "row"
    start: int = 0

    def __post_init__(self) -> None:
        check_choices(self, show=SHOWN, sort=SORTED)
        check_ranges(
            self,
            **dict.fromkeys(("least_sure", "most_sure"), (0, 1)),
            **dict.fromkeys(("shortest", "longest", "start"), (0, _MOST)),
            **dict.fromkeys(("label", "predicted"), (-1, _MOST)),
        )
        if len(self.search) > 1_000:
            raise DataError("'search' has more than 1,000 characters.")

    async def answered(self, explored: Explored) -> Any:
        """How many match, and a page of them; `working` while the answers are worked out."""
        subject = explored.answered()
        if subject is None:
            return {"working": True}
        listed = Listed.of(subject)
        rows = await asyncio.to_thread(self._rows, subject, listed)
        some = rows[self.start : self.start + PAGE].tolist()
        return {
            "total": len(rows),
            "of": len(subject.corpus),
            "texts": [_line(subject, listed, row) for row in some],
        }

    def _rows(self, subject: Subject, listed: Listed) -> NDArray[np.int64]:
        lengths = subject.lengths
        wrong, sure = listed.wrong, listed.sure
        kept = (sure >= self.least_sure) & (sure <= self.most_sure)
        kept &= (lengths >= self.shortest) & (lengths <= self.longest)
        if self.show != "all":
            kept &= wrong if self.show == "errors" else ~wrong
        for wanted, with_label in ((self.label, listed.has), (self.predicted, listed.given)):
            if wanted >= 0:
                kept &= with_label(wanted)
        rows = np.flatnonzero(kept)
        if self.search:
            texts, sought = subject.corpus.texts, self.search.lower()
            rows = np.array([row for row in rows.tolist() if sought in texts[row].lower()], dtype=np.int64)
        by = {
            "row": rows,
            "surest error": listed.doubt[rows],
            "least sure": sure[rows],
            "surest": -sure[rows],
            "longest": -lengths[rows],
            "shortest": lengths[rows],
        }
        return np.asarray(rows[np.argsort(by[self.sort], kind="stable")])


def _line(subject: Subject, listed: Listed, row: int) -> dict[str, Any]:
    return {
        "row": row,
        "at": subject.place(row),
        "given": shown(subject.corpus.labels[row]),
        "predicted": listed.predicted(row),
        "wrong": bool(listed.wrong[row]),
        "sure": None if subject.corpus.target == GRADED else float(listed.sure[row]),
        "words": int(subject.lengths[row]),
        "text": excerpt(subject.corpus.texts[row]),
    }


@dataclass(frozen=True)
class SuspectsQuestion:
    """start : so many are passed over, in digits"""

    start: str

    async def answered(self, explored: Explored) -> Any:
        """Texts with something wrong; `working` while they are looked for, which trains models."""
        checked = explored.checked()
        if checked is None:
            return {"working": True}
        first = (
            int(self.start) if self.start.isascii() and self.start.isdigit() and len(self.start) < 12 else 0
        )
        some = checked.findings[first : first + PAGE]
        return {
            "total": len(checked.findings),
            "labels": _labels_of(checked),
            "notes": list(checked.notes),
            "suspects": [_suspect(explored, checked, finding) for finding in some],
        }


def _labels_of(checked: Checked) -> list[str]:
    """The labels that a text may get, as corrections spell them; of many different grades none."""
    corpus = checked.corpus
    found = [spelled(one, corpus) for one in labels_in(corpus.labels)]
    if corpus.target == MULTILABEL:
        found = [spelled((one,), corpus) for one in labels_in(corpus.labels)]
    return found if corpus.target != GRADED or len(found) <= MOST_GRADES else []


def _suspect(explored: Explored, checked: Checked, finding: Finding) -> dict[str, Any]:
    found = finding.evidence
    return {
        "row": finding.row,
        "at": explored.subject().place(finding.row),
        "faults": list(described(checked, finding)),
        "given": shown(checked.corpus.labels[finding.row]),
        "suggested": None if finding.suggested is None else shown(finding.suggested),
        "own": _own(checked, finding.row),
        "probability": None if found is None else found.probability_given,
        "probability_suggested": None if found is None else found.probability_suggested,
        "for_given": [] if found is None else [word.word for word in found.words_given],
        "for_suggested": [] if found is None else [word.word for word in found.words_suggested],
        "text": excerpt(checked.corpus.texts[finding.row]),
    }


def _own(checked: Checked, row: int) -> list[str]:
    """The labels that a text has, as corrections spell them."""
    label = checked.corpus.labels[row]
    own = [(one,) for one in label] if isinstance(label, tuple) else [label]
    return [spelled(one, checked.corpus) for one in own]


@dataclass(frozen=True)
class SaveQuestion:
    """actions : number of a text -> keep, drop, change, change to LABEL, and of several labels add or remove
    LABEL"""

    actions: dict[str, str]

    async def answered(self, explored: Explored) -> Any:
        """The table of corrections as CSV; written to the file that the command line named, if it did."""
        checked = explored.checked()
        if checked is None:
            raise Refusal(400, "The texts are still being checked; there is nothing to decide yet.")
        table = io.StringIO(newline="")
        write_corrections(checked, table, self._checked(checked))
        target = explored.more.corrections
        if target is not None:
            await asyncio.to_thread(_write, table.getvalue(), target)
        return {"csv": table.getvalue(), "file": None if target is None else target.name}

    def _checked(self, checked: Checked) -> dict[int, str]:
        rows = {str(finding.row): finding for finding in checked.findings}
        labels = {spelled(one, checked.corpus) for one in checked.corpus.labels} | set(_labels_of(checked))
        verbs = ("add ", "remove ") if checked.corpus.target == MULTILABEL else ("change to ",)
        plain = {"keep", "drop"}
        for row, action in self.actions.items():
            finding = rows.get(row)
            label = next((action.removeprefix(verb) for verb in verbs if action.startswith(verb)), None)
            suggested = finding is not None and finding.suggested is not None and action == "change"
            if finding is None or not (action in plain or suggested or label in labels):
                raise Refusal(
                    400, "Decisions are keep, drop or change to LABEL, about texts with something wrong."
                )
        return {rows[row].row: action for row, action in self.actions.items()}


def _write(table: str, target: Any) -> None:
    try:
        with replacing_file(target) as temporary:
            temporary.write_text(table, encoding="utf-8", errors="backslashreplace", newline="")
    except OSError as error:
        raise Refusal(400, f"{target.name} cannot be written: {error.strerror or error}.") from None

"""The texts that stand in the page: shortened, as many as fit, as JSON that no text can break out of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from wordloom.report.highlights import Mark, marks_of
from wordloom.report.kind import Kind, cut
from wordloom.report.subject import Subject

LONGEST_TEXT = 1_500
"""Characters of a text that stand in the page; of a longer one the beginning and the end."""
_LONGEST_PLACE, _AT_A_TIME = 100, 100


@dataclass(frozen=True)
class EmbeddedTexts:
    """Texts as the page's script reads them.

    Parameters
    ----------
    script : JSON without `<`, `>` and `&`: the texts, the lists of them, and what labels there are
    shown : how many texts
    of : how many stand in any list
    shortened : how many of those shown are shortened
    """

    script: str
    shown: int
    of: int
    shortened: int


def embedded_texts(subject: Subject, kind: Kind, budget: int) -> EmbeddedTexts:
    """As many texts of the lists, by turns, as `budget` bytes hold."""
    lists = kind.lists
    page: dict[str, Any] = {**kind.head(), "lists": {}, "texts": []}
    left = budget - len(safe_json(page)) - 1000
    number: dict[int, int] = {}
    texts: list[dict[str, Any]] = []
    turns, shortened = list(lists.by_turns()), 0
    for row, entry in _described(subject, kind, turns):
        left -= len(safe_json(entry).encode("utf-8", "backslashreplace")) + 20  # its number in the lists
        if left < 0:
            break
        number[row] = len(texts)
        texts.append(entry)
        shortened += "cut" in entry
    page["texts"] = texts
    page["from"] = _common(texts)
    for name in ("errors", "suspects", "unsure"):
        rows = getattr(lists, name)
        page["lists"][name] = {"all": len(rows), "shown": [number[row] for row in rows if row in number]}
    return EmbeddedTexts(safe_json(page), len(texts), len(turns), shortened)


def _common(texts: list[dict[str, Any]]) -> str:
    """What all places begin with, a file's name and a comma: the page shows it once."""
    begins = {text["at"].rpartition(", ")[0] for text in texts}
    return f"{begins.pop()}, " if len(begins) == 1 and all(begins) else ""


def _described(subject: Subject, kind: Kind, rows: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with what the page says of its text; texts are explained some at a time."""
    texts, n_explained = subject.corpus.texts, 0
    for start in range(0, len(rows), _AT_A_TIME):
        some = rows[start : start + _AT_A_TIME]
        asked = [(row, column) for row in some for column in kind.explained(row)]
        columns = np.array([column for _, column in asked], dtype=np.int64)
        found = marks_of(subject.model, [texts[row] for row, _ in asked], columns, n_explained)
        n_explained += len(asked)
        marks: dict[int, list[tuple[int, tuple[Mark, ...]]]] = {}
        for (row, column), of_text in zip(asked, found, strict=True):
            marks.setdefault(row, []).append((column, of_text))
        for row in some:
            yield row, _entry(subject, kind, row, marks.get(row, []))


def _entry(
    subject: Subject, kind: Kind, row: int, marks: list[tuple[int, tuple[Mark, ...]]]
) -> dict[str, Any]:
    return {
        "at": cut(subject.place(row), _LONGEST_PLACE, end=True),
        **kind.entry(row),
        "words": int(subject.lengths[row]),
        **_shortened(subject.corpus.texts[row], marks),
    }


def _shortened(text: str, found: list[tuple[int, tuple[Mark, ...]]]) -> dict[str, Any]:
    """The text, or its beginning and end with the number of characters between; for each of some labels its
    highlights."""
    if len(text) <= LONGEST_TEXT:
        return {"text": text, "marks": [[column, [list(mark) for mark in marks]] for column, marks in found]}
    begin, end = LONGEST_TEXT * 2 // 3, LONGEST_TEXT // 3
    missing = len(text) - begin - end
    left = []
    for column, marks in found:
        shown = [list(mark) for mark in marks if mark.end <= begin]
        behind = (mark for mark in marks if mark.start >= len(text) - end)
        shown += [[mark.start - missing, mark.end - missing, mark.level] for mark in behind]
        left.append([column, shown])
    return {"text": text[:begin] + text[-end:], "cut": [begin, missing], "marks": left}


def safe_json(value: Any) -> str:
    """JSON that can stand in any element of a page: what could end one or begin another is an escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text

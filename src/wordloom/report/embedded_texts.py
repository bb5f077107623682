"""The texts that stand in the page: shortened, as many as fit, as JSON that no text can break out of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from wordloom.report.highlights import Mark, marks_of
from wordloom.report.subject import Subject
from wordloom.report.text_lists import TextLists

LONGEST_TEXT = 1_500
"""Characters of a text that stand in the page; of a longer one the beginning and the end."""
_LONGEST_PLACE, _LONGEST_LABEL = 100, 60
_LIKELIEST, _AT_A_TIME = 4, 100


@dataclass(frozen=True)
class EmbeddedTexts:
    """Texts as the page's script reads them.

    Parameters
    ----------
    script : JSON without `<`, `>` and `&`: the texts, the lists of them, and the labels
    shown : how many texts
    of : how many stand in any list
    shortened : how many of those shown are shortened
    """

    script: str
    shown: int
    of: int
    shortened: int


def embedded_texts(
    subject: Subject, lists: TextLists, place_of_class: list[int], budget: int
) -> EmbeddedTexts:
    """As many texts of the lists, by turns, as `budget` bytes hold.

    place_of_class : the row and column of each of the C classes in the confusion table of the page
    """
    page: dict[str, Any] = {
        "labels": [cut(str(label), _LONGEST_LABEL) for label in subject.model.labels],
        "place": place_of_class,
        "lists": {},
        "texts": [],
    }
    left = budget - len(safe_json(page)) - 1000
    number: dict[int, int] = {}
    texts: list[dict[str, Any]] = []
    turns, shortened = list(lists.by_turns()), 0
    for row, entry in _described(subject, turns):
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


def _rounded(probability: float) -> float:
    """Six digits, and never 0 or 1 for what is neither."""
    value = float(probability)
    return round(value, 6) if value in (0.0, 1.0) else min(max(round(value, 6), 1e-6), 1 - 1e-6)


def _common(texts: list[dict[str, Any]]) -> str:
    """What all places begin with, a file's name and a comma: the page shows it once."""
    begins = {text["at"].rpartition(", ")[0] for text in texts}
    return f"{begins.pop()}, " if len(begins) == 1 and all(begins) else ""


def _described(subject: Subject, rows: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with what the page says of its text; texts are explained some at a time."""
    texts = subject.corpus.texts
    for start in range(0, len(rows), _AT_A_TIME):
        some = rows[start : start + _AT_A_TIME]
        marks = marks_of(subject.model, [texts[row] for row in some], start)
        yield from ((row, _entry(subject, row, found)) for row, found in zip(some, marks, strict=True))


def _entry(subject: Subject, row: int, marks: tuple[Mark, ...]) -> dict[str, Any]:
    answers, corpus = subject.answers, subject.corpus
    probabilities, true = answers.probabilities[row], int(answers.targets[row])
    likeliest = np.argsort(-probabilities, kind="stable")[:_LIKELIEST].tolist()
    entry = {
        "at": cut(subject.place(row), _LONGEST_PLACE, end=True),
        "true": true,
        "guess": likeliest[0],
        "p": [[column, _rounded(probabilities[column])] for column in likeliest],
        "own": _rounded(probabilities[true]) if true >= 0 else None,
        "words": int(subject.lengths[row]),
        **_shortened(corpus.texts[row], marks),
    }
    if true < 0:
        entry["label"] = cut(str(corpus.labels[row]), _LONGEST_LABEL)
    return entry


def _shortened(text: str, found: tuple[Mark, ...]) -> dict[str, Any]:
    """The text, or its beginning and end with the number of characters between, with its highlights."""
    if len(text) <= LONGEST_TEXT:
        return {"text": text, "marks": [list(mark) for mark in found]}
    begin, end = LONGEST_TEXT * 2 // 3, LONGEST_TEXT // 3
    missing = len(text) - begin - end
    marks = [list(mark) for mark in found if mark.end <= begin]
    marks += [
        [mark.start - missing, mark.end - missing, mark.level]
        for mark in found
        if mark.start >= len(text) - end
    ]
    return {"text": text[:begin] + text[-end:], "cut": [begin, missing], "marks": marks}


def cut(text: str, most: int, end: bool = False) -> str:
    """At most `most` characters of a text: its beginning, or with `end` its end, and a mark at the cut."""
    if len(text) <= most:
        return text
    return "\u2026" + text[1 - most :] if end else text[: most - 1] + "\u2026"


def safe_json(value: Any) -> str:
    """JSON that can stand in any element of a page: what could end one or begin another is an escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text

"""Edits of JSON: the labels of some objects replaced, all other text as it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from wordloom.readers.relabelling import Edits, SetCell

_DECODER = json.JSONDecoder()
_BLANKS = " \t\r\n"


def edited_lines(lines: Iterable[str], column: str, edits: Edits) -> Iterator[tuple[str, bool]]:
    """(line, whether an edit was made) for every line of one object a line; places count lines from 1."""
    for number, line in enumerate(lines, start=1):
        if number not in edits:
            yield line, False
            continue
        label = edits[number]
        yield ("" if label is None else edited_object(line, column, label)), True


def edited_array(text: str, column: str, edits: Edits) -> str | None:
    """A JSON array of objects; places count them from 1. None for a text that is no such array."""
    spans = _item_spans(text)
    if spans is None:
        return None
    kept = [place for place in range(1, len(spans) + 1) if edits.get(place, "") is not None]
    pieces = [text[: spans[0][0]]] if spans else [text]
    for number, place in enumerate(kept):
        start, end = spans[place - 1]
        if number:
            pieces.append(text[spans[place - 2][1] : start])
        label = edits.get(place)
        pieces.append(text[start:end] if label is None else edited_object(text[start:end], column, label))
    return "".join(pieces) + (text[spans[-1][1] :] if spans else "")


def edited_object(text: str, column: str, label: Any) -> str:
    """The text of an object with another value of a name, or of a path such as `data.label`."""
    found = None
    for name, start, end in _value_spans(text):
        if name == column:
            found = start, end  # of a name that comes twice the last one counts
    if found is not None:
        start, end = found
        return (
            text[:start]
            + json.dumps(_like(json.loads(text[start:end]), label), ensure_ascii=False)
            + text[end:]
        )
    item = json.loads(text)
    set_at(item, column, label)
    body = text.rstrip(_BLANKS)
    return json.dumps(item, ensure_ascii=False) + text[len(body) :]


def set_at(item: Any, path: str, label: Any) -> None:
    """Put a label where a name or a path leads."""
    *steps, last = [path] if isinstance(item, dict) and path in item else path.split(".")
    for step in steps:
        item = item[int(step)] if isinstance(item, list) else item[step]
    item[last] = _like(item[last], label)


def _like(before: Any, label: Any) -> Any:
    """A label of the type that the one before it has."""
    if isinstance(label, SetCell) and not isinstance(before, str):
        return list(label.labels)
    if isinstance(before, bool) and label in (0, 1):
        return bool(label)
    return str(label) if isinstance(before, str) else label


def _item_spans(text: str) -> list[tuple[int, int]] | None:
    """Where each object of an array begins and ends."""
    i = _skip(text, 0)
    if text[i : i + 1] != "[":
        return None
    spans: list[tuple[int, int]] = []
    i = _skip(text, i + 1)
    while text[i] != "]":
        if text[i] == ",":
            i = _skip(text, i + 1)
        value, end = _DECODER.raw_decode(text, i)
        if not isinstance(value, dict):
            return None
        spans.append((i, end))
        i = _skip(text, end)
    return spans


def _value_spans(text: str) -> Iterator[tuple[str, int, int]]:
    """(name, where its value begins, where it ends) for everything in an object."""
    i = _skip(text, text.index("{") + 1)
    while text[i] != "}":
        if text[i] == ",":
            i = _skip(text, i + 1)
        name, i = _DECODER.raw_decode(text, i)
        start = _skip(text, _skip(text, i) + 1)  # behind the colon
        _, i = _DECODER.raw_decode(text, start)
        yield name, start, i
        i = _skip(text, i)


def _skip(text: str, i: int) -> int:
    """The next place that is not blank."""
    while text[i : i + 1] in _BLANKS and i < len(text):
        i += 1
    return i


def as_array(rows: Sequence[Any]) -> str:
    """Objects as the text of an array, one on each line."""
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"

"""The ways in which one JSON document holds a table, each as a list of rows.

They are: an array of objects; an object of columns, each an object of rows (what `DataFrame.to_json` writes)
or an array; an object of rows (`orient="index"`); columns and data (`orient="split"`); an array of objects
inside an object, `{"data": [...]}`.
Source of the orientations: https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.to_json.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from wordloom.readers.columns import is_habitual

_HOLDS_MORE = re.compile(r'\{\s*"(?:[^"\\]|\\.)*"\s*:\s*[\[{]')


def table_rows(document: Any, wanted: Collection[str] = ()) -> Sequence[Any] | None:
    """The rows of a document, most of them objects; None where it is no table.

    wanted : names of columns that the caller expects
    """
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return None
    values = list(document.values())
    if isinstance(document.get("columns"), list) and isinstance(document.get("data"), list):
        return _of_split(document["columns"], document["data"])
    if values and all(isinstance(value, dict) for value in values):
        return values if _is_by_row(document, wanted) else _of_columns(document)
    if values and all(isinstance(value, list) for value in values) and not _objects_in(document):
        return _of_lists(document)
    return _inside(document, wanted)


def holds_object_lines(text: str, is_cut: bool) -> bool:
    """Whether a text that begins with `{` is one object a line, and not one document.

    is_cut : whether the text is only the beginning of a file
    """
    first, _, rest = text.strip().partition("\n")
    if is_cut and not rest:
        return _HOLDS_MORE.match(first) is None
    try:
        item = json.loads(first)
    except (ValueError, RecursionError):
        return first.rstrip().endswith("}")  # the reader says what is wrong in the line
    return bool(rest) or table_rows(item) is None


def value_at(item: Any, path: str) -> Any:
    """What a path such as `data.text` or `turns.0.text` leads to; LookupError if it leads nowhere."""
    for step in path.split("."):
        if isinstance(item, list) and step.isdecimal():
            item = item[int(step)]
        elif isinstance(item, dict):
            item = item[step]
        else:
            raise LookupError(path)
    return item


def _is_by_row(document: Mapping[str, Mapping[str, Any]], wanted: Collection[str]) -> bool:
    """Whether the outer keys of an object of objects are rows: numbers are, names of columns are not."""
    outer, inner = list(document), list(next(iter(document.values())))
    for names_columns in (wanted.__contains__, is_habitual):
        if any(map(names_columns, outer)) != any(map(names_columns, inner)):
            return any(map(names_columns, inner))
    return all(map(str.isdecimal, outer)) and not all(map(str.isdecimal, inner))


def _of_columns(document: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    places = dict.fromkeys(place for column in document.values() for place in column)
    return [{name: column[at] for name, column in document.items() if at in column} for at in places]


def _of_lists(document: Mapping[str, list[Any]]) -> list[dict[str, Any]] | None:
    if len({len(column) for column in document.values()}) > 1:
        return None
    return [dict(zip(document, row, strict=True)) for row in zip(*document.values(), strict=True)]


def _of_split(names: list[Any], rows: list[Any]) -> list[Any]:
    return [
        dict(zip(map(str, names), row, strict=True))
        if isinstance(row, list) and len(row) == len(names)
        else row
        for row in rows
    ]


def _objects_in(document: Mapping[str, Any]) -> list[list[Any]]:
    return [
        value
        for value in document.values()
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    ]


def _inside(document: Mapping[str, Any], wanted: Collection[str]) -> list[Any] | None:
    """The one array of objects in an object that is not a row itself."""
    found = _objects_in(document)
    is_row = any(
        (name in wanted or is_habitual(name)) and not isinstance(value, list | dict)
        for name, value in document.items()
    )
    return found[0] if len(found) == 1 and not is_row else None

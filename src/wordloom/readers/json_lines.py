"""JSON Lines (one object a line, read as a stream) and one JSON document that holds a table (read whole)."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from wordloom.errors import DataError
from wordloom.readers.json_tables import holds_object_lines, table_rows, value_at
from wordloom.readers.lines import decoded, source_lines
from wordloom.readers.options import ReadOptions
from wordloom.readers.reader import Head, Reader
from wordloom.readers.source import Source
from wordloom.readers.table import SAMPLE_ROWS, Row, Table, no_rows

_OBJECT = re.compile(r"\s*\{\s*([\"}]|$)")
_ARRAY = re.compile(r"\s*\[\s*(\{|$)")
_DEEPEST = 100
"""Levels of arrays and objects; Python can read more of them than it can write."""


def _open_lines(source: Source, options: ReadOptions) -> Table:
    """A table of one object a line, blank lines passed over; columns are the keys of the first ones."""
    lines = source_lines(source, options)
    return _table(source.name, "jsonl", _objects(lines, source.name), options, "line", lines.close)


def _open_document(source: Source, options: ReadOptions) -> Table:
    """A table from a JSON file that holds one document (see `json_tables`); items are counted from 1."""
    with source.open() as stream:
        text = decoded(stream.read(), source.name, options)
    document = _parsed(text, source.name)
    items = table_rows(document, options.named)
    if items is None:
        raise DataError(
            f"{source.name}: an array of objects expected, found {_json_kind(document)}. "
            'Write it as [{"text": ..., "label": ...}, ...] or as one object a line.'
        )
    rows = [(place, _object(item, source.name, "item", place)) for place, item in enumerate(items, start=1)]
    return _table(source.name, "json", iter(rows), options, "item", lambda: None)


def _holds_lines(head: Head) -> bool:
    """Whether a file is one object a line, and not one document that may stand on several."""
    if head.suffix == ".json":  # the name says JSON, if not which
        return head.text.lstrip().startswith("{") and holds_object_lines(head.text, head.is_cut)
    return _begins_with(_OBJECT, head) and holds_object_lines("".join(head.lines), head.is_cut)


def _holds_document(head: Head) -> bool:
    return _begins_with(_ARRAY, head) or (_begins_with(_OBJECT, head) and not _holds_lines(head))


def _begins_with(pattern: re.Pattern[str], head: Head) -> bool:
    return bool(head.lines) and pattern.match(head.lines[0]) is not None


def _objects(lines: Iterator[str], name: str) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        item = _parsed(line, f"{name}, line {number}", " JSON Lines has one whole object on each line.")
        yield number, _object(item, name, "line", number)


def _parsed(text: str, place: str, hint: str = "") -> Any:
    try:
        item = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if error.lineno > 1 else f"column {error.colno}"
        raise DataError(f"{place}: is not valid JSON: {error.msg} at {where}.{hint}") from None
    except ValueError as error:  # an integer of more digits than Python reads
        raise DataError(f"{place}: holds a number that cannot be read: {error}.") from None
    except RecursionError:
        raise DataError(f"{place}: is nested too deeply.") from None
    if text.count("[") + text.count("{") > _DEEPEST and _depth(item) > _DEEPEST:
        raise DataError(f"{place}: is nested more than {_DEEPEST} levels deep.")
    return item


def _depth(item: Any) -> int:
    """How many arrays and objects stand inside each other."""
    depth, level = 0, [item]
    while level := [part for part in level if isinstance(part, list | dict)]:
        depth += 1
        level = [part for whole in level for part in (whole.values() if isinstance(whole, dict) else whole)]
    return depth


def _object(item: Any, name: str, unit: str, place: int) -> Row:
    if isinstance(item, dict):
        return item
    raise DataError(
        f"{name}, {unit} {place}: an object with named values expected, found {_json_kind(item)}. "
        'Write {"text": ..., "label": ...}.'
    )


def _json_kind(item: Any) -> str:
    kinds = {list: "an array", dict: "an object", str: "a string", type(None): "null", bool: "a boolean"}
    return kinds.get(type(item), "a number")


def _table(
    name: str,
    format: str,
    rows: Iterator[tuple[int, Row]],
    options: ReadOptions,
    unit: str,
    close: Callable[[], None],
) -> Table:
    """The table of some rows; columns that are named by a path, as `data.text`, are added to them."""
    first = list(itertools.islice(rows, SAMPLE_ROWS))
    columns = list(dict.fromkeys(key for _, row in first for key in row))
    if not columns:
        close()
        raise no_rows(name)
    named = dict.fromkeys((*options.named, *options.expected))
    paths = [path for path in named if path not in columns and any(_leads(path, row) for _, row in first)]
    rows = itertools.chain(first, rows)
    if paths:
        rows = ((place, _with_paths(row, paths)) for place, row in rows)
    return Table(name, format, [*columns, *paths], rows, unit=unit, close=close)


def _with_paths(row: Row, paths: list[str]) -> Row:
    return {**row, **{path: value_at(row, path) for path in paths if _leads(path, row)}}


def _leads(path: str, row: Row) -> bool:
    try:
        value_at(row, path)
    except LookupError:
        return False
    return True


JSON_LINES = Reader(_open_lines, holds=_holds_lines)
JSON = Reader(_open_document, holds=_holds_document)

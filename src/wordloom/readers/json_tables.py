"""JSON Lines (one object a line, read as a stream) and one JSON document that holds a table (read whole).

A document holds a table as an array of objects; an object of columns, each an object of rows (what
`DataFrame.to_json` writes) or an array; an object of rows (`orient="index"`); columns and data
(`orient="split"`); an array of objects inside an object, `{"data": [...]}`.
Source of the orientations: https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.to_json.html
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from wordloom.errors import DataError
from wordloom.readers.columns import is_habitual
from wordloom.readers.decoding import decoded, source_lines
from wordloom.readers.json_edits import as_array, edited_array, edited_lines, set_at
from wordloom.readers.reader import FileHead, Reader
from wordloom.readers.relabelling import Relabelling
from wordloom.readers.source import ReadOptions, Source
from wordloom.readers.table import SAMPLE_ROWS, Row, Table, label_column, no_rows

_OBJECT = re.compile(r"\s*\{\s*([\"}]|$)")
_ARRAY = re.compile(r"\s*\[\s*(\{|$)")
_DEEPEST = 100
"""Levels of arrays and objects; Python can read more of them than it can write."""
_HOLDS_MORE = re.compile(r'\{\s*"(?:[^"\\]|\\.)*"\s*:\s*[\[{]')


def _open_lines(source: Source, options: ReadOptions) -> Table:
    """A table of one object a line, blank lines passed over; columns are the keys of the first ones."""
    lines = source_lines(source, options)
    return _table(source.name, "jsonl", _objects(lines, source.name), options, "line", lines.close)


def _open_document(source: Source, options: ReadOptions) -> Table:
    """A table from a JSON file that holds one document (see `_table_rows`); items are counted from 1."""
    with source.open() as stream:
        text = decoded(stream.read(), source.name, options)
    document = _parsed(text, source.name)
    items = _table_rows(document, options.named)
    if items is None:
        raise DataError(
            f"{source.name}: an array of objects expected, found {_json_kind(document)}. "
            'Write it as [{"text": ..., "label": ...}, ...] or as one object a line.'
        )
    rows = [(place, _object(item, source.name, "item", place)) for place, item in enumerate(items, start=1)]
    return _table(source.name, "json", iter(rows), options, "item", lambda: None)


def _holds_lines(head: FileHead) -> bool:
    """Whether a file is one object a line, and not one document that may stand on several."""
    if head.suffix == ".json":  # the name says JSON, if not which
        return head.text.lstrip().startswith("{") and _holds_object_lines(head.text, head.is_cut)
    return _begins_with(_OBJECT, head) and _holds_object_lines("".join(head.lines), head.is_cut)


def _holds_document(head: FileHead) -> bool:
    return _begins_with(_ARRAY, head) or (_begins_with(_OBJECT, head) and not _holds_lines(head))


def _begins_with(pattern: re.Pattern[str], head: FileHead) -> bool:
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
    return {**row, **{path: _value_at(row, path) for path in paths if _leads(path, row)}}


def _leads(path: str, row: Row) -> bool:
    try:
        _value_at(row, path)
    except LookupError:
        return False
    return True


def _table_rows(document: Any, wanted: Collection[str] = ()) -> Sequence[Any] | None:
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


def _holds_object_lines(text: str, is_cut: bool) -> bool:
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
    return bool(rest) or _table_rows(item) is None


def _value_at(item: Any, path: str) -> Any:
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


def _relabel_lines(asked: Relabelling) -> None:
    column = label_column(_open_lines(asked.source, asked.options), asked.options)
    lines = source_lines(asked.source, asked.options, keep_ends=True)
    asked.write(edited_lines(lines, column, asked.edits))


def _relabel_document(asked: Relabelling) -> None:
    """An array of objects keeps its text; a table of another form becomes one."""
    source, options, edits = asked.source, asked.options, asked.edits
    column = label_column(_open_document(source, options), options)
    with source.open() as stream:
        text = decoded(stream.read(), source.name, options)
    found = edited_array(text, column, edits)
    if found is None:
        rows = _table_rows(json.loads(text), options.named) or ()
        for place, label in edits.items():
            if label is not None:
                set_at(rows[place - 1], column, label)
        found = as_array([row for place, row in enumerate(rows, 1) if edits.get(place, "") is not None])
    asked.write([(found, False), *[("", True)] * len(edits)])


JSON_LINES = Reader(_open_lines, holds=_holds_lines, relabel=_relabel_lines)
JSON = Reader(_open_document, holds=_holds_document, relabel=_relabel_document)

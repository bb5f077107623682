"""Picking: which format a source is of, and its functions.

`pick_format` is the one place that decides. It asks the rows of `wordloom.formats`, and what the files that
they name say of a folder or of a file's first bytes.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path

from wordloom.corpus import Dataset
from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.formats import LABELLED, TABLES, TEXT_FORMATS, TextFormat, titles_of
from wordloom.readers.reader import FileHead, Reader
from wordloom.readers.source import ReadOptions, Source
from wordloom.readers.table import Table, labelled

_PLAIN_TEXT = "lines"
_PREFIXED = "fasttext"
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file: save it as CSV",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format": "an SQLite database",
}


def reader_of(row: TextFormat) -> Reader:
    """The functions of a format."""
    module, _, name = row.code.partition(":")
    reader: Reader = getattr(importlib.import_module(f"wordloom.readers.{module}"), name)
    return reader


def table_of(source: Source, format: str, options: ReadOptions) -> Table:
    """The rows of a source of a format that is a table."""
    opened = reader_of(TEXT_FORMATS[format]).open
    assert opened is not None, format
    return opened(source, options)


def dataset_of(source: Source, format: str, options: ReadOptions) -> Dataset:
    """All of a source of a format that has labels."""
    reader = reader_of(TEXT_FORMATS[format])
    if reader.read_with is not None:
        return reader.read_with(source, lambda file: _file_of_a_folder(file, options))
    if reader.read is not None:
        return reader.read(source, options)
    return labelled(table_of(source, format, options), options)


def _file_of_a_folder(file: Path, options: ReadOptions) -> Dataset:
    source = Source(file)
    return dataset_of(source, pick_format(source, None, options), options)


def pick_format(source: Source, format: str | None, options: ReadOptions, need_label: bool = True) -> str:
    """The name of the format of `source`: what the caller says, else by suffix, folders and first bytes.

    Without `need_label` text that has no columns is "lines". Raises UsageError for an unknown `format`,
    DataError for a source of no known format.
    """
    known = LABELLED if need_label else TABLES
    if options.label_prefix is not None and (source.is_folder or format not in (None, _PREFIXED)):
        raise UsageError(
            f"{source.name}: label_prefix (--label-prefix) goes with a file of fastText's lines."
        )
    if format is not None:
        if format not in known:
            raise UsageError(f"There is no format {format!r} here. {did_you_mean(format, known)}")
        row = TEXT_FORMATS[format]
        if not (row.is_folder if source.is_folder else row.is_file):
            raise DataError(f"{source.name}: is {'a' if source.is_folder else 'no'} folder, not {format}.")
        return format
    if source.is_folder:
        return _folder_format(source)
    return _PREFIXED if options.label_prefix is not None else _file_format(source, options, need_label)


def _particular_first(rows: Iterable[TextFormat] = TEXT_FORMATS.values()) -> list[TextFormat]:
    return list(reversed(list(rows)))


def _folder_format(source: Source) -> str:
    folder = source.path
    assert folder is not None
    rows = _particular_first(row for row in TEXT_FORMATS.values() if row.is_folder)
    for row in rows:
        holds = reader_of(row).holds_folder
        if holds is not None and holds(folder):
            return row.name
    there = ", ".join(sorted(child.name for child in folder.iterdir())[:5]) or "nothing"
    raise DataError(
        f"{source.name}: this folder holds no labelled text ({there}). Expected {titles_of(rows)}."
    )


def _file_format(source: Source, options: ReadOptions, need_label: bool) -> str:
    head = FileHead(source.head(), source.suffix, options, need_label)
    if not head.data:
        raise DataError(f"{source.name}: is empty. Give a file with at least one text.")
    rows = _particular_first(row for row in TEXT_FORMATS.values() if row.is_file)
    for row in rows:
        if row.magic and row.begins(head.data) and _holds(row, head, by_default=True):
            return row.name
    for magic, kind in _FOREIGN.items():
        if head.data.startswith(magic):
            raise DataError(f"{source.name}: is {kind}.")
    by_suffix = [row for row in rows if head.suffix in row.suffixes]
    if by_suffix:
        others = (row for row in rows if head.suffix in row.may_end and _holds(row, head))
        return next(others, by_suffix[0]).name
    if options.encoding is None and b"\0" in head.data:
        raise DataError(
            f"{source.name}: holds NUL bytes, so it is not UTF-8 text. If it is UTF-16, give "
            "encoding='utf-16' (--encoding utf-16)."
        )
    for row in rows:
        if head.lines and not row.magic and (need_label or row.is_table) and _holds(row, head):
            return row.name
    if need_label:
        raise DataError(
            f"{source.name}: the format of the labelled text cannot be told from its name or first lines. "
            f"Say it with format=NAME (--format NAME): {', '.join(LABELLED)}; for fastText's lines with "
            "another mark of labels than __label__, label_prefix=MARK (--label-prefix MARK) too."
        )
    return _PLAIN_TEXT


def _holds(row: TextFormat, head: FileHead, by_default: bool = False) -> bool:
    holds = reader_of(row).holds
    return by_default if holds is None else holds(head)

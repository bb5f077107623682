"""Edits of a table with a separator: the label cells of some rows replaced, all other text as it was."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from wordloom.csv_writer import csv_writer
from wordloom.errors import DataError, shown
from wordloom.readers.dialect import Dialect
from wordloom.readers.relabelling import Edits


def edited_records(
    dialect: Dialect, lines: Iterable[str], column: int, edits: Edits, name: str
) -> Iterator[tuple[str, bool]]:
    """(text, whether an edit was made) for every record with the blank lines before it, and for what follows.

    column : number of the column with the labels, from 0
    name : of the source, for messages
    """
    taken: list[str] = []

    def noted() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    for place, fields in dialect.records(noted()):
        raw = "".join(taken)
        taken.clear()
        if place not in edits:
            yield raw, False
            continue
        record = raw.lstrip("\r\n")
        blank, label = raw[: len(raw) - len(record)], edits[place]
        edited = ""
        if label is not None:
            where = f"{name}, line {place}"
            edited = _edited(record, fields, column, str(label), dialect, where)
        yield blank + edited, True
    yield "".join(taken), False


def _edited(record: str, fields: Sequence[str], column: int, label: str, dialect: Dialect, where: str) -> str:
    """The record with another label in its column."""
    body = record.removesuffix("\n").removesuffix("\r")
    end = record[len(body) :]
    wanted = [*fields[:column], label, *fields[column + 1 :]]
    spans = _spans(body, dialect)
    if column < len(spans):
        first, last = spans[column]
        cell = _cell(label, body[first:last], dialect, where)
        edited = body[:first] + cell + body[last:]
        if dialect.first_records(io.StringIO(edited, newline="")) == [wanted]:
            return edited + end
    stream = io.StringIO(newline="")  # a record of a form that is read, but not written so
    csv_writer(stream, dialect.delimiter).writerow(wanted)
    return stream.getvalue().removesuffix("\n") + end


def _cell(label: str, before: str, dialect: Dialect, where: str) -> str:
    """A label as a cell, in quotes if it needs them or the one before had them."""
    special = any(letter in label for letter in (dialect.delimiter, '"', "\r", "\n", dialect.escape or "\n"))
    if not dialect.quoted:
        if any(letter in label for letter in (dialect.delimiter, "\r", "\n")):
            raise DataError(f"{where}: the label {shown(label)} cannot be written in a table without quotes.")
        return label
    if not special and not before.startswith('"'):
        return label
    escape = dialect.escape
    inner = label.replace('"', '""') if escape is None else label.replace(escape, escape * 2)
    return f'"{inner}"' if escape is None else '"' + inner.replace('"', escape + '"') + '"'


def _spans(body: str, dialect: Dialect) -> list[tuple[int, int]]:
    """Where each cell of a record begins and ends, its quotes included."""
    spans: list[tuple[int, int]] = []
    i = 0
    while True:
        start = i
        if dialect.quoted and body[i : i + 1] == '"':
            i = _behind_quotes(body, i + 1, dialect.escape)
        while i < len(body) and body[i] != dialect.delimiter:
            i += 2 if body[i] == dialect.escape else 1
        spans.append((start, min(i, len(body))))
        if i >= len(body):
            return spans
        i += 1


def _behind_quotes(body: str, i: int, escape: str | None) -> int:
    """The place behind the quote that ends a quoted cell."""
    while i < len(body):
        if body[i] == escape:
            i += 2
        elif body[i] != '"':
            i += 1
        elif escape is None and body[i + 1 : i + 2] == '"':
            i += 2
        else:
            return i + 1
    return i

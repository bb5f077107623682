"""Dialect: how the fields of a delimited table are separated and quoted, found from its first lines.

A line `sep=;`, as Excel reads it, says the separator. A quoted field may hold line ends and may be of any
length.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

SAMPLE_LINES = 500
"""The lines from which a dialect is found."""
_DECLARED = re.compile(r'"?sep=([^\w\s"]|\t)"?[\r\n]*$', re.IGNORECASE)
_FIELD_LIMIT = 2**31 - 1  # the largest that the csv module takes on every platform


@dataclass(frozen=True)
class Dialect:
    """How fields are separated and quoted."""

    delimiter: str = ","
    quoted: bool = True
    escape: str | None = None

    def records(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """(line where the record begins, fields) for every record; blank lines are passed over."""
        if csv.field_size_limit() < _FIELD_LIMIT:  # one limit for the whole process: only ever raised
            csv.field_size_limit(_FIELD_LIMIT)
        reader = csv.reader(
            _shielded(lines),
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            doublequote=self.escape is None,
            escapechar=self.escape,
            strict=True,
        )
        first_line = 1
        for fields in reader:
            if fields:
                yield first_line, [field.replace("\0", "\r") if "\0" in field else field for field in fields]
            first_line = reader.line_num + 1

    def first_records(self, sample: Iterable[str]) -> list[list[str]]:
        """The records of a sample up to the first that cannot be read."""
        found = []
        try:
            for _, fields in self.records(sample):
                found.append(fields)
        except csv.Error:
            pass
        return found


def fitting_dialect(sample: Sequence[str], delimiters: str) -> Dialect:
    """The first way of reading that splits the sample without an error into rows of one width, two or more.

    Where none does, the first that gives two columns, else the first of all. What a first line `sep=;` says
    comes before that.
    """
    declared = declared_delimiter(sample)
    if declared is not None:
        return _fitting_quotes(sample[1:], declared)
    dialects = [_fitting_quotes(sample, delimiter) for delimiter in delimiters]
    splitting = []
    for dialect in dialects:
        widths = [len(fields) for fields in dialect.first_records(sample)]
        if widths and widths[0] > 1:
            splitting.append((len(set(widths)) > 1, dialect))
    return min(splitting, key=lambda found: found[0])[1] if splitting else dialects[0]


def declared_delimiter(sample: Sequence[str]) -> str | None:
    """The separator that a first line such as `sep=;` declares, which is no row."""
    found = _DECLARED.match(sample[0]) if sample else None
    return found[1] if found else None


def _shielded(lines: Iterable[str]) -> Iterator[str]:
    """Lines whose carriage returns inside, which the csv module refuses, stand as NUL: no line holds NUL."""
    for line in lines:
        if "\r" in line:
            body = line.removesuffix("\n").removesuffix("\r")
            yield body.replace("\r", "\0") + line[len(body) :]
        else:
            yield line


def _fitting_quotes(sample: Sequence[str], delimiter: str) -> Dialect:
    usual = Dialect(delimiter)
    ways = [usual]
    if any('\\"' in line for line in sample):  # else any quote that is out of place would seem to fit
        ways.append(Dialect(delimiter, escape="\\"))
    if delimiter == "\t":  # in many TSV files a quote is a letter like any other
        ways.append(Dialect(delimiter, quoted=False))
    return next((way for way in ways if _fits(way, sample)), usual)


def _fits(dialect: Dialect, sample: Sequence[str]) -> bool:
    try:
        for _, fields in dialect.records(sample):
            # Rows swallowed by a quote that never closes: a field with both a line end and the separator.
            if dialect.delimiter == "\t" and any("\t" in field and "\n" in field for field in fields):
                return False
    except csv.Error as error:
        return "unexpected end of data" in str(error) and len(sample) == SAMPLE_LINES
    return True

"""Tables with a separator: CSV, TSV and their relatives, read as a stream.

How fields are separated is found from the first lines (see `dialect`), and so is whether the first line names
the columns. Columns without names are called "1", "2" and so on; a name that comes again gets a number.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from wordloom.errors import DataError, shown
from wordloom.origin import Columns
from wordloom.readers.columns import is_habitual, is_identifier, normalized
from wordloom.readers.decoding import source_lines
from wordloom.readers.delimited_edits import edited_records
from wordloom.readers.dialect import SAMPLE_LINES, Dialect, declared_delimiter, fitting_dialect
from wordloom.readers.reader import FileHead, Reader
from wordloom.readers.relabelling import Relabelling
from wordloom.readers.source import ReadOptions, Source
from wordloom.readers.table import SAMPLE_ROWS, Row, Table, label_column

_CLASS_NUMBER = re.compile(r"\d{1,4}")
_MOST_COLUMNS = 16_384
_OF_CSV, _OF_TSV = ",;\t|", "\t"
"""What may stand between the columns."""
_PASSED_OVER = "\n"
"""In the place of a first line that declares the separator: blank lines are passed over, and counted."""


def _open_csv(source: Source, options: ReadOptions) -> Table:
    """A table separated by commas, else by semicolons, tabs or bars."""
    return _open(source, options, _OF_CSV, "csv")


def _open_tsv(source: Source, options: ReadOptions) -> Table:
    """A table separated by tabs."""
    return _open(source, options, _OF_TSV, "tsv")


def _holds_csv(head: FileHead) -> bool:
    return declared_delimiter(head.lines) is not None or _looks_delimited(head, ",;|")


def _holds_tsv(head: FileHead) -> bool:
    return declared_delimiter(head.lines) is None and _looks_delimited(head, "\t")


def _looks_delimited(head: FileHead, delimiters: str) -> bool:
    """A header with a habitual or expected name; or, where labels are needed, as many fields in each line."""
    sample = head.lines[:200]
    records = fitting_dialect(sample, delimiters).first_records(sample)
    if not records or len(records[0]) < 2:
        return False
    widths = {len(record) for record in records}
    expected = head.options.expected
    if len(widths) == 1 and any(is_habitual(name) or name in expected for name in records[0]):
        return True
    return head.need_label and len(widths) == 1


def _open(source: Source, options: ReadOptions, delimiters: str, format: str) -> Table:
    lines = source_lines(source, options, keep_ends=True)
    sample = list(itertools.islice(lines, SAMPLE_LINES))
    if len(sample) == 1 and "\r" in sample[0].rstrip():
        raise DataError(
            f"{source.name}: its lines end in carriage returns alone. Convert them to line feeds."
        )
    dialect = fitting_dialect(sample, delimiters)
    if declared_delimiter(sample) is not None:
        sample[0] = _PASSED_OVER
    records = _checked(dialect, itertools.chain(sample, lines), source.name)
    first = list(itertools.islice(records, SAMPLE_ROWS))
    if not first:
        raise DataError(f"{source.name}: is empty. Give a file with at least one row.")
    top = f"{source.name}, line {first[0][0]}"
    _refuse_width(len(first[0][1]), top)
    has_header = _has_header([fields for _, fields in first], options)
    heading = first.pop(0)[1] if has_header else None
    names = _names(heading, [fields for _, fields in first], options, top)
    usual = None if has_header else _of_classes([fields for _, fields in first])
    rows = _rows(names, itertools.chain(first, records), source.name, has_header)
    return Table(
        source.name,
        format,
        names,
        rows,
        "line",
        dialect.delimiter,
        has_header,
        lines.close,
        _notes(source.name, has_header, usual if not options.named and options.columns is None else None),
        usual=usual,
    )


def _notes(name: str, has_header: bool, usual: Columns | None) -> tuple[str, ...]:
    if has_header:
        return ()
    found = f"{name}: the first line is taken as data, not as column names"
    return (f"{found}.",) if usual is None else (f"{found}; the first column holds numbers of classes.",)


def _of_classes(records: Sequence[Sequence[str]]) -> Columns | None:
    """The columns of a table as Zhang et al. publish them: a number for the class, then two or more of text.

    See https://arxiv.org/abs/1509.01626. None for tables of another make, and for few rows.
    """
    width = len(records[0])
    if width < 3 or len(records) < 4 or any(len(record) != width for record in records):
        return None
    classes, *texts = zip(*records, strict=True)
    if not all(_CLASS_NUMBER.fullmatch(value) for value in classes) or len(set(classes)) == len(classes):
        return None
    if any(all(_is_number(value) for value in column if value) for column in texts):
        return None
    return Columns(tuple(str(number) for number in range(2, width + 1)), "1")


def _checked(dialect: Dialect, lines: Iterable[str], name: str) -> Iterator[tuple[int, list[str]]]:
    reached = 0

    def counted() -> Iterator[str]:
        nonlocal reached
        for line in lines:
            reached += 1
            yield line

    started = 1
    try:
        for line, fields in dialect.records(counted()):
            started = reached + 1
            yield line, fields
    except csv.Error as error:
        place = f"line {started}" if started >= reached else f"lines {started} to {reached}"
        raise DataError(f"{name}, {place}: {_explained(error)}") from None


def _explained(error: csv.Error) -> str:
    return (
        f"{error}. A field that holds a quote needs quotes around it and the quote doubled: "
        '"she said ""no""". If quotes are plain letters in this file, separate the columns by tabs.'
    )


def _rows(
    names: Sequence[str], records: Iterable[tuple[int, list[str]]], name: str, has_header: bool
) -> Iterator[tuple[int, Row]]:
    width = len(names)
    for line, fields in records:
        while len(fields) > width and not fields[-1]:
            fields.pop()  # separators at the end of a line, of columns without name or content
        if len(fields) != width:
            meant = "the header names" if has_header else "the first line has"
            raise DataError(
                f"{name}, line {line}: {len(fields)} fields, but {meant} {width} columns. "
                "Put quotes around a text that holds the separator or a line end."
            )
        yield line, dict(zip(names, fields))  # noqa: B905 -- of one width, as was just checked


def _has_header(records: Sequence[Sequence[str]], options: ReadOptions) -> bool:
    """Whether the first record names the columns: by what the caller named or a model was trained on, by
    habit, by its contents."""
    first, following = records[0], records[1:]
    wanted = options.named
    if wanted and all(name.isdecimal() and 1 <= int(name) <= len(first) for name in wanted):
        return list(first) == [str(number + 1) for number in range(len(first))]
    if wanted:
        return True
    heading = set(map(normalized, first))
    if any(normalized(name) in heading and not name.isdecimal() for name in options.expected):
        return True
    named = [name for name in first if name.strip()]
    columns = [[record[i] for record in following if i < len(record)] for i in range(len(first))]
    if any(is_habitual(name) and name not in column for name, column in zip(first, columns, strict=True)):
        return True
    if len(set(named)) < len(named):
        return False
    return any(_stands_out(name, column) for name, column in zip(first, columns, strict=True))


def _stands_out(name: str, column: Sequence[str]) -> bool:
    """A name over a column of numbers, or over a few labels that come again and again."""
    if not column or name in column or not name.strip():
        return False
    of_numbers = all(_is_number(value) for value in column)
    if of_numbers and is_identifier(name):
        return True
    if len(column) < 4:
        return False
    if of_numbers:
        return not _is_number(name)
    return 2 * len(set(column)) <= len(column)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _names(
    heading: Sequence[str] | None, records: Sequence[Sequence[str]], options: ReadOptions, place: str
) -> list[str]:
    """A name for each column, no two alike; columns at the end without name and content are left out."""
    if heading is None:
        return [str(number) for number in range(1, len(records[0]) + 1)]
    width = len(heading)
    while (
        width > 1 and not heading[width - 1].strip() and not any("".join(row[width - 1 :]) for row in records)
    ):
        width -= 1
    counts = Counter(heading[:width])
    names: dict[str, None] = {}
    for number, name in enumerate(heading[:width], start=1):
        if not name.strip() and number > 1:  # in the first place stands what pandas numbers the rows with
            name = str(number)
        elif name.strip() and counts[name] > 1:
            _refuse_relevant(name, width, options, place)
        names[_unused(name, names, counts)] = None
    return list(names)


def _unused(name: str, names: Collection[str], counts: Mapping[str, int]) -> str:
    """The name, with a number where it is taken: `notes`, `notes.1`, as pandas does."""
    free = (f"{name}.{number}" for number in itertools.count(1))
    return name if name not in names else next(one for one in free if one not in counts and one not in names)


def _refuse_relevant(name: str, width: int, options: ReadOptions, place: str) -> None:
    """DataError for a repeated name of what may be the texts or the labels."""
    is_open = options.text is None or options.label is None
    if name in (*options.named, *options.expected) or (is_open and (width == 2 or is_habitual(name))):
        raise DataError(f"{place}: two columns are named {shown(name)}. Rename one of them.")


def _refuse_width(width: int, place: str) -> None:
    if width > _MOST_COLUMNS:
        raise DataError(
            f"{place}: {width:,} columns, more than the {_MOST_COLUMNS:,} of a spreadsheet. Is this a table "
            "of texts? Keep the columns that are needed."
        )


def _place_of_label(table: Table, options: ReadOptions) -> int:
    return table.columns.index(label_column(table, options))


def _relabel(asked: Relabelling, delimiters: str) -> None:
    source, options = asked.source, asked.options
    column = _place_of_label(_open(source, options, delimiters, "csv"), options)
    lines = source_lines(source, options, keep_ends=True)
    sample = list(itertools.islice(lines, SAMPLE_LINES))
    dialect, declared = fitting_dialect(sample, delimiters), ""
    if declared_delimiter(sample) is not None:
        declared, sample[0] = sample[0], _PASSED_OVER
    records = edited_records(dialect, itertools.chain(sample, lines), column, asked.edits, source.name)
    if declared:
        first, was_edited = next(records)
        records = itertools.chain([(declared + first.removeprefix(_PASSED_OVER), was_edited)], records)
    asked.write(records)


CSV = Reader(_open_csv, holds=_holds_csv, relabel=lambda asked: _relabel(asked, _OF_CSV))
TSV = Reader(_open_tsv, holds=_holds_tsv, relabel=lambda asked: _relabel(asked, _OF_TSV))

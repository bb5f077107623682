"""Table output: the rows of a table with their predictions.

The form is that of the input, or what the output's name says.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from wordloom.atomic import replacing_file
from wordloom.cli.output import visible_json
from wordloom.cli.streams import output_is_the_work
from wordloom.csv_writer import csv_writer
from wordloom.errors import UsageError
from wordloom.readers.forms import TABLE_SUFFIXES

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.readers import TableStream
    from wordloom.text_model import Prediction

Row = dict[str, Any]
Write = Callable[[Row, "Prediction"], None]

# Half of a surrogate pair, which a JSON file can hold and UTF-8 cannot, becomes its escape.
_TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}
_ADDED = ("label", "probability")


@dataclass(frozen=True)
class TableForm:
    """How a table is written.

    Parameters
    ----------
    name : "csv", "tsv", "jsonl" or "json" (one array)
    columns : of the input
    delimiter : between fields
    header : whether the columns' names are written
    """

    name: str
    columns: Sequence[str]
    delimiter: str
    header: bool

    @property
    def added(self) -> tuple[str, str]:
        """The names of the two new columns, none of them one that is there already."""
        first, second = (_free_name(name, self.columns) for name in _ADDED)
        return first, second


DOCUMENTS = TableForm("jsonl", (), ",", header=False)
"""JSON Lines of what `--json` says about a text, instead of the table's own columns."""


def form_of(table: TableStream, output: Path | None) -> TableForm:
    """The form that the output's name says, else that of the input; plain text and Parquet become CSV.

    Raises UsageError for a name that says another form.
    """
    suffix = "" if output is None else Path(output.name.removesuffix(".gz")).suffix.lower()
    same = table.form if table.form in TABLE_SUFFIXES.values() else "csv"
    if suffix not in TABLE_SUFFIXES and suffix not in ("", ".txt"):
        raise UsageError(f"{output}: tables are written as .csv, .tsv, .jsonl or .json, not {suffix!r}.")
    name = TABLE_SUFFIXES.get(suffix, same)
    delimiter = table.delimiter if name == table.form == "csv" else "\t" if name == "tsv" else ","
    header = table.has_header or table.form not in ("csv", "tsv")
    return TableForm(name, table.columns, delimiter, header)


@contextmanager
def written_table(form: TableForm, output: Path | None) -> Iterator[Write]:
    """Give a function that writes a row with its prediction to a file, or to standard output.

    The file appears whole when the block ends, or not at all; `.gz` at the end of its name compresses it.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(_standard_output() if output is None else _file(output))
        if form.name in ("csv", "tsv"):
            yield _delimited(stream, form)
            return
        before, between, after = ("", "", "") if form.name == "jsonl" else ("[\n", ",\n", "\n]\n")
        stream.write(before)
        yield _objects(stream, form, between)
        stream.write(after)


def write_corpus(corpus: Corpus, output: Path) -> None:
    """Write labelled texts to a table with the columns text and label, whole or not at all.

    Raises UsageError for a name that says no form of a table.
    """
    form = TABLE_SUFFIXES.get(Path(output.name.removesuffix(".gz")).suffix.lower())
    if form is None:
        raise UsageError(f"{output}: tables are written as {', '.join(TABLE_SUFFIXES)}; choose such a name.")
    rows = zip(corpus.texts, corpus.labels, strict=True)
    with _file(output) as stream:
        if form in ("csv", "tsv"):
            lines = csv_writer(stream, "," if form == "csv" else "\t")
            lines.writerows([("text", "label"), *rows])
            return
        objects = [json.dumps({"text": text, "label": label}, ensure_ascii=False) for text, label in rows]
        body = "\n".join(objects) if form == "jsonl" else "[\n" + ",\n".join(objects) + "\n]"
        stream.write(body + "\n")


def _delimited(stream: TextIO, form: TableForm) -> Write:
    lines = csv_writer(stream, form.delimiter)
    if form.header:
        lines.writerow([*form.columns, *form.added])

    def write(row: Row, answer: Prediction) -> None:
        cells = [_cell(row.get(column)) for column in form.columns]
        lines.writerow([*cells, answer.label, f"{answer.probability:.6f}"])

    return write


def _objects(stream: TextIO, form: TableForm, between: str) -> Write:
    label, probability = form.added
    separator = ""

    def write(row: Row, answer: Prediction) -> None:
        nonlocal separator
        values = {**row, label: answer.label, probability: answer.probability}
        end = "" if between else "\n"
        line = visible_json(json.dumps(values, ensure_ascii=False, default=str))
        stream.write(separator + line + end)
        separator = between

    return write


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else str(value)


def _free_name(name: str, taken: Iterable[str]) -> str:
    names = set(taken)
    while name in names:
        name = f"predicted_{name}"
    return name


@contextmanager
def _file(output: Path) -> Iterator[TextIO]:
    with replacing_file(output) as temporary:
        opened = gzip.open if output.name.endswith(".gz") else open
        with opened(temporary, "wb") as file, io.TextIOWrapper(cast(Any, file), **_TEXT) as stream:
            yield stream


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Standard output in UTF-8, whatever the terminal's encoding; it stays open."""
    with output_is_the_work() as output:
        stream = io.TextIOWrapper(output, **_TEXT)
        try:
            yield stream
            stream.flush()
        finally:
            with suppress(BrokenPipeError):  # what is left in the buffer has no reader either
                stream.detach()

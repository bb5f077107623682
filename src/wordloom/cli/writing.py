"""Files and folders that a command writes: checked before its work begins; tables with predictions.

What is there already is replaced only with `--overwrite`: a model of hours is not to be lost by a name used
twice.
"""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from wordloom.atomic import previous_of, replacing_file
from wordloom.cli.explanations import cell, strongest
from wordloom.cli.printing import output_is_the_work, visible_json
from wordloom.controls import visible
from wordloom.csv_writer import csv_cell, csv_writer, free_name
from wordloom.errors import DataError, UsageError
from wordloom.formats import TEXT_FORMATS, WRITTEN_TABLES, Layout, TextFormat, listed
from wordloom.target_names import SEPARATOR, SINGLE

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.explain.explanation import Explanation
    from wordloom.readers import TableStream
    from wordloom.text_model import Prediction

overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace what is there under this name already."
)


def check_targets(*targets: Path | None, overwrite: bool) -> None:
    """Raise what writing to one of these would meet, and UsageError for one that would be lost.

    None is a target that was not asked for. Empty files and folders are nothing to lose.
    """
    for target in filter(None, targets):
        check_can_write(target)
        if target.exists() and not (target.is_file() or target.is_dir()):
            raise UsageError(f"{target}: is a device or a pipe, which cannot be replaced. Name a file.")
        kept = previous_of(target)  # of a folder whose replacement was cut off
        if not overwrite and (_holds_something(target) or (not target.exists() and _holds_something(kept))):
            raise UsageError(f"{target} exists already: --overwrite replaces it, or choose another name.")


def check_model_target(target: Path, overwrite: bool) -> None:
    """`check_targets` for a model; UsageError for a folder with anything else in it, whatever is asked."""
    from wordloom import storage

    storage.check_target(target)
    check_targets(target, overwrite=overwrite)


def check_can_write(target: Path) -> None:
    """DataError if a file of this name could not be made: to be asked before long work."""
    folder = next(parent for parent in target.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise DataError(f"{target}: cannot be written: {folder} is a file, not a folder.")
    if not os.access(folder, os.W_OK):
        raise DataError(f"{target}: cannot be written: you may not write to {folder}.")


def _holds_something(place: Path) -> bool:
    return any(place.iterdir()) if place.is_dir() else place.exists() and place.stat().st_size > 0


@contextmanager
def writing_to(target: str | os.PathLike[str]) -> Iterator[None]:
    """Turn a failure to write into a DataError that names `target`, not a temporary file beside it."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        raise DataError(f"{Path(target)}: cannot be written: {error.strerror or error}.") from error


Row = dict[str, Any]
Write = Callable[[Row, "Prediction", "Sequence[Explanation]"], None]

# Half of a surrogate pair, which a JSON file can hold and UTF-8 cannot, becomes its escape.
_TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}
_EXPLAINED = "explanation"
_CSV = TEXT_FORMATS["csv"]


@dataclass(frozen=True)
class WrittenTable:
    """How a table is written.

    Parameters
    ----------
    layout : that of its format
    columns : of the input
    header : whether the columns' names are written
    explained : whether there is a column for the parts of the text that say most
    target : of `wordloom.target_names.TARGETS`: a label and its probability are written, the labels that a
        text has and theirs, or a grade
    separator : between the labels in a cell
    """

    layout: Layout
    columns: Sequence[str]
    header: bool
    explained: bool = False
    target: str = SINGLE
    separator: str = SEPARATOR

    @property
    def added(self) -> tuple[str, ...]:
        """The names of the new columns, none of them one that is there already."""
        from wordloom.prediction import COLUMNS

        names = COLUMNS[self.target]
        if self.explained:
            names = (*names, _EXPLAINED)
        return tuple(free_name(name, self.columns) for name in names)


DOCUMENTS = WrittenTable(Layout(end="\n"), (), header=False)
"""JSON Lines of what `--json` says about a text, instead of the table's own columns."""


def output_of(table: TableStream, output: Path | None) -> WrittenTable:
    """The format that the output's name says, else that of the input; what is not written becomes CSV.

    Raises UsageError for a name that says another format.
    """
    own = TEXT_FORMATS.get(table.format)
    same = own if own is not None and own.layout is not None else _CSV
    chosen = same
    if output is not None and (suffix := _suffix(output)) not in ("", ".txt"):
        chosen = _written_format(output, suffix)
    assert chosen.layout is not None
    layout = chosen.layout
    if chosen is own is _CSV:  # whose fields stand between commas or others
        layout = replace(layout, delimiter=table.delimiter)
    has_fields = own is not None and own.layout is not None and own.layout.delimiter
    return WrittenTable(layout, table.columns, table.has_header or not has_fields)


def _suffix(output: Path) -> str:
    return Path(output.name.removesuffix(".gz")).suffix.lower()


def _written_format(output: Path, suffix: str) -> TextFormat:
    if suffix not in WRITTEN_TABLES:
        raise UsageError(
            f"{output}: tables are written as {listed(WRITTEN_TABLES)}, not {suffix!r}; choose such a name."
        )
    return WRITTEN_TABLES[suffix]


@contextmanager
def written_table(written: WrittenTable, output: Path | None) -> Iterator[Write]:
    """Give a function that writes a row with its prediction to a file, or to standard output.

    The file appears whole when the block ends, or not at all; `.gz` at the end of its name compresses it.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(_standard_output() if output is None else text_file(output))
        if written.layout.delimiter:
            yield _delimited(stream, written)
            return
        stream.write(written.layout.before)
        yield _objects(stream, written)
        stream.write(written.layout.after)


def write_corpus(corpus: Corpus, output: Path, test: Corpus | None = None) -> None:
    """Write labelled texts to a table with the columns text and label, whole or not at all.

    test : texts for testing, which come behind the others; then a column split says which are which

    Raises UsageError for a name that says no format of a table.
    """
    layout = _written_format(output, _suffix(output)).layout
    assert layout is not None
    names: tuple[str, ...] = ("text", "label")
    rows: list[tuple[Any, ...]] = list(zip(corpus.texts, corpus.labels, strict=True))
    if test is not None:
        names = (*names, "split")
        rows = [(*row, "train") for row in rows]
        rows += [(text, label, "test") for text, label in zip(test.texts, test.labels, strict=True)]
    with text_file(output) as stream:
        if layout.delimiter:
            lines = csv_writer(stream, layout.delimiter)
            lines.writerow(names)
            separator = corpus.columns.separator if corpus.columns is not None else None
            lines.writerows((row[0], cell_of(row[1], separator or SEPARATOR), *row[2:]) for row in rows)
            return
        objects = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows]
        stream.write(layout.before + layout.between.join(one + layout.end for one in objects) + layout.after)


def cell_of(label: Any, separator: str) -> Any:
    """A label, a grade or a set of labels as a cell; a set with a separator between its labels."""
    from wordloom.labels import joined_labels

    return joined_labels(label, separator) if isinstance(label, tuple) else label


def write_rows(columns: Sequence[str], rows: Iterable[Row], output: Path) -> None:
    """Write some columns of rows to a table of CSV, whole or not at all."""
    with text_file(output) as stream:
        lines = csv_writer(stream)
        lines.writerow(columns)
        lines.writerows([csv_cell(row[column]) for column in columns] for row in rows)


def _delimited(stream: TextIO, written: WrittenTable) -> Write:
    lines = csv_writer(stream, written.layout.delimiter)
    if written.header:
        lines.writerow([*written.columns, *written.added])

    def write(row: Row, answer: Prediction, explanations: Sequence[Explanation]) -> None:
        cells = [csv_cell(row.get(column)) for column in written.columns]
        why = [cell(explanations, written.target)] if explanations else []
        lines.writerow([*cells, *_answer_cells(answer, written), *why])

    return write


def _objects(stream: TextIO, written: WrittenTable) -> Write:
    added, separator = written.added, ""

    def write(row: Row, answer: Prediction, explanations: Sequence[Explanation]) -> None:
        nonlocal separator
        why = [strongest(explanations, written.target)] if explanations else []
        values = {**row, **dict(zip(added, (*answer.columns(written.target).values(), *why), strict=True))}
        line = visible_json(json.dumps(values, ensure_ascii=False, default=str))
        stream.write(separator + line + written.layout.end)
        separator = written.layout.between

    return write


def _answer_cells(answer: Prediction, written: WrittenTable) -> list[str]:
    """The cells of the new columns; probabilities stand in the order of their labels."""
    shown: dict[str, Callable[[Any], str]] = {
        "label": csv_cell,
        "labels": lambda labels: cell_of(tuple(labels), written.separator),
        "probability": "{:.6f}".format,
        "probabilities": lambda shares: written.separator.join(map("{:.6f}".format, shares)),
        "grade": "{:.6g}".format,
    }
    return [shown[name](value) for name, value in answer.columns(written.target).items()]


@contextmanager
def text_file(output: Path) -> Iterator[TextIO]:
    """A file of text that appears whole or not at all; `.gz` at the end of its name compresses it."""
    with replacing_file(output) as temporary:
        import gzip

        opened = gzip.open if output.name.endswith(".gz") else open
        with opened(temporary, "wb") as file, io.TextIOWrapper(cast(Any, file), **_TEXT) as stream:
            yield stream


class _ForTerminal(io.TextIOWrapper):
    """Writes what would control a terminal as escapes; a file or a pipe gets every character as it is."""

    def write(self, text: str) -> int:
        return super().write(visible(text))


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Standard output in UTF-8, whatever the terminal's encoding; it stays open."""
    with output_is_the_work() as output:
        stream = (_ForTerminal if output.isatty() else io.TextIOWrapper)(output, **_TEXT)
        try:
            yield stream
            stream.flush()
        finally:
            with suppress(BrokenPipeError):  # what is left in the buffer has no reader either
                stream.detach()

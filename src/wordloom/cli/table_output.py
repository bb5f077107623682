"""Table output: the rows of a table with their predictions.

The format is that of the input, or what the output's name says.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from wordloom.atomic import replacing_file
from wordloom.cli.output import visible, visible_json
from wordloom.cli.streams import output_is_the_work
from wordloom.csv_writer import csv_writer
from wordloom.errors import UsageError
from wordloom.formats import TEXT_FORMATS, WRITTEN_TABLES, Layout, TextFormat, listed

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.readers import TableStream
    from wordloom.text_model import Prediction

Row = dict[str, Any]
Write = Callable[[Row, "Prediction"], None]

# Half of a surrogate pair, which a JSON file can hold and UTF-8 cannot, becomes its escape.
_TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}
_ADDED = ("label", "probability")
_CSV = TEXT_FORMATS["csv"]


@dataclass(frozen=True)
class Output:
    """How a table is written.

    Parameters
    ----------
    layout : that of its format
    columns : of the input
    header : whether the columns' names are written
    """

    layout: Layout
    columns: Sequence[str]
    header: bool

    @property
    def added(self) -> tuple[str, str]:
        """The names of the two new columns, none of them one that is there already."""
        first, second = (_free_name(name, self.columns) for name in _ADDED)
        return first, second


DOCUMENTS = Output(Layout(end="\n"), (), header=False)
"""JSON Lines of what `--json` says about a text, instead of the table's own columns."""


def output_of(table: TableStream, output: Path | None) -> Output:
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
    return Output(layout, table.columns, table.has_header or not has_fields)


def _suffix(output: Path) -> str:
    return Path(output.name.removesuffix(".gz")).suffix.lower()


def _written_format(output: Path, suffix: str) -> TextFormat:
    if suffix not in WRITTEN_TABLES:
        raise UsageError(
            f"{output}: tables are written as {listed(WRITTEN_TABLES)}, not {suffix!r}; choose such a name."
        )
    return WRITTEN_TABLES[suffix]


@contextmanager
def written_table(written: Output, output: Path | None) -> Iterator[Write]:
    """Give a function that writes a row with its prediction to a file, or to standard output.

    The file appears whole when the block ends, or not at all; `.gz` at the end of its name compresses it.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(_standard_output() if output is None else _file(output))
        if written.layout.delimiter:
            yield _delimited(stream, written)
            return
        stream.write(written.layout.before)
        yield _objects(stream, written)
        stream.write(written.layout.after)


def write_corpus(corpus: Corpus, output: Path) -> None:
    """Write labelled texts to a table with the columns text and label, whole or not at all.

    Raises UsageError for a name that says no format of a table.
    """
    layout = _written_format(output, _suffix(output)).layout
    assert layout is not None
    rows = zip(corpus.texts, corpus.labels, strict=True)
    with _file(output) as stream:
        if layout.delimiter:
            csv_writer(stream, layout.delimiter).writerows([("text", "label"), *rows])
            return
        objects = [json.dumps({"text": text, "label": label}, ensure_ascii=False) for text, label in rows]
        stream.write(layout.before + layout.between.join(one + layout.end for one in objects) + layout.after)


def _delimited(stream: TextIO, written: Output) -> Write:
    lines = csv_writer(stream, written.layout.delimiter)
    if written.header:
        lines.writerow([*written.columns, *written.added])

    def write(row: Row, answer: Prediction) -> None:
        cells = [_cell(row.get(column)) for column in written.columns]
        lines.writerow([*cells, answer.label, f"{answer.probability:.6f}"])

    return write


def _objects(stream: TextIO, written: Output) -> Write:
    label, probability = written.added
    separator = ""

    def write(row: Row, answer: Prediction) -> None:
        nonlocal separator
        values = {**row, label: answer.label, probability: answer.probability}
        line = visible_json(json.dumps(values, ensure_ascii=False, default=str))
        stream.write(separator + line + written.layout.end)
        separator = written.layout.between

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

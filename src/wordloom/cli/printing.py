"""Output: what commands print, as aligned text or as one JSON document, and the streams they print to.

Nothing else in `cli` prints. Texts, labels, names and paths come from files and may hold what a terminal
obeys. So whatever is printed goes through `visible` here, whether or not a terminal reads it; JSON says the
same in its own escapes.

Others may close the standard streams at any time: `wordloom train ... | head -1` closes the pipe long before
the model is saved, `>&-` closes it at once. What is printed is then for nobody, which is no reason to lose
the work: it is left out, and the work goes on. A command whose work is what it prints asks for
`output_is_the_work`.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO, cast

import click

from wordloom.controls import CONTROLS, in_a_line, visible
from wordloom.errors import DataError


def print_json(document: Any, indent: int | None = 1) -> None:
    """A document as JSON; NaN and infinity, which JSON lacks, become null."""
    click.echo(json_text(document, indent))


def json_text(document: Any, indent: int | None = None) -> str:
    """The document as JSON; letters beyond ASCII stay as they are where standard output can show them.

    What would control a terminal is escaped, and reading the JSON gives it back.
    """
    import json  # slow to import, and help needs none

    plain = _finite(document)
    text = json.dumps(plain, ensure_ascii=False, indent=indent)
    text = visible_json(text)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(plain, ensure_ascii=True, indent=indent)
    return text


def visible_json(text: str) -> str:
    """JSON in which every character that would control a terminal is an escape; it reads as the same."""
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def say(text: str = "") -> None:
    """A line."""
    click.echo(in_a_line(text))


def page(text: str) -> None:
    """A text of several lines, such as a command's help."""
    click.echo(visible(text))


def tell(text: str, stream: TextIO | None = None) -> None:
    """A line on standard error, or on the stream; on neither if there is none (a program without console)."""
    stream = stream or sys.stderr
    if stream is not None:
        click.echo(in_a_line(text), file=stream)


def tell_of(kind: str, color: str, text: str) -> None:
    """A line on standard error that begins with what kind of message it is: an error, a warning."""
    click.echo(f"{click.style(kind, fg=color)}: {visible(text)}", err=True)


def tell_in_place(text: str) -> None:
    """A text on the current line of a terminal's standard error, over what stood there; empty ends it."""
    click.echo(f"\r{visible(text)}" if text else "\n", err=True, nl=False)


def paragraph(text: str, indent: int = 0) -> None:
    """A text in lines that fit the terminal, or 100 letters where there is none."""
    for line in _wrapped(text, indent):
        click.echo(" " * indent + line)


def _wrapped(text: str, indent: int) -> list[str]:
    """Visible lines that fit."""
    import shutil  # and with it all of compression

    text = visible(text)
    width = max(shutil.get_terminal_size((100, 24)).columns - indent - 1, 30)
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def heading(text: str) -> None:
    """A line in bold letters, where there are such."""
    click.secho(in_a_line(text), bold=True)


class StyledText(NamedTuple):
    """A piece of a text, and how it is shown where there are colors."""

    text: str
    color: str | None = None
    bold: bool = False


def colored(pieces: Sequence[StyledText], indent: int = 0) -> None:
    """A text in one line, in pieces that each have a color of their own."""
    shown = (click.style(in_a_line(text), fg=color, bold=bold) for text, color, bold in pieces)
    click.echo(" " * indent + "".join(shown))


def pairs(rows: Sequence[tuple[str, str]], indent: int = 2) -> None:
    """Names with their values, the values under each other; a value may be long or have several lines."""
    rows = [(in_a_line(name), value) for name, value in rows]
    width = max((_width(name) for name, _ in rows), default=0)
    start = indent + width + 2
    for name, value in rows:
        first, *more = [part for line in value.split("\n") for part in _wrapped(line, start)]
        click.echo(f"{' ' * indent}{_left(name, width)}  {first}".rstrip())
        for line in more:
            click.echo(" " * start + line)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1, indent: int = 2) -> None:
    """Rows under a header; the first `left` columns begin on the left, the others end on the right."""
    shown = [[in_a_line(cell) for cell in row] for row in [header, *rows]]
    widths = [max(map(_width, column)) for column in zip(*shown, strict=True)]
    for number, row in enumerate(shown):
        cells = [
            _left(cell, width) if place < left else " " * (width - _width(cell)) + cell
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        text = (" " * indent + "  ".join(cells)).rstrip()
        click.secho(text, underline=False, bold=number == 0)


def _left(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: wide letters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def shortened(text: str, width: int = 60) -> str:
    """A text in one line of at most `width` characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def percent(share: float, digits: int = 1) -> str:
    """0.881 as "88.1 %"."""
    return f"{100 * share:.{digits}f} %"


def count(number: int, noun: str, plural: str = "") -> str:
    """ "1 text", "2,000 texts"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def counted(counts: Mapping[Any, int], most: int = 6) -> str:
    """Labels with their counts in a line, the most frequent ones if there are many."""
    ordered = list(counts.items())
    if len(ordered) > most:
        ordered = sorted(ordered, key=lambda pair: -pair[1])[:most]
    named = ", ".join(f"{label} {number:,}" for label, number in ordered)
    rest = len(counts) - len(ordered)
    return f"{named}, and {count(rest, 'more label')}" if rest else named


def bytes_on_disk(path: Path) -> int:
    """The size of a file, or of all files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def size(n_bytes: int) -> str:
    """A number of bytes as "4.1 MB"."""
    if n_bytes < 1000:
        return count(n_bytes, "byte")
    number, unit = (n_bytes / 1e3, "kB") if n_bytes < 1e6 else (n_bytes / 1e6, "MB")
    return f"{number:,.1f} {unit}"


_NAMES = {1: "standard output", 2: "standard error"}


class _Pipe(io.FileIO):
    """A standard stream that goes on, into nothing, when its reader is gone."""

    stops = False

    def write(self, data: Any) -> int:  # type: ignore[override]
        try:
            return super().write(data)
        except OSError as error:
            self._into_nothing()  # what is in the buffers must not fail again
            if not isinstance(error, BrokenPipeError):  # a full disk behind `> file`
                raise OSError(error.errno, os.strerror(error.errno or 0), _NAMES[self.fileno()]) from None
            if self.stops:
                raise
            return memoryview(data).nbytes

    def _into_nothing(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def prepare_streams() -> None:
    """Make this process's standard streams bear a reader that goes, and letters that they cannot show.

    The descriptors of closed streams are taken, so that no file of ours gets one of them and is written to
    by whoever prints there.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(descriptor, True)
        os.close(descriptor)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            continue
        if not stream.isatty():
            pipe = io.BufferedWriter(cast(io.RawIOBase, _Pipe(stream.fileno(), "wb", closefd=False)))
            stream = io.TextIOWrapper(pipe, stream.encoding, line_buffering=name == "stderr")
            setattr(sys, name, stream)
        stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def output_is_the_work() -> Iterator[BinaryIO]:
    """Standard output as bytes, for a command that has nothing to save: a reader that goes ends it.

    Raises DataError if standard output is closed, BrokenPipeError when its reader is gone.
    """
    if sys.stdout is None:
        raise DataError("standard output is closed, and no file to write to is named.")
    sys.stdout.flush()
    raw = getattr(sys.stdout.buffer, "raw", None)
    if isinstance(raw, _Pipe):
        raw.stops = True
    try:
        yield cast(BinaryIO, sys.stdout.buffer)
    finally:
        if isinstance(raw, _Pipe):
            raw.stops = False


def end_streams() -> None:
    """Write what is left in standard output's buffer."""
    if sys.stdout is not None:
        with contextlib.suppress(ValueError):  # closed by somebody else
            sys.stdout.flush()

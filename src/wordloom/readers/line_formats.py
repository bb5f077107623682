"""Formats of a text a line: plain text, fastText's lines with a label in them, and TREC questions.

Plain text is a table of one column "text"; empty lines are empty texts.

In fastText's training text a label is a token that begins with `__label__`, or as told, and may stand
anywhere in the line; a line with several gives a text of several labels. Lines without a label are passed
over and counted, as fastText itself does.
Format: https://fasttext.cc/docs/en/supervised-tutorial.html

A question has a coarse and a fine class, `NUM:dist How far is it from Denver to Aspen ?`, as in the TREC
question classification data (Li & Roth, COLING 2002). The label is the coarse class; with `label="fine"` it
is both, `NUM:dist`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Generator, Iterator

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError, shown
from wordloom.origin import Places
from wordloom.readers.decoding import source_lines
from wordloom.readers.reader import FileHead, Reader
from wordloom.readers.relabelling import Relabelling
from wordloom.readers.source import ReadOptions, Source
from wordloom.readers.table import Row, Table

PREFIX = "__label__"
_BLANK = r" \t\r\v\f"  # what fastText splits tokens on, within a line
_QUESTION = re.compile(r"([A-Z]+):(\w+)[ \t]+(\S.*)")
_CLASSES = ("coarse", "fine")


def _open_plain(source: Source, options: ReadOptions) -> Table:
    lines = source_lines(source, options)
    rows = ((number, {"text": line}) for number, line in enumerate(lines, start=1))
    return Table(
        source.name, "lines", ["text"], rows, has_header=False, close=lines.close, names_columns=False
    )


def _holds_labels(head: FileHead) -> bool:
    """Whether any of the first lines has a label token with the usual prefix."""
    label = _label_token(PREFIX)
    return any(label.search(line.strip()) for line in head.lines[:50])


def labels_and_text(line: str, prefix: str = PREFIX) -> tuple[list[str], str]:
    """The names of the labels in a line of fastText's, and what is left of it without them."""
    token = _label_token(prefix)
    labels = token.findall(line)
    return labels, token.sub("", line).strip() if labels else line


@functools.cache
def _label_token(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?<=[{_BLANK}])){re.escape(prefix)}([^{_BLANK}]*)(?:[{_BLANK}]+|$)")


def _open_labelled(source: Source, options: ReadOptions) -> Table:
    """A table with the columns "text" and "label": a label, a list of several, or None for none."""
    prefix = options.label_prefix or PREFIX
    rows = _rows(source, options, prefix)
    return Table(
        source.name,
        "fasttext",
        ["text", "label"],
        rows,
        has_header=False,
        close=rows.close,
        names_columns=False,
        missing_label="skip",
        about_labels=(
            f"A label is a word that begins with {prefix}, for example '{prefix}positive a fine film'. "
            "Another prefix is named with label_prefix=... (--label-prefix ...)."
        ),
    )


def _rows(source: Source, options: ReadOptions, prefix: str) -> Generator[tuple[int, Row]]:
    for number, line in enumerate(source_lines(source, options), start=1):
        labels, text = labels_and_text(line, prefix)
        if not all(labels):
            raise DataError(f"{source.name}, line {number}: {prefix} has no name after it.")
        label = labels if len(labels) > 1 else labels[0] if labels else None
        yield number, {"text": text, "label": label}


def _holds_questions(head: FileHead) -> bool:
    """Whether each of the first lines is a question."""
    return bool(head.lines) and all(_QUESTION.match(line) for line in head.lines[:50])


def _read_questions(source: Source, options: ReadOptions) -> Dataset:
    """All questions; DataError names the line that is none."""
    which = options.label or "coarse"
    if not isinstance(which, str) or which not in _CLASSES:
        raise UsageError(f"{source.name}: the labels of questions are 'coarse' or 'fine', not {which!r}.")
    texts: list[str] = []
    labels: list[str] = []
    numbers: list[int] = []
    for number, line in enumerate(source_lines(source, options), start=1):
        if not line.strip():
            continue
        found = _QUESTION.match(line)
        if found is None:
            raise DataError(
                f"{source.name}, line {number}: 'COARSE:fine question' expected, found {line[:40]!r}."
            )
        numbers.append(number)
        texts.append(found[3])
        labels.append(found[1] if which == "coarse" else f"{found[1]}:{found[2]}")
    if not texts:
        raise DataError(f"{source.name}: holds no questions.")
    other = "fine" if which == "coarse" else "coarse"
    note = f"{source.name}: the {which} classes are the labels; label={other!r} takes the {other} ones."
    corpus = Corpus(texts, labels, source.name, places=Places.of(source.name, "line", numbers))
    return Dataset(corpus, name=source.name, notes=(note,))


def _relabel_labelled(asked: Relabelling) -> None:
    _relabel(asked, _label_token(asked.options.label_prefix or PREFIX).search)


def _relabel_questions(asked: Relabelling) -> None:
    coarse = (asked.options.label or "coarse") == "coarse"
    _relabel(asked, re.compile(r"([A-Z]+):" if coarse else r"([A-Z]+:\w+)(?=[ \t])").match)


def _relabel(asked: Relabelling, label_in: Callable[[str], re.Match[str] | None]) -> None:
    """Write lines again; `label_in` finds the label in a line as its first group."""

    def pieces() -> Iterator[tuple[str, bool]]:
        lines = source_lines(asked.source, asked.options, keep_ends=True)
        for number, line in enumerate(lines, start=1):
            if number not in asked.edits:
                yield line, False
                continue
            label = asked.edits[number]
            where = f"{asked.source.name}, line {number}"
            yield "" if label is None else _with_label(line, str(label), label_in, where), True

    asked.write(pieces())


def _with_label(line: str, label: str, label_in: Callable[[str], re.Match[str] | None], where: str) -> str:
    body = line.rstrip("\r\n")
    end = line[len(body) :]
    found = label_in(body)
    if found is not None:
        body = body[: found.start(1)] + label + body[found.end(1) :]
        found = label_in(body)
    if found is None or found[1] != label:
        raise DataError(
            f"{where}: the label {shown(label)} cannot be written in lines of this format, which has no "
            "place for some of its letters. Choose another."
        )
    return body + end


LINES = Reader(_open_plain)
FASTTEXT = Reader(_open_labelled, holds=_holds_labels, relabel=_relabel_labelled)
QUESTIONS = Reader(read=_read_questions, holds=_holds_questions, relabel=_relabel_questions)

"""fastText's training text: one example a line, its label a token that begins with `__label__`.

The label may stand anywhere in the line. Of several labels in a line only one could be kept, so such a line
is an error; lines without a label are passed over and counted, as fastText itself does.
Format: https://fasttext.cc/docs/en/supervised-tutorial.html
"""

from __future__ import annotations

import re
from collections.abc import Generator

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.readers.lines import source_lines
from wordloom.readers.options import ReadOptions
from wordloom.readers.source import Source
from wordloom.readers.table import Row, Table

PREFIX = "__label__"
_BLANK = r" \t\r\v\f"  # what fastText splits tokens on, within a line
_LABEL = re.compile(rf"(?:^|(?<=[{_BLANK}])){PREFIX}([^{_BLANK}]*)(?:[{_BLANK}]+|$)")


def holds_labels(lines: list[str]) -> bool:
    """Whether any of the lines has a label token."""
    return any(_LABEL.search(line) for line in lines)


def read(source: Source, options: ReadOptions) -> Dataset:
    """All labelled lines; labels without their prefix."""
    texts: list[str] = []
    labels: list[str] = []
    unlabelled = 0
    for _, row in _rows(source, options):
        if row["label"] is None:
            unlabelled += bool(row["text"].strip())
            continue
        texts.append(row["text"])
        labels.append(row["label"])
    notes = checked_notes(source.name, len(texts), unlabelled)
    return Dataset(Corpus(texts, labels, name=source.name), name=source.name, notes=notes)


def checked_notes(name: str, labelled: int, unlabelled: int) -> tuple[str, ...]:
    """What there is to say of so many lines with and without a label; DataError if none has one."""
    if not labelled:
        raise DataError(
            f"{name}: no line has a label. A label is a word that begins with {PREFIX}, for example "
            f"'{PREFIX}positive a fine film'."
        )
    return (f"{name}: {unlabelled:,} lines without a label are left out.",) if unlabelled else ()


def open_table(source: Source, options: ReadOptions) -> Table:
    """A table with the columns "text" and "label"; the label is None where a line has none."""
    rows = _rows(source, options)
    return Table(source.name, "fasttext", ["text", "label"], rows, has_header=False, close=rows.close)


def _rows(source: Source, options: ReadOptions) -> Generator[tuple[int, Row]]:
    for number, line in enumerate(source_lines(source, options), start=1):
        labels = _LABEL.findall(line)
        if len(labels) > 1:
            raise DataError(
                f"{source.name}, line {number}: {len(labels)} labels ({', '.join(labels[:3])}); only one "
                "label a text is supported. Keep one of them, or write the line once for each label."
            )
        if labels and not labels[0]:
            raise DataError(f"{source.name}, line {number}: {PREFIX} has no name after it.")
        text = _LABEL.sub("", line).strip() if labels else line
        yield number, {"text": text, "label": labels[0] if labels else None}

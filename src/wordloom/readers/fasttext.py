"""fastText's training text: one example a line, its label a token that begins with `__label__`, or as told.

The label may stand anywhere in the line. Of several labels in a line only one could be kept, so such a line
is an error; lines without a label are passed over and counted, as fastText itself does.
Format: https://fasttext.cc/docs/en/supervised-tutorial.html
"""

from __future__ import annotations

import re
from collections.abc import Generator

from wordloom.errors import DataError
from wordloom.readers.lines import source_lines
from wordloom.readers.options import ReadOptions
from wordloom.readers.reader import Head, Reader
from wordloom.readers.source import Source
from wordloom.readers.table import Row, Table

PREFIX = "__label__"
_BLANK = r" \t\r\v\f"  # what fastText splits tokens on, within a line


def _holds_labels(head: Head) -> bool:
    """Whether any of the first lines has a label token with the usual prefix."""
    label = _label_token(PREFIX)
    return any(label.search(line.strip()) for line in head.lines[:50])


def _label_token(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?<=[{_BLANK}])){re.escape(prefix)}([^{_BLANK}]*)(?:[{_BLANK}]+|$)")


def _open(source: Source, options: ReadOptions) -> Table:
    """A table with the columns "text" and "label"; the label is None where a line has none."""
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
    token = _label_token(prefix)
    for number, line in enumerate(source_lines(source, options), start=1):
        labels = token.findall(line)
        if len(labels) > 1:
            first = ", ".join(label[:60] for label in labels[:3])
            raise DataError(
                f"{source.name}, line {number}: {len(labels)} labels ({first}); only one "
                "label a text is supported. Keep one of them, or write the line once for each label."
            )
        if labels and not labels[0]:
            raise DataError(f"{source.name}, line {number}: {prefix} has no name after it.")
        text = token.sub("", line).strip() if labels else line
        yield number, {"text": text, "label": labels[0] if labels else None}


FASTTEXT = Reader(_open, holds=_holds_labels)

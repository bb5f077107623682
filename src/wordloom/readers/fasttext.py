"""fastText's training text: one example a line, its label a token that begins with `__label__`.

The label may stand anywhere in the line. Of several labels in a line only one could be kept, so such a line
is an error; lines without a label are passed over and counted, as fastText itself does.
Format: https://fasttext.cc/docs/en/supervised-tutorial.html
"""

from __future__ import annotations

import re
from collections.abc import Generator

from wordloom.corpus import Dataset
from wordloom.errors import DataError
from wordloom.readers.lines import source_lines
from wordloom.readers.options import ReadOptions
from wordloom.readers.source import Source
from wordloom.readers.table import Row, Table, labelled

PREFIX = "__label__"
_BLANK = r" \t\r\v\f"  # what fastText splits tokens on, within a line
_LABEL = re.compile(rf"(?:^|(?<=[{_BLANK}])){PREFIX}([^{_BLANK}]*)(?:[{_BLANK}]+|$)")


def holds_labels(lines: list[str]) -> bool:
    """Whether any of the lines has a label token."""
    return any(_LABEL.search(line) for line in lines)


def read(source: Source, options: ReadOptions) -> Dataset:
    """All labelled lines; labels without their prefix."""
    return labelled(open_table(source, options), options)


def open_table(source: Source, options: ReadOptions) -> Table:
    """A table with the columns "text" and "label"; the label is None where a line has none."""
    rows = _rows(source, options)
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
            f"A label is a word that begins with {PREFIX}, for example '{PREFIX}positive a fine film'."
        ),
    )


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

"""Questions with a coarse and a fine class, one a line: `NUM:dist How far is it from Denver to Aspen ?`

The format of the TREC question classification data (Li & Roth, COLING 2002). The label is the coarse class;
with `label="fine"` it is both, `NUM:dist`.
"""

from __future__ import annotations

import re

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError
from wordloom.readers.lines import source_lines
from wordloom.readers.options import ReadOptions
from wordloom.readers.reader import Head, Reader
from wordloom.readers.source import Source

_LINE = re.compile(r"([A-Z]+):(\w+)[ \t]+(\S.*)")
_LABELS = ("coarse", "fine")


def _holds_questions(head: Head) -> bool:
    """Whether each of the first lines is a question."""
    return bool(head.lines) and all(_LINE.match(line) for line in head.lines[:50])


def _read(source: Source, options: ReadOptions) -> Dataset:
    """All questions; DataError names the line that is none."""
    which = options.label or "coarse"
    if which not in _LABELS:
        raise UsageError(f"{source.name}: the labels of questions are 'coarse' or 'fine', not {which!r}.")
    texts: list[str] = []
    labels: list[str] = []
    for number, line in enumerate(source_lines(source, options), start=1):
        if not line.strip():
            continue
        found = _LINE.match(line)
        if found is None:
            raise DataError(
                f"{source.name}, line {number}: 'COARSE:fine question' expected, found {line[:40]!r}."
            )
        texts.append(found[3])
        labels.append(found[1] if which == "coarse" else f"{found[1]}:{found[2]}")
    if not texts:
        raise DataError(f"{source.name}: holds no questions.")
    other = "fine" if which == "coarse" else "coarse"
    note = f"{source.name}: the {which} classes are the labels; label={other!r} takes the {other} ones."
    return Dataset(Corpus(texts, labels, name=source.name), name=source.name, notes=(note,))


QUESTIONS = Reader(read=_read, holds=_holds_questions)

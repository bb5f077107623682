"""Labelled tables that are read again each time: the labels in memory, the texts left in the file.

The first pass sees every row, so a row that cannot be used is an error before any work is done, with the
message that reading the file whole would give.
"""

from __future__ import annotations

import contextlib
import operator
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wordloom.corpus import Corpus, Dataset, Fingerprint, Seen, corpus_of_stream, text_key
from wordloom.errors import DataError, UsageError
from wordloom.formats import TEXT_FORMATS, titles_of
from wordloom.loop.callback import CallbackList
from wordloom.readers.label_cells import Labels, Target, as_targets, separated
from wordloom.readers.picking import pick_format, table_of
from wordloom.readers.source import ReadOptions, Source
from wordloom.readers.table import TEST, TRAIN, UNLABELLED, LabelledRow, LabelledRows
from wordloom.streamed_texts import StreamedTexts

_ROWS_BETWEEN_REPORTS = 5_000


def stream(
    source: Source, format: str | None, options: ReadOptions, callbacks: CallbackList
) -> tuple[Dataset, str]:
    """The table as a data set whose texts are streamed, and its format; see `readers.stream_corpus`."""
    if options.missing_label == UNLABELLED:
        raise UsageError(
            "missing_label='unlabelled' needs the texts in memory, and what is streamed leaves them in their "
            "file. Pass such rows over: missing_label='skip' (--missing-label skip)."
        )
    file = _File(source, _streamed_format(source, format, options), options)
    parts = {part: _Part() for part in (TRAIN, TEST)}
    n_read = 0
    with file.rows() as rows:
        for row in rows:
            if row.part in parts:
                parts[row.part].add(n_read, row)
            n_read += 1
            if n_read % _ROWS_BETWEEN_REPORTS == 0:
                callbacks.on_step("reading labels", n_read, None, "text")
        texts = StreamedTexts(file.texts, n_read, source.name)
        there = {part: found for part, found in parts.items() if found.labels}
        read = as_targets([found.labels for found in there.values()], options, source.name)
        corpora = {
            part: found.corpus(texts, rows, part, own, read)
            for (part, found), own in zip(there.items(), read.parts, strict=True)
        }
        train, test = rows.train_and_test(corpora)
        notes = (*rows.notes(), *read.notes)
    callbacks.on_step("reading labels", n_read, n_read, "text")
    return Dataset(train, test, source.name, notes), file.format


class _Part:
    """What is kept in memory of the texts of one part."""

    def __init__(self) -> None:
        self.labels: list[Any] = []
        self._same: dict[Target, Target] = {}  # one object for each label, however often it is read
        self._digest = Fingerprint()
        self._rows, self._places, self._keys = array("q"), array("q"), array("q")

    def add(self, number: int, row: LabelledRow) -> None:
        """Note the row that is read as this one of all."""
        self.labels.append(self._same.setdefault(row.label, row.label))
        self._digest.add(row.text, row.label)
        self._rows.append(number)
        self._places.append(row.place)
        self._keys.append(text_key(row.text))

    def corpus(
        self, texts: StreamedTexts, rows: LabelledRows, part: str, labels: Sequence[Any], read: Labels
    ) -> Corpus:
        """The texts of this part among all, with what was made of their labels."""
        places = rows.places(self._places)
        whole = len(self._rows) == len(texts)
        own = texts if whole else texts.subset(np.frombuffer(self._rows, dtype=np.int64))
        columns = separated(rows.columns, read.separator)
        corpus = Corpus(own, labels, rows.name_of(part), columns, places, read.target)
        # labels that became sets are others than those that were hashed; the file is read again if need be
        same = labels is self.labels or all(map(operator.is_, labels, self.labels))
        fingerprint = self._digest.value(corpus.target) if same else None
        return corpus_of_stream(corpus, Seen(fingerprint, np.frombuffer(self._keys, dtype=np.int64)))


@dataclass(frozen=True)
class _File:
    """A table in a file, which can be gone through again and again."""

    source: Source
    format: str
    options: ReadOptions

    @contextlib.contextmanager
    def texts(self) -> Iterator[Iterator[str]]:
        with self.rows() as rows:
            yield (row.text for row in rows)

    @contextlib.contextmanager
    def rows(self) -> Iterator[LabelledRows]:
        """The labelled rows, and the texts without a label."""
        table = table_of(self.source, self.format, self.options)
        try:
            yield LabelledRows(table, self.options)
        finally:
            table.close()


def _streamed_format(source: Source, format: str | None, options: ReadOptions) -> str:
    """The format of the source. DataError for one that cannot be streamed."""
    streamed = titles_of(row for row in TEXT_FORMATS.values() if row.streams)
    way_out = f"Give a file of {streamed} (compressed or not), or read the texts whole: leave out --stream."
    if source.is_pipe:
        raise DataError(f"{source.name} can be read only once, and streamed texts are read again. {way_out}")
    if source.is_folder:
        raise DataError(f"{source.name}: a folder cannot be streamed. {way_out}")
    found = pick_format(source, format, options)
    if not TEXT_FORMATS[found].streams:
        raise DataError(f"{source.name}: the format {found} cannot be streamed. {way_out}")
    return found

"""Labelled tables that are read again each time: the labels in memory, the texts left in the file.

The first pass sees every row, so a row that cannot be used is an error before any work is done, with the
message that reading the file whole would give.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from wordloom.corpus import Dataset, Fingerprint, Label, corpus_of_stream
from wordloom.errors import DataError
from wordloom.readers import fasttext
from wordloom.readers.columns import choose_columns
from wordloom.readers.forms import UNLABELLED_TABLES, pick_form
from wordloom.readers.options import ReadOptions
from wordloom.readers.source import Source
from wordloom.readers.table import Table, labelled_rows, no_rows
from wordloom.steps import Steps
from wordloom.streamed_texts import StreamedTexts

STREAMED_FORMS = ("csv", "tsv", "jsonl", "parquet", "fasttext")
_ROWS_BETWEEN_REPORTS = 5_000


def stream(source: Source, form: str | None, options: ReadOptions, steps: Steps) -> Dataset:
    """The table as a data set whose texts are streamed; see `wordloom.readers.stream_corpus`."""
    file = _File(source, _streamed_form(source, form, options), options)
    labels: list[Label] = []
    same: dict[Label, Label] = {}  # one object for each label, however often it is read
    digest, empty, form_notes = Fingerprint(), 0, list[str]()
    with file.rows(form_notes) as rows:
        for text, label in rows:
            digest.add(text, label)
            empty += not text or text.isspace()
            labels.append(same.setdefault(label, label))
            if len(labels) % _ROWS_BETWEEN_REPORTS == 0:
                steps.at("reading labels", len(labels), 0)
    if not labels:
        raise no_rows(source.name)
    steps.done("reading labels", len(labels), "text")
    if empty:
        form_notes.append(f"{source.name}: {empty:,} of {len(labels):,} texts are empty; they are kept.")
    texts = StreamedTexts(file.texts, len(labels), source.name)
    return Dataset(corpus_of_stream(texts, labels, digest.value()), name=source.name, notes=tuple(form_notes))


@dataclass(frozen=True)
class _File:
    """A table in a file, which can be gone through again and again."""

    source: Source
    form: str
    options: ReadOptions

    @contextlib.contextmanager
    def texts(self) -> Iterator[Iterator[str]]:
        with self.rows([]) as rows:
            yield (text for text, _ in rows)

    @contextlib.contextmanager
    def rows(self, notes: list[str]) -> Iterator[Iterator[tuple[str, Label]]]:
        """The labelled rows; what there is to note of them stands in `notes` when all are read."""
        table = UNLABELLED_TABLES[self.form](self.source, self.options)
        try:
            yield _fasttext_rows(table, notes) if self.form == "fasttext" else self._labelled(table, notes)
        finally:
            table.close()

    def _labelled(self, table: Table, notes: list[str]) -> Iterator[tuple[str, Label]]:
        columns = choose_columns(table.columns, self.options, table.sample(), table.name)
        yield from labelled_rows(table, columns)
        notes += [*table.notes, *columns.note(table.name)]


def _fasttext_rows(table: Table, notes: list[str]) -> Iterator[tuple[str, Label]]:
    labelled = unlabelled = 0
    for _, row in table.rows:
        if row["label"] is None:
            unlabelled += bool(row["text"].strip())
            continue
        labelled += 1
        yield row["text"], row["label"]
    notes += fasttext.checked_notes(table.name, labelled, unlabelled)


def _streamed_form(source: Source, form: str | None, options: ReadOptions) -> str:
    """The form of the source. DataError for one that cannot be streamed."""
    way_out = (
        "Give a CSV, TSV, JSON Lines, Parquet or fastText file (compressed or not), or read the "
        "texts whole: leave out --stream."
    )
    if source.is_pipe:
        raise DataError(f"{source.name} can be read only once, and streamed texts are read again. {way_out}")
    if source.is_folder:
        raise DataError(f"{source.name}: a folder cannot be streamed. {way_out}")
    found = pick_form(source, form, options)
    if found not in STREAMED_FORMS:
        raise DataError(f"{source.name}: the form {found} cannot be streamed. {way_out}")
    return found

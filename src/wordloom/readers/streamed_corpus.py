"""Labelled tables that are read again each time: the labels in memory, the texts left in their files.

The first pass sees every row, so a row that cannot be used is an error before any work is done, with the
message that reading the file whole would give. Several files are shards of one table.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import operator
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wordloom.addresses import is_address
from wordloom.corpus import Corpus, Dataset, Fingerprint, Seen, corpus_of_stream, text_key
from wordloom.errors import DataError, UsageError
from wordloom.formats import TEXT_FORMATS, titles_of
from wordloom.loop.callback import CallbackList
from wordloom.origin import Columns, Places, joined_places
from wordloom.readers.label_cells import Labels, Target, as_targets, separated
from wordloom.readers.picking import pick_format, table_of
from wordloom.readers.source import ReadOptions, Source
from wordloom.readers.table import TEST, TRAIN, UNLABELLED, LabelledRow, LabelledRows, no_rows
from wordloom.streamed_texts import ReadFile, StreamedTexts

_ROWS_BETWEEN_REPORTS = 5_000
_WHOLE = "or read the texts whole: leave out --stream."
_ALONE = "or give it alone: several are files of one table."


def stream(
    sources: Sequence[Source], format: str | None, options: ReadOptions, callbacks: CallbackList
) -> tuple[Dataset, str]:
    """The tables as a data set whose texts are streamed, and their format; see `readers.stream_corpus`."""
    if options.missing_label == UNLABELLED:
        raise UsageError(
            "missing_label='unlabelled' needs the texts in memory, and what is streamed leaves them in their "
            "file. Pass such rows over: missing_label='skip' (--missing-label skip)."
        )
    way_out = _ALONE if len(sources) > 1 else _WHOLE
    files = [_File(source, _streamed_format(source, format, options, way_out), options) for source in sources]
    name = sources[0].name if len(files) == 1 else f"{sources[0].name} and {len(files) - 1:,} more"
    reading = _Reading(name, callbacks)
    for file in files:
        reading.add(file)
    return reading.dataset(options), files[0].format


class _Reading:
    """What is known of the files that have been read."""

    def __init__(self, name: str, callbacks: CallbackList) -> None:
        self._name, self._callbacks = name, callbacks
        self._parts = {part: _Part() for part in (TRAIN, TEST)}
        self._read = list[ReadFile]()
        self._rows = list[LabelledRows]()
        self._n = 0

    def add(self, file: _File) -> None:
        """Read all rows of a file. DataError for one that the rows before it do not go with."""
        first = self._n
        with file.rows() as rows:
            self._refuse_other(file, rows)
            for row in rows:
                if row.part in self._parts:
                    self._parts[row.part].add(self._n, row)
                self._n += 1
                if self._n % _ROWS_BETWEEN_REPORTS == 0:
                    self._callbacks.on_step("reading labels", self._n, None, "text")
        if rows.is_empty:
            raise no_rows(file.name)
        for part in self._parts.values():
            part.end_file(rows)
        self._read.append(ReadFile(file, self._n - first))
        self._rows.append(rows)

    def dataset(self, options: ReadOptions) -> Dataset:
        """All of it as one data set."""
        texts = StreamedTexts(self._read, self._name)
        there = {part: found for part, found in self._parts.items() if found.labels}
        read = as_targets([found.labels for found in there.values()], options, self._name)
        columns = separated(self._rows[0].columns, read.separator)
        both = len(there) > 1
        corpora = {
            part: found.corpus(texts, f"{self._name} ({part})" if both else self._name, columns, own, read)
            for (part, found), own in zip(there.items(), read.parts, strict=True)
        }
        train, test = self._rows[0].train_and_test(corpora)
        notes = dict.fromkeys((*(note for rows in self._rows for note in rows.notes()), *read.notes))
        self._callbacks.on_step("reading labels", self._n, self._n, "text")
        return Dataset(train, test, self._name, tuple(notes))

    def _refuse_other(self, file: _File, rows: LabelledRows) -> None:
        """DataError for a file of another format, or whose texts and labels are in other columns."""
        if not self._rows:
            return
        first, columns, others = self._read[0].file, self._rows[0].choice.columns, rows.choice.columns
        assert isinstance(first, _File)
        if file.format != first.format:
            raise DataError(
                f"{file.name} is {file.format}, and {first.name} {first.format}. Files of one corpus have "
                "one format: convert some of them."
            )
        if others != columns:
            raise DataError(
                f"{file.name}: {others}; in {first.name}: {columns}. Files of one corpus have the same "
                "columns: rename them, or name them with text= and label= (--text, --label)."
            )


class _Part:
    """What is kept in memory of the texts of one part."""

    def __init__(self) -> None:
        self.labels: list[Any] = []
        self._same: dict[Target, Target] = {}  # one object for each label, however often it is read
        self._digest = Fingerprint()
        self._rows, self._numbers, self._keys = array("q"), array("q"), array("q")
        self._places = list[Places]()

    def add(self, number: int, row: LabelledRow) -> None:
        """Note the row that is read as this one of all."""
        self.labels.append(self._same.setdefault(row.label, row.label))
        self._digest.add(row.text, row.label)
        self._rows.append(number)
        self._numbers.append(row.place)
        self._keys.append(text_key(row.text))

    def end_file(self, rows: LabelledRows) -> None:
        """All rows of a file have been noted."""
        self._places.append(rows.places(self._numbers))
        self._numbers = array("q")

    def corpus(
        self, texts: StreamedTexts, name: str, columns: Columns | None, labels: Sequence[Any], read: Labels
    ) -> Corpus:
        """The texts of this part among all, with what was made of their labels."""
        whole = len(self._rows) == len(texts)
        own = texts if whole else texts.subset(np.frombuffer(self._rows, dtype=np.int64))
        corpus = Corpus(own, labels, name, columns, joined_places(self._places), read.target)
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

    @property
    def name(self) -> str:
        """That of the source."""
        return self.source.name

    def to_config(self) -> dict[str, Any]:
        """As plain values for `from_config`."""
        columns = None if self.options.columns is None else self.options.columns.to_config()
        options = {field.name: getattr(self.options, field.name) for field in dataclasses.fields(ReadOptions)}
        path = self.name if is_address(self.name) else str(Path(self.name).absolute())
        return {
            "path": path,
            "name": self.name,
            "format": self.format,
            "options": {**options, "columns": columns},
        }

    @staticmethod
    def from_config(config: Mapping[str, Any]) -> _File:
        """What `to_config` gave, perhaps on another machine. DataError if the file is not there."""
        source = Source.of(config["path"])
        source.name = config["name"]
        columns = Columns.from_config(config["options"]["columns"])
        return _File(source, config["format"], ReadOptions(**{**config["options"], "columns": columns}))

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


def streamed_texts(config: Mapping[str, Any]) -> StreamedTexts:
    """What `StreamedTexts.to_config` gave. Raises DataError for a file that is not there."""
    read = [ReadFile(_File.from_config(file), n_texts) for file, n_texts in config["read"]]
    kept = None
    if config["kept"] is not None:
        bits = np.frombuffer(base64.b64decode(config["kept"]), dtype=np.uint8)
        kept = np.unpackbits(bits, count=sum(one.n_texts for one in read)).astype(bool)
    return StreamedTexts(read, config["name"], kept)


def _streamed_format(source: Source, format: str | None, options: ReadOptions, otherwise: str) -> str:
    """The format of the source. DataError for one that cannot be streamed."""
    streamed = titles_of(row for row in TEXT_FORMATS.values() if row.streams)
    way_out = f"Give a file of {streamed} (compressed or not), {otherwise}"
    if source.is_pipe:
        raise DataError(f"{source.name} can be read only once, and streamed texts are read again. {way_out}")
    if source.is_folder:
        raise DataError(f"{source.name}: a folder cannot be streamed. {way_out}")
    found = pick_format(source, format, options)
    if not TEXT_FORMATS[found].streams:
        raise DataError(f"{source.name}: the format {found} cannot be streamed. {way_out}")
    return found

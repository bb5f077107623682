"""Readers: labelled text in every format people have it, each as a Dataset.

`read_corpus` takes a path, `-`, the name of a data set, or texts in memory. `open_table` gives the rows of
a table one after another, to predict on; `open_texts` gives the texts of any source, labelled or not, to
learn from; `stream_corpus` leaves the texts of a labelled table in their file. Which reader a source gets is
decided in `picking.pick_format`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError
from wordloom.formats import LABELLED, TABLES, TEXT_FORMATS, titles_of
from wordloom.loop.callback import Callback, CallbackList
from wordloom.origin import Columns
from wordloom.readers import streamed_corpus
from wordloom.readers.finishing import finished
from wordloom.readers.in_memory import is_frame, read_frame, read_pair
from wordloom.readers.keras_npz import read_keras_npz
from wordloom.readers.picking import dataset_of, pick_format, reader_of, table_of
from wordloom.readers.relabelling import Edits, Relabelling
from wordloom.readers.source import ReadOptions, Source
from wordloom.readers.streams import TableStream, TextStream, of_dataset, of_table
from wordloom.targets import AUTO

__all__ = [
    "FORMATS",
    "ReadOptions",
    "Relabeller",
    "TableStream",
    "TextStream",
    "open_table",
    "open_texts",
    "read_corpus",
    "read_keras_npz",
    "relabeller_of",
    "stream_corpus",
]

FORMATS = LABELLED
"""Names of the formats that `read_corpus` takes."""
_DATA_SETS = "wordloom.datasets"  # data known by name comes later in the data's way: looked up when asked for


def read_corpus(
    source: Any,
    labels: Iterable[Any] | None = None,
    *,
    text: str | Sequence[str] | None = None,
    label: str | Sequence[str] | None = None,
    format: str | None = None,
    encoding: str | None = None,
    missing_label: str | None = None,
    columns: Columns | None = None,
    label_prefix: str | None = None,
    target: str = AUTO,
    label_separator: str | None = None,
) -> Dataset:
    """Read labelled text.

    Returns a Dataset with `.train`, `.test` where the source has one or a column "split" or "type" says so,
    `.unlabelled`, and `.notes` on what was guessed, and on empty and repeated texts. A label is the same
    however a number is written (see `wordloom.labels`); where a format has no types, as CSV, labels that are
    all whole numbers are numbers. The label "unsup" is none.
    Raises DataError for a source that cannot be read as it is, naming file and line (counted from 1; rows of
    Parquet and of data in memory from 0), UsageError for arguments that do not go together, and
    MissingExtraError for Parquet without pyarrow.
    Warns with WordloomWarning about labels that differ only by case or spaces.

    Parameters
    ----------
    source : one of

        - the name of a data set, "imdb" or "demo" (a path of that name is written "./imdb");
        - the path of a file, compressed or not, or of a folder in one of `FORMATS`, which the documentation
          describes under "What can be read", or an address, "s3://..."; "-" for standard input;
        - N texts, with `labels`: lists, NumPy arrays, pandas or polars columns; or the pair of both;
        - a pandas or polars data frame, a Corpus, or a Dataset, which comes back as it is.
    labels : N labels, for texts in memory only
    text, label : names of the columns; by default found by habitual names ("review", "sentiment", ...).
        Columns without a header are called "1", "2", ... Several of `text` are joined in their order, with a
        blank between; "title,body" names two columns as well. Several of `label` are columns of 0 and 1,
        each a label that a text has or not.
    format : one of `FORMATS`; by default found from the folder, the suffix or the first bytes
    encoding : of the text; by default UTF-8, strictly
    missing_label : what a row without a label is: "error", "skip", or "unlabelled": its text goes into
        `.unlabelled`; by default an error, but for lines of fastText, which are skipped. The notes count them
    label_prefix : what labels begin with in lines of fastText, if it is not `__label__`
    columns : those that a model was trained on (`TextModel.columns`), looked for before any are guessed
    target : "single", a label for each text; "multilabel", several; "graded", a number. By default
        "multilabel" for lists and for strings that are clearly several labels, else "single"
    label_separator : between the labels in a cell, "|" in "joy|love"; by default found out
    """
    options = ReadOptions(
        text, label, encoding, missing_label, columns, label_prefix, target, label_separator
    )
    if isinstance(source, str | os.PathLike):
        if labels is not None:
            raise UsageError(
                "labels= goes with texts in memory. A single text belongs in a list; the label column of a "
                "file is named with label=."
            )
        return _read_named(source, options, format)
    return _read_memory(source, labels, options)


def stream_corpus(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    text: str | Sequence[str] | None = None,
    label: str | Sequence[str] | None = None,
    format: str | None = None,
    encoding: str | None = None,
    missing_label: str | None = None,
    columns: Columns | None = None,
    label_prefix: str | None = None,
    target: str = AUTO,
    label_separator: str | None = None,
    callbacks: Sequence[Callback] = (),
) -> Dataset:
    """Labelled text in a file, or in several that are shards of one corpus, which may be larger than memory.

    The labels are read, and every row is checked; the texts stay in the files and are read again each time
    they are gone through. Takes the formats that can be read again and again (CSV, TSV, JSON Lines, Parquet
    and others), compressed or not. What it gives goes into `fit` and `TextClassifier.fit` with the
    architecture "ngram" as any other corpus does.

    Parameters as in `read_corpus`; `callbacks` are told how much has been read. Raises DataError as
    `read_corpus` does, for a source that cannot be read again and again, and for files of different formats
    or columns.
    """
    data_sets = importlib.import_module(_DATA_SETS)
    sources = [source] if isinstance(source, str | os.PathLike) else list(source)
    if not sources:
        raise UsageError("There is no file to read. Name at least one.")
    for one in sources:
        if isinstance(one, str) and one in data_sets.NAMES and format is None:
            raise UsageError(
                f"The data set {one!r} is read whole, and alone. Leave out --stream and other sources (use "
                "read_corpus), or give a file."
            )
    opened = [_opened(one, data_sets.NAMES) for one in sources]
    options = ReadOptions(
        text, label, encoding, missing_label, columns, label_prefix, target, label_separator
    )
    dataset, found = streamed_corpus.stream(opened, format, options, CallbackList(callbacks))
    return finished(dataset, options, found)


def open_table(
    source: str | os.PathLike[str] | Source,
    *,
    text: str | Sequence[str] | None = None,
    format: str | None = None,
    encoding: str | None = None,
    columns: Columns | None = None,
    label_prefix: str | None = None,
) -> TableStream:
    """Open a table to predict on, of a format in `wordloom.formats.TABLES`: CSV, lines of plain text, ...

    Parameters as in `read_corpus`; plain text has one column, "text", and its empty lines are empty texts.
    The rows come in order and in constant memory (a JSON array is read whole). Close it, or use `with`.
    """
    options = ReadOptions(text, None, encoding, columns=columns, label_prefix=label_prefix)
    opened = source if isinstance(source, Source) else Source.of(source)
    if opened.is_folder:
        raise DataError(f"{opened.name}: is a folder. Give a file with the texts to predict on.")
    found = pick_format(opened, format, options, need_label=False)
    if found not in TABLES:
        tables = titles_of(TEXT_FORMATS[name] for name in TABLES)
        raise DataError(f"{opened.name}: is not a table. Give {tables}.")
    return TableStream(table_of(opened, found, options), options)


def open_texts(
    source: str | os.PathLike[str],
    *,
    text: str | Sequence[str] | None = None,
    format: str | None = None,
    encoding: str | None = None,
    columns: Columns | None = None,
    label_prefix: str | None = None,
) -> TextStream:
    """Open a source for its texts alone, to learn from them without labels.

    Tables (`wordloom.formats.TABLES`: CSV, plain text with a text a line, ...) may have labels or not, and
    are read in constant memory. Of folders, archives and data sets known by name the training texts
    are given, and they are read whole. Parameters as in `read_corpus`. Close it, or use `with`.
    """
    data_sets = importlib.import_module(_DATA_SETS)
    options = ReadOptions(text, None, encoding, columns=columns, label_prefix=label_prefix)
    if isinstance(source, str) and source in data_sets.NAMES and format is None:
        return of_dataset(_read_named(source, options, format))
    opened = _opened(source, data_sets.NAMES)
    if not opened.is_folder and (format is None or format in TABLES):
        format = pick_format(opened, format, options, need_label=False)
        if format in TABLES:
            return of_table(TableStream(table_of(opened, format, options), options))
    return of_dataset(_read_opened(opened, options, format))


def _read_named(source: str | os.PathLike[str], options: ReadOptions, format: str | None) -> Dataset:
    data_sets = importlib.import_module(_DATA_SETS)
    if isinstance(source, str) and source in data_sets.NAMES and format is None:
        dataset = cast(Dataset, data_sets.load(source, target=options.target))
        if Path(source).exists():
            note = (
                f"{source}: the data set of this name is read, not the path; write ./{source} for the path."
            )
            dataset = replace(dataset, notes=(*dataset.notes, note))
        return finished(dataset, options)
    return _read_opened(_opened(source, data_sets.NAMES), options, format)


def _read_opened(source: Source, options: ReadOptions, format: str | None) -> Dataset:
    picked = pick_format(source, format, options)
    return finished(dataset_of(source, picked, options), options, picked)


def _opened(source: str | os.PathLike[str], names: Iterable[str]) -> Source:
    try:
        return Source.of(source)
    except DataError as error:
        if str(source).isidentifier():  # perhaps a name of a data set was meant
            raise DataError(f"{error} Data sets known by name: {', '.join(names)}.") from None
        raise
    except (OSError, ValueError):  # a name too long for the system, or with a NUL: no path
        raise DataError(f"{source!r:.60} is not a path. Texts belong in a list: [text, ...].") from None


def _read_memory(source: Any, labels: Iterable[Any] | None, options: ReadOptions) -> Dataset:
    if isinstance(source, Dataset | Corpus):
        if labels is not None:
            raise UsageError("A Corpus has its labels already; leave out labels=.")
        if isinstance(source, Dataset):
            return source
        if options.target == AUTO:
            options = replace(options, target=source.target)
        return finished(Dataset(source, name=source.name), options)
    if labels is None and is_frame(source):
        return finished(read_frame(source, options), options)
    if options.label_prefix is not None:
        raise UsageError("label_prefix= goes with a file of fastText's lines.")
    if options.named:
        raise UsageError("text= and label= name the columns of a file or a data frame.")
    return finished(read_pair(source, labels, options), options)


@dataclass(frozen=True)
class Relabeller:
    """A file of labelled text that can be written again with other labels (see `relabeller_of`)."""

    source: Source
    options: ReadOptions
    format: str

    def write(self, edits: Edits, target: Path, packed: bool = False) -> None:
        """Write the file again, with other labels in some places and without some texts.

        Everything else stays as it is, byte for byte; but a JSON document that is no array of objects becomes
        one, and a Parquet table is written anew with the same types.

        edits : the place of a text (the number in `Corpus.places`) -> its new label, None to leave it out
        packed : whether to compress what is written with gzip

        Raises DataError for a label that the format cannot hold, and for a file that has changed since.
        """
        writes = reader_of(TEXT_FORMATS[self.format]).relabel
        assert writes is not None
        writes(Relabelling(self.source, self.options, edits, target, packed))


def relabeller_of(
    source: str | os.PathLike[str], options: ReadOptions | None = None, format: str | None = None
) -> Relabeller | None:
    """What writes a source again with other labels; options and format are those that it was read with.

    None for what is not one file of a format where that can be done: a folder, a pipe, an archive, an
    address, a data set known by name.
    """
    names, options = importlib.import_module(_DATA_SETS).NAMES, options or ReadOptions()
    if isinstance(source, str) and source in names and format is None:
        return None
    opened = _opened(source, names)
    if opened.is_folder or opened.is_pipe or opened.copy is not None:
        return None
    picked = pick_format(opened, format, options)
    return None if reader_of(TEXT_FORMATS[picked]).relabel is None else Relabeller(opened, options, picked)

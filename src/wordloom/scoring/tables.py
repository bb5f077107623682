"""Tables: the rows of a shard, some at a time, as Parquet's own batches or as dicts.

Batches of Parquet go from file to file without becoming Python objects, but for the texts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from wordloom.errors import DataError, MissingExtraError, did_you_mean
from wordloom.origin import Columns
from wordloom.readers import open_table
from wordloom.readers.columns import choose_columns, id_column, is_habitual
from wordloom.readers.source import ReadOptions, Source
from wordloom.readers.table import SAMPLE_ROWS
from wordloom.scoring.settings import ScoreSettings

_ROWS, _CHARACTERS = 1024, 4_000_000
_PARQUET = b"PAR1"


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a shard in their order.

    Parameters
    ----------
    first : the number of the first one, from 0
    texts : N texts, None for what has none
    content : the rows: N dicts, or a RecordBatch of pyarrow
    """

    first: int
    texts: Sequence[str | None]
    content: Any

    def values(self, column: str) -> list[Any]:
        """The values of a column (N)."""
        if isinstance(self.content, list):
            return [row.get(column) for row in self.content]
        return list(self.content.column(column).to_pylist())


class ShardTable(Protocol):
    """A shard that is open: its name in `wordloom.formats`, the names of all columns and of the texts', and
    whether the shard itself has them."""

    @property
    def format(self) -> str: ...
    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def text(self) -> Sequence[str]: ...
    @property
    def names_columns(self) -> bool: ...
    @property
    def delimiter(self) -> str: ...
    @property
    def has_header(self) -> bool: ...

    def batches(self, columns: Sequence[str] | None) -> Iterator[Batch]:
        """The rows, with these columns at least; None: all of them."""


@contextlib.contextmanager
def open_shard(source: Source, settings: ScoreSettings, trained: Columns | None) -> Iterator[ShardTable]:
    """The table in a shard; an empty file is one without rows, as filters leave some.

    Raises DataError for what is no table, or is damaged, and where no column is known to hold the texts: the
    only one that is left may be another than that of the other shards.

    trained : the columns that the model learned from, looked for first
    """
    with open(cast(Path, source.path), "rb") as file:
        is_parquet = file.read(len(_PARQUET)) == _PARQUET
    if is_parquet or (settings.format or source.suffix.lstrip(".")) == "parquet":
        with _ParquetTable.opened(source, settings, trained) as table:
            yield table
        return
    if not source.head():
        yield _NoRows(settings.format or source.suffix.lstrip("."))
        return
    stream = open_table(
        source,
        text=settings.text,
        format=settings.format,
        encoding=settings.encoding,
        columns=trained,
        label_prefix=settings.label_prefix,
    )
    with stream:
        rows = _RowTable(stream)
        _refuse_a_guess(rows, settings, trained, source.name)
        yield rows


def _refuse_a_guess(table: ShardTable, settings: ScoreSettings, trained: Columns | None, where: str) -> None:
    """DataError for a column of texts that nobody named, that no model learned from, and whose name does not
    say what it holds."""
    (text, *_), columns = table.text, table.columns
    is_known = (
        settings.text is not None or is_habitual(text) or (trained is not None and text in trained.text)
    )
    if table.names_columns and len(columns) > 1 and not is_known:
        raise DataError(
            f"{where}: which column holds the texts? There are: {', '.join(map(repr, columns))}. Say it with "
            "text=NAME (--text NAME)."
        )


def id_of(table: ShardTable, settings: ScoreSettings, where: str) -> str | None:
    """The column of ids; None for the numbers of rows. DataError for one that is not there."""
    if settings.id is None:
        return id_column(table.columns, table.text)
    return there(settings.id, table, where, "--id")


def there(column: str, table: ShardTable, where: str, option: str) -> str:
    """The column; DataError if the shard does not have it."""
    if column not in table.columns and table.columns:
        raise DataError(
            f"{where}: there is no column {column!r} ({option}). {did_you_mean(column, table.columns)}"
        )
    return column


class _NoRows:
    """A table without rows and columns."""

    columns: Sequence[str] = ()
    text: Sequence[str] = ()
    names_columns, delimiter, has_header = False, ",", False

    def __init__(self, format: str) -> None:
        self.format = format

    def batches(self, columns: Sequence[str] | None) -> Iterator[Batch]:
        return iter(())


class _RowTable:
    """A table of text: CSV, JSON Lines, lines."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.format, self.columns, self.text = stream.format, stream.columns, stream.chosen.text
        self.delimiter, self.has_header = stream.delimiter, stream.has_header
        self.names_columns = stream.names_columns and stream.has_header

    def batches(self, columns: Sequence[str] | None) -> Iterator[Batch]:
        first, rows, texts, characters = 0, [], [], 0
        for row, text in self._stream.with_texts():
            rows.append(row)
            texts.append(text)
            characters += len(text or "")
            if len(rows) >= _ROWS or characters >= _CHARACTERS:
                yield Batch(first, texts, rows)
                first, rows, texts, characters = first + len(rows), [], [], 0
        if rows:
            yield Batch(first, texts, rows)


class _ParquetTable:
    """A Parquet file: row groups are read one after the other."""

    format, names_columns, delimiter, has_header = "parquet", True, "", True

    def __init__(self, file: Any, name: str, options: ReadOptions) -> None:
        self._file, self._name = file, name
        self.schema = file.schema_arrow
        self.columns = list(self.schema.names)
        sample = next(file.iter_batches(batch_size=SAMPLE_ROWS), None)
        rows = [] if sample is None else sample.to_pylist()
        self.text = choose_columns(self.columns, options, rows, name, need_label=False).columns.text
        for column in self.text:
            kind = self.schema.field(column).type
            if not _is_text(kind):
                raise DataError(
                    f"{name}: the column {column!r} holds {kind}, which are no texts. Name the column that "
                    "holds them (--text)."
                )

    @staticmethod
    @contextlib.contextmanager
    def opened(source: Source, settings: ScoreSettings, trained: Columns | None) -> Iterator[_ParquetTable]:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise MissingExtraError("Reading Parquet", "pyarrow", "parquet") from None
        options, name = ReadOptions(settings.text, columns=trained), source.name
        whole = source.whole_file("Parquet")
        with contextlib.ExitStack() as at_end:
            with _parquet_errors(name):
                file = at_end.enter_context(pyarrow.parquet.ParquetFile(whole, pre_buffer=False))
                table = _ParquetTable(file, name, options)
            _refuse_a_guess(table, settings, trained, name)
            yield table

    def batches(self, columns: Sequence[str] | None) -> Iterator[Batch]:
        wanted = None if columns is None else list(dict.fromkeys((*columns, *self.text)))
        first, rows = 0, self._rows_at_once()
        batches = self._file.iter_batches(batch_size=rows, columns=wanted, use_threads=False)
        while True:
            with _parquet_errors(f"{self._name}, after row {first:,}" if first else self._name):
                batch = next(batches, None)
                if batch is None:
                    return
                cells = [batch.column(column).to_pylist() for column in self.text]
            texts = cells[0] if len(cells) == 1 else list(map(_joined, zip(*cells, strict=True)))
            yield Batch(first, texts, batch)
            first += batch.num_rows

    def _rows_at_once(self) -> int:
        """As many rows as have few bytes in the row group whose rows are largest, and not too many."""
        metadata = self._file.metadata
        groups = map(metadata.row_group, range(metadata.num_row_groups))
        largest = max(
            (group.total_byte_size / group.num_rows for group in groups if group.num_rows), default=1
        )
        return max(1, min(_ROWS, int(_CHARACTERS / max(largest, 1))))


@contextlib.contextmanager
def _parquet_errors(where: str) -> Iterator[None]:
    """Turn what pyarrow says of a file that is read into DataError."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).rstrip(".")
        raise DataError(
            f"{where}: is not a whole Parquet file ({reason}). Download or copy it again."
        ) from None


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind))


def _joined(cells: tuple[str | None, ...]) -> str | None:
    return None if all(cell is None for cell in cells) else " ".join(cell for cell in cells if cell)

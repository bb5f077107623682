"""Outputs: what is written of a shard: ids or whole rows, and a column for each score."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from wordloom.compression import SUFFIXES, packing, plain_name
from wordloom.csv_writer import csv_cell, csv_writer
from wordloom.errors import MissingExtraError, UsageError
from wordloom.formats import TEXT_FORMATS
from wordloom.scoring.tables import Batch, ShardTable

ROW = "row"
"""The column of rows' numbers, counted from 0, where nothing else names them."""
_DIGITS = 7
_ENDINGS = {"gzip": ".gz", "bzip2": ".bz2", "xz": ".xz", "zstd": ".zst"}
_GROUP_ROWS, _GROUP_BYTES = 100_000, 64 << 20
_TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}


@dataclass(frozen=True)
class OutputLayout:
    """What is written.

    Parameters
    ----------
    format : its name in `wordloom.formats`
    packed : what the file is packed with, as `compression.packing` says it
    carried : the columns of the shard that are written; none: the numbers of rows
    scores : the names of the new columns
    """

    format: str
    packed: str | None
    carried: tuple[str, ...]
    scores: tuple[str, ...]

    def name(self, shard: str) -> str:
        """What the output of a shard of this name is called."""
        path = PurePosixPath(shard)
        plain = plain_name(Path(path.name)) if path.suffix.lower() in SUFFIXES else path.name
        ending = TEXT_FORMATS[self.format].suffixes[0]
        if Path(plain).suffix.lower() not in TEXT_FORMATS[self.format].suffixes:
            plain += ending
        return str(path.with_name(plain + _ENDINGS.get(self.packed or "", "")))


class Writer(Protocol):
    """Writes rows of a shard.

    rows : numbers of those to write in the batch, or None for all
    scores : float32 (N, C) of all rows of the batch
    """

    def write(self, batch: Batch, scores: NDArray[np.float32], rows: NDArray[np.int64] | None) -> None: ...


def written_format(table: ShardTable, path: Path, asked: str | None) -> tuple[str, str | None]:
    """The format of the output and its packing: those of the shard, or the one that is asked for."""
    packed = packing(path)
    packed = packed if packed in _ENDINGS else None
    own = table.format if table.format in ("parquet", "csv", "tsv", "jsonl") else "jsonl"
    format = asked or own
    if format == "parquet" and table.format != "parquet":
        raise UsageError(
            f"{path.name}: rows of {TEXT_FORMATS[table.format].title} have no types to write Parquet with. "
            "Leave out --output-format, or convert the shards first."
        )
    return format, None if format == "parquet" else packed


@contextlib.contextmanager
def open_output(written: OutputLayout, table: ShardTable, path: Path) -> Iterator[Writer]:
    """What writes to a file; it is whole when the block ends."""
    if written.format == "parquet":
        with _ParquetWriter.opened(written, cast(Any, table).schema, path) as writer:
            yield writer
        return
    with _packed(path, written.packed) as file, io.TextIOWrapper(file, **_TEXT) as stream:
        layout = TEXT_FORMATS[written.format].layout
        assert layout is not None
        header = [*(written.carried or (ROW,)), *written.scores]
        if not layout.delimiter:
            yield _RowWriter(written, _objects(stream, header))
            return
        lines = csv_writer(stream, table.delimiter if table.format == written.format else layout.delimiter)
        if (
            table.has_header
            or table.format not in ("csv", "tsv")
            or len(written.carried) < len(table.columns)
        ):
            lines.writerow(header)
        yield _RowWriter(written, lambda cells: lines.writerow(map(csv_cell, cells)))


def _objects(stream: Any, names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    def write(cells: Sequence[Any]) -> None:
        values = dict(zip(names, cells, strict=True))
        stream.write(json.dumps(values, ensure_ascii=False, default=str) + "\n")

    return write


@contextlib.contextmanager
def _packed(path: Path, packed: str | None) -> Iterator[Any]:
    """A file of bytes that are packed as they are written, the same ones each time."""
    with contextlib.ExitStack() as stack:
        file: Any = stack.enter_context(open(path, "wb"))
        if packed == "gzip":
            file = stack.enter_context(gzip.GzipFile("", "wb", 6, file, mtime=0))
        elif packed == "bzip2":
            file = stack.enter_context(bz2.BZ2File(file, "wb"))
        elif packed == "xz":
            file = stack.enter_context(lzma.LZMAFile(file, "wb"))
        elif packed == "zstd":
            file = stack.enter_context(_zstd_writer(file))
        yield file


def _zstd_writer(file: Any) -> Any:
    try:
        import zstandard
    except ImportError:
        raise MissingExtraError("Writing zstd", "zstandard", "corpora") from None
    return zstandard.ZstdCompressor(level=3).stream_writer(file, closefd=False)


class _RowWriter:
    """Rows as text."""

    def __init__(self, written: OutputLayout, write: Callable[[Sequence[Any]], Any]) -> None:
        self._written, self._write = written, write

    def write(self, batch: Batch, scores: NDArray[np.float32], rows: NDArray[np.int64] | None) -> None:
        carried = self._written.carried
        columns = [batch.values(column) for column in carried]
        columns = columns or [list(range(batch.first, batch.first + len(batch.texts)))]
        rounded = scores.astype(np.float64).round(_DIGITS).tolist()
        for row in range(len(batch.texts)) if rows is None else rows.tolist():
            numbers = (None if score != score else score for score in rounded[row])
            self._write([*(column[row] for column in columns), *numbers])


class _ParquetWriter:
    """Rows as Parquet, in row groups of many batches."""

    def __init__(self, writer: Any, written: OutputLayout, schema: Any) -> None:
        self._writer, self._written, self._schema = writer, written, schema
        self._waiting: list[Any] = []

    @staticmethod
    @contextlib.contextmanager
    def opened(written: OutputLayout, schema: Any, path: Path) -> Iterator[_ParquetWriter]:
        import pyarrow
        import pyarrow.parquet

        fields = [schema.field(name) for name in written.carried] or [pyarrow.field(ROW, pyarrow.int64())]
        fields += [pyarrow.field(name, pyarrow.float32()) for name in written.scores]
        # what other programs note about all columns would not be true any more
        metadata = {key: value for key, value in (schema.metadata or {}).items() if key != b"huggingface"}
        new = pyarrow.schema(fields, metadata or None)
        with pyarrow.parquet.ParquetWriter(path, new, compression="zstd") as writer:
            found = _ParquetWriter(writer, written, new)
            yield found
            found.flush()

    def write(self, batch: Batch, scores: NDArray[np.float32], rows: NDArray[np.int64] | None) -> None:
        import pyarrow

        columns = [batch.content.column(name) for name in self._written.carried]
        columns = columns or [pyarrow.array(np.arange(batch.first, batch.first + len(batch.texts)))]
        columns += [pyarrow.array(score, from_pandas=True) for score in np.ascontiguousarray(scores.T)]
        found = pyarrow.RecordBatch.from_arrays(columns, schema=self._schema)
        if rows is not None:
            found = found.take(pyarrow.array(rows))
        if found.num_rows:
            self._waiting.append(found)
        waiting = sum(one.num_rows for one in self._waiting), sum(one.nbytes for one in self._waiting)
        if waiting[0] >= _GROUP_ROWS or waiting[1] >= _GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits as a row group."""
        import pyarrow

        if self._waiting:
            self._writer.write_table(pyarrow.Table.from_batches(self._waiting))
            self._waiting = []

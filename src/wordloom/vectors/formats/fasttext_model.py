"""fastText's `.bin` models: the words' vectors, and subwords that answer words which the model does not hold.

The layout is that of fastText's `FastText::saveModel`, versions 11 and 12, little-endian: magic and version,
twelve settings, the dictionary, the input matrix (words, then hashed n-grams), the output matrix. The
matrix stays in the file, mapped into memory; the rows of the words are worked out. Quantised models (`.ftz`)
and pruned ones are not read.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.vectors.formats.byte_streams import decoded, is_gzip
from wordloom.vectors.formats.table import TableBuilder, Wanted
from wordloom.vectors.subwords import Subwords, SubwordVectors, means
from wordloom.vectors.word_vectors import WordVectors

MAGIC = 793712314
_SUPERVISED = 3
_LONGEST_WORD = 1 << 20
_WORDS_AT_A_TIME = 1 << 14


@dataclass(frozen=True)
class _Header:
    """What stands before the dictionary."""

    dimensions: int
    bucket: int
    minn: int
    maxn: int


class _Source:
    """The file's bytes with a place from which values are taken; DataError where the file ends too early."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self.path, self.data, self.at = path, data, 0

    def take(self, form: str) -> tuple[int, ...]:
        """The values of a `struct` form."""
        size = struct.calcsize("<" + form)
        self.need(size)
        self.at += size
        return struct.unpack_from("<" + form, self.data, self.at - size)

    def need(self, size: int) -> None:
        """Raise DataError unless so many bytes follow."""
        if size < 0 or self.at + size > len(self.data):
            raise DataError(
                f"{self.path}: the file ends too early ({len(self.data):,} bytes); it is cut off or damaged. "
                "Fetch it again."
            )

    def text(self) -> bytes:
        """The bytes before the next zero byte, which is passed."""
        end = self.data.find(b"\0", self.at, self.at + _LONGEST_WORD)
        if end < 0:
            raise DataError(f"{self.path}: the dictionary is damaged at byte {self.at:,}: a word has no end.")
        found = self.data[self.at : end]
        self.at = end + 1
        return found

    def matrix(self) -> npt.NDArray[np.float32]:
        """A dense matrix, left in the file. Raises DataError for a quantised one."""
        (quantised,) = self.take("?")
        if quantised:
            raise DataError(
                f"{self.path}: a quantised fastText model (.ftz), which does not hold exact vectors. Use the "
                ".bin that it was made from."
            )
        rows, columns = self.take("qq")
        if rows < 0 or columns < 1:
            raise DataError(f"{self.path}: a matrix of {rows} x {columns}; the file is damaged.")
        self.need(4 * rows * columns)
        found = np.frombuffer(self.data, dtype="<f4", count=rows * columns, offset=self.at)
        self.at += 4 * rows * columns
        return found.reshape(rows, columns)


def read(path: Path, wanted: Wanted) -> WordVectors:
    """The words' vectors as `fasttext print-word-vectors` gives them, with their subwords if there are any.

    Raises DataError for a quantised or pruned model and for a file that is damaged or cut off.
    """
    if is_gzip(path):
        raise DataError(f"{path}: compressed; a fastText model is mapped into memory, so unpack it first.")
    with open(path, "rb") as stream:
        source = _Source(path, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    header = _read_header(source)
    words = _read_words(source)
    table = source.matrix()
    source.matrix()
    if source.at != len(source.data):
        raise DataError(f"{path}: bytes follow the model; the file is damaged. Fetch it again.")
    if table.shape != (len(words) + header.bucket, header.dimensions):
        raise DataError(
            f"{path}: a matrix of {table.shape[0]:,} x {table.shape[1]}, expected {len(words):,} words and "
            f"{header.bucket:,} n-grams of {header.dimensions} numbers; the file is damaged."
        )
    subwords = Subwords(header.minn, header.maxn, table[len(words) :])
    found = _wanted_table(path, words, table, subwords, wanted)
    return SubwordVectors.of(found, subwords) if header.maxn > 0 and header.bucket > 0 else found


def _read_header(source: _Source) -> _Header:
    magic, version = source.take("ii")
    if magic != MAGIC or version not in (11, 12):
        raise DataError(f"{source.path}: not a fastText model of version 11 or 12 (version {version}).")
    values = source.take("12i")
    source.take("d")
    dimensions, model, bucket, minn, maxn = values[0], values[7], values[8], values[9], values[10]
    if version == 11 and model == _SUPERVISED:
        maxn = 0  # such old models were trained without n-grams of characters, whatever they say
    if dimensions < 1 or bucket < 0:
        raise DataError(f"{source.path}: {dimensions} dimensions and {bucket} buckets; the file is damaged.")
    return _Header(dimensions, bucket, minn, maxn)


def _read_words(source: _Source) -> list[str]:
    """The words of the dictionary, without labels."""
    size, n_words, n_labels = source.take("iii")
    _, pruned = source.take("qq")
    if min(n_words, n_labels) < 0 or size != n_words + n_labels:
        raise DataError(f"{source.path}: {size} entries in the dictionary; the file is damaged.")
    if pruned > 0:
        raise DataError(f"{source.path}: a pruned fastText model (.ftz); use the .bin that it was made from.")
    words: list[str] = []
    for row in range(size):
        text = source.text()
        _, kind = source.take("qb")
        if kind != (0 if row < n_words else 1):
            raise DataError(f"{source.path}, row {row:,}: neither word nor label; the file is damaged.")
        if kind == 0:
            words.append(decoded(text, f"{source.path}, row {row:,}"))
    return words


def _wanted_table(
    path: Path, words: list[str], table: npt.NDArray[np.float32], subwords: Subwords, wanted: Wanted
) -> WordVectors:
    """The wanted words' vectors: means of their row and those of their n-grams."""
    builder = TableBuilder(path, table.shape[1], wanted, unit="row", expected=len(words))
    rows: list[int] = []
    for row, word in enumerate(words):
        if builder.complete():
            break
        if builder.takes(word, row):
            rows.append(row)
    for start in range(0, len(rows), _WORDS_AT_A_TIME):
        chosen = rows[start : start + _WORDS_AT_A_TIME]
        if subwords.maxn > 0 and len(subwords.rows):
            ids, offsets = subwords.ids([words[row] for row in chosen])
        else:
            ids, offsets = np.empty(0, dtype=np.int64), np.zeros(len(chosen) + 1, dtype=np.int64)
        vectors = means(table, np.array(chosen, dtype=np.int64), ids + len(words), offsets)
        finite = np.isfinite(vectors).all(axis=1)
        if not finite.all():
            row = chosen[int(np.argmin(finite))]
            raise DataError(f"{path}, row {row:,} ({words[row]!r:.60}): a number is NaN or infinite.")
        builder.fill(vectors)
    return builder.finish()

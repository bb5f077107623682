"""fastText's `.bin` models: the words' vectors, and subwords that answer words which the model does not hold.

The layout is that of fastText's `FastText::saveModel`, versions 11 and 12, little-endian: magic and version,
twelve settings, the dictionary, the input matrix (words, then hashed n-grams), the output matrix. The
matrix stays in the file, mapped into memory; the rows of the words are worked out. Quantised models (`.ftz`)
and pruned ones are not read.

Tables with subwords are written as unsupervised models of version 12, others as such models without n-grams.
What a table does not know stands there as follows: the settings of learning are fastText's defaults, a word's
count is its place from the end, the output matrix is zeros. So the vectors are all there; learning cannot go
on from them.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.vectors.formats.byte_streams import writing
from wordloom.vectors.formats.codec import Codec
from wordloom.vectors.formats.table import TableBuilder, Wanted
from wordloom.vectors.formats.word_decoder import WordDecoder
from wordloom.vectors.subwords import SubwordRule, Subwords, SubwordVectors, means
from wordloom.vectors.word_vectors import WordVectors

Floats = npt.NDArray[np.float32]

MAGIC = 793712314
_VERSION = 12
_SUPERVISED = 3
_NO_SUBWORDS = SubwordRule(0, 0, 0)
# fastText's defaults: window, epochs, lowest count, negatives, longest n-gram of words, loss by negative
# sampling (2), skip-gram (2)
_LEARNED_WITH = (5, 5, 1, 5, 1, 2, 2)
_RATE_UPDATES, _SUBSAMPLE = 100, 1e-4
_LONGEST_WORD = 1 << 20
_WORDS_AT_A_TIME = 1 << 14
_ROWS_AT_A_TIME = 1 << 16


@dataclass(frozen=True)
class _Header:
    """What stands before the dictionary."""

    dimensions: int
    rule: SubwordRule


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

    def matrix(self) -> Floats:
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


def _read(path: Path, wanted: Wanted) -> WordVectors:
    """The words' vectors as `fasttext print-word-vectors` gives them, with their subwords if there are any.

    Raises DataError for a quantised or pruned model and for a file that is damaged or cut off.
    """
    with open(path, "rb") as stream:
        source = _Source(path, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    header = _read_header(source)
    decoder = wanted.decoder(path, "row")
    spellings = _read_spellings(source)
    table = source.matrix()
    source.matrix()
    if source.at != len(source.data):
        raise DataError(f"{path}: bytes follow the model; the file is damaged. Fetch it again.")
    if table.shape != (len(spellings) + header.rule.buckets, header.dimensions):
        raise DataError(
            f"{path}: a matrix of {table.shape[0]:,} x {table.shape[1]}, expected {len(spellings):,} words "
            f"and {header.rule.buckets:,} n-grams of {header.dimensions} numbers; the file is damaged."
        )
    rows, builder = _wanted_rows(decoder, spellings, header.dimensions, wanted)
    if header.rule.maxn < 1 or header.rule.buckets == 0:
        _fill(builder, rows, lambda chosen: table[chosen])
        return builder.finish()
    _fill(builder, rows, lambda chosen: _composed(spellings, table, chosen, header.rule))
    own = table[: len(spellings)] if len(rows) == len(spellings) else table[rows]
    return SubwordVectors.of(builder.finish(), Subwords(header.rule, table[len(spellings) :], own))


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
    return _Header(dimensions, SubwordRule(minn, maxn, bucket))


def _read_spellings(source: _Source) -> list[bytes]:
    """The words of the dictionary as they stand there, without labels."""
    size, n_words, n_labels = source.take("iii")
    _, pruned = source.take("qq")
    if min(n_words, n_labels) < 0 or size != n_words + n_labels:
        raise DataError(f"{source.path}: {size} entries in the dictionary; the file is damaged.")
    if pruned > 0:
        raise DataError(f"{source.path}: a pruned fastText model (.ftz); use the .bin that it was made from.")
    spellings: list[bytes] = []
    for row in range(size):
        text = source.text()
        _, kind = source.take("qb")
        if kind != (0 if row < n_words else 1):
            raise DataError(f"{source.path}, row {row:,}: neither word nor label; the file is damaged.")
        if kind == 0:
            spellings.append(text)
    return spellings


def _wanted_rows(
    decoder: WordDecoder, spellings: list[bytes], dimensions: int, wanted: Wanted
) -> tuple[list[int], TableBuilder]:
    """The rows of the wanted words, and a table that waits for their vectors."""
    builder = TableBuilder(decoder.path, dimensions, wanted, unit="row")
    rows: list[int] = []
    for row, spelling in enumerate(spellings):
        if builder.complete():
            break
        word = decoder.decoded(spelling, row)
        if word is None:
            builder.pass_by()
        elif builder.takes(word, row):
            rows.append(row)
    decoder.finish()
    builder.expect(len(rows))
    return rows, builder


def _fill(builder: TableBuilder, rows: list[int], vectors_of: Callable[[list[int]], Floats]) -> None:
    for start in range(0, len(rows), _WORDS_AT_A_TIME):
        chosen = rows[start : start + _WORDS_AT_A_TIME]
        vectors = vectors_of(chosen)
        finite = np.isfinite(vectors).all(axis=1)
        if not finite.all():
            place = int(np.argmin(finite))
            word = builder.words[start + place]
            raise DataError(
                f"{builder.path}, row {chosen[place]:,} ({word!r:.60}): a number is NaN or infinite."
            )
        builder.fill(vectors)


def _composed(spellings: list[bytes], table: Floats, chosen: list[int], rule: SubwordRule) -> Floats:
    """The means of the chosen words' own rows and those of their n-grams, which are n-grams of the bytes."""
    ids, offsets = rule.ids([spellings[row] for row in chosen])
    return means(table, np.array(chosen, dtype=np.int64), ids + len(spellings), offsets)


def _unwritable(word: str) -> str | None:
    """Why the format cannot hold the word, as the end of a sentence; None if it can."""
    return "it holds '\\x00'" if "\0" in word else None


def _write(vectors: WordVectors, path: Path) -> None:
    """A model of `vectors`, with their subwords if they have any; see the top of this file."""
    rule, parts = _NO_SUBWORDS, [vectors.vectors]
    if isinstance(vectors, SubwordVectors):
        rule, parts = vectors.subwords.rule, [vectors.subwords.own, vectors.subwords.rows]
    size, dimensions = vectors.vectors.shape
    counts = range(size, 0, -1)
    with writing(path) as stream:
        settings = (dimensions, *_LEARNED_WITH, rule.buckets, rule.minn, rule.maxn, _RATE_UPDATES)
        stream.write(struct.pack("<14id", MAGIC, _VERSION, *settings, _SUBSAMPLE))
        stream.write(struct.pack("<3i2q", size, size, 0, sum(counts), -1))
        stream.writelines(
            word.encode() + struct.pack("<xqb", count, 0)
            for word, count in zip(vectors.words, counts, strict=True)
        )
        _write_matrix(stream, parts)
        _write_matrix(stream, [np.broadcast_to(np.float32(0), (size, dimensions))])


def _write_matrix(stream: IO[bytes], parts: list[Floats]) -> None:
    """A dense matrix, made of parts one below the other."""
    stream.write(struct.pack("<?2q", False, sum(map(len, parts)), parts[0].shape[1]))
    for part in parts:
        for start in range(0, len(part), _ROWS_AT_A_TIME):
            stream.write(part[start : start + _ROWS_AT_A_TIME].astype("<f4", copy=False).tobytes())


FASTTEXT = Codec(_read, lambda sample: True, _write, _unwritable)  # the first bytes say it

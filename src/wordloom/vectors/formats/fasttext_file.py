"""fastText's binary files (`.bin`, `.ftz`) taken apart: settings, dictionary, matrices.

The layout is that of fastText's `FastText::saveModel`, versions 11 and 12, little-endian: magic and version,
twelve settings, the dictionary with the n-grams that were kept when it was pruned, the input matrix (words,
then hashed n-grams), the output matrix; a matrix may be quantized. The numbers stay in the file, mapped into
memory. Every size is compared with what is left of the file before anything is made of it.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.kernels.coded_rows import CENTROIDS
from wordloom.vectors.coded_rows import CodedRows, Rows

MAGIC = 793712314
VERSION = 12
SUPERVISED = 3
LOSSES = {1: "hs", 2: "ns", 3: "softmax", 4: "ova"}
_MODEL_AT = 36
"""Where the kind of model stands: magic and version, then seven settings before it."""
_LONGEST_WORD = 1 << 20
_SMALLEST_ENTRY = struct.calcsize("<xqb")


@dataclass(frozen=True)
class FastTextSettings:
    """What stands before the dictionary, by fastText's names and in its order; `loss` is a key of LOSSES."""

    version: int
    dim: int
    ws: int
    epoch: int
    min_count: int
    neg: int
    word_ngrams: int
    loss: int
    model: int
    bucket: int
    minn: int
    maxn: int
    lr_update_rate: int
    t: float

    @property
    def supervised(self) -> bool:
        """Whether it is a classifier."""
        return self.model == SUPERVISED


@dataclass(frozen=True, eq=False)
class FastTextDictionary:
    """The W words and C labels, as the bytes that stand in the file.

    Parameters
    ----------
    words, labels : their spellings
    counts : int64 (W + C,), how often each stood in the texts
    tokens : how many words and labels the texts had
    pruned : int32 (P, 2), sorted: buckets that were kept and the rows they have; None if nothing was pruned
    """

    words: list[bytes]
    labels: list[bytes]
    counts: NDArray[np.int64]
    tokens: int
    pruned: NDArray[np.int32] | None


@dataclass(frozen=True, eq=False)
class FastTextFile:
    """A whole file: input (W + buckets or kept n-grams, D) and output (C or W, D)."""

    settings: FastTextSettings
    dictionary: FastTextDictionary
    input: Rows
    output: Rows


def begins_fasttext(path: Path) -> bool:
    """Whether a file begins as fastText's binary files do."""
    with open(path, "rb") as stream:
        return stream.read(4) == struct.pack("<i", MAGIC)


def begins_supervised(path: Path) -> bool:
    """Whether a file begins as those of fastText's classifiers do."""
    with open(path, "rb") as stream:
        head = stream.read(_MODEL_AT + 4)
    return head[:4] == struct.pack("<i", MAGIC) and head[_MODEL_AT:] == struct.pack("<i", SUPERVISED)


def read_fasttext(path: Path) -> FastTextFile:
    """A file taken apart. Raises DataError, naming the place, for one that is cut off or damaged."""
    with open(path, "rb") as stream:
        try:
            source = _Source(path, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError:
            raise DataError(f"{path}: the file is empty.") from None
    settings = _settings(source)
    dictionary = _dictionary(source)
    table = source.matrix("input")
    output = source.matrix("output")
    if source.at != len(source.data):
        raise source.damaged(f"{len(source.data) - source.at:,} bytes follow the model")
    rows = len(dictionary.words) + (settings.bucket if dictionary.pruned is None else len(dictionary.pruned))
    if table.shape != (rows, settings.dim):
        raise source.damaged(
            f"an input matrix of {table.shape[0]:,} x {table.shape[1]:,}, expected {len(dictionary.words):,} "
            f"words and {rows - len(dictionary.words):,} n-grams of {settings.dim:,} numbers"
        )
    return FastTextFile(settings, dictionary, table, output)


class _Source:
    """The file's bytes with a place from which values are taken; DataError where the file ends too early."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self.path, self.data, self.at = path, data, 0

    def damaged(self, what: str) -> DataError:
        """The error for what cannot be, at this place."""
        return DataError(f"{self.path}, byte {self.at:,}: {what}; the file is damaged. Fetch it again.")

    def take(self, form: str, what: str) -> tuple[int, ...]:
        """The values of a `struct` form; `what` names them."""
        size = struct.calcsize("<" + form)
        self.need(size, what)
        self.at += size
        return struct.unpack_from("<" + form, self.data, self.at - size)

    def flag(self, what: str) -> bool:
        """A byte that is 0 or 1."""
        (value,) = self.take("B", what)
        if value > 1:
            raise self.damaged(f"{what} is {value}, neither 0 nor 1")
        return bool(value)

    def need(self, size: int, what: str) -> None:
        """Raise DataError unless so many bytes follow."""
        if size < 0 or size > len(self.data) - self.at:
            raise DataError(
                f"{self.path}, byte {self.at:,}: the file ends too early ({len(self.data):,} bytes; {what} "
                f"needs {size:,} more from here); it is cut off or damaged. Fetch it again."
            )

    def text(self) -> bytes:
        """The bytes before the next zero byte, which is passed."""
        end = self.data.find(b"\0", self.at, self.at + _LONGEST_WORD)
        if end < 0:
            raise self.damaged("the dictionary is damaged: a word has no end")
        found = self.data[self.at : end]
        self.at = end + 1
        return found

    def array(self, kind: str, count: int, what: str) -> NDArray[np.generic]:
        """So many numbers of a type, left in the file."""
        size = count * np.dtype(kind).itemsize
        self.need(size, what)
        self.at += size
        return np.frombuffer(self.data, dtype=kind, count=count, offset=self.at - size)

    def matrix(self, name: str) -> Rows:
        """A matrix, dense or quantized."""
        if self.flag(f"whether the {name} matrix is quantized"):
            return self._coded(name)
        rows, columns = self._sizes(name)
        cells = self.array("<f4", rows * columns, f"the {name} matrix of {rows:,} x {columns:,}")
        return cells.reshape(rows, columns).view(np.float32)

    def _sizes(self, name: str) -> tuple[int, int]:
        rows, columns = self.take("qq", f"the size of the {name} matrix")
        if rows < 0 or not 1 <= columns < 1 << 31:
            raise self.damaged(f"the {name} matrix has {rows:,} x {columns:,} numbers")
        return rows, columns

    def _coded(self, name: str) -> CodedRows:
        with_norms = self.flag(f"whether the {name} matrix has lengths")
        rows, columns = self._sizes(name)
        (size,) = self.take("i", f"the number of codes of the {name} matrix")
        codes = self.array("u1", size, f"the codes of the {name} matrix")
        pieces, width, centroids = self._quantizer(name, columns)
        if size != rows * pieces:
            raise self.damaged(f"the {name} matrix has {size:,} codes for {rows:,} rows of {pieces:,}")
        lengths: tuple[NDArray[np.generic], NDArray[np.generic]] = np.zeros(0, "u1"), np.zeros(0, "<f4")
        if with_norms:
            own = self.array("u1", rows, f"the codes of lengths of the {name} matrix")
            lengths = own, self._quantizer(f"{name} lengths", 1)[2]
        return CodedRows(
            codes.reshape(rows, pieces).view(np.uint8),
            centroids.view(np.float32),
            width,
            lengths[0].view(np.uint8),
            lengths[1].view(np.float32),
        )

    def _quantizer(self, name: str, columns: int) -> tuple[int, int, NDArray[np.generic]]:
        """Pieces of a row, numbers in a piece, and all centroids."""
        dim, pieces, width, last = self.take("4i", f"the quantizer of the {name} matrix")
        fits = dim == columns and width >= 1 and pieces == -(-columns // width)
        if not fits or last != columns - (pieces - 1) * width:
            raise self.damaged(
                f"the quantizer of the {name} matrix cuts {dim:,} numbers into {pieces:,} pieces of "
                f"{width:,} and {last:,}; the matrix has {columns:,}"
            )
        return pieces, width, self.array("<f4", columns * CENTROIDS, f"the centroids of the {name} matrix")


def _settings(source: _Source) -> FastTextSettings:
    magic, version = source.take("ii", "the beginning")
    if magic != MAGIC or version not in (11, VERSION):
        raise DataError(f"{source.path}: not a fastText model of version 11 or 12 (version {version}).")
    whole = source.take("12i", "the settings")
    settings = FastTextSettings(version, *whole, *source.take("d", "the settings"))
    if settings.dim < 1 or settings.bucket < 0:
        raise source.damaged(f"{settings.dim:,} dimensions and {settings.bucket:,} buckets")
    if version == 11 and settings.supervised:
        return replace(settings, maxn=0)  # trained without n-grams of characters, whatever they say
    return settings


def _dictionary(source: _Source) -> FastTextDictionary:
    size, n_words, n_labels = source.take("iii", "the size of the dictionary")
    tokens, kept = source.take("qq", "the size of the dictionary")
    if min(n_words, n_labels) < 0 or size != n_words + n_labels:
        raise source.damaged(
            f"{size:,} entries in the dictionary, of {n_words:,} words and {n_labels:,} labels"
        )
    source.need(size * _SMALLEST_ENTRY, f"a dictionary of {size:,} entries")
    entries: list[bytes] = []
    counts = np.empty(size, dtype=np.int64)
    for row in range(size):
        entries.append(source.text())
        counts[row], kind = source.take("qb", "an entry of the dictionary")
        if kind != (0 if row < n_words else 1):
            raise source.damaged(f"row {row:,} of the dictionary is neither word nor label")
    pruned = None
    if kept >= 0:
        pairs = source.array("<i4", 2 * kept, f"the list of {kept:,} kept n-grams").reshape(-1, 2)
        pruned = np.ascontiguousarray(pairs[np.argsort(pairs[:, 0], kind="stable")]).astype(np.int32)
    return FastTextDictionary(entries[:n_words], entries[n_words:], counts, tokens, pruned)

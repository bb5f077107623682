"""fastText's binary files put together, the inverse of `fasttext_file`; of version 12, whatever was read."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from wordloom.vectors.coded_rows import CodedRows
from wordloom.vectors.formats.byte_streams import writing
from wordloom.vectors.formats.fasttext_file import (
    MAGIC,
    VERSION,
    FastTextDictionary,
    FastTextFile,
    FastTextSettings,
)

_ROWS_AT_A_TIME = 1 << 16


def write_fasttext(file: FastTextFile, path: Path) -> None:
    """Write a whole file, or nothing."""
    with writing(path) as stream:
        write_head(stream, file.settings, file.dictionary)
        for rows in (file.input, file.output):
            if isinstance(rows, CodedRows):
                _write_coded(stream, rows)
            else:
                write_dense(stream, [rows])


def write_head(stream: IO[bytes], settings: FastTextSettings, dictionary: FastTextDictionary) -> None:
    """Write what stands before the matrices. No word holds a zero byte."""
    words, labels, pruned = dictionary.words, dictionary.labels, dictionary.pruned
    stream.write(struct.pack("<14id", MAGIC, VERSION, *astuple(settings)[1:]))
    sizes = len(words) + len(labels), len(words), len(labels)
    stream.write(struct.pack("<3i2q", *sizes, dictionary.tokens, -1 if pruned is None else len(pruned)))
    for row, (spelling, count) in enumerate(zip([*words, *labels], dictionary.counts.tolist(), strict=True)):
        stream.write(spelling + struct.pack("<xqb", count, row >= len(words)))
    if pruned is not None:
        stream.write(pruned.astype("<i4").tobytes())


def write_dense(stream: IO[bytes], parts: Sequence[NDArray[np.float32]]) -> None:
    """Write a dense matrix, made of parts one below the other."""
    stream.write(struct.pack("<?2q", False, sum(map(len, parts)), parts[0].shape[1]))
    for part in parts:
        for start in range(0, len(part), _ROWS_AT_A_TIME):
            stream.write(part[start : start + _ROWS_AT_A_TIME].astype("<f4", copy=False).tobytes())


def _write_coded(stream: IO[bytes], rows: CodedRows) -> None:
    (count, dimensions), pieces = rows.shape, rows.codes.shape[1]
    stream.write(struct.pack("<??2qi", True, len(rows.norms) > 0, count, dimensions, rows.codes.size))
    stream.write(rows.codes.tobytes())
    last = dimensions - (pieces - 1) * rows.width
    stream.write(struct.pack("<4i", dimensions, pieces, rows.width, last))
    stream.write(rows.centroids.astype("<f4", copy=False).tobytes())
    if len(rows.norms):
        stream.write(rows.norm_codes.tobytes())
        stream.write(struct.pack("<4i", 1, 1, 1, 1))
        stream.write(rows.norms.astype("<f4", copy=False).tobytes())

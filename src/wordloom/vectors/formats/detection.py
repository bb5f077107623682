"""Telling the formats of vector files apart: by content when reading, by name when writing.

The rows of `wordloom.formats` are asked, and what the files that they name say of a folder or of a file's
first bytes.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from wordloom.errors import DataError, UsageError
from wordloom.formats import VECTOR_FORMATS, VectorFormat, named_by_ending, titles_of
from wordloom.vectors.formats import foreign_formats
from wordloom.vectors.formats.byte_streams import check_file, first_bytes
from wordloom.vectors.formats.codec import Codec, Sample

_SAMPLE = 1 << 16


def codec_of(format: str) -> Codec:
    """The functions of a format."""
    module, _, name = VECTOR_FORMATS[format].code.partition(":")
    codec: Codec = getattr(importlib.import_module(f"wordloom.vectors.formats.{module}"), name)
    return codec


def format_of_name(path: Path, with_subwords: bool = False) -> str:
    """The format that a file's name stands for, when one is written. UsageError if it tells none.

    Where the names of two formats end alike (word2vec binary and fastText's models), the one that keeps
    subwords is meant for a table with subwords.
    """
    suffix = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()
    rows = [row for row in VECTOR_FORMATS.values() if row.writes]
    named = [row for row in rows if (suffix in row.suffixes if suffix else row.is_folder)]
    if not named:
        raise UsageError(
            f"{path}: the name does not tell the format. Name it with format= (--format), or use one of "
            f"these endings: {named_by_ending()}."
        )
    return next((row for row in named if row.has_subwords == with_subwords), named[0]).name


def _particular_first() -> list[VectorFormat]:
    return list(reversed(list(VECTOR_FORMATS.values())))


def detect(path: Path) -> str:
    """The format of an existing file or folder, from its content.

    Raises DataError for a file that is missing, empty, or of a format that is known but not read.
    """
    if path.is_dir():
        return _folder_format(path)
    check_file(path)
    sample = Sample(path, first_bytes(path, _SAMPLE))
    if not sample.data.strip():
        raise DataError(f"{path}: the file is empty.")
    rows = _particular_first()
    for row in rows:
        if row.magic and row.begins(sample.data) and codec_of(row.name).holds(sample):
            return row.name
    foreign_formats.refuse(path, sample.data)
    return next(row.name for row in rows if not row.magic and codec_of(row.name).holds(sample))


def _folder_format(path: Path) -> str:
    rows = [row for row in _particular_first() if row.is_folder]
    for row in rows:
        holds = codec_of(row.name).holds_folder
        if holds is not None and holds(path):
            return row.name
    foreign_formats.refuse_folder(path)
    if (path / "config.json").is_file():
        raise DataError(
            f"{path}: a model, not a file of vectors. Export its vectors first (wordloom export)."
        )
    raise DataError(f"{path}: a folder without vectors. Expected a {titles_of(rows)}.")

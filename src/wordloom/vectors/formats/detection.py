"""Telling the formats of vector files apart: by content when reading, by name when writing."""

from __future__ import annotations

import struct
from pathlib import Path

from wordloom.errors import DataError, UsageError
from wordloom.vectors.formats import decimal_text, foreign_forms, projector, static_model
from wordloom.vectors.formats.byte_streams import check_file, first_bytes
from wordloom.vectors.formats.text_layout import header_of

_SAMPLE = 1 << 16
SUBWORD_FORMAT = "fasttext"
"""The one format that keeps subwords."""

_FASTTEXT_MAGIC = struct.pack("<i", 793712314)
_SUFFIXES = {
    ".txt": "glove",
    ".vec": "word2vec",
    ".bin": "word2vec-binary",
    ".safetensors": "safetensors",
    "": "projector",
}


def format_of_name(path: Path, with_subwords: bool = False) -> str:
    """The format that a file's name stands for, when one is written. UsageError if it tells none.

    The names of word2vec binary and of fastText's models end alike: a table with subwords means the latter.
    """
    suffix = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()
    if suffix not in _SUFFIXES:
        known = ", ".join(f"{end} ({name})" for end, name in _SUFFIXES.items() if end)
        raise UsageError(
            f"{path}: the name does not tell the format. Name it with format= (--format), or use one of "
            f"these endings: {known}; a folder's name means the projector's form."
        )
    return SUBWORD_FORMAT if with_subwords and suffix == ".bin" else _SUFFIXES[suffix]


def detect(path: Path) -> str:
    """The format of an existing file or folder, from its content.

    Raises DataError for a file that is missing, empty, or of a form that is known but not read.
    """
    if path.is_dir():
        return _folder_format(path)
    check_file(path)
    sample = first_bytes(path, _SAMPLE)
    if not sample.strip():
        raise DataError(f"{path}: the file is empty.")
    if sample.startswith(_FASTTEXT_MAGIC):
        return SUBWORD_FORMAT
    if _is_safetensors(sample):
        return "safetensors" if static_model.folder_of(path) is None else "static"
    foreign_forms.refuse(path, sample)
    first, _, rest = sample.partition(b"\n")
    if path.name.endswith(".pbtxt") or _is_projector_line(first):
        return "projector"
    header = header_of(first)
    if header is None:
        return "glove"
    return "word2vec" if _is_text(rest, header[1]) else "word2vec-binary"


def _folder_format(path: Path) -> str:
    if (path / projector.CONFIG).is_file() or (path / projector.VECTORS).is_file():
        return "projector"
    if static_model.folder_of(path) is not None:
        return "static"
    foreign_forms.refuse_folder(path)
    if (path / "config.json").is_file():
        raise DataError(
            f"{path}: a model, not a file of vectors. Export its vectors first (wordloom export)."
        )
    raise DataError(f"{path}: a folder without {projector.CONFIG} or {projector.VECTORS}.")


def _is_safetensors(sample: bytes) -> bool:
    """An 8-byte length of less than 100 MB, then JSON."""
    return len(sample) > 8 and sample[8:9] == b"{" and int.from_bytes(sample[:8], "little") <= 100_000_000


def _is_projector_line(line: bytes) -> bool:
    """Tab-separated numbers, a label before them or not."""
    fields = line.strip().split(b"\t")
    return len(fields) > 1 and all(map(decimal_text.is_decimal, fields[1:]))


def _is_text(rest: bytes, dimensions: int) -> bool:
    """Whether what follows a header is text: the first row's numbers are decimal, or all is printable.

    The second case is a text file with a mistake in its first row, which deserves the text reader's
    message. rest : the bytes after the header, perhaps cut off.
    """
    row, line_end, _ = rest.partition(b"\n")
    fields = row.rstrip(b"\r ").split(b" ")[1:]
    if not line_end:
        fields = fields[:-1]
    if fields and all(map(decimal_text.is_decimal, fields[-dimensions:])):
        return True
    try:
        text = rest[: rest.rfind(b" ") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(char < " " and char not in "\t\n\r" for char in text)

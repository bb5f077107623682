"""A table in one safetensors file, which loads without parsing and holds any word.

Tensors: `vectors` float32 (V, D); `words` uint8, the UTF-8 bytes of all words one after the other;
`offsets` int64 (V + 1), where each word begins and the last one ends. Under the key `wordloom` of the
metadata stands a JSON object: `version`, `name`, `special` (the special tokens, sorted).
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wordloom.atomic import replacing_file
from wordloom.errors import DataError, UsageError
from wordloom.vectors.formats.byte_streams import decoded
from wordloom.vectors.formats.table import Wanted, selected
from wordloom.vectors.word_vectors import WordVectors

VERSION = 1
_TENSORS = {"vectors": ("F32", 2), "words": ("U8", 1), "offsets": ("I64", 1)}


def unwritable(word: str) -> str | None:
    """None: the format holds every word that UTF-8 does."""
    return None


def write(vectors: WordVectors, path: Path) -> None:
    """The same table gives the same bytes."""
    from safetensors.numpy import save_file

    if path.suffix.lower() == ".gz":
        raise UsageError(f"{path}: safetensors files are not compressed; leave out .gz.")
    encoded = [word.encode() for word in vectors.words]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    about = {"version": VERSION, "name": vectors.name, "special": sorted(vectors.special)}
    with replacing_file(path) as temporary:
        save_file(
            {
                "vectors": vectors.vectors,
                "words": np.frombuffer(b"".join(encoded), dtype=np.uint8),
                "offsets": ends,
            },
            temporary,
            # One key only: the container writes its metadata in no fixed order.
            metadata={"wordloom": json.dumps(about, sort_keys=True)},
        )


def read(path: Path, wanted: Wanted) -> WordVectors:
    """The table. Raises DataError for a damaged file, other tensors, or a newer version."""
    about, tensors = _tensors(path)
    words = _words(path, tensors["words"].tobytes(), tensors["offsets"])
    rows = tensors["vectors"]
    if len(rows) != len(words):
        raise DataError(f"{path}: {len(words):,} words but {len(rows):,} vectors; the file is damaged.")
    name = str(about.get("name") or path.name)
    marks = [mark for mark in about.get("special", []) if isinstance(mark, str)]
    if wanted.selects_all():
        rows.flags.writeable = False
        return WordVectors(words, rows, name, frozenset(marks).intersection(words))
    part = selected(words, rows, path, wanted)
    return WordVectors(part.words, part.vectors, name, frozenset(marks).intersection(part.words))


def _tensors(path: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """The JSON object and the three tensors, their types checked before anything is loaded."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as container:
            about = _about(path, container.metadata() or {})
            found = set(container.keys())
            for name, (dtype, ndim) in _TENSORS.items():
                if name not in found:
                    raise DataError(
                        f"{path}: the tensor {name!r} is missing; there are {', '.join(sorted(found))}. "
                        "Word vectors as wordloom saves them have vectors, words and offsets."
                    )
                part = container.get_slice(name)
                if part.get_dtype() != dtype or len(part.get_shape()) != ndim:
                    raise DataError(
                        f"{path}: the tensor {name!r} should be {dtype} with {ndim} dimensions, found "
                        f"{part.get_dtype()} of the shape {tuple(part.get_shape())}."
                    )
            return about, {name: container.get_tensor(name) for name in _TENSORS}
    except SafetensorError as error:
        raise DataError(f"{path}: not a whole safetensors file ({error}). Save or fetch it again.") from None


def _about(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    try:
        about = json.loads(metadata.get("wordloom", "{}"))
        version = int(about.get("version", VERSION))
    except (ValueError, TypeError, AttributeError):
        raise DataError(f"{path}: the metadata under 'wordloom' are damaged.") from None
    if version > VERSION:
        raise DataError(
            f"{path}: written by a newer wordloom (version {version} of the format, this one reads "
            f"{VERSION}). Update wordloom."
        )
    return dict(about)


def _words(path: Path, data: bytes, offsets: npt.NDArray[np.int64]) -> list[str]:
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(data) or (np.diff(offsets) < 0).any():
        raise DataError(f"{path}: the offsets do not cover the words; the file is damaged.")
    return [
        decoded(data[start:end], f"{path}, row {row:,}")
        for row, (start, end) in enumerate(pairwise(offsets.tolist()))
    ]

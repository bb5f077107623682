"""A table in one safetensors file, which loads without parsing and holds any word.

Tensors: `vectors` float32 (V, D); `words` uint8, the UTF-8 bytes of all words one after the other;
`offsets` int64 (V + 1), where each word begins and the last one ends. Under the key `wordloom` of the
metadata stands a JSON object: `version`, `name`, `special` (the special tokens, sorted).

Files of `DocumentVectors`, told by their own key of the metadata, have the vectors of n-grams after those of
words; they are read as the table of their words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.vectors.formats.byte_streams import decoded
from wordloom.vectors.formats.table import Wanted, selected
from wordloom.vectors.formats.tensor_file import write_tensors
from wordloom.vectors.word_vectors import WordVectors

VERSION = 1
DOCUMENT_VECTORS = "document_vectors"
_TENSORS = {"vectors": ("F32", 2), "words": ("U8", 1), "offsets": ("I64", 1)}
_DTYPES = {"F32": "<f4", "U8": "u1", "I64": "<i8"}

Tensors = dict[str, npt.NDArray[Any]]


def unwritable(word: str) -> str | None:
    """None: the format holds every word that UTF-8 does."""
    return None


def write(vectors: WordVectors, path: Path) -> None:
    """The same table gives the same bytes."""
    encoded = [word.encode() for word in vectors.words]
    words = b"".join(encoded)
    about = {"version": VERSION, "name": vectors.name, "special": sorted(vectors.special)}
    tensors: Tensors = {
        "offsets": np.cumsum([0, *map(len, encoded)], dtype=np.int64),
        "vectors": vectors.vectors,
        "words": np.frombuffer(words, dtype=np.uint8),
    }
    write_tensors(path, tensors, {"wordloom": json.dumps(about, sort_keys=True)})


def read(path: Path, wanted: Wanted) -> WordVectors:
    """The table. Raises DataError for a damaged file, other tensors, or a newer version."""
    about, tensors = _tensors(path)
    words = _words(path, tensors)
    rows = tensors["vectors"]
    name, marks = _name_and_marks(about, path)
    if wanted.selects_all():
        rows.flags.writeable = False
        return WordVectors(words, rows, name, marks.intersection(words))
    part = selected(words, rows, path, wanted)
    return WordVectors(part.words, part.vectors, name, marks.intersection(part.words))


def open_mapped(path: Path) -> WordVectors:
    """The table with its numbers left in the file, which is mapped into memory: opened in milliseconds.

    Words are decoded when they are first asked for, and rows come from the disk when they are used. The
    numbers are not looked at. Raises DataError as `read` does for what stands in the file's header.
    """
    about, parts = _tensors(path, load=_mapped(path))
    name, marks = _name_and_marks(about, path)
    return WordVectors.of_checked(partial(_words, path, parts), parts["vectors"], name, marks)


def _name_and_marks(about: dict[str, Any], path: Path) -> tuple[str, frozenset[str]]:
    marks = frozenset(mark for mark in about.get("special", []) if isinstance(mark, str))
    return str(about.get("name") or path.name), marks


def _tensors(
    path: Path, load: Callable[[str], npt.NDArray[Any]] | None = None
) -> tuple[dict[str, Any], Tensors]:
    """The JSON object and the three tensors, their types checked before anything is loaded."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as container:
            metadata = container.metadata() or {}
            about = _about(path, metadata)
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
            tensors = {name: (load or container.get_tensor)(name) for name in _TENSORS}
    except SafetensorError as error:
        raise DataError(f"{path}: not a whole safetensors file ({error}). Save or fetch it again.") from None
    n_words = len(tensors["offsets"]) - 1
    if DOCUMENT_VECTORS in metadata:
        tensors["vectors"] = tensors["vectors"][: max(n_words, 0)]
    if n_words >= 0 and n_words != len(tensors["vectors"]):
        raise DataError(
            f"{path}: {n_words:,} words but {len(tensors['vectors']):,} vectors; the file is damaged."
        )
    return about, tensors


def _mapped(path: Path) -> Callable[[str], npt.NDArray[Any]]:
    """A function that gives a tensor of the file without reading it."""

    def load(name: str) -> npt.NDArray[Any]:
        with open(path, "rb") as stream:  # after the library has found the header sound
            length = int.from_bytes(stream.read(8), "little")
            entry = json.loads(stream.read(length))[name]
        shape = tuple(entry["shape"])
        if 0 in shape:
            return np.empty(shape, dtype=_DTYPES[entry["dtype"]])
        start = 8 + length + entry["data_offsets"][0]
        return np.asarray(np.memmap(path, dtype=_DTYPES[entry["dtype"]], mode="r", offset=start, shape=shape))

    return load


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


def _words(path: Path, tensors: Tensors) -> tuple[str, ...]:
    """The words, each decoded by itself, so that none can hold a part of another."""
    data, offsets = tensors["words"].tobytes(), tensors["offsets"]
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(data) or (np.diff(offsets) < 0).any():
        raise DataError(f"{path}: the offsets do not cover the words; the file is damaged.")
    bounds = pairwise(offsets.tolist())
    try:
        return tuple([data[start:end].decode() for start, end in bounds])
    except UnicodeDecodeError:
        return tuple(
            decoded(data[start:end], f"{path}, row {row:,}")
            for row, (start, end) in enumerate(pairwise(offsets.tolist()))
        )

"""A table in one safetensors file, which loads without parsing and holds any word.

Tensors: `vectors` float32 (V, D); `words` uint8, the UTF-8 bytes of all words one after the other;
`offsets` int64 (V + 1), where each word begins and the last one ends. Under the key `wordloom` of the
metadata stands a JSON object: `version`, `name`, `special` (the special tokens, sorted).

Files of `DocumentVectors`, told by their own key of the metadata, have the vectors of n-grams after those of
words; they are read as the table of their words.

`mapped_copy` keeps tables of other formats as such files, which open in milliseconds, in the user's cache
folder. A copy is named after its source's path and after the source's size and time and how it was read: a
source that changed gets a new copy, and the old one is removed. A folder that cannot be written to is no
error.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wordloom.cache_folder import cache_folder
from wordloom.compression import located
from wordloom.datasets.cache import state_of
from wordloom.errors import DataError
from wordloom.tensor_file import (
    TensorFile,
    begins_tensors,
    checked_version,
    reading_tensors,
    write_tensors,
)
from wordloom.vectors.formats.codec import Codec
from wordloom.vectors.formats.table_builder import Wanted, selected
from wordloom.vectors.formats.word_decoder import WordDecoder
from wordloom.vectors.word_vectors import WordVectors

VERSION = 1
DOCUMENT_VECTORS = "document_vectors"
_TENSORS = {"vectors": ("F32", 2), "words": ("U8", 1), "offsets": ("I64", 1)}

Tensors = dict[str, npt.NDArray[Any]]


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
    name, marks = _name_and_marks(about, path)
    rows, spellings = tensors["vectors"], spellings_of(path, tensors)
    words = _utf8(spellings) if wanted.selects_all() else None
    if words is None:
        return _part(path, rows, spellings, wanted, name, marks)
    rows.flags.writeable = False
    return WordVectors(words, rows, name, marks.intersection(words))


def open_mapped(path: Path, wanted: Wanted) -> WordVectors:
    """The table with its numbers left in the file, which is mapped into memory: opened in milliseconds.

    Words are decoded when they are first asked for, unless some may be left out, and rows come from the disk
    when they are used. The numbers are not looked at. Raises DataError as `read` does for what stands in the
    file's header. Of `wanted` only `undecodable` counts.
    """
    about, tensors = _tensors(path, mapped=True)
    name, marks = _name_and_marks(about, path)
    if wanted.undecodable == "error":
        return WordVectors.of_checked(partial(_words, path, tensors), tensors["vectors"], name, marks)
    spellings = spellings_of(path, tensors)
    words = _utf8(spellings)
    if words is None:
        whole = Wanted(undecodable=wanted.undecodable)
        return _part(path, tensors["vectors"], spellings, whole, name, marks)
    return WordVectors.of_checked(words, tensors["vectors"], name, marks)


def _part(
    path: Path,
    rows: npt.NDArray[np.float32],
    spellings: list[bytes],
    wanted: Wanted,
    name: str,
    marks: frozenset[str],
) -> WordVectors:
    """The wanted rows, of the words that can be read."""
    decoder = wanted.decoder(path, "row")
    part = selected((decoder.decoded(word, row) for row, word in enumerate(spellings)), rows, path, wanted)
    decoder.finish()
    return WordVectors(part.words, part.vectors, name, marks.intersection(part.words))


def _name_and_marks(about: dict[str, Any], path: Path) -> tuple[str, frozenset[str]]:
    special, name = about.get("special", []), about.get("name", "")
    if not isinstance(special, list) or not isinstance(name, str):
        raise DataError(f"{path}: the metadata under 'wordloom' are damaged.")
    return name or path.name, frozenset(mark for mark in special if isinstance(mark, str))


def _tensors(path: Path, mapped: bool = False) -> tuple[dict[str, Any], Tensors]:
    """The JSON object and the three tensors, their types checked before anything is loaded."""
    with reading_tensors(path) as file:
        about = file.record("wordloom") or {}
        checked_version(path, about, VERSION)
        if not file.names.issuperset(_TENSORS):
            raise DataError(_other_tensors(file))
        shapes = {name: file.check(name, [dtype], ndim) for name, (dtype, ndim) in _TENSORS.items()}
        if shapes["vectors"][1] == 0:
            raise DataError(f"{path}: the vectors have no dimensions, shape {shapes['vectors']}.")
        tensors: Tensors = {
            name: file.mapped(name) if mapped else file.load(name, [dtype], ndim)
            for name, (dtype, ndim) in _TENSORS.items()
        }
        with_ngrams = DOCUMENT_VECTORS in file.metadata
    n_words = len(tensors["offsets"]) - 1
    if with_ngrams:
        tensors["vectors"] = tensors["vectors"][: max(n_words, 0)]
    if n_words >= 0 and n_words != len(tensors["vectors"]):
        raise DataError(
            f"{path}: {n_words:,} words but {len(tensors['vectors']):,} vectors; the file is damaged."
        )
    return about, tensors


def _other_tensors(file: TensorFile) -> str:
    missing = next(name for name in _TENSORS if name not in file.names)
    there = ", ".join(sorted(file.names)[:20]) or "none"
    return (
        f"{file.path}: the tensor {missing!r} is missing; there are {there:.300}. Word vectors as wordloom "
        "saves them have vectors, words and offsets. The tensors of a static model (model2vec, "
        "StaticEmbedding) are read where its tokenizer.json lies beside them."
    )


def spellings_of(path: Path, tensors: Tensors) -> list[bytes]:
    """The bytes of each word. Raises DataError for offsets that do not cover the words."""
    data, offsets = tensors["words"].tobytes(), tensors["offsets"]
    # compared, not subtracted: a difference of damaged numbers may overflow
    covers = len(offsets) > 0 and offsets[0] == 0 and offsets[-1] == len(data)
    if not covers or (offsets[1:] < offsets[:-1]).any():
        raise DataError(f"{path}: the offsets do not cover the words; the file is damaged.")
    return [data[start:end] for start, end in pairwise(offsets.tolist())]


def _utf8(spellings: list[bytes]) -> tuple[str, ...] | None:
    """The words, each decoded by itself: none can hold a part of another. None if one is not UTF-8."""
    try:
        return tuple(map(bytes.decode, spellings))
    except UnicodeDecodeError:
        return None


def _words(path: Path, tensors: Tensors) -> tuple[str, ...]:
    """The words of a table that is open already. Raises DataError if one is not UTF-8."""
    spellings = spellings_of(path, tensors)
    words = _utf8(spellings)
    if words is None:
        decoder = WordDecoder(path, unit="row")
        return tuple(str(decoder.decoded(word, row)) for row, word in enumerate(spellings))
    return words


SAFETENSORS = Codec(read, lambda sample: begins_tensors(sample.data), write, open_mapped=open_mapped)


def mapped_copy(path: Path, how: str, read: Callable[[], WordVectors]) -> WordVectors:
    """The table of the file or folder `path` as a mapped copy, which is made by `read` if there is none yet.

    how : how the source is read, if there are several ways
    """
    copy = _place(path, how)
    if copy.exists():
        with contextlib.suppress(DataError):  # damaged: the source is still there
            return open_mapped(copy, Wanted())
    table = read()
    try:
        write(table, copy)
    except OSError:
        return table
    for other in copy.parent.glob(f"{copy.name.rsplit('-', 1)[0]}-*.safetensors"):
        if other != copy:
            with contextlib.suppress(OSError):
                other.unlink()
    return open_mapped(copy, Wanted())


def _place(path: Path, how: str) -> Path:
    source = path.resolve()
    state = f"{VERSION} {how} {state_of(located(source)[0])}"
    where, when = (
        hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
        for text in (str(source), state)
    )
    return cache_folder() / "vectors" / f"{where}-{when}.safetensors"

"""Data sets kept in a form that is read in a fraction of a second, in the user's cache folder.

One npz file a data set, without pickle: all texts as one run of UTF-8 bytes, where each begins, and the
labels as numbers. zip's checksums tell a damaged file, and then it is as if there were none. A cache that
cannot be written is no error.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from pathlib import Path
from typing import Any

import numpy as np

from wordloom.atomic import replacing_file
from wordloom.cache_folder import cache_folder
from wordloom.corpus import Corpus, Dataset
from wordloom.targets import GRADED

_FORMAT = "1"
_PARTS = ("train", "test")


def state_of(source: Path) -> str:
    """What changes when a file, or a file somewhere in a folder, changes: counts, sizes and times."""
    files = [source] if source.is_file() else []
    pending = [] if files else [source]
    count = size = newest = 0
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(Path(entry.path))
                else:
                    status = entry.stat()
                    count, size, newest = count + 1, size + status.st_size, max(newest, status.st_mtime_ns)
    for file in files:
        status = file.stat()
        count, size, newest = 1, status.st_size, status.st_mtime_ns
    return f"{count} files, {size} bytes, {newest}"


def cached(name: str, source: Path, state: str, variant: str = "") -> Dataset | None:
    """The data set kept for `source` in that state, or None: not there, out of date or damaged.

    variant : of the data set, where one is kept beside others
    """
    try:
        with np.load(_file(name + variant, source), allow_pickle=False) as arrays:
            if str(arrays["state"]) != _key(source, state):
                return None
            parts = {part: _corpus(arrays, part, name) for part in _PARTS if f"{part}_texts" in arrays}
    except Exception:  # whatever a damaged file leads to, the source itself is still there to be read
        return None
    return Dataset(parts["train"], parts.get("test"), name=name) if "train" in parts else None


def keep(name: str, source: Path, state: str, dataset: Dataset, variant: str = "") -> None:
    """Keep a data set with string labels or grades for `cached`; a read-only folder is passed over."""
    arrays: dict[str, np.ndarray] = {"state": np.array(_key(source, state))}
    for part, corpus in zip(_PARTS, (dataset.train, dataset.test), strict=True):
        if corpus is not None:
            arrays |= {f"{part}_{key}": value for key, value in _arrays(corpus).items()}
    with (
        contextlib.suppress(OSError),
        replacing_file(_file(name + variant, source)) as temporary,
        open(temporary, "wb") as file,
    ):
        np.savez(file, allow_pickle=False, **arrays)


def _file(name: str, source: Path) -> Path:
    where = hashlib.blake2b(
        str(source.resolve()).encode("utf-8", "surrogateescape"), digest_size=6
    ).hexdigest()
    return cache_folder() / f"{name}-{where}.npz"


def _key(source: Path, state: str) -> str:
    return f"{_FORMAT}: {state}"


def _arrays(corpus: Corpus) -> dict[str, np.ndarray]:
    """texts: uint8 (bytes of all), offsets: int64 (N+1,), codes: uint8 (N,), classes: str (C,).

    In the place of the last two, grades: float64 (N,).
    """
    data = [text.encode("utf-8", "surrogatepass") for text in corpus.texts]
    offsets = np.zeros(len(data) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in data], out=offsets[1:])
    arrays: dict[str, np.ndarray] = {
        "texts": np.frombuffer(b"".join(data), dtype=np.uint8),
        "offsets": offsets,
    }
    if corpus.target == GRADED:
        return {**arrays, "grades": corpus.grades}
    classes = [str(label) for label in corpus.classes]
    codes = np.searchsorted(classes, np.asarray(corpus.labels))
    return {**arrays, "codes": codes.astype(np.uint8), "classes": np.array(classes)}


def _corpus(arrays: Any, part: str, name: str) -> Corpus:
    data = memoryview(arrays[f"{part}_texts"])
    offsets = arrays[f"{part}_offsets"].tolist()
    texts = [str(data[start:end], "utf-8", "surrogatepass") for start, end in itertools.pairwise(offsets)]
    name = f"{name} ({part})"
    if f"{part}_grades" in arrays:
        return Corpus(texts, arrays[f"{part}_grades"].tolist(), name, target=GRADED)
    classes = arrays[f"{part}_classes"].tolist()
    return Corpus(texts, [classes[code] for code in arrays[f"{part}_codes"].tolist()], name)

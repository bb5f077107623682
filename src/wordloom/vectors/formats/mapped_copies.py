"""Copies of tables in a format that opens in milliseconds, in the user's cache folder.

A copy is named after its source's path and after the source's size and time and how it was read: a source
that changed gets a new copy, and the old one is removed. A folder that cannot be written to is no error.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

from wordloom.cache_folder import cache_folder
from wordloom.compression import located
from wordloom.datasets.cache import state_of
from wordloom.errors import DataError
from wordloom.vectors.formats import safetensors_table
from wordloom.vectors.formats.table import Wanted
from wordloom.vectors.word_vectors import WordVectors


def mapped_copy(path: Path, how: str, read: Callable[[], WordVectors]) -> WordVectors:
    """The table of the file or folder `path` as a mapped copy, which is made by `read` if there is none yet.

    how : how the source is read, if there are several ways
    """
    copy = _place(path, how)
    if copy.exists():
        with contextlib.suppress(DataError):  # damaged: the source is still there
            return safetensors_table.open_mapped(copy, Wanted())
    table = read()
    try:
        safetensors_table.write(table, copy)
    except OSError:
        return table
    for other in copy.parent.glob(f"{copy.name.rsplit('-', 1)[0]}-*.safetensors"):
        if other != copy:
            with contextlib.suppress(OSError):
                other.unlink()
    return safetensors_table.open_mapped(copy, Wanted())


def _place(path: Path, how: str) -> Path:
    source = path.resolve()
    state = f"{safetensors_table.VERSION} {how} {state_of(located(source)[0])}"
    where, when = (
        hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
        for text in (str(source), state)
    )
    return cache_folder() / "vectors" / f"{where}-{when}.safetensors"

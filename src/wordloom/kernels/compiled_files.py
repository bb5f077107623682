"""CompiledFiles: what keeps a kernel's machine code on disk, in the place of numba's own cache.

numba looks at a function's own file only, so a change in a function that it calls would go unnoticed; here
the folder's name stands for all sources (see `compiled_folder`). And numba numbers the files of a function,
so two processes could give one number to different code; here a file is named after what it holds. Files
appear whole, and one that is damaged counts as missing.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import functools
import hashlib
import logging
import os
import pickle
import uuid
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from wordloom.errors import WordloomWarning
from wordloom.kernels.compiled_folder import candidates, compiled_folder

LOG = logging.getLogger("wordloom.kernels")
"""Says once, at the level INFO, that something is compiled that was not kept."""


class CompiledFiles(FunctionCache):  # type: ignore[misc]
    """The files of one function, one for each kind of arguments."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._py_func = function
        self._name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__qualname__}"
        self.enable()

    @property
    def cache_path(self) -> str:
        """The folder, as numba's statistics show it."""
        return str(compiled_folder() or "")

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The machine code for these types of arguments, or None if it has to be compiled."""
        target_context.refresh()
        folder, key = compiled_folder(), self._index_key(sig, target_context.codegen())
        kept = None if folder is None else read(folder / self._file(key), key)
        if kept is None:
            _say_what_takes_long()
            return None
        return CompileResult._rebuild(target_context, *kept)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled; what cannot be kept (a full disk) is compiled again some day."""
        folder, key = compiled_folder(), self._index_key(sig, data.codegen)
        if folder is not None:
            with suppress(OSError):
                write(folder / self._file(key), key, data._reduce())

    def flush(self) -> None:
        """Nothing is held back."""

    def _file(self, key: Any) -> str:
        return f"{self._name}-{hashlib.sha256(repr(key).encode()).hexdigest()[:20]}.nbc"


def read(path: Path, key: Any) -> Any:
    """What `write` kept under this key, or None if it is missing, damaged or of another key."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest = hashlib.sha256()
    if content[: digest.digest_size] != hashlib.sha256(content[digest.digest_size :]).digest():
        return None
    # numba has no other form for machine code; the folder is the user's own
    found, kept = pickle.loads(content[digest.digest_size :])  # noqa: S301
    return kept if found == key else None


def write(path: Path, key: Any, kept: Any) -> None:
    """Write a file that holds both; it appears whole, whoever else writes it at the same time."""
    content = dumps((key, kept))
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:16]}")
    try:
        temporary.write_bytes(hashlib.sha256(content).digest() + content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@functools.cache
def _say_what_takes_long() -> None:
    """Tell whoever listens that compiling begins, and warn if the result can be kept nowhere."""
    if compiled_folder() is not None:
        LOG.info("compiling kernels, once; this takes some seconds")
        return
    LOG.info("compiling kernels")
    tried = ", ".join(str(place) for place in candidates())
    message = (
        f"Compiled kernels can be kept nowhere, so every process compiles them anew: none of {tried} can be "
        "written by you alone. Set WORDLOOM_CACHE to a folder of yours that can be written."
    )
    warnings.warn(message, WordloomWarning, stacklevel=2)

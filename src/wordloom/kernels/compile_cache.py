"""The compile cache: machine code of kernels on disk, in the place of numba's own cache.

numba looks at a function's own file only, so a change in a function that it calls would go unnoticed. Here
the folder is named after all that kernels are made of: a hash of every source file of this package, of the
versions of numba, llvmlite, NumPy and Python and of the processor. So a change of any kernel, helper or
constant leads to another folder, and what was compiled from other sources is never loaded. And numba numbers
the files of a function, so two processes could give one number to different code; here a file is named after
what it holds. Files appear whole, and one that is damaged counts as missing. Of processes that need the same
kernel at once one compiles it, and the others wait and load it.

Files are pickles, as numba's are, so outside the package's own folder only one that nobody else can write to
is used: to write the user's own, to read also one of root's or of whoever installed the package. How kernels
are compiled stands in `compiling`.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import functools
import hashlib
import logging
import os
import pickle
import shutil
import stat
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numba
import numpy as np
from numba.core.caching import FunctionCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from wordloom.atomic import Lock
from wordloom.cache_folder import cache_folder
from wordloom.errors import WordloomWarning

LOG = logging.getLogger("wordloom.kernels")
"""Says once, at the level INFO, that something is compiled that was not kept."""

SOURCES = Path(__file__).parent
LOOKED_UP: dict[str, bool] = {}
"""The names of the files that this process has asked for, and whether each was there."""

_PREFIX = "compiled-"
_SECONDS_OF_OTHERS = 60.0  # to wait while another process compiles the same; it may have been stopped
_SECONDS_UNUSED = 90 * 24 * 3600.0  # after which a folder of the user's cache makes room


class CompiledFiles(FunctionCache):  # type: ignore[misc]
    """The files of one function, one for each kind of arguments."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._py_func = function
        self._name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__qualname__}"
        self._lock = Lock()
        self.enable()

    @property
    def cache_path(self) -> str:
        """The folder, as numba's statistics show it."""
        return str(compiled_folder() or "")

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The machine code for these types of arguments, or None if it has to be compiled.

        numba registers all that it can compile at the first call, which takes it half a second. Machine code
        that is kept needs nothing of that.
        """
        key = self._index_key(sig, target_context.codegen())
        name = self._file(key)
        self._lock.release()  # of a compilation that failed
        kept = _kept(name, key)
        if kept is None and (folder := compiled_folder()) is not None:
            self._lock.acquire(folder / f"{name}.lock", _SECONDS_OF_OTHERS)
            kept = _kept(name, key)
        LOOKED_UP[name] = kept is not None
        if kept is None:
            _say_what_takes_long()
            target_context.refresh()
            return None
        self._lock.release()
        return CompileResult._rebuild(target_context, *kept)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled; what cannot be kept (a full disk) is compiled again some day."""
        folder, key = compiled_folder(), self._index_key(sig, data.codegen)
        if folder is not None:
            with suppress(OSError):
                write(folder / self._file(key), key, data._reduce())
        self._lock.release()

    def flush(self) -> None:
        """Every file is written at once."""

    def _file(self, key: Any) -> str:
        return f"{self._name}-{hashlib.sha256(repr(key).encode()).hexdigest()[:20]}.nbc"


def _kept(name: str, key: Any) -> Any:
    """What is kept under a name, in the folder that is written or another that can be read, or None."""
    folders = (compiled_folder(), *_folders_to_read())
    found = (read(folder / name, key) for folder in folders if folder is not None)
    return next((kept for kept in found if kept is not None), None)


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


@functools.cache
def compiled_folder() -> Path | None:
    """The first folder of `candidates` that can be written, made if it is missing; None if there is none."""
    for place in candidates():
        if (folder := _opened(place)) is not None:
            return folder
    return None


@functools.cache
def _folders_to_read() -> list[Path]:
    """The folders of `candidates` that are there, may be trusted and cannot be written."""
    folders = [place / folder_name() for place in candidates()]
    return [
        folder
        for folder in folders
        if folder != compiled_folder() and folder.is_dir() and _may_be_read(folder.parent)
    ]


def candidates() -> list[Path]:
    """Where the folder may stand, best place first: beside the sources, the user's cache, a temporary one."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    places = [Path(chosen) / "wordloom"] if chosen else [SOURCES / "__pycache__"]
    with suppress(RuntimeError):  # nobody knows where the home is
        places.append(cache_folder() / "kernels")
    with suppress(OSError):
        user = f"-{os.getuid()}" if hasattr(os, "getuid") else ""
        places.append(Path(tempfile.gettempdir()) / f"wordloom-kernels{user}")
    return places


def folder_name() -> str:
    """The folder's name: a hash of the sources, and one of what they are compiled with and for."""
    sources = hashlib.sha256()
    for file in sorted(SOURCES.glob("*.py")):
        content = file.read_bytes()
        sources.update(f"{file.name} {len(content)} ".encode() + content)
    made_with = (numba.__version__, llvmlite.__version__, np.__version__, sys.version, *_processor())
    around = hashlib.sha256(repr(made_with).encode())
    return f"{_PREFIX}{sources.hexdigest()[:20]}-{around.hexdigest()[:12]}"


def _processor() -> tuple[str, str]:
    try:
        return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    except RuntimeError:  # not known on every kind of processor
        return llvm.get_host_cpu_name(), ""


def _opened(place: Path) -> Path | None:
    """The folder in this place, or None if it cannot be made, written to or trusted."""
    folder = place / folder_name()
    try:
        is_new = not folder.is_dir()
        place.mkdir(parents=True, exist_ok=True, mode=0o777 if _is_beside(place) else 0o700)
        if not (_is_beside(place) or _is_private(place)):
            return None
        folder.mkdir(exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        os.utime(folder)
    except OSError:
        return None
    if is_new:
        for stale in _stale(place, folder):
            shutil.rmtree(stale, ignore_errors=True)
            if not stale.is_dir():
                stale.unlink(missing_ok=True)
    return folder


def _is_beside(place: Path) -> bool:
    """Whether a place is as safe as the sources are, since it lies among them."""
    return place.parent == SOURCES


def _may_be_read(place: Path) -> bool:
    """Whether all in a place comes from this user or from those whose code runs here anyhow."""
    if not hasattr(os, "getuid") or _is_beside(place):
        return True
    trusted = {os.getuid(), 0, SOURCES.stat().st_uid}
    return all(_is_private(each, trusted) for each in (place, place / folder_name()))


def _is_private(folder: Path, owners: set[int] | None = None) -> bool:
    """Whether a folder belongs to one of `owners`, the user if none are given, and is closed to others."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.lstat()
    private = stat.S_ISDIR(status.st_mode) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return private and status.st_uid in (owners or {os.getuid()})


def _stale(place: Path, folder: Path) -> Iterator[Path]:
    """What no process will load again.

    Beside the sources that is all that was compiled from other sources, files of numba's own cache too. Other
    places are shared by installations, so only what was not used for long goes.
    """
    sources = folder.name.rsplit("-", 1)[0]
    for other in place.glob(f"{_PREFIX}*"):
        if _is_beside(place):
            if not other.name.startswith(sources):
                yield other
        elif time.time() - other.stat().st_mtime > _SECONDS_UNUSED:
            yield other
    if _is_beside(place):
        yield from place.glob("*.nb[ic]")

"""The folder that holds compiled kernels: named after all that they are made of, in the first place that can
be written.

The name is a hash of every source file of this package, of the versions of numba, llvmlite, NumPy and Python
and of the processor. So a change of any kernel, helper or constant leads to another folder, and what was
compiled from other sources is never loaded. Files there are pickles, as numba's are, so outside the package's
own folder only one that nobody else can write to is used.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm
import numba
import numpy as np

from wordloom.cache_folder import cache_folder

SOURCES = Path(__file__).parent
_PREFIX = "compiled-"
_SECONDS_UNUSED = 90 * 24 * 3600.0  # after which a folder of the user's cache makes room


@functools.cache
def compiled_folder() -> Path | None:
    """The first folder of `candidates` that can be written, made if it is missing; None if there is none."""
    for place in candidates():
        if (folder := _opened(place)) is not None:
            return folder
    return None


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


def _is_private(place: Path) -> bool:
    """Whether a folder is the user's own and closed to others, on systems that know of users."""
    if not hasattr(os, "getuid"):
        return True
    status = place.lstat()
    private = stat.S_ISDIR(status.st_mode) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return private and status.st_uid == os.getuid()


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

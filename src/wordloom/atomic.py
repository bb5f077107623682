"""Files and folders that appear whole or not at all.

What is written goes to a temporary name beside its target and is renamed over it at the end, so a full
disk, an error or a kill leaves the old file as it was. A folder cannot be renamed over a full folder: the
old one steps aside under the name `previous_of` gives, and readers look there if the target is missing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from wordloom.errors import UsageError


def _temporary_beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.partial")


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    """Remove a folder or a link to one (the link alone), if it is there and can be removed."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def replacing_file(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path to write to; rename it to `target` when the block ends without an error.

    The folder of `target` is made if it is missing. On an error the temporary file is removed, `target`
    stays as it was and the error goes on.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary_beside(target)
    try:
        yield temporary
        _flush_to_disk(temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def previous_of(target: Path) -> Path:
    """Where the old folder stands while a new one takes its place (see `replacing_folder`)."""
    return target.with_name(f".{target.name}.previous")


@contextlib.contextmanager
def replacing_folder(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary folder to fill; it becomes `target` when the block ends without an error.

    A kill between the two renames leaves the old folder under `previous_of(target)`. Raises UsageError if
    `target` is a file: it would be lost.
    """
    target = Path(target)
    if target.is_file():
        raise UsageError(f"{target} is a file, and a folder is to be written there. Choose another name.")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary, previous = _temporary_beside(target), previous_of(target)
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.iterdir():
            _flush_to_disk(file)
        if target.exists():
            _remove(previous)
            os.rename(target, previous)
        try:
            os.rename(temporary, target)
        except OSError:
            if previous.exists() and not target.exists():
                os.rename(previous, target)
            raise
        _remove(previous)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)

"""Files and folders that appear whole or not at all.

What is written goes to a temporary name beside its target and is renamed over it at the end, so a full
disk, an error or a kill leaves the old file as it was. A folder cannot be renamed over a full folder: the
old one steps aside under the name `previous_of` gives, and readers look there if the target is missing.

A kill leaves the temporary file or folder behind. It is removed when the same target is written again, or
when `remove_left_over` is told its folder: who writes it holds a lock on it, which ends with the process, so
what nobody holds is left over.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from wordloom.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows has no such locks; nothing is removed there
    fcntl = None  # type: ignore[assignment]

_SECONDS_BETWEEN_TRIES = 0.02
_TEMPORARY = re.compile(r"\.(?P<target>.+)\.[0-9a-f]{8}\.partial", re.DOTALL)


def _temporary_beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.urandom(4).hex()}.partial")


@contextlib.contextmanager
def _new_beside(target: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """A new file or folder beside `target`, held by a lock where the system has such."""
    held = None
    while held is None:
        temporary = _temporary_beside(target)
        make(temporary)
        held = _hold(temporary)
    try:
        yield temporary
    finally:
        os.close(held)


def _hold(temporary: Path) -> int | None:
    """A descriptor that keeps a file or folder from being removed as left over; None if that came first."""
    if fcntl is None:
        return os.open(os.devnull, os.O_RDONLY)
    try:
        descriptor = os.open(temporary, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with contextlib.suppress(OSError):  # not every file system has locks
        if not _locked(descriptor) or not temporary.exists():
            os.close(descriptor)
            return None
    return descriptor


class Lock:
    """A file that one process at a time holds, where the system has locks; one whose process ends is free."""

    def __init__(self) -> None:
        self._held: tuple[int, Path] | None = None

    def acquire(self, path: Path, seconds: float) -> None:
        """Wait until nobody else holds the file, at most so long; then go on without it."""
        if fcntl is None:
            return
        with contextlib.suppress(OSError):  # a folder that cannot be written, a file system without locks
            self._held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600), path
            end = time.monotonic() + seconds
            while not _locked(self._held[0]) and time.monotonic() < end:
                time.sleep(_SECONDS_BETWEEN_TRIES)

    def release(self) -> None:
        """Let the next one have it; without effect if it is not held."""
        if self._held is not None:
            descriptor, path = self._held
            self._held = None
            with contextlib.suppress(OSError):
                path.unlink()  # who waits for it finds it free; the next one makes a new file
            os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether a lock on the file was free and is held now."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove_left_over(folder: str | os.PathLike[str]) -> None:
    """Remove what processes that were killed left of writing anything in a folder, at any depth.

    What somebody is writing stays, and so does all of it where the system has no locks.
    """
    for place, folders, files in os.walk(folder):
        _remove_those_left(Path(place, name) for name in (*folders, *files) if _TEMPORARY.fullmatch(name))


def _remove_left_over_of(target: Path) -> None:
    """Remove what earlier processes that were killed left of writing `target`."""
    with contextlib.suppress(OSError):
        named = [(path, _TEMPORARY.fullmatch(path.name)) for path in target.parent.iterdir()]
        _remove_those_left(path for path, match in named if match and match["target"] == target.name)


def _remove_those_left(paths: Iterable[Path]) -> None:
    """Remove those of some temporary files and folders that nobody writes."""
    if fcntl is None:
        return
    for path in paths:
        with contextlib.suppress(OSError):
            _remove_if_free(path)


def _remove_if_free(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)  # an OSError for a link
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # an OSError if somebody holds it
        _remove(path) if path.is_dir() else path.unlink()
    finally:
        os.close(descriptor)


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    """Remove a folder or a link to one (the link alone), if it is there and can be removed."""
    import shutil  # and with it all of compression, which reading needs none of

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
    _remove_left_over_of(target)
    with _new_beside(target, lambda path: path.touch(exist_ok=False)) as temporary:
        try:
            os.utime(temporary, (0, 0))  # whoever writes to it, if only an empty text, changes this
            yield temporary
            if temporary.stat().st_mtime == 0:
                raise FileNotFoundError(errno.ENOENT, "nothing was written", str(temporary))
            _flush_to_disk(temporary)
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_files(folder: str | os.PathLike[str], names: Iterable[str]) -> Iterator[list[Path]]:
    """`replacing_file` for some files of a folder, all of them or none; others in it stay as they are.

    Raises UsageError if the folder is a file.
    """
    place = Path(folder)
    if place.is_file():
        raise UsageError(f"{place} is a file, and a folder is to be written there. Choose another name.")
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(replacing_file(place / name)) for name in names]


@contextlib.contextmanager
def passing_folder(place: Path) -> Iterator[Path]:
    """A new folder for temporary files, beside `place` under a hidden name; it goes when the block ends.

    What a kill leaves of one is removed when another is made for the same place.
    """
    _remove_left_over_of(place)
    with _new_beside(place, lambda path: path.mkdir(mode=0o700)) as temporary:
        try:
            yield temporary
        finally:
            _remove(temporary)


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
    _remove_left_over_of(target)
    with _new_beside(target, Path.mkdir) as temporary:
        try:
            yield temporary
            for file in temporary.iterdir():
                _flush_to_disk(file)
            _exchange(temporary, target)
        finally:
            _remove(temporary)


def _exchange(temporary: Path, target: Path) -> None:
    """Have a new folder take the place of the old one, which steps aside until it has."""
    previous = previous_of(target)
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

"""Addresses: files that are not of this machine, `s3://bucket/part-0.parquet`, read through fsspec.

What is read of them is a copy on this machine, so that formats which are read at any place, or again and
again, need nothing of their own.
"""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from wordloom.errors import DataError, MissingExtraError, WordloomError

_MAGIC = re.compile(r"[*?[]")
"""What makes a pattern of a name."""
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_BLOCK_BYTES = 1 << 20


class FileAtAddress(NamedTuple):
    """A file at an address: its name below what was asked for, bytes, and what changes when it does."""

    address: str
    name: str
    size: int
    stamp: str


def is_address(place: object) -> bool:
    """Whether a place is an address: a scheme such as `s3://` and what follows."""
    return isinstance(place, str) and _ADDRESS.match(place) is not None


def has_wildcards(name: str) -> bool:
    """Whether a name has `*`, `?` or `[`, and so stands for all that it matches."""
    return _MAGIC.search(name) is not None


def files_at(place: str) -> list[FileAtAddress]:
    """The file at an address; of a folder all files in it, of a pattern those that match, in the order of
    their names and without those that are `marked`.

    Raises DataError for what cannot be listed, MissingExtraError without fsspec.
    """
    with _errors(place, "listed"):
        system, root = _file_system(place)
        several = has_wildcards(root)
        if not several and not system.isdir(root):
            paths = [root] if system.exists(root) else []
            return [_file(place, path, root.rpartition("/")[0], system.info(path)) for path in paths]
        paths, above = (system.glob(root), fixed_part(root)) if several else (system.find(root), root)
        entries = [(path, system.info(path)) for path in sorted(paths)]
    files = [_file(place, path, above, entry) for path, entry in entries if entry["type"] == "file"]
    return [file for file in files if not marked(file.name)]


def _file(place: str, path: str, above: str, entry: dict[str, Any]) -> FileAtAddress:
    scheme = place.partition("://")[0]
    address = path if is_address(path) else f"{scheme}://{path if scheme == 'file' else path.lstrip('/')}"
    name = path.removeprefix(above.rstrip("/")).lstrip("/")
    stamp = entry.get("ETag") or entry.get("mtime") or entry.get("created") or ""
    return FileAtAddress(address, name, int(entry["size"] or 0), str(stamp))


def fixed_part(pattern: str) -> str:
    """The folders in front of the first part that is a pattern."""
    before = _MAGIC.split(pattern, maxsplit=1)[0]
    folder, slash, _ = before.rpartition("/")
    return folder or slash


def marked(name: str) -> bool:
    """Whether the name of a file, or of a folder that it is in, begins with `.` or `_`, as what writes shards
    marks its own."""
    return any(part[0] in "._" for part in name.split("/") if part)


class LocalCopy:
    """A copy of the file at an address on this machine, which goes with this object.

    Raises DataError for a file that cannot be read and for a disk without room, MissingExtraError without
    fsspec.

    Attributes
    ----------
    path : of the copy; it has the file's own name
    """

    def __init__(self, address: str) -> None:
        folder = tempfile.mkdtemp(prefix="wordloom-copy-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.path = Path(folder, PurePosixPath(address).name)
        with _errors(address, "read"):
            system, root = _file_system(address)
            with system.open(root, "rb") as remote, open(self.path, "wb") as file:
                shutil.copyfileobj(remote, file, _BLOCK_BYTES)


def _file_system(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise MissingExtraError("Reading from addresses", "fsspec", "corpora") from None
    try:
        system, root = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise DataError(f"{address}: {error}. fsspec needs a package for each kind of store.") from None
    return system, root


@contextlib.contextmanager
def _errors(address: str, what: str) -> Iterator[None]:
    """Turn whatever goes wrong into DataError: each store's package has errors of its own."""
    try:
        yield
    except WordloomError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:  # a store that is read does not say so
            raise DataError(
                f"{address}: there is no room for a copy in {tempfile.gettempdir()}. Make some, or name "
                "another folder (TMPDIR)."
            ) from error
        reason = str(getattr(error, "strerror", None) or error or type(error).__name__).rstrip(".")
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else reason
        raise DataError(f"{address}: cannot be {what}: {reason}.") from error

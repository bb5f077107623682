"""Shards: the files of a corpus, found in folders, by patterns and at addresses that fsspec knows."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from wordloom.errors import DataError, MissingExtraError

_MAGIC = frozenset("*?[")
_SCHEME = "://"


@dataclass(frozen=True)
class Shard:
    """A file of a corpus.

    Parameters
    ----------
    address : its path, or an address such as `s3://bucket/part-0.parquet`
    name : what its output is called inside the output folder, `part-0.parquet` or `de/part-0.parquet`
    size : bytes
    stamp : changes when the file does: when it was written, or what its store says of it
    """

    address: str
    name: str
    size: int
    stamp: str

    @contextlib.contextmanager
    def local(self) -> Iterator[Path]:
        """A path to read it from; of an address a copy, which is there as long as the block runs."""
        if _SCHEME not in self.address:
            yield Path(self.address)
            return
        with tempfile.TemporaryDirectory(prefix="wordloom-shard-") as folder:
            copy = Path(folder) / PurePosixPath(self.name).name
            with _opened(self.address) as remote, open(copy, "wb") as file:
                shutil.copyfileobj(remote, file, 1 << 20)
            yield copy


def find_shards(places: Sequence[str | Path | Shard]) -> list[Shard]:
    """The files at some paths, in some folders, of some patterns (`data/*.parquet`, `**` for any folders).

    Of a folder all files in it, at any depth, but those whose name, or whose folder's, begins with `.` or
    `_`, as what writes shards marks its own. A shard that has been found stands for itself. Raises DataError
    for a place without files, and for two files whose outputs would have one name.
    """
    found: dict[str, Shard] = {}
    for place in places:
        shards = [place] if isinstance(place, Shard) else list(_found(str(place)))
        if not shards:
            raise DataError(f"{place}: there are no files. Look at the spelling, or at the pattern.")
        for shard in shards:
            other = found.setdefault(shard.name, shard)
            if other.address != shard.address:
                raise DataError(
                    f"{other.address} and {shard.address}: the outputs of both would be called {shard.name}. "
                    "Give the folder above both, whose folders are then kept in the names."
                )
    return list(found.values())


def _found(place: str) -> Iterator[Shard]:
    return _remote(place) if _SCHEME in place else _local(place)


def is_pattern(place: str) -> bool:
    """Whether a place stands for the files that its `*`, `?` and `[` match: a file of that name does not."""
    return _SCHEME not in place and not os.path.exists(place) and bool(set(place) & _MAGIC)


def _local(place: str) -> Iterator[Shard]:
    path = Path(place)
    if path.is_dir():
        yield from _of_paths(sorted(path.rglob("*")), path)
    elif is_pattern(place):
        yield from _of_paths(sorted(map(Path, glob.glob(place, recursive=True))), _fixed(path))
    elif path.exists():
        yield _of_file(path, path.name)
    else:
        raise DataError(f"{place}: no such file or folder. Give files, folders or patterns of shards.")


def _fixed(pattern: Path) -> Path:
    """The folders in front of the first part that is a pattern."""
    parts = pattern.parts
    first = next(number for number, part in enumerate(parts) if set(part) & _MAGIC)
    return Path(*parts[:first])


def _of_paths(paths: Sequence[Path], above: Path) -> Iterator[Shard]:
    for path in paths:
        name = path.relative_to(above)
        if path.is_file() and not any(part[0] in "._" for part in name.parts):
            yield _of_file(path, name.as_posix())


def _of_file(path: Path, name: str) -> Shard:
    found = os.stat(path)
    return Shard(str(path), name, found.st_size, str(found.st_mtime_ns))


def _remote(place: str) -> Iterator[Shard]:
    system, root = _file_system(place)
    scheme = place.partition(_SCHEME)[0]
    try:
        if set(root) & _MAGIC:
            paths, above = system.glob(root), str(_fixed(Path(root)))
        elif system.isdir(root):
            paths, above = system.find(root), root
        else:
            paths, above = [root] if system.exists(root) else [], str(PurePosixPath(root).parent)
        for path in sorted(paths):
            entry = system.info(path)
            if entry["type"] != "file":
                continue
            name = path.removeprefix(above.rstrip("/")).lstrip("/")
            stamp = entry.get("ETag") or entry.get("mtime") or entry.get("created") or ""
            address = f"{scheme}{_SCHEME}{path.lstrip('/') if scheme != 'file' else path}"
            yield Shard(address, name, int(entry["size"] or 0), str(stamp))
    except OSError as error:
        raise DataError(f"{place}: cannot be listed: {error}.") from error


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


def _opened(address: str) -> Any:
    system, root = _file_system(address)
    return system.open(root, "rb")

"""Shards: the files of a corpus, found in folders, by patterns and at addresses that fsspec knows."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wordloom.addresses import files_at, fixed_part, has_wildcards, is_address, marked
from wordloom.errors import DataError
from wordloom.readers.source import Source


@dataclass(frozen=True)
class Shard:
    """A file of a corpus.

    Parameters
    ----------
    address : its path, or an address such as `s3://bucket/part-0.parquet`
    name : what its output is called inside the output folder, `part-0.parquet` or `de/part-0.parquet`
    size : bytes
    stamp : changes when the file does: when it was written, or what its store says of it
    path : where others find it, whatever folder they work in; None: at the address
    """

    address: str
    name: str
    size: int
    stamp: str
    path: str | None = None

    def source(self) -> Source:
        """What its bytes are read from, under the name of its address."""
        source = Source.of(self.path or self.address)
        source.name = self.address
        return source


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
    return (Shard(*file) for file in files_at(place)) if is_address(place) else _local(place)


def is_pattern(place: str) -> bool:
    """Whether a place stands for the files that its `*`, `?` and `[` match: a file of that name does not."""
    return not is_address(place) and not os.path.exists(place) and has_wildcards(place)


def _local(place: str) -> Iterator[Shard]:
    path = Path(place)
    if path.is_dir():
        yield from _of_paths(sorted(path.rglob("*")), path)
    elif is_pattern(place):
        found = sorted(map(Path, glob.glob(place, recursive=True)))
        yield from _of_paths(found, Path(fixed_part(path.as_posix())))
    elif path.exists():
        yield _of_file(path, path.name)
    else:
        raise DataError(f"{place}: no such file or folder. Give files, folders or patterns of shards.")


def _of_paths(paths: Sequence[Path], above: Path) -> Iterator[Shard]:
    for path in paths:
        name = path.relative_to(above).as_posix()
        if path.is_file() and not marked(name):
            yield _of_file(path, name)


def _of_file(path: Path, name: str) -> Shard:
    found = os.stat(path)
    return Shard(str(path), name, found.st_size, str(found.st_mtime_ns), str(path.absolute()))

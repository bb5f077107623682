"""Which table of pretrained vectors a recipe starts from."""

from __future__ import annotations

import os
from pathlib import Path

from wordloom.cache_folder import cache_folder
from wordloom.errors import DataError

_STAND_INS = ("static-en-50k-100d.txt.gz",)


def _official(width: int) -> str:
    return f"glove.6B.{width}d.txt"


def _official_rows(width: int) -> str:
    return f"glove.6B.{width}d.imdb-words.txt"


def description(file_name: str, width: int) -> str:
    """What a table is to a recipe that starts from the official GloVe table of `width` dimensions."""
    name = file_name.removesuffix(".gz")
    if name == _official(width):
        return "the official table"
    if name == _official_rows(width):
        return "the official table's rows of the reviews' words"
    return f"in the place of {_official(width)}"


class VectorTables:
    """Finds the table of a width: the one the user names, the official GloVe 6B file, or a stand-in.

    Official files are looked for under their own names (`glove.6B.50d.txt`, also with `.gz`) in the folder
    that the environment variable WORDLOOM_DATA names, then in the cache folder, and after them their rows of
    the reviews' words (`glove.6B.100d.imdb-words.txt.gz`), which the recipes need no more than. Without them
    a table in the same format in WORDLOOM_DATA takes their place, whatever its width. `description` says
    which of these a file is.
    """

    def __init__(self, chosen: str | os.PathLike[str] | None = None) -> None:
        self._chosen = chosen

    def find_if_any(self, width: int) -> Path | None:
        """The file, or None if there is none."""
        try:
            return self.find(width)
        except DataError:
            return None

    def find(self, width: int) -> Path:
        """The file; DataError says where to put one if there is none."""
        if self._chosen is not None:
            return Path(self._chosen)
        folders = [Path(os.environ["WORDLOOM_DATA"])] if os.environ.get("WORDLOOM_DATA") else []
        folders.append(cache_folder())
        official, rows = _official(width), _official_rows(width)
        names = (official, f"{official}.gz", rows, f"{rows}.gz", *_STAND_INS)
        for file in (folder / name for name in names for folder in folders):
            if file.is_file():
                return file
        raise DataError(
            f"This recipe starts from GloVe vectors, and {official} is not on this machine. Get glove.6B.zip "
            f"(822 MB) from https://nlp.stanford.edu/projects/glove/, put {official} into {folders[-1]}, or "
            "name another table with --vectors FILE."
        )

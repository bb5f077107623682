"""The parts of a data set by the names of its files and folders, or by a column: train, validation, test.

Names and separators are those of Hugging Face's data folders: `train.csv`, `dev/part.jsonl`,
`data/test-00000-of-00003.parquet`. See https://huggingface.co/docs/datasets/repository_structure
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from wordloom.compression import plain_name
from wordloom.formats import TEXT_FORMATS

DATA_SUFFIXES = frozenset(
    suffix for row in TEXT_FORMATS.values() if not row.has_parts for suffix in (*row.suffixes, *row.may_end)
)
"""Endings of files that can be a part of a data set."""
_NOT_DATA = ("config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json")
_KEYWORDS = {
    "train": "train|training",
    "validation": "validation|valid|dev|val",
    "test": "test|testing|eval|evaluation",
}
_PATTERNS = {
    split: re.compile(rf"(?:^|[-._ 0-9])(?:{words})(?:$|[-._ 0-9])", re.IGNORECASE)
    for split, words in _KEYWORDS.items()
}


SPLIT_NAMES = ("split", "type", "set", "subset", "partition", "part", "fold")
"""What columns are called that say to which part a row belongs."""
_WORDS = {word: split for split, words in _KEYWORDS.items() for word in words.split("|")}
_WORDS |= dict.fromkeys(("unsup", "unsupervised", "unlabelled", "unlabeled"), "unlabelled")


def named_part(value: object) -> str | None:
    """ "train", "validation", "test" or "unlabelled", if the value of a column says so."""
    return _WORDS.get(value.strip().casefold()) if isinstance(value, str) else None


def split_column(
    names: Sequence[str], sample: Sequence[Mapping[str, object]], taken: Sequence[str]
) -> tuple[str | None, str | None]:
    """The column that says of each row to which part it belongs, and one that looks like it and does not.

    names : of all columns; sample : a few rows; taken : columns that hold texts and labels
    """
    unused = None
    for name in names:
        if name.strip().casefold() not in SPLIT_NAMES or name in taken:
            continue
        parts = [named_part(row.get(name)) for row in sample]
        named = [part for part in parts if part is not None]
        # a slip in a few rows is for the reader to name, not to train on what is for testing
        if named and (len(named) == len(parts) or (2 * len(named) > len(parts) and len(set(named)) > 1)):
            return name, None
        if named or name.strip().casefold() == "split":
            unused = name
    return None, unused


def split_of(name: str) -> str | None:
    """ "train", "validation" or "test", if the name of a file or folder says so."""
    return next((split for split, pattern in _PATTERNS.items() if pattern.search(name)), None)


def subfolders(folder: Path) -> list[Path]:
    """The folders in `folder`, hidden ones left out, sorted by name."""
    return sorted(child for child in folder.iterdir() if child.is_dir() and child.name[0] not in "._")


def files_in(folder: Path) -> list[Path]:
    """The files in `folder`, hidden ones left out, sorted by name."""
    return sorted(child for child in folder.iterdir() if child.is_file() and not child.name.startswith("."))


def split_files(folder: Path) -> dict[str | None, list[Path]]:
    """The tables in a folder, in its `data` and in folders named after a split, grouped by their split.

    None stands for files whose names say nothing. A folder that holds nothing but one other is passed
    through, as data sets keep their one configuration in `plain_text`. Empty where there are no tables.
    """
    places = [folder] + [
        child for child in subfolders(folder) if child.name == "data" or split_of(child.name)
    ]
    found: dict[str | None, list[Path]] = {}
    for place in places:
        for file in files_in(place):
            split = split_of(file.name) or (split_of(place.name) if place != folder else None)
            if _is_table(file, split, inside=place != folder):
                found.setdefault(split, []).append(file)
    inner = subfolders(folder)
    return split_files(inner[0]) if not found and len(inner) == 1 else found


def _is_table(file: Path, split: str | None, inside: bool) -> bool:
    suffix = Path(plain_name(file)).suffix.lower()
    if suffix == ".txt":  # a text file is a table only where its own name says which part it is
        return split is not None and not inside
    return suffix in DATA_SUFFIXES and file.name not in _NOT_DATA

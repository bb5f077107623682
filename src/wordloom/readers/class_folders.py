"""A folder for each class, a file for each text; with folders for train and test around them, or without."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.readers.lines import decoded_file
from wordloom.readers.options import ReadOptions
from wordloom.readers.reader import Reader
from wordloom.readers.source import Source
from wordloom.readers.splits import files_in, split_of, subfolders


def _is_class_folders(folder: Path) -> bool:
    """Whether `folder` holds folders of files, perhaps inside folders for train and test."""
    classes = [child for part in _parts(folder).values() for child in part]
    return any(files_in(child) for child in classes)


def _read(source: Source, options: ReadOptions) -> Dataset:
    """Classes named after their folders; texts in the order of their file names within each class.

    CR LF becomes LF. A folder `unsup` beside `neg` and `pos` alone is passed over: aclImdb keeps reviews
    without a label there.
    """
    parts = _parts(source.path or Path())
    if "train" not in parts:
        found = " and ".join(parts)
        raise DataError(f"{source.name}: has a folder for {found} but none for training.")
    corpora = {
        split: _corpus(parts[split], f"{source.name} ({split})", options)
        for split in ("train", "test")
        if split in parts
    }
    left_out = f"{source.name}: the folder for validation is left out."
    notes = (left_out,) if "validation" in parts else ()
    return Dataset(corpora["train"], corpora.get("test"), name=source.name, notes=notes)


def _parts(root: Path) -> dict[str, list[Path]]:
    """The class folders of each split; without folders for splits all are for training."""
    parts: dict[str, list[Path]] = {}
    for folder in subfolders(root):
        split, classes = split_of(folder.name), subfolders(folder)
        if split and classes:
            parts.setdefault(split, []).extend(_labelled(classes))
    return parts or {"train": _labelled(subfolders(root))}


def _labelled(folders: Sequence[Path]) -> list[Path]:
    if {folder.name for folder in folders} == {"neg", "pos", "unsup"}:
        return [folder for folder in folders if folder.name != "unsup"]
    return list(folders)


def _corpus(folders: Sequence[Path], name: str, options: ReadOptions) -> Corpus:
    texts: list[str] = []
    labels: list[str] = []
    for folder in folders:
        for file in files_in(folder):
            texts.append(decoded_file(file, options).replace("\r\n", "\n"))
            labels.append(folder.name)
    if not texts:
        raise DataError(f"{name}: the class folders hold no files.")
    return Corpus(texts, labels, name=name)


CLASS_FOLDERS = Reader(read=_read, holds_folder=_is_class_folders)

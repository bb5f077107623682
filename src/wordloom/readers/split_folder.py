"""A folder of tables such as train.csv and test.csv: each is read by its own form and joined by split."""

from __future__ import annotations

from pathlib import Path

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.readers.forms import FILE_READERS, pick_form
from wordloom.readers.options import ReadOptions
from wordloom.readers.source import Source
from wordloom.readers.splits import split_files


def read(source: Source, options: ReadOptions) -> Dataset:
    """The tables of each split, joined in the order of their names.

    Where no name says train or test, all files are for training. The validation part and files of no known
    split are left out, with a note.
    """
    found = split_files(source.path or Path())
    if set(found) == {None}:
        found = {"train": found[None]}
    if "train" not in found:
        names = ", ".join(file.name for files in found.values() for file in files[:3])
        raise DataError(f"{source.name}: no file is for training ({names}). Name one train.csv, for example.")
    notes: list[str] = []
    parts = {
        split: _joined(found[split], f"{source.name} ({split})", options, notes)
        for split in ("train", "test")
        if split in found
    }
    left_out = [file.name for split in ("validation", None) for file in found.get(split, [])]
    if left_out:
        notes.append(f"{source.name}: left out, neither train nor test: {', '.join(left_out[:5])}.")
    return Dataset(parts["train"], parts.get("test"), name=source.name, notes=tuple(notes))


def _joined(files: list[Path], name: str, options: ReadOptions, notes: list[str]) -> Corpus:
    pieces = []
    for file in files:
        source = Source(file)
        piece = FILE_READERS[pick_form(source, None, options)](source, options)
        pieces.append(piece.train)
        notes.extend(note for note in piece.notes if note not in notes)
    texts = [text for piece in pieces for text in piece.texts]
    labels = [label for piece in pieces for label in piece.labels]
    return Corpus(texts, labels, name=name)

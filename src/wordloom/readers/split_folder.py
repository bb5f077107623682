"""A folder of tables such as train.csv and test.csv: each is read by its own format and joined by split."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.origin import joined_places
from wordloom.readers.reader import Reader, ReadFile
from wordloom.readers.source import Source
from wordloom.readers.splits import split_files


def _read(source: Source, read_file: ReadFile) -> Dataset:
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
    unlabelled: list[str] = []
    parts: dict[str, Corpus] = {}
    for split in ("train", "test"):
        if split in found:
            pieces = [read_file(file) for file in found[split]]
            parts[split] = _joined(pieces, f"{source.name} ({split})")
            unlabelled += itertools.chain.from_iterable(piece.unlabelled for piece in pieces)
            notes += [note for piece in pieces for note in piece.notes if note not in notes]
    left_out = [file.name for split in ("validation", None) for file in found.get(split, [])]
    if left_out:
        notes.append(f"{source.name}: left out, neither train nor test: {', '.join(left_out[:5])}.")
    return Dataset(parts["train"], parts.get("test"), source.name, tuple(notes), unlabelled)


def _joined(pieces: Sequence[Dataset], name: str) -> Corpus:
    """All texts of the files; a column that says train or test of each row changes nothing in a folder."""
    corpora = [corpus for piece in pieces for corpus in (piece.train, piece.test) if corpus is not None]
    texts = [text for corpus in corpora for text in corpus.texts]
    labels = [label for corpus in corpora for label in corpus.labels]
    columns = corpora[0].columns if len({corpus.columns for corpus in corpora}) == 1 else None
    return Corpus(texts, labels, name, columns, joined_places([corpus.places for corpus in corpora]))


SPLIT_FILES = Reader(read_with=_read, holds_folder=lambda folder: bool(split_files(folder)))

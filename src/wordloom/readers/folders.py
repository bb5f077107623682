"""Labelled text in a folder: a file or a folder for each class, or tables such as train.csv and test.csv.

A file for each class, with a text a line, is the format of the sentence polarity data (Pang & Lee, ACL 2005):
`rt-polarity.neg` and `.pos`, or `neg.txt` and `pos.txt`. The class is what tells the names apart: the ending
of files that share a name, else the name of text files. A folder for each class holds a file for each text,
with folders for train and test around them, or without. Names of the files of parts, and what separates them,
are those of Hugging Face's data folders: `train.csv`, `dev/part.jsonl`, `data/test-00000-of-00003.parquet`.
See https://huggingface.co/docs/datasets/repository_structure
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

from wordloom.compression import plain_name
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.formats import TEXT_FORMATS
from wordloom.origin import Places, joined_places
from wordloom.readers.columns import PART_WORDS
from wordloom.readers.decoding import decoded_file, source_lines
from wordloom.readers.label_cells import of_one_target
from wordloom.readers.reader import Reader, ReadFile
from wordloom.readers.source import ReadOptions, Source

DATA_SUFFIXES = frozenset(
    suffix for row in TEXT_FORMATS.values() if not row.has_parts for suffix in (*row.suffixes, *row.may_end)
)
"""Endings of files that can be a part of a data set."""
_NOT_DATA = ("config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json")
_PATTERNS = {
    split: re.compile(rf"(?:^|[-._ 0-9])(?:{words})(?:$|[-._ 0-9])", re.IGNORECASE)
    for split, words in PART_WORDS.items()
}
_ABOUT_THE_DATA = ("readme", "license", "licence", "copying", "notice", "changelog")


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


def _class_files(folder: Path) -> dict[str, Path]:
    """Class -> file, sorted by class; empty where the files of a folder are not of this format."""
    files = [file for file in files_in(folder) if _stem(file).lower() not in _ABOUT_THE_DATA]
    if len(files) < 2 or any(split_of(file.name) for file in files):
        return {}
    endings = {_suffix(file) for file in files}
    if len({_stem(file) for file in files}) == 1 and len(endings) == len(files):
        named = {_suffix(file)[1:]: file for file in files}
        return {} if endings & {"", *DATA_SUFFIXES} else dict(sorted(named.items()))
    if endings == {".txt"}:
        return {_stem(file): file for file in files}
    return {}


def _read_class_files(source: Source, options: ReadOptions) -> Dataset:
    """All texts in the order of classes and lines; all are for training."""
    texts: list[str] = []
    labels: list[str] = []
    places: list[Places] = []
    found = _class_files(source.path or Path())
    for label, file in found.items():
        lines = enumerate(source_lines(Source(file), options), start=1)
        own = [(number, line) for number, line in lines if line.strip()]
        texts.extend(line for _, line in own)
        labels.extend([label] * len(own))
        places.append(Places.of(str(file), "line", [number for number, _ in own]))
    if not texts:
        raise DataError(
            f"{source.name}: no texts in a file for each class. Expected two or more such as reviews.neg and "
            "reviews.pos, or neg.txt and pos.txt, with a text a line."
        )
    note = f"{source.name}: a file for each class, a text a line; the classes are {', '.join(found)}."
    corpus = Corpus(texts, labels, name=source.name, places=joined_places(places))
    return Dataset(corpus, name=source.name, notes=(note,))


def _plain(file: Path) -> Path:
    return Path(plain_name(file))


def _stem(file: Path) -> str:
    return _plain(file).stem


def _suffix(file: Path) -> str:
    return _plain(file).suffix


def _is_class_folders(folder: Path) -> bool:
    """Whether `folder` holds folders of files, perhaps inside folders for train and test."""
    classes = [child for part in _classes_of_parts(folder).values() for child in part]
    return any(files_in(child) for child in classes)


def _read_class_folders(source: Source, options: ReadOptions) -> Dataset:
    """Classes named after their folders; texts in the order of their file names within each class.

    CR LF becomes LF. A folder `unsup` beside `neg` and `pos` alone is passed over: aclImdb keeps reviews
    without a label there.
    """
    parts = _classes_of_parts(source.path or Path())
    if "train" not in parts:
        found = " and ".join(parts)
        raise DataError(f"{source.name}: has a folder for {found} but none for training.")
    corpora = {
        split: _corpus_of_classes(parts[split], f"{source.name} ({split})", options)
        for split in ("train", "test")
        if split in parts
    }
    left_out = f"{source.name}: the folder for validation is left out."
    notes = (left_out,) if "validation" in parts else ()
    return Dataset(corpora["train"], corpora.get("test"), name=source.name, notes=notes)


def _classes_of_parts(root: Path) -> dict[str, list[Path]]:
    """The class folders of each split; without folders for splits all are for training."""
    parts: dict[str, list[Path]] = {}
    for folder in subfolders(root):
        split, classes = split_of(folder.name), subfolders(folder)
        if split and classes:
            parts.setdefault(split, []).extend(_without_unsup(classes))
    return parts or {"train": _without_unsup(subfolders(root))}


def _without_unsup(folders: Sequence[Path]) -> list[Path]:
    if {folder.name for folder in folders} == {"neg", "pos", "unsup"}:
        return [folder for folder in folders if folder.name != "unsup"]
    return list(folders)


def _corpus_of_classes(folders: Sequence[Path], name: str, options: ReadOptions) -> Corpus:
    texts: list[str] = []
    labels: list[str] = []
    names: list[str] = []
    for folder in folders:
        for file in files_in(folder):
            texts.append(decoded_file(file, options).replace("\r\n", "\n"))
            labels.append(folder.name)
            names.append(str(file))
    if not texts:
        raise DataError(f"{name}: the class folders hold no files.")
    return Corpus(texts, labels, name=name, places=Places.of_files(names))


def _read_split_files(source: Source, read_file: ReadFile) -> Dataset:
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
    corpora = of_one_target(corpora)
    texts = [text for corpus in corpora for text in corpus.texts]
    labels = [label for corpus in corpora for label in corpus.labels]
    columns = corpora[0].columns if len({corpus.columns for corpus in corpora}) == 1 else None
    places = joined_places([corpus.places for corpus in corpora])
    return Corpus(texts, labels, name, columns, places, corpora[0].target)


CLASS_FILES = Reader(read=_read_class_files, holds_folder=lambda folder: bool(_class_files(folder)))
CLASS_FOLDERS = Reader(read=_read_class_folders, holds_folder=_is_class_folders)
SPLIT_FILES = Reader(read_with=_read_split_files, holds_folder=lambda folder: bool(split_files(folder)))

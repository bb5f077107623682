"""A file for each class with a text a line: `rt-polarity.neg` and `.pos`, or `neg.txt` and `pos.txt`.

This is the format of the sentence polarity data (Pang & Lee, ACL 2005). The class is what tells the names
apart: the ending of files that share a name, else the name of text files. Blank lines are passed over.
"""

from __future__ import annotations

from pathlib import Path

from wordloom.compression import plain_name
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.readers.lines import source_lines
from wordloom.readers.options import ReadOptions
from wordloom.readers.reader import Reader
from wordloom.readers.source import Source
from wordloom.readers.splits import DATA_SUFFIXES, files_in, split_of

_ABOUT_THE_DATA = ("readme", "license", "licence", "copying", "notice", "changelog")


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


def _read(source: Source, options: ReadOptions) -> Dataset:
    """All texts in the order of classes and lines; all are for training."""
    texts: list[str] = []
    labels: list[str] = []
    found = _class_files(source.path or Path())
    for label, file in found.items():
        own = [line for line in source_lines(Source(file), options) if line.strip()]
        texts.extend(own)
        labels.extend([label] * len(own))
    if not texts:
        raise DataError(
            f"{source.name}: no texts in a file for each class. Expected two or more such as reviews.neg and "
            "reviews.pos, or neg.txt and pos.txt, with a text a line."
        )
    note = f"{source.name}: a file for each class, a text a line; the classes are {', '.join(found)}."
    return Dataset(Corpus(texts, labels, name=source.name), name=source.name, notes=(note,))


def _plain(file: Path) -> Path:
    return Path(plain_name(file))


def _stem(file: Path) -> str:
    return _plain(file).stem


def _suffix(file: Path) -> str:
    return _plain(file).suffix


CLASS_FILES = Reader(read=_read, holds_folder=lambda folder: bool(_class_files(folder)))

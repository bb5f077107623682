"""The Large Movie Review Dataset: the folder `aclImdb`, or its archive read in one pass without unpacking.

A review is the file `{train,test}/{neg,pos}/ID_RATING.txt`. Everything else is passed over, the unlabelled
reviews in `unsup` too. Nothing is written to disk, so it does not matter what paths an archive holds.
Reviews come negative first and then in the order of their file names.
Source: https://ai.stanford.edu/~amaas/data/sentiment/ (Maas et al., ACL 2011)
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.origin import Places
from wordloom.readers.decoding import LONGEST_TEXT, checked_length, decoded, decoded_file
from wordloom.readers.folders import files_in, subfolders
from wordloom.readers.reader import Reader
from wordloom.readers.source import ReadOptions, Source
from wordloom.targets import GRADED

SPLITS = ("train", "test")
LABELS = ("neg", "pos")
_MEMBER = re.compile(r"(?:^|/)(train|test)/(neg|pos)/([^/.][^/]*\.txt)$")
_RATING = re.compile(r"_(10|[1-9])\.txt$")
_BLOCK_BYTES = 1 << 18
_NAME_SHOWN = 200

Review = tuple[str, str, str, str]
"""Split, label, file name, text."""


def review_folder(folder: Path) -> Path | None:
    """`folder` or the `aclImdb` inside it, if its `train` holds `neg` and `pos` and no other class."""
    for place in (folder, folder / "aclImdb"):
        if (place / "train").is_dir():
            classes = {child.name for child in subfolders(place / "train")}
            if classes - {"unsup"} == set(LABELS):
                return place
    return None


def read(source: Source, options: ReadOptions) -> Dataset:
    """Train and, where present, test reviews with the labels "neg" and "pos", or with their ratings."""
    reviews = _folder_reviews(source, options) if source.is_folder else _archive_reviews(source, options)
    corpora = _by_split(reviews, source.name, options.target)
    if "train" not in corpora:
        raise DataError(
            f"{source.name}: holds no training reviews. Expected files train/neg/*.txt and train/pos/*.txt, "
            "as in aclImdb. Unpack another archive and give its folder."
        )
    return Dataset(corpora["train"], corpora.get("test"), name=source.name)


def _by_split(reviews: Iterable[Review], name: str, target: str) -> dict[str, Corpus]:
    corpora = {}
    ordered = sorted(reviews, key=lambda review: review[:3])
    for split in SPLITS:
        chosen = [review for review in ordered if review[0] == split]
        if chosen:
            texts = [text for *_, text in chosen]
            labels = [_rating(review, name) if target == GRADED else review[1] for review in chosen]
            places = Places.of_files([f"{name}: {'/'.join(review[:3])}" for review in chosen])
            corpora[split] = Corpus(texts, labels, f"{name} ({split})", places=places, target=target)
    return corpora


def _rating(review: Review, name: str) -> float:
    """The stars that the reviewer gave, 1 to 10, from the file's name."""
    split, label, file, _ = review
    match = _RATING.search(file)
    if match is None:
        raise DataError(
            f"{name}: {split}/{label}/{file[:_NAME_SHOWN]}: the name has no rating, as in 7_10.txt. Leave "
            "out target='graded' (--target graded)."
        )
    return float(match[1])


def _folder_reviews(source: Source, options: ReadOptions) -> Iterator[Review]:
    root = review_folder(source.path or Path())
    for split in SPLITS:
        for label in LABELS:
            folder = (root or Path()) / split / label
            for file in files_in(folder) if folder.is_dir() else ():
                if file.suffix == ".txt":
                    yield split, label, file.name, decoded_file(file, options)


def _archive_reviews(source: Source, options: ReadOptions) -> Iterator[Review]:
    with source.open() as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|", bufsize=_BLOCK_BYTES) as archive:
                yield from _members(archive, source.name, options)
                _compare_end(archive)
        except tarfile.TarError as error:
            raise DataError(
                f"{source.name}: the archive is damaged or cut short ({error}). Download or copy it again."
            ) from None


def _members(archive: tarfile.TarFile, name: str, options: ReadOptions) -> Iterator[Review]:
    while (member := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]  # a list of 100,000 names, not needed here
        match = _MEMBER.search(member.name) if member.isreg() else None
        content = archive.extractfile(member) if match else None
        if match and content is not None:
            where = f"{name}: {member.name[:_NAME_SHOWN]}"
            if member.issparse():  # a header of 512 bytes can stand for gigabytes of zeros
                raise DataError(f"{where}: is stored as a sparse file, as no text is.")
            data = checked_length(content.read(LONGEST_TEXT + 1), where)
            yield match[1], match[2], match[3], decoded(data, where, options)


def _compare_end(archive: tarfile.TarFile) -> None:
    """Read to the end: tarfile takes a cut or damaged header for the end, and gzip's checksum comes last.

    An archive ends with two blocks of zeros, of which tarfile has read one.
    """
    stream = cast(IO[bytes], archive.fileobj)
    ended = False
    while rest := stream.read(_BLOCK_BYTES):
        if rest.strip(b"\0"):
            raise tarfile.ReadError("a file's header cannot be read")
        ended = True
    if not ended:
        raise tarfile.ReadError("its end is missing")


ACLIMDB = Reader(read=read, holds_folder=lambda folder: review_folder(folder) is not None)

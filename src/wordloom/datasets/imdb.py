"""The Large Movie Review Dataset (IMDB): 25,000 reviews to train on and 25,000 to test on, half negative.

It is looked for in the folder that `WORDLOOM_DATA` names and in the cache folder, as `aclImdb_v1.tar.gz`, as
the folder `aclImdb` or as Keras' `imdb.npz` with its word index. A file put there by hand is taken whatever
its checksum if it holds the right number of reviews. It is downloaded only when the caller asks.
Source: Maas et al., Learning Word Vectors for Sentiment Analysis, ACL 2011, https://aclanthology.org/P11-1015
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from wordloom.cache_folder import cache_folder
from wordloom.corpus import Corpus, Dataset
from wordloom.datasets.cache import cached, keep, state_of
from wordloom.datasets.download import RemoteFile, download
from wordloom.errors import DataError
from wordloom.labels import Label
from wordloom.loop.callback import Callback
from wordloom.readers import aclimdb, keras_npz
from wordloom.readers.source import ReadOptions, Source
from wordloom.targets import AUTO, GRADED

ARCHIVE_NAME = "aclImdb_v1.tar.gz"
# Size and SHA-256 as recorded by TensorFlow Datasets (url_checksums/imdb_reviews.txt). The MD5 that torchtext
# records for the same file is 7c2ac02c03563afcf9b574c7e56c153a.
ARCHIVE = RemoteFile(
    url=f"https://ai.stanford.edu/~amaas/data/sentiment/{ARCHIVE_NAME}",
    size=84_125_825,
    sha256="c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
)
_MIDDLE = 5
"""No review has this rating or 6: the archive's authors left such reviews out."""
REVIEWS_PER_CLASS = 12_500
TERMS = (
    "Large Movie Review Dataset v1.0: reviews by users of IMDb, collected for research on sentiment "
    "classification. Its authors ask that its use cites Maas et al., Learning Word Vectors for Sentiment "
    "Analysis, ACL 2011. See https://ai.stanford.edu/~amaas/data/sentiment/"
)
_NPZ_NAME = "imdb.npz"


def load(*, download: bool = False, callbacks: Sequence[Callback] = (), target: str = AUTO) -> Dataset:
    """The reviews with the labels "neg" and "pos", negative ones first, then in file-name order.

    With the target "graded" the grades are the reviewers' ratings, 1 to 4 for negative and 7 to 10 for
    positive reviews; imdb.npz does not have them.

    Raises DataError where the reviews are not here, saying which file to put where, and for a file that does
    not hold 12,500 reviews of each class in each part; DownloadError where the download fails.

    Parameters
    ----------
    download : whether to download the archive (84 MB) into the cache folder if it is not on this machine
    callbacks : told of the bytes that are downloaded
    """
    path = find()
    if path is None:
        if not download:
            raise DataError(_missing())
        path = fetch(callbacks)
    state, variant = state_of(path), "-grades" if target == GRADED else ""
    dataset = cached("imdb", path, state, variant)
    if dataset is None:
        dataset = _checked(_read(path, target), path)
        keep("imdb", path, state, dataset, variant)
    return replace(dataset, notes=(f"Read from {path}.", TERMS))


def find() -> Path | None:
    """The archive, folder or npz file that `load` reads, or None."""
    return next((found for place in _places() if (found := _found_in(place))), None)


def fetch(callbacks: Sequence[Callback] = ()) -> Path:
    """Download the archive into the cache folder, go on with a broken download, and return its path.

    Raises DownloadError; see `wordloom.datasets.download`.
    """
    return download(ARCHIVE, cache_folder() / ARCHIVE_NAME, callbacks)


def _places() -> list[Path]:
    named = os.environ.get("WORDLOOM_DATA")
    return [*([Path(named)] if named else []), cache_folder()]


def _found_in(place: Path) -> Path | None:
    if not place.is_dir():
        return None
    if (place / ARCHIVE_NAME).is_file():
        return place / ARCHIVE_NAME
    folder = aclimdb.review_folder(place)
    if folder is not None:
        return folder
    npz = place / _NPZ_NAME
    return npz if npz.is_file() and (place / keras_npz.WORD_INDEX_NAME).is_file() else None


def _read(path: Path, target: str) -> Dataset:
    source, options = Source(path), ReadOptions(target=target)
    if path.name != _NPZ_NAME:
        return aclimdb.read(source, options)
    if target == GRADED:
        raise DataError(
            f"{path}: holds no ratings. Put {ARCHIVE_NAME} beside it; they are in its file names."
        )
    dataset = keras_npz.read(source, options)
    test = None if dataset.test is None else _with_label_names(dataset.test)
    return Dataset(_with_label_names(dataset.train), test)


def _with_label_names(corpus: Corpus) -> Corpus:
    """The corpus with "neg" for 0 and "pos" for 1."""
    return Corpus(corpus.texts, [aclimdb.LABELS[bool(label)] for label in corpus.labels])


def _checked(dataset: Dataset, path: Path) -> Dataset:
    train, test = (
        _whole(corpus, part, path) for corpus, part in ((dataset.train, "train"), (dataset.test, "test"))
    )
    return Dataset(train, test, name="imdb")


def _whole(corpus: Corpus | None, part: str, path: Path) -> Corpus:
    counts = {} if corpus is None else _by_label(corpus)
    if corpus is None or counts != dict.fromkeys(aclimdb.LABELS, REVIEWS_PER_CLASS):
        found = ", ".join(f"{count:,} {label}" for label, count in counts.items()) or "nothing"
        raise DataError(
            f"{path}: these are not the whole IMDB reviews: the {part} part holds {found}, expected "
            f"{REVIEWS_PER_CLASS:,} of neg and of pos. Put the whole {ARCHIVE_NAME} there, or read these "
            f"reviews by their path."
        )
    return replace(corpus, name=f"imdb ({part})")


def _by_label(corpus: Corpus) -> dict[Label, int]:
    """How many reviews each label has; a rating of 5 or less is negative."""
    if corpus.target != GRADED:
        return corpus.counts()
    positive = int((corpus.grades > _MIDDLE).sum())
    return dict(zip(aclimdb.LABELS, (len(corpus) - positive, positive), strict=True))


def _missing() -> str:
    looked = " and ".join(str(place) for place in _places())
    return (
        f"The IMDB reviews are not on this machine (looked in {looked}). Download them (84 MB) with\n"
        "    wordloom data imdb\n"
        f"or get {ARCHIVE.url} and put it here: {cache_folder() / ARCHIVE_NAME}"
    )

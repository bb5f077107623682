"""`keras.datasets.imdb`: the reviews as lists of ids, and the word index, from files on this machine.

`imdb.npz` and `imdb_word_index.json` are looked for in the folder that WORDLOOM_DATA names, in wordloom's
cache folder and where Keras keeps them (`$KERAS_HOME/datasets`, else `~/.keras/datasets`). Without them the
archive of the reviews is read, if it is there, and its words are ranked as Keras' were. Nothing is
downloaded; the pickle inside the npz is read without running it. The ids are Keras' in every odd corner, see
`wordloom.text.keras_imdb`.
"""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom import datasets
from wordloom.cache_folder import cache_folder
from wordloom.datasets import imdb as reviews
from wordloom.errors import DataError, WordloomWarning
from wordloom.keras_compat.bulk import lists_of
from wordloom.readers.keras_npz import WORD_INDEX_NAME, read_keras_npz
from wordloom.text.conventions import IdConvention
from wordloom.text.counting import count_words
from wordloom.text.keras_imdb import KERAS_SEED, KerasImdbRules, keras_ids, shuffled_orders
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import WordSelection, select

NPZ_NAME = "imdb.npz"
_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

FilePath = str | os.PathLike[str]
Part = tuple[NDArray[Any], NDArray[np.int64]]


def load_data(
    path: FilePath = NPZ_NAME,
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = KERAS_SEED,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> tuple[Part, Part]:
    """`(x_train, y_train), (x_test, y_test)` with the ids, order and labels that Keras gives.

    Raises DataError where the reviews are not on this machine, saying how to get them, for a damaged file,
    and where `maxlen` leaves no review.

    Parameters
    ----------
    path : a file name, looked for in the three folders; a path with a folder in it is taken as it stands
    num_words, skip_top, maxlen, start_char, oov_char, index_from : see `KerasImdbRules`
    seed : of the order of the reviews

    Returns
    -------
    x : object array (N,) of lists of ids (two dimensions where all lists are equally long, as in Keras)
    y : int64 (N,), 0 negative, 1 positive
    """
    if "nb_words" in kwargs:  # Keras 1
        num_words = kwargs.pop("nb_words")
    if kwargs:
        raise TypeError(f"Unrecognized keyword arguments: {kwargs}")
    ranked = _ranked(path)
    train_order, test_order = shuffled_orders(len(ranked.y_train), len(ranked.y_test), seed)
    rules = KerasImdbRules(num_words, skip_top, maxlen, start_char, oov_char, index_from or 0)
    found = keras_ids(ranked.x_train.take(train_order), ranked.x_test.take(test_order), rules)
    assert found.test is not None
    return (
        (_objects(found.train), ranked.y_train[train_order][found.train_rows]),
        (_objects(found.test), ranked.y_test[test_order][found.test_rows]),
    )


def get_word_index(path: FilePath = WORD_INDEX_NAME) -> dict[str, int]:
    """Word -> rank from 1; the id of `load_data` is rank + index_from.

    `path` as in `load_data`. Raises DataError where the file is not on this machine, and for a file of
    another make.
    """
    npz, named = _found(NPZ_NAME), not os.path.dirname(path)
    if named and npz is None and reviews.find() is not None:
        return _ranked_reviews().word_index
    file = _found(path)
    if file is None:
        raise DataError(_missing(path))
    if named and npz is not None and npz.parent != file.parent:
        _warn(f"{file} does not lie beside {npz}. If it belongs to other reviews, its words are wrong.")
    try:
        index = json.loads(file.read_bytes())
        if not all(type(rank) is int for rank in index.values()):
            raise ValueError("a rank is not a whole number")
    except (ValueError, AttributeError) as error:
        raise DataError(f"{file}: is not a word index, a JSON object of words and ranks ({error}).") from None
    return dict(index)


@dataclass(frozen=True)
class _Ranked:
    """The reviews as word ranks from 1, and their labels, in the file's order."""

    x_train: Ragged
    y_train: NDArray[np.int64]
    x_test: Ragged
    y_test: NDArray[np.int64]
    word_index: dict[str, int]
    """Empty where it lies in a file of its own."""


def _ranked(path: FilePath) -> _Ranked:
    file = _found(path)
    if file is not None:
        x_train, y_train, x_test, y_test = read_keras_npz(file)
        train, test = (Ragged.from_lists(x) for x in (x_train, x_test))  # type: ignore[arg-type]  # arrays
        return _Ranked(train, y_train, test, y_test, {})
    if os.path.dirname(path) or reviews.find() is None:
        raise DataError(_missing(path))
    return _ranked_reviews()


def _ranked_reviews() -> _Ranked:
    """From the text of the reviews: words ranked by their count in training; other words are left out."""
    _warn(
        f"{NPZ_NAME} is not on this machine, so the ids are made from {reviews.find()} by Keras' rules. They "
        "differ a little from those of Keras' file: do not use them with a model that was trained on those."
    )
    data = datasets.load("imdb")
    assert data.test is not None
    counted, ranks = count_words(data.train.texts, Tokenizer())
    vocabulary, _ = select(counted, ranks, WordSelection(), IdConvention())
    y_train, y_test = (
        np.array([label == "pos" for label in part.labels], dtype=np.int64)
        for part in (data.train, data.test)
    )
    test_ranks = vocabulary.encode(data.test.texts, Tokenizer())
    return _Ranked(ranks, y_train, test_ranks, y_test, counted.word_index)


def _objects(documents: Ragged) -> NDArray[Any]:
    return np.array(lists_of(documents), dtype=object)


def _places() -> list[Path]:
    """The folders to look in; those that hold both files come first, since the two belong together."""
    named = os.environ.get("WORDLOOM_DATA")
    keras = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    places = [*([Path(named)] if named else []), cache_folder(), Path(keras) / "datasets"]
    return sorted(
        places, key=lambda place: not all((place / n).is_file() for n in (NPZ_NAME, WORD_INDEX_NAME))
    )


def _found(path: FilePath) -> Path | None:
    """The file: in one of the folders for a mere name, else where the path says."""
    candidates = [Path(path)] if os.path.dirname(path) else [place / path for place in _places()]
    return next((file for file in candidates if file.is_file()), None)


def _missing(path: FilePath) -> str:
    if os.path.dirname(path):
        return f"{path}: there is no such file. A mere name ({NPZ_NAME!r}) is looked for in {_folders()}."
    return (
        f"{path} is not on this machine (looked in {_folders()}). Download the reviews (84 MB) with\n"
        "    wordloom data imdb\n"
        f"or get {NPZ_NAME} and {WORD_INDEX_NAME} from {_ORIGIN} and put both here: {cache_folder()}"
    )


def _folders() -> str:
    return ", ".join(str(place) for place in _places())


def _warn(message: str) -> None:
    warnings.warn(message, WordloomWarning, stacklevel=4)

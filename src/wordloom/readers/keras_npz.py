"""Keras' `imdb.npz`: lists of word ranks, decoded to words with `imdb_word_index.json`.

The lists lie in the file as a pickle, which could run any code. It is read by a restricted unpickler that
knows four names, so that nothing but lists and numbers can come out of it.
Ranks are as in the file: 1 is the most frequent word; no start mark, no offset.
Source of the file: https://keras.io/api/datasets/imdb/
"""

from __future__ import annotations

import io
import json
import pickle
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.readers.reader import FileHead, Reader
from wordloom.readers.restricted_pickle import DAMAGED, Known, RestrictedUnpickler, check_plain_lists
from wordloom.readers.source import ReadOptions, Source

WORD_INDEX_NAME = "imdb_word_index.json"
_MEMBERS = ("x_train", "y_train", "x_test", "y_test")

_UNQUESTIONED = 1 << 24  # bytes that a member may unpack to; an object takes up to 64 times its bytes
_MOST_FOLD = 100  # real files pack 2-fold
_HIGHEST_RANK = 10_000_000
_LONGEST_WORD = 10_000

Ranks = list[np.ndarray]


def read(source: Source, options: ReadOptions, word_index: Path | None = None) -> Dataset:
    """The reviews as words joined by one space; labels are the file's integers.

    `word_index`: the JSON file of words and ranks; None: `imdb_word_index.json` beside the npz. Raises
    DataError if it is not there, or for a file of another make.
    """
    path = source.whole_file("An npz file")
    words = _words(word_index or path.with_name(WORD_INDEX_NAME), source.name)
    x_train, y_train, x_test, y_test = read_keras_npz(path)
    train, lost = _corpus(x_train, y_train, words, f"{source.name} (train)")
    test, lost_in_test = _corpus(x_test, y_test, words, f"{source.name} (test)")
    lost += lost_in_test
    notes = (f"{source.name}: {lost:,} ranks are not in the word index and are left out.",) if lost else ()
    return Dataset(train, test, name=source.name, notes=notes)


def read_keras_npz(path: str | Path) -> tuple[Ranks, np.ndarray, Ranks, np.ndarray]:
    """`(x_train, y_train, x_test, y_test)` of Keras' imdb.npz, in the file's order.

    Returns
    -------
    x : list of N arrays int32 (tokens of the text,), ranks from 1
    y : int64 (N,)

    Raises
    ------
    DataError : a damaged file, other members, or a pickle that asks for anything but arrays and lists;
        nothing in it is executed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name: _member(archive, name, str(path)) for name in _MEMBERS}
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{path}: is not a whole npz file ({error}). Download or copy it again.") from None
    x_train, x_test = (_ranks(members[name], f"{path}: {name}") for name in ("x_train", "x_test"))
    y_train, y_test = (_labels(members[name], f"{path}: {name}") for name in ("y_train", "y_test"))
    for x, y, part in ((x_train, y_train, "train"), (x_test, y_test, "test")):
        if len(x) != len(y):
            raise DataError(f"{path}: {len(x):,} texts but {len(y):,} labels in its {part} part.")
    return x_train, y_train, x_test, y_test


def _member(archive: zipfile.ZipFile, name: str, path: str) -> Any:
    try:
        stream = archive.open(f"{name}.npy")
    except KeyError:
        found = ", ".join(archive.namelist()[:6]) or "nothing"
        raise DataError(
            f"{path}: has no {name}.npy; it holds {found}. Only the format of Keras' imdb.npz is read, with "
            f"the members {', '.join(_MEMBERS)}."
        ) from None
    info = archive.getinfo(f"{name}.npy")
    if info.file_size > max(_UNQUESTIONED, _MOST_FOLD * info.compress_size):
        raise DataError(f"{path}: {name} unpacks to more than {_MOST_FOLD} times its size, as no texts do.")
    with stream:
        try:
            return _array(stream)
        except pickle.UnpicklingError as error:
            raise DataError(
                f"{path}: {name} is refused: {error} Do not trust this file; download it again from its "
                "official place."
            ) from None
        except (*DAMAGED, tokenize.TokenError, SyntaxError, RecursionError) as error:
            raise DataError(f"{path}: {name} cannot be read ({error}). Download the file again.") from None


def _array(stream: IO[bytes]) -> Any:
    """A numeric array, or what an object array is pickled as, with the length of the pickle."""
    version = npy.read_magic(stream)
    header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran_order, dtype = header(stream)
    data = stream.read()
    if dtype.hasobject:
        check_plain_lists(data)
        return _Unpickled(RestrictedUnpickler(io.BytesIO(data), _KNOWN, encoding="latin-1").load(), len(data))
    values = np.frombuffer(data, dtype=dtype)
    return values.reshape(shape, order="F" if fortran_order else "C")


class _Unpickled(NamedTuple):
    """What came out of a pickle, and of how many bytes that was."""

    content: Any
    size: int


class _PickledArray:
    """What `numpy._reconstruct` makes while unpickling: keeps the state and does nothing with it."""

    __slots__ = ("dtype", "values")

    def __init__(self, *_: object) -> None:
        self.values: Any = None
        self.dtype: Any = None

    def __setstate__(self, state: tuple[int, tuple[int, ...], _PickledDtype, bool, Any]) -> None:
        _, _, self.dtype, _, self.values = state


class _PickledDtype:
    """The name of a dtype; its state (byte order and fields) is only kept as far as it is needed."""

    __slots__ = ("name", "order")

    def __init__(self, name: str, *_: object) -> None:
        self.name, self.order = name, "<"

    def __setstate__(self, state: Sequence[Any]) -> None:
        self.order = str(state[1])


_KNOWN = Known(
    {
        ("numpy", "ndarray"): "ndarray",
        ("numpy", "dtype"): _PickledDtype,
        ("numpy.core.multiarray", "_reconstruct"): _PickledArray,
        ("numpy._core.multiarray", "_reconstruct"): _PickledArray,
    },
    reads="arrays and lists",
)


def _ranks(member: Any, where: str) -> Ranks:
    rows, most = member, None
    if isinstance(member, _Unpickled):
        rows, most = member
    rows = rows.values if isinstance(rows, _PickledArray) else rows
    if not isinstance(rows, list) and not (isinstance(rows, np.ndarray) and rows.ndim == 2):
        raise DataError(f"{where} is not a list of texts, each a list of word ranks.")
    texts, ranks = [], 0
    for row in rows:
        try:
            texts.append(_one(row))
        except (ValueError, TypeError, OverflowError, AttributeError) as error:
            raise DataError(f"{where} holds something else than lists of word ranks ({error}).") from None
        ranks += len(texts[-1])
        if (
            most is not None and ranks > most
        ):  # each takes at least a byte, unless a list stands in many places
            raise DataError(f"{where} holds more ranks than it has bytes: its lists repeat each other.")
    return texts


def _one(row: Any) -> np.ndarray:
    if isinstance(row, _PickledArray):
        if isinstance(row.values, bytes) and row.dtype.name[:1] in "iu":
            row = np.frombuffer(row.values, dtype=np.dtype(row.dtype.name).newbyteorder(row.dtype.order))
        else:
            row = row.values
    ranks = np.asarray(row, dtype=np.int32)
    if ranks.ndim != 1:
        raise ValueError(f"a text has {ranks.ndim} dimensions")
    return ranks


def _labels(member: Any, where: str) -> np.ndarray:
    if isinstance(member, np.ndarray) and member.ndim == 1 and member.dtype.kind in "iub":
        return member.astype(np.int64)
    raise DataError(f"{where} is not a list of whole numbers.")


def _words(path: Path, name: str) -> list[str | None]:
    """Words by rank; None where the index skips a rank."""
    try:
        index = json.loads(path.read_bytes())
        highest = max(index.values())
        if highest > _HIGHEST_RANK or max(map(len, index)) > _LONGEST_WORD:
            raise ValueError(
                f"a rank above {_HIGHEST_RANK:,}, or a word of over {_LONGEST_WORD:,} characters"
            )
        words: list[str | None] = [None] * (highest + 1)
        for word, rank in index.items():
            words[rank] = word
    except FileNotFoundError:
        raise DataError(
            f"{name}: its word index is needed to read the words. Put {WORD_INDEX_NAME} beside it ({path})."
        ) from None
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        raise DataError(f"{path}: is not a word index, a JSON object of words and ranks ({error}).") from None
    return words


def _corpus(rows: Ranks, labels: np.ndarray, words: Sequence[str | None], name: str) -> tuple[Corpus, int]:
    """The decoded texts, and how many ranks have no word."""
    lost = 0
    texts = []
    for row in rows:
        found = [words[rank] if 0 < rank < len(words) else None for rank in row.tolist()]
        known = [word for word in found if word is not None]
        lost += len(found) - len(known)
        texts.append(" ".join(known))
    return Corpus(texts, labels.tolist(), name=name), lost


def _holds_ranks(head: FileHead) -> bool:
    """Whether an archive is such a file and no other; it is known to be an archive."""
    return head.suffix == ".npz" or b"x_train.npy" in head.data


KERAS_NPZ = Reader(read=read, holds=_holds_ranks)

"""Keras' imdb.npz: ranks decoded to words, and a pickle that may ask for nothing but arrays and lists."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy

from wordloom.errors import DataError
from wordloom.readers import read_corpus, read_keras_npz
from wordloom.readers.aclimdb import read as read_aclimdb
from wordloom.readers.source import ReadOptions, Source

WORDS = {"the": 1, "film": 2, "good": 3, "été": 4, "bad": 6}
TRAIN, TEST = [[1, 2], [3, 3, 1], [], [4]], [[6, 2]]


def objects(rows: list[Any]) -> np.ndarray:
    array = np.empty(len(rows), dtype=object)
    array[:] = rows
    return array


def save(path: Path, train: Any = TRAIN, index: Any = WORDS, **members: Any) -> Path:
    arrays = {"x_train": objects(train), "y_train": np.array([1, 1, 0, 0]), "x_test": objects(TEST)}
    np.savez(path, **{**arrays, "y_test": np.array([0]), **members})
    path.with_name("imdb_word_index.json").write_text(json.dumps(index))
    return path


def save_with_pickle(path: Path, pickled: bytes) -> Path:
    """An npz whose x_train is an object array with the given pickle."""
    save(path)
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist() if name != "x_train.npy"}
    with zipfile.ZipFile(path, "w") as new:
        for name, data in kept.items():
            new.writestr(name, data)
        with new.open("x_train.npy", "w") as member:
            npy.write_array_header_1_0(member, {"descr": "|O", "fortran_order": False, "shape": (4,)})
            member.write(pickled)
    return path


def test_ranks_become_words(tmp_path: Path) -> None:
    dataset = read_corpus(save(tmp_path / "imdb.npz"))
    assert dataset.train.texts == ["the film", "good good the", "", "été"]
    assert dataset.train.labels == [1, 1, 0, 0]
    assert dataset.test is not None
    assert (dataset.test.texts, dataset.test.labels) == (["bad film"], [0])
    assert any("1 of 4 texts is empty" in note for note in dataset.notes)


def test_raw_ranks(tmp_path: Path) -> None:
    x_train, y_train, x_test, y_test = read_keras_npz(save(tmp_path / "imdb.npz"))
    assert [row.tolist() for row in x_train] == TRAIN
    assert [row.tolist() for row in x_test] == TEST
    assert all(row.dtype == np.int32 for row in x_train)
    assert y_train.tolist() == [1, 1, 0, 0]
    assert y_test.dtype == np.int64


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_every_protocol_that_numpy_writes(tmp_path: Path, protocol: int) -> None:
    path = save_with_pickle(tmp_path / "imdb.npz", pickle.dumps(objects(TRAIN), protocol=protocol))
    assert [row.tolist() for row in read_keras_npz(path)[0]] == TRAIN


def test_names_of_older_numpy(tmp_path: Path) -> None:
    pickled = pickle.dumps(objects(TRAIN), protocol=3).replace(
        b"numpy._core.multiarray", b"numpy.core.multiarray"
    )
    assert [row.tolist() for row in read_keras_npz(save_with_pickle(tmp_path / "a.npz", pickled))[0]] == TRAIN


def test_a_pickle_of_python_2(tmp_path: Path) -> None:
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
    dtype = b"cnumpy\ndtype\n(S'O8'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI63\ntb"
    rows = b"(l" + b"(lI1\naI2\naa" + b"(lL3L\naa" + b"(la" + b"(lI4\naa"
    pickled = array + b"(I1\n(I4\nt" + dtype + b"I00\n" + rows + b"tb."
    assert [row.tolist() for row in read_keras_npz(save_with_pickle(tmp_path / "a.npz", pickled))[0]] == [
        [1, 2],
        [3],
        [],
        [4],
    ]


def test_arrays_inside_the_array(tmp_path: Path) -> None:
    rows = [np.array(row, dtype=dtype) for row, dtype in zip(TRAIN, ("<i8", ">i4", "<u2", "i1"), strict=True)]
    assert [row.tolist() for row in read_keras_npz(save(tmp_path / "a.npz", rows))[0]] == TRAIN


class Command:
    """Unpickled without care, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_a_pickle_that_runs_code_is_refused_and_not_run(tmp_path: Path, protocol: int) -> None:
    evil = tmp_path / "made"
    for pickled in (Command(evil), objects([[1], [2], Command(evil), [3]]), [Command(evil)]):
        path = save_with_pickle(tmp_path / "imdb.npz", pickle.dumps(pickled, protocol=protocol))
        with pytest.raises(DataError, match=r"asks for \w+\.mkdir.*Nothing in it was executed"):
            read_corpus(path)
    assert not evil.exists()


@pytest.mark.parametrize(
    "pickled",
    [
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cnumpy\nload\n.",
        b"cnumpy.core.multiarray\nscalar\n.",
        b"cnumpy\ndtype\n.",
        b"cnumpy\nndarray\n(I3\ntR.",
        b"cnumpy._core.multiarray\n_reconstruct\n}b.",
        b"cnumpy._core.multiarray\n_reconstruct\n(tR.",
        b"\x80\x02\x82\x01.",
        b"Pid\n.",
        b"I5\n.",
        b"(lp0\nI1\na.",
        b"(lp0\nS'word'\na.",
        b"(lp0\n(lp1\nI99999999999\naa.",
        b"not a pickle",
        b"",
    ],
)
def test_odd_pickles_end_in_a_data_error(tmp_path: Path, pickled: bytes) -> None:
    path = save_with_pickle(tmp_path / "imdb.npz", pickled)
    with pytest.raises(DataError, match=r"imdb.npz: x_train"):
        read_keras_npz(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x03]r\xff\xff\xff\x0f.",  # a memo of two gigabytes
        b"\x80\x03]p268435455\n.",
        b"\x80\x03}q\x00.",  # nothing is hashed
        b"\x80\x03" + b"]" * 100_000 + b"a" * 99_999 + b".",
        b"\x80\x05\x96\0\0\0\0\2\0\0\0abc.",
        pickle.dumps([[1] * 1_000] * 1_000),  # one list in a thousand places
        b"(lp0\n(lp1\nI" + b"9" * 10_000 + b"\naa.",
    ],
)
def test_a_pickle_that_would_fill_the_memory_is_refused(tmp_path: Path, pickled: bytes) -> None:
    path = save_with_pickle(tmp_path / "imdb.npz", pickled)
    with pytest.raises(DataError, match=r"imdb.npz: x_train") as caught:
        read_keras_npz(path)
    assert len(str(caught.value)) < 1_000


def test_a_member_that_unpacks_a_thousandfold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wordloom.readers.keras_npz._UNQUESTIONED", 1 << 16)
    path = save_with_pickle(tmp_path / "imdb.npz", b"\x80\x03" + b"]" * 2_000_000 + b".")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(DataError, match=r"x_train unpacks to more than 100 times its size"):
        read_keras_npz(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "header", ["((((", "{" * 60, "[]", "-" * 5_000 + "1", "(" * 9_000, "\0\0", "{'descr': 1}"]
)
@pytest.mark.parametrize("member", ["x_train", "y_test"])
def test_an_odd_header_is_a_data_error(tmp_path: Path, header: str, member: str) -> None:
    save(tmp_path / "imdb.npz")
    head = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    with zipfile.ZipFile(tmp_path / "imdb.npz") as old, zipfile.ZipFile(tmp_path / "a.npz", "w") as new:
        for name in old.namelist():
            new.writestr(name, head if name == f"{member}.npy" else old.read(name))
    with pytest.raises(DataError, match=rf"a.npz: {member} cannot be read"):
        read_keras_npz(tmp_path / "a.npz")


@pytest.mark.parametrize("index", [{"the": 10**9}, {"x" * 20_000: 1}, {"the": "1"}, {}])
def test_a_word_index_that_would_fill_the_memory_is_refused(tmp_path: Path, index: Any) -> None:
    with pytest.raises(DataError, match=r"is not a word index"):
        read_corpus(save(tmp_path / "imdb.npz", index=index))


def test_files_of_another_make(tmp_path: Path) -> None:
    path = tmp_path / "imdb.npz"
    with pytest.raises(DataError, match=r"4 texts but 1 labels in its train part"):
        read_keras_npz(save(path, y_train=np.array([1])))
    with pytest.raises(DataError, match=r"y_train is not a list of whole numbers"):
        read_keras_npz(save(path, y_train=np.array([0.5] * 4)))
    np.savez(path, words=np.arange(3))
    with pytest.raises(DataError, match=r"has no x_train.npy; it holds words.npy"):
        read_keras_npz(path)
    unknown = bytearray(save(path).read_bytes())
    unknown[unknown.index(b"PK\x01\x02") + 10] = 99  # how the first member is packed
    path.write_bytes(unknown)
    with pytest.raises(DataError, match=r"not a whole npz file"):
        read_keras_npz(path)
    path.write_bytes(save(path).read_bytes()[:200])
    with pytest.raises(DataError, match=r"not a whole npz file"):
        read_keras_npz(path)


def test_the_word_index(tmp_path: Path) -> None:
    path = save(tmp_path / "imdb.npz", index={"the": 1, "film": 2, "good": 3})
    dataset = read_corpus(path)
    assert dataset.train.texts == ["the film", "good good the", "", ""]
    assert any("2 ranks are not in the word index" in note for note in dataset.notes)
    save(path, index=["the"])
    with pytest.raises(DataError, match=r"is not a word index"):
        read_corpus(path)
    (tmp_path / "imdb_word_index.json").unlink()
    with pytest.raises(DataError, match=r"Put imdb_word_index.json beside it"):
        read_corpus(path)


@pytest.mark.data
def test_the_real_file_holds_the_archive_s_reviews() -> None:
    folder = Path(os.environ.get("WORDLOOM_DATA", "."))
    if not (folder / "imdb.npz").exists() or not (folder / "aclImdb_v1.tar.gz").exists():
        pytest.skip("needs imdb.npz and aclImdb_v1.tar.gz in the folder WORDLOOM_DATA")
    decoded = read_corpus(folder / "imdb.npz").train
    reviews = read_aclimdb(Source(folder / "aclImdb_v1.tar.gz"), ReadOptions()).train
    filters = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))
    for row in (0, 1, 5_000, 12_499, 12_500, 24_999):
        assert decoded.texts[row].split(" ") == [
            word for word in reviews.texts[row].lower().translate(filters).split(" ") if word
        ]
        assert decoded.labels[row] == int(reviews.labels[row] == "pos")

"""keras_compat.imdb: where the files are looked for, and the ids that Keras gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, WordloomWarning
from wordloom.keras_compat import imdb

TRAIN, TEST = [[1, 2, 3], [1, 5, 9, 2]], [[4], [2, 1]]
INDEX = {"the": 1, "a": 2, "film": 3, "was": 4, "good": 5, "bad": 9}


def put(folder: Path, index: dict | None = None, train=TRAIN) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    x_train, x_test = np.empty(len(train), object), np.empty(2, object)
    x_train[:], x_test[:] = train, TEST
    np.savez(folder / "imdb.npz", x_train=x_train, y_train=[0, 1], x_test=x_test, y_test=[1, 0])
    (folder / "imdb_word_index.json").write_text(json.dumps(INDEX if index is None else index))
    return folder / "imdb.npz"


@pytest.fixture
def places(tmp_path: Path, monkeypatch) -> dict[str, Path]:
    """The three folders, none of them made yet."""
    found = {name: tmp_path / name for name in ("data", "cache", "keras")}
    monkeypatch.setenv("WORDLOOM_DATA", str(found["data"]))
    monkeypatch.setenv("WORDLOOM_CACHE", str(found["cache"]))
    monkeypatch.setenv("KERAS_HOME", str(found["keras"]))
    return found | {"keras": found["keras"] / "datasets"}


def by_label(part) -> dict[int, list[int]]:
    return dict(zip(part[1].tolist(), part[0].tolist(), strict=True))


@pytest.mark.parametrize("place", ["data", "cache", "keras"])
def test_found_in_each_of_the_folders(places, place: str) -> None:
    put(places[place])
    train, test = imdb.load_data()
    assert by_label(train) == {0: [1, 4, 5, 6], 1: [1, 4, 8, 2, 5]}  # 12, the highest id, is unknown
    assert by_label(test) == {1: [1, 7], 0: [1, 5, 4]}
    assert train[0].dtype == object
    assert type(train[0][0]) is list
    assert train[1].dtype == np.int64
    assert imdb.get_word_index() == INDEX


def test_every_parameter_has_keras_meaning(places) -> None:
    put(places["data"])
    assert by_label(imdb.load_data(num_words=6, skip_top=5)[0]) == {0: [2, 2, 5, 2], 1: [2, 2, 2, 2, 5]}
    assert by_label(imdb.load_data("imdb.npz", 6, oov_char=None)[0]) == {0: [1, 4, 5], 1: [1, 4, 5]}
    (x, y), _ = imdb.load_data(maxlen=5)
    assert (x.tolist(), y.tolist(), x.shape) == ([[1, 4, 5, 6]], [0], (1, 4))  # equally long, so a matrix
    assert by_label(imdb.load_data(start_char=None, index_from=None)[0])[0] == [1, 2, 3]
    assert by_label(imdb.load_data(nb_words=6)[0]) == by_label(imdb.load_data(num_words=6)[0])
    orders = {tuple(imdb.load_data(seed=seed)[0][1].tolist()) for seed in range(9)}
    assert orders == {(0, 1), (1, 0)}
    with pytest.raises(DataError, match="Increase maxlen"):
        imdb.load_data(maxlen=2)
    with pytest.raises(TypeError, match="words"):
        imdb.load_data(words=3)


def test_paths_and_names(places, tmp_path: Path) -> None:
    put(places["data"]).rename(places["data"] / "mine.npz")
    assert len(imdb.load_data("mine.npz")[0][0]) == 2
    path = put(tmp_path / "elsewhere")
    assert len(imdb.load_data(path)[0][0]) == 2
    assert imdb.get_word_index(str(path.with_name("imdb_word_index.json"))) == INDEX
    with pytest.raises(DataError, match=r"none/imdb.npz: there is no such file. A mere name"):
        imdb.load_data(tmp_path / "none" / "imdb.npz")


def test_the_folder_that_holds_both_comes_first(places) -> None:
    put(places["data"], {"other": 1})
    put(places["keras"])
    (places["data"] / "imdb.npz").unlink()
    assert imdb.get_word_index() == INDEX
    (places["keras"] / "imdb_word_index.json").unlink()
    with pytest.warns(WordloomWarning, match="does not lie beside"):
        assert imdb.get_word_index() == {"other": 1}


@pytest.mark.parametrize("call", [imdb.load_data, imdb.get_word_index])
def test_missing_says_how_to_get_them(places, call) -> None:
    with pytest.raises(DataError) as caught:
        call()
    for part in ("wordloom data imdb", "imdb.npz and imdb_word_index.json from https://", *places.values()):
        assert str(part) in str(caught.value)


@pytest.mark.parametrize("content", ["", "[1]", '{"a": "b"}', '{"a": 1.5}', "null", "\xff"])
def test_what_is_no_word_index(places, content: str) -> None:
    put(places["cache"])
    (places["cache"] / "imdb_word_index.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(DataError, match="is not a word index"):
        imdb.get_word_index()


def test_a_pickle_that_asks_for_more_is_refused(places) -> None:
    places["data"].mkdir()
    path = places["data"] / "imdb.npz"
    np.savez(path, x_train=np.array([print], object), y_train=[0], x_test=np.array([[1]]), y_test=[0])
    with pytest.raises(DataError, match="its pickle asks for"):
        imdb.load_data()


def test_without_the_npz_the_reviews_are_counted(places, monkeypatch) -> None:
    train = Corpus(["The film, the end", "good<br />film"], ["neg", "pos"])
    data = Dataset(train, Corpus(["the worst end"], ["neg"]))
    monkeypatch.setattr(imdb.datasets, "load", lambda name: data)
    monkeypatch.setattr(imdb.reviews, "find", lambda: Path("aclImdb_v1.tar.gz"))
    with pytest.warns(WordloomWarning, match=r"made from aclImdb_v1.tar.gz by Keras' rules"):
        index = imdb.get_word_index()
    assert index == {"the": 1, "film": 2, "end": 3, "good": 4, "br": 5}
    with pytest.warns(WordloomWarning, match="made from"):
        (x, y), (x_test, y_test) = imdb.load_data(num_words=99)
    assert by_label((x, y)) == {0: [1, 4, 5, 4, 6], 1: [1, 7, 8, 5]}
    assert (x_test.tolist(), y_test.tolist()) == ([[1, 4, 6]], [0])


def test_the_reviews_give_what_the_file_gives(imdb_reviews: Dataset, data_folder: Path, monkeypatch) -> None:
    """The data's own npz was made from these reviews by the same rules."""
    if not (data_folder / "imdb.npz").is_file():
        pytest.skip(f"needs imdb.npz in {data_folder}")
    from_file = imdb._ranked("imdb.npz")
    monkeypatch.setattr(imdb.datasets, "load", lambda name: imdb_reviews)
    with pytest.warns(WordloomWarning):
        counted = imdb._ranked_reviews()
    assert len(counted.word_index) == 88_582
    assert counted.word_index == imdb.get_word_index()
    for part in ("train", "test"):
        mine, given = getattr(counted, f"x_{part}"), getattr(from_file, f"x_{part}")
        assert np.array_equal(mine.ids, given.ids)
        assert np.array_equal(mine.offsets, given.offsets)
        assert np.array_equal(getattr(counted, f"y_{part}"), getattr(from_file, f"y_{part}"))

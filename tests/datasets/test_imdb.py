"""IMDB by name: where it is looked for, what is taken, what is said when it is missing."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from wordloom.datasets import NAMES, cache, imdb, load
from wordloom.datasets.download import DownloadError, Patience, RemoteFile, download
from wordloom.errors import DataError, UsageError
from wordloom.readers import aclimdb, read_corpus

REAL = os.environ.get("WORDLOOM_DATA")


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A data folder and a cache folder, both empty; a class has two reviews in each part."""
    data, cached = tmp_path / "data", tmp_path / "cache"
    data.mkdir()
    cached.mkdir()
    monkeypatch.setenv("WORDLOOM_DATA", str(data))
    monkeypatch.setenv("WORDLOOM_CACHE", str(cached))
    monkeypatch.setattr(imdb, "REVIEWS_PER_CLASS", 2)
    return data, cached


def reviews(word: str = "film") -> dict[str, str]:
    return {
        f"aclImdb/{part}/{label}/{number}_1.txt": f"{part} {label} {number} {word}"
        for part in ("train", "test")
        for label in ("pos", "neg")
        for number in (10, 2)
    }


def archive(folder: Path, files: dict[str, str]) -> Path:
    path = folder / imdb.ARCHIVE_NAME
    with tarfile.open(path, "w:gz") as target:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            target.addfile(member, io.BytesIO(text.encode()))
    return path


def test_missing_everywhere_says_which_file_to_put_where(places: tuple[Path, Path]) -> None:
    data, cached = places
    with pytest.raises(DataError) as caught:
        load("imdb")
    message = str(caught.value)
    assert str(cached / "aclImdb_v1.tar.gz") in message
    assert str(data) in message
    assert "wordloom data imdb" in message
    assert "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz" in message


def test_an_archive_put_there_by_hand_is_taken(places: tuple[Path, Path]) -> None:
    archive(places[0], reviews())
    dataset = read_corpus("imdb")
    assert dataset.train.texts == [
        f"train {label} {number} film" for label in ("neg", "pos") for number in (10, 2)
    ]
    assert dataset.train.labels == ["neg", "neg", "pos", "pos"]
    assert dataset.test is not None
    assert dataset.test.counts() == {"neg": 2, "pos": 2}
    assert any("Maas et al." in note for note in dataset.notes)


def test_the_data_folder_comes_before_the_cache(places: tuple[Path, Path]) -> None:
    archive(places[1], reviews("cached"))
    assert load("imdb").train.texts[0].endswith("cached")
    archive(places[0], reviews("mine"))
    assert load("imdb").train.texts[0].endswith("mine")


def test_a_folder_is_taken(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in reviews().items():
        (places[0] / name).parent.mkdir(parents=True, exist_ok=True)
        (places[0] / name).write_text(text)
    assert imdb.find() == places[0] / "aclImdb"
    first = load("imdb").train.fingerprint()
    monkeypatch.setenv("WORDLOOM_DATA", str(places[0] / "aclImdb"))
    assert load("imdb").train.fingerprint() == first


def test_keras_files_are_taken_together(places: tuple[Path, Path]) -> None:
    rows = np.empty(4, dtype=object)
    rows[:] = [[1], [1, 2], [2], [2, 2]]
    labels = np.array([0, 0, 1, 1])
    np.savez(places[0] / "imdb.npz", x_train=rows, y_train=labels, x_test=rows, y_test=labels)
    assert imdb.find() is None
    (places[0] / "imdb_word_index.json").write_text(json.dumps({"bad": 1, "good": 2}))
    dataset = load("imdb")
    assert dataset.train.texts == ["bad", "bad good", "good", "good good"]
    assert dataset.train.labels == ["neg", "neg", "pos", "pos"]


def test_counts_are_checked(places: tuple[Path, Path]) -> None:
    files = reviews()
    del files["aclImdb/test/pos/2_1.txt"]
    archive(places[0], files)
    with pytest.raises(DataError, match=r"the test part holds 2 neg, 1 pos, expected 2 of neg and of pos"):
        load("imdb")
    archive(places[0], {name: text for name, text in files.items() if "train" in name})
    with pytest.raises(DataError, match=r"the test part holds nothing"):
        load("imdb")


def test_the_second_reading_does_not_read_the_source(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(places[0], reviews())
    first = load("imdb")

    def fail(*_: object) -> None:
        raise AssertionError("the archive was read again")

    with monkeypatch.context() as patch:
        patch.setattr(aclimdb, "read", fail)
        second = load("imdb")
    assert (second.train, second.test, second.notes) == (first.train, first.test, first.notes)
    archive(places[0], reviews("altered"))
    os.utime(path, ns=(1, 1))
    assert load("imdb").train.texts[0].endswith("altered")


def test_a_cache_that_cannot_be_written_is_no_error(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(places[0], reviews())
    monkeypatch.setenv("WORDLOOM_CACHE", str(places[0] / imdb.ARCHIVE_NAME / "below"))
    assert len(load("imdb").train) == 4


def test_it_is_downloaded_only_on_request(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def arrive(remote: RemoteFile, target: Path, callbacks: object) -> Path:
        asked.append(remote.url)
        return archive(target.parent, reviews())

    monkeypatch.setattr(imdb, "download", arrive)
    with pytest.raises(DataError):
        load("imdb")
    assert asked == []
    assert len(load("imdb", download=True).train) == 4
    load("imdb", download=True)
    assert asked == ["https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"]


def test_a_failed_download_says_which_file_to_put_where(places: tuple[Path, Path]) -> None:
    nowhere = RemoteFile("http://127.0.0.1:9/aclImdb_v1.tar.gz", imdb.ARCHIVE.size, imdb.ARCHIVE.sha256)
    with pytest.raises(DownloadError, match=r"put it here: .*cache.aclImdb_v1.tar.gz"):
        download(nowhere, cache.cache_folder() / imdb.ARCHIVE_NAME, patience=Patience(tries=1))


def test_the_official_archive_is_known() -> None:
    assert imdb.ARCHIVE.size == 84_125_825
    assert len(imdb.ARCHIVE.sha256) == 64


def test_names() -> None:
    assert NAMES == ("demo", "imdb")
    with pytest.raises(UsageError, match=r"no data set 'imbd'. Did you mean 'imdb'"):
        load("imbd")


@pytest.mark.data
@pytest.mark.skipif(not REAL, reason="needs the IMDB reviews in the folder WORDLOOM_DATA")
def test_the_real_reviews_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path))
    first = load("imdb")
    assert first.test is not None
    assert first.train.counts() == first.test.counts() == {"neg": 12_500, "pos": 12_500}
    assert first.train.labels[:12_500] == ["neg"] * 12_500
    assert first.train.texts[0].startswith("Story of a man who has unnatural feelings for a pig.")
    second = load("imdb")
    assert second.train.fingerprint() == first.train.fingerprint()
    assert second.test is not None
    assert second.test.fingerprint() == first.test.fingerprint()

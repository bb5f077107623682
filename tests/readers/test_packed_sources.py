"""Labelled text in packed files: every packing, every way of reading."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from packers import PACKERS
from wordloom.errors import DataError
from wordloom.readers import open_table, open_texts, read_corpus, stream_corpus

CSV = b"review,sentiment\n" + b"a good film,pos\na bad film,neg\n" * 20
TEXTS = ["a good film", "a bad film"] * 20


KINDS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd", ".zip": "zip"}


@pytest.fixture(params=KINDS)
def packed(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    """The ending of a packed file's name, and the packed table."""
    return request.param, PACKERS[KINDS[request.param]](CSV)


@pytest.mark.parametrize("name", ["reviews.csv", "reviews", "REVIEWS.CSV"])
def test_a_packed_table_is_read_in_every_way(tmp_path: Path, packed: tuple[str, bytes], name: str) -> None:
    path = tmp_path / (name + packed[0])
    path.write_bytes(packed[1])
    assert read_corpus(path).train.texts == TEXTS
    assert list(stream_corpus(path).train.texts) == TEXTS
    with open_texts(path) as texts:
        assert list(texts) == TEXTS
    with open_table(path) as table:
        assert [row["review"] for row in table] == TEXTS


def test_parts_in_a_folder_may_be_packed(tmp_path: Path, packed: tuple[str, bytes]) -> None:
    for part in ("train", "test"):
        (tmp_path / f"{part}.csv{packed[0]}").write_bytes(packed[1])
    dataset = read_corpus(tmp_path)
    assert dataset.train.texts == TEXTS
    assert dataset.test is not None
    assert dataset.test.texts == TEXTS


def test_a_file_for_each_class_may_be_packed(tmp_path: Path, packed: tuple[str, bytes]) -> None:
    for label in ("neg", "pos"):
        (tmp_path / f"rt.{label}{packed[0]}").write_bytes(
            PACKERS[KINDS[packed[0]]](f"a {label} text\n".encode())
        )
    dataset = read_corpus(tmp_path)
    assert (dataset.train.texts, dataset.train.labels) == (["a neg text", "a pos text"], ["neg", "pos"])


def test_a_file_in_an_archive_of_several_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/train.csv", CSV)
        archive.writestr("data/README.txt", "about")
    assert read_corpus(path / "data" / "train.csv").train.texts == TEXTS
    assert read_corpus(f"{path}/data/train.csv").train.name == f"{path}/data/train.csv"
    with pytest.raises(DataError, match=r"archive of 2 files \(data/train.csv, data/README.txt\)"):
        read_corpus(path)


def test_what_is_damaged_is_named(tmp_path: Path, packed: tuple[str, bytes]) -> None:
    path = tmp_path / f"reviews.csv{packed[0]}"
    path.write_bytes(packed[1][: len(packed[1]) * 2 // 3])
    for read in (read_corpus, stream_corpus):
        with pytest.raises(DataError, match=r"reviews.csv.* damaged or cut short"):
            read(path)

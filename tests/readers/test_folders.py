"""aclImdb folders and archives, a folder for each class, folders of train and test files."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from wordloom.corpus import Dataset
from wordloom.errors import DataError
from wordloom.readers import read_corpus
from wordloom.readers.folders import split_of

REVIEWS = {
    "aclImdb/README": "read me",
    "aclImdb/train/labeledBow.feat": "0 1:1",
    "aclImdb/train/pos/1_9.txt": "good",
    "aclImdb/train/pos/10_8.txt": "schön\u2028gut",
    "aclImdb/train/neg/2_1.txt": "bad",
    "aclImdb/train/neg/0_2.txt": "dull",
    "aclImdb/train/neg/._0_2.txt": "\udcff",
    "aclImdb/train/unsup/5_0.txt": "unlabelled",
    "aclImdb/test/pos/3_10.txt": "great",
    "aclImdb/test/neg/4_2.txt": "",
}


def folder_of(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return root


def archive_of(path: Path, files: dict[str, str], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            data = text.encode("utf-8", "surrogateescape")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def assert_the_reviews(dataset: Dataset) -> None:
    assert dataset.train.texts == ["dull", "bad", "schön\u2028gut", "good"]
    assert dataset.train.labels == ["neg", "neg", "pos", "pos"]
    assert dataset.test is not None
    assert dataset.test.texts == ["", "great"]
    assert dataset.test.labels == ["neg", "pos"]
    assert any("1 of 2 texts is empty" in note for note in dataset.notes)


def test_an_aclimdb_folder_and_the_folder_around_it(tmp_path: Path) -> None:
    folder_of(tmp_path, REVIEWS)
    assert_the_reviews(read_corpus(tmp_path / "aclImdb"))
    assert_the_reviews(read_corpus(str(tmp_path)))


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar", "w"), ("a", "w:gz")]
)
def test_its_archive_is_read_in_place(tmp_path: Path, name: str, mode: str) -> None:
    archive = archive_of(tmp_path / name, REVIEWS, mode)
    assert_the_reviews(read_corpus(archive))
    assert os.listdir(tmp_path) == [name]


def test_paths_in_an_archive_cannot_do_harm(tmp_path: Path) -> None:
    odd = {"../../escaped/train/neg/1_1.txt": "up", "/absolute/train/pos/2_9.txt": "root", "../evil.txt": "x"}
    inside = tmp_path / "inside"
    inside.mkdir()
    archive = archive_of(inside / "a.tar.gz", odd)
    with tarfile.open(inside / "links.tar", "w") as links:
        link = tarfile.TarInfo("train/neg/3_1.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        links.addfile(link)
    before = sorted(tmp_path.rglob("*"))
    assert read_corpus(archive).train.texts == ["up", "root"]
    with pytest.raises(DataError, match=r"holds no training reviews"):
        read_corpus(inside / "links.tar")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_damaged_archive(tmp_path: Path) -> None:
    many = {f"train/{label}/{i}_1.txt": os.urandom(200).hex() for label in ("neg", "pos") for i in range(40)}
    whole = archive_of(tmp_path / "whole.tar.gz", many).read_bytes()
    for name, data in {
        "half.tar.gz": whole[: len(whole) // 2],
        "end.tar.gz": whole[:-6],
        "checksum.tar.gz": whole[:-8] + bytes(4) + whole[-4:],
        "half.tar": gzip.decompress(whole)[: len(gzip.decompress(whole)) // 2 + 100],
    }.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(DataError, match=rf"{name}: .*(damaged|cut short).*again"):
            read_corpus(tmp_path / name)


def test_a_review_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    files = {**REVIEWS, "aclImdb/train/pos/7_7.txt": "one\ncaf\udce9"}
    for source in (archive_of(tmp_path / "a.tar.gz", files), folder_of(tmp_path, files)):
        with pytest.raises(DataError, match=r"aclImdb/train/pos/7_7.txt, line 2: the byte 0xe9 at offset 7"):
            read_corpus(source)


def test_another_archive(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no training reviews. Expected files train/neg/\*.txt"):
        read_corpus(archive_of(tmp_path / "other.tar.gz", {"a/b.txt": "x"}))


def test_a_third_class_is_not_lost(tmp_path: Path) -> None:
    folder_of(tmp_path, {"train/neg/a.txt": "1", "train/pos/a.txt": "2", "train/neutral/a.txt": "3"})
    assert read_corpus(tmp_path).train.labels == ["neg", "neutral", "pos"]


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    folder_of(
        tmp_path,
        {"sport/b.txt": "ball\r\ngame", "sport/a.txt": "\ufeffgoal", "art/x": "brush", ".git/x": "no"},
    )
    dataset = read_corpus(tmp_path)
    assert dataset.train.texts == ["brush", "goal", "ball\ngame"]
    assert dataset.train.labels == ["art", "sport", "sport"]
    assert dataset.test is None


def test_class_folders_inside_split_folders(tmp_path: Path) -> None:
    files = {
        f"news-{part}/{label}/1": f"{part} {label}" for part in ("train", "test", "dev") for label in "ab"
    }
    dataset = read_corpus(folder_of(tmp_path, files))
    assert dataset.train.texts == ["train a", "train b"]
    assert dataset.test is not None
    assert dataset.test.texts == ["test a", "test b"]
    assert any("validation is left out" in note for note in dataset.notes)


def test_the_train_folder_of_aclimdb_alone(tmp_path: Path) -> None:
    folder_of(tmp_path, REVIEWS)
    (tmp_path / "aclImdb/train/neg/._0_2.txt").unlink()
    dataset = read_corpus(tmp_path / "aclImdb" / "train")
    assert dataset.train.counts() == {"neg": 2, "pos": 2}


def test_train_and_test_files(tmp_path: Path) -> None:
    folder_of(
        tmp_path,
        {
            "train.csv": "text,label\na,x\nb,y\n",
            "test.csv": "text,label\nc,x\n",
            "validation.csv": "text,label\nd,x\n",
            "README.md": "# data",
            "dataset_info.json": "{}",
        },
    )
    dataset = read_corpus(tmp_path)
    assert dataset.train.texts == ["a", "b"]
    assert dataset.test is not None
    assert dataset.test.texts == ["c"]
    assert any("validation.csv" in note for note in dataset.notes)


def test_shards_in_a_data_folder(tmp_path: Path) -> None:
    lines = {
        "data/train-00000-of-00002.jsonl": '{"text": "a", "label": 0}\n',
        "data/train-00001-of-00002.jsonl": '{"text": "b", "label": 1}\n',
        "data/test-00000-of-00001.jsonl": '{"text": "c", "label": 1}\n',
        "data/unsupervised-00000-of-00001.jsonl": '{"text": "d", "label": -1}\n',
    }
    dataset = read_corpus(folder_of(tmp_path, lines))
    assert (dataset.train.texts, dataset.train.labels) == (["a", "b"], [0, 1])
    assert any("unsupervised" in note for note in dataset.notes)


def test_files_in_folders_named_after_splits_and_files_of_no_split(tmp_path: Path) -> None:
    folder_of(tmp_path / "s", {"training/1.tsv": "text\tlabel\na\tx\n", "eval/1.tsv": "text\tlabel\nb\tx\n"})
    split = read_corpus(tmp_path / "s")
    assert (split.train.texts, split.test and split.test.texts) == (["a"], ["b"])
    folder_of(tmp_path / "n", {"one.csv": "text,label\na,x\n", "two.csv": "text,label\nb,x\n"})
    assert read_corpus(tmp_path / "n").train.texts == ["a", "b"]


def test_the_folder_of_the_only_configuration(tmp_path: Path) -> None:
    shards = {
        f"plain_text/{part}-00000-of-00001.csv": f"text,label\n{part},x\n" for part in ("train", "test")
    }
    dataset = read_corpus(folder_of(tmp_path, {**shards, "README.md": "---"}))
    assert (dataset.train.texts, dataset.test and dataset.test.texts) == (["train"], ["test"])


def test_fasttext_files_by_split(tmp_path: Path) -> None:
    dataset = read_corpus(folder_of(tmp_path, {"train.txt": "__label__a x\n", "test.txt": "__label__b y\n"}))
    assert dataset.train.labels == ["a"]
    assert dataset.test is not None
    assert dataset.test.labels == ["b"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.csv", "train"),
        ("my_training_set.csv", "train"),
        ("data-train-00000-of-00001.parquet", "train"),
        ("TEST.tsv", "test"),
        ("imdb.eval.jsonl", "test"),
        ("dev", "validation"),
        ("valid2.csv", "validation"),
        ("trainer.csv", None),
        ("latest.csv", None),
        ("contest.csv", None),
    ],
)
def test_splits_by_name(name: str, split: str | None) -> None:
    assert split_of(name) == split


def test_folders_without_labelled_text(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no labelled text \(nothing\)"):
        read_corpus(tmp_path)
    folder_of(tmp_path, {"notes.md": "x", "weights.safetensors": "y"})
    with pytest.raises(DataError, match=r"\(notes.md, weights.safetensors\)"):
        read_corpus(tmp_path)
    folder_of(tmp_path / "t", {"test.csv": "text,label\na,b\n"})
    with pytest.raises(DataError, match=r"no file is for training \(test.csv\)"):
        read_corpus(tmp_path / "t")
    folder_of(tmp_path / "u", {"test/a/1": "x", "test/b/1": "y"})
    with pytest.raises(DataError, match=r"a folder for test but none for training"):
        read_corpus(tmp_path / "u")


def test_a_sparse_file_in_an_archive_is_refused_and_not_filled(tmp_path: Path) -> None:
    member = tarfile.TarInfo("aclImdb/train/neg/0_1.txt")
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[483:495] = b"100000000000"  # 8 GiB when filled, in octal
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path = tmp_path / "sparse.tar"
    path.write_bytes(bytes(header) + bytes(10_240))
    with pytest.raises(DataError, match=r"sparse.tar: aclImdb/train/neg/0_1.txt: is stored as a sparse file"):
        read_corpus(path)


def test_a_file_too_long_to_be_a_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wordloom.readers.decoding.LONGEST_TEXT", 100)
    monkeypatch.setattr("wordloom.readers.aclimdb.LONGEST_TEXT", 100)
    files = {**REVIEWS, "aclImdb/train/pos/7_7.txt": "x" * 101}
    for source in (archive_of(tmp_path / "a.tar.gz", files), folder_of(tmp_path / "b", files)):
        with pytest.raises(DataError, match=r"7_7.txt: is longer than .* Is this one text"):
            read_corpus(source)

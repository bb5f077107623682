"""Texts of any source, labelled or not, one after another."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest

from wordloom import datasets
from wordloom.errors import DataError, UsageError
from wordloom.readers import open_texts


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", "first text\n\nthe naïve café\r\nlast", ["first text", "", "the naïve café", "last"]),
        ("a.csv", "id,review,label\n1,fine,pos\n2,,neg\n", ["fine", ""]),
        ("a.csv", "review\nfine film\n", ["fine film"]),
        ("a.jsonl", '{"text": "fine", "label": 1}\n{"text": "dull"}\n', ["fine", "dull"]),
        ("a.txt", "__label__pos a fine film\nno label here\n", ["a fine film", "no label here"]),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_tables_with_and_without_labels(tmp_path: Path, name, content, expected, compressed) -> None:
    path = tmp_path / (name + ".gz" * compressed)
    path.write_bytes(gzip.compress(content.encode()) if compressed else content.encode())
    with open_texts(path) as texts:
        assert list(texts) == expected
        assert texts.name == str(path)


def test_the_column_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title,review\nA,fine\nB,dull\n")
    with open_texts(path) as texts:
        assert list(texts) == ["fine", "dull"]
        assert texts.notes == (f"{path}: text from the column 'review'.",)
    with open_texts(path, text="title") as texts:
        assert list(texts) == ["A", "B"]


def test_rows_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "fine"}\n' * 200 + '{"label": "no text"}\n')
    with open_texts(path) as stream:
        texts = iter(stream)
        assert [next(texts) for _ in range(200)] == ["fine"] * 200
        with pytest.raises(DataError, match="line 201"):
            next(texts)


def test_folders_give_their_training_texts(tmp_path: Path) -> None:
    for split, label, text in [("train", "neg", "dull"), ("train", "pos", "fine"), ("test", "pos", "unseen")]:
        folder = tmp_path / split / label
        folder.mkdir(parents=True)
        (folder / "1.txt").write_text(text)
    with open_texts(tmp_path) as texts:
        assert list(texts) == ["dull", "fine"]
        assert "those for testing are left out" in texts.notes[-1]


def test_data_sets_by_name() -> None:
    with open_texts("demo") as texts:
        assert list(texts) == list(datasets.load("demo").train.texts)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\n")))
    with open_texts("-") as texts:
        assert list(texts) == ["one", "two"]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        open_texts(tmp_path / "missing.txt")
    (tmp_path / "a.txt").write_text("text\n")
    with pytest.raises(UsageError, match="There is no format 'cvs'"):
        open_texts(tmp_path / "a.txt", format="cvs")
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(DataError, match="is empty"):
        open_texts(tmp_path / "empty.txt")

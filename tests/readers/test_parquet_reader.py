"""Parquet tables: labels as integers, as strings, and as Hugging Face's ClassLabel."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from wordloom.errors import DataError, MissingExtraError
from wordloom.readers import read_corpus

pa = pytest.importorskip("pyarrow", reason="needs the extra 'parquet'")


def write(path: Path, columns: dict[str, Any], features: dict[str, Any] | None = None) -> Path:
    import pyarrow.parquet

    table = pa.table(columns)
    if features is not None:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(table, path)
    return path


CLASS_LABEL = {"text": {"_type": "Value"}, "label": {"names": ["neg", "pos"], "_type": "ClassLabel"}}


def test_integer_labels_stay_integers(tmp_path: Path) -> None:
    dataset = read_corpus(write(tmp_path / "a.parquet", {"text": ["a", "é", ""], "label": [1, 0, 1]}))
    assert dataset.train.texts == ["a", "é", ""]
    assert dataset.train.labels == [1, 0, 1]
    assert all(type(label) is int for label in dataset.train.labels)


def test_class_labels_get_their_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"text": ["a", "b"], "label": [1, 0]}, CLASS_LABEL)
    assert read_corpus(path).train.labels == ["pos", "neg"]
    for code, message in ((-1, "row 1: the label is missing"), (7, "row 1: the label 7 has no name")):
        path = write(tmp_path / "b.parquet", {"text": ["a", "b"], "label": [1, code]}, CLASS_LABEL)
        with pytest.raises(DataError, match=message):
            read_corpus(path)


def test_dictionary_columns_and_extra_columns(tmp_path: Path) -> None:
    columns = {
        "id": [1, 2],
        "vector": [[0.5], [0.25]],
        "review": pa.array(["a", "b"]).dictionary_encode(),
        "class": pa.array(["x", "y"]).dictionary_encode(),
    }
    dataset = read_corpus(write(tmp_path / "a.parquet", columns))
    assert (dataset.train.texts, dataset.train.labels) == (["a", "b"], ["x", "y"])


def test_shards(tmp_path: Path) -> None:
    for name, text in (
        ("train-00000-of-00002", "a"),
        ("train-00001-of-00002", "b"),
        ("test-00000-of-00001", "c"),
    ):
        write(tmp_path / "data" / f"{name}.parquet", {"text": [text], "label": [1]}, CLASS_LABEL)
    dataset = read_corpus(tmp_path)
    assert (dataset.train.texts, dataset.train.labels) == (["a", "b"], ["pos", "pos"])
    assert dataset.test is not None
    assert dataset.test.texts == ["c"]


def test_missing_values_are_named_by_row(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a.parquet, row 1: the text is missing"):
        read_corpus(write(tmp_path / "a.parquet", {"text": ["a", None], "label": [1, 0]}))
    with pytest.raises(DataError, match=r"a.parquet, row 0: the label is missing"):
        read_corpus(write(tmp_path / "a.parquet", {"text": ["a", "b"], "label": [None, 0]}))
    with pytest.raises(DataError, match=r"Did you mean 'text'"):
        read_corpus(write(tmp_path / "a.parquet", {"text": ["a"], "label": [0]}), text="txt")


def test_a_damaged_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"text": ["a"] * 1000, "label": [1] * 1000})
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match=r"a.parquet: is not a whole Parquet file"):
        read_corpus(path)


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.parquet", {"text": ["a"], "label": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'wordloom\[parquet\]'"):
        read_corpus(path)
